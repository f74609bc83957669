"""The server's sockets, what it answers, and how its messages are numbered."""
