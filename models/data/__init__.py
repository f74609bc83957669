"""From files of bars to windows and labels: what is read, believed and computed."""
