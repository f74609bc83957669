"""US shares of Alpaca, through alpaca-py."""
