"""The watch-list and the buys as a live table, for a machine without a screen."""
