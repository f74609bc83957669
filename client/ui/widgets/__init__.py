"""Building blocks that more than one window uses; they know no window."""
