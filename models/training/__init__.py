"""From bars to a bundle: samples, splits, fitting and the plan of it all."""
