"""Scores to probabilities that stay true: fitted once, adapted on the way, and sets of classes."""
