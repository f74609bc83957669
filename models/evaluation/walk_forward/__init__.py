"""Fit again and again on the way through a history, and what several such walks say together."""
