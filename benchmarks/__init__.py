"""What is fast enough, measured side by side with what it is compared with."""
