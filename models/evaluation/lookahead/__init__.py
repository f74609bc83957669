"""Proof that nothing looks ahead, or what does."""
