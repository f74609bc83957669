"""The networks, and what they tell of themselves."""
