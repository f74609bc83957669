"""From trades to bars: which bar a trade belongs to, and when a bar is over."""
