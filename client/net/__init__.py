"""The desk's only sockets: one thread owns them, and they never leave it."""
