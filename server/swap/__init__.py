"""Another model takes over while the server runs, or is refused and the old one goes on."""
