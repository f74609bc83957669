"""Trained models on disk: weights, the readable card, and what checks found of them."""
