"""Explanations on request, made in a process of their own."""
