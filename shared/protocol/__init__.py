"""The wire: messages, their frames, and how they may grow."""
