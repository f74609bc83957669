"""What the server knows of the market, and the cycle that turns bars into messages."""
