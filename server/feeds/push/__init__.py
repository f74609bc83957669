"""Bars and trades that a program of one's own sends: `push:tcp://127.0.0.1:5560`."""
