"""The window of one ticker: its map, its reasons, and whether they can be believed."""
