"""The watch-list and the buy log."""
