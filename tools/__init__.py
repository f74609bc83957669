"""What the developers of tickerlens run; no part of the distribution."""
