"""Who is let in: keys, the list of those that are allowed, and the commands that change it."""
