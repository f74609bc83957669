"""Who is told of each buy beside the desks: a file, or what other packages offer."""
