"""Published benchmarks by their own protocols."""
