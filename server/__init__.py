"""The daemon: plays bars, asks the model, publishes what it says and answers what is asked."""
