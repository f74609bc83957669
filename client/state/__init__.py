"""What the desk knows, without Qt: rows as numpy columns, and pure presentation functions."""
