"""What is learned from bars, and why a model says what it says; numpy in, numpy out."""
