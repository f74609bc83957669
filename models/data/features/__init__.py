"""Bars to features: what a set of eight is, the one of ours, and those of other packages."""
