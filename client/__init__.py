"""The desk: a window, or a terminal, that shows what a server says of a market."""
