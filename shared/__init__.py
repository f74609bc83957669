"""What the server and the desk say to each other; imports nothing else of ours."""
