"""What a model is worth: figures with intervals, beside what it must beat, over time."""
