"""Whether explanations are true, and what wrong answers share."""
