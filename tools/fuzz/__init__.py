"""Hostile frames for whoever reads the wire: `python -m tools.fuzz`."""
