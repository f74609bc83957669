"""The main window and what is around it: start, stop, status, keys."""
