"""What was said, why, and what came true: on disk, written by a thread of its own."""
