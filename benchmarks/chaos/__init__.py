"""Programs that are killed, cut off, flooded and left running, on this machine alone."""
