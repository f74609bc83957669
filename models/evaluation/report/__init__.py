"""The report on a model: its records, its sentences, its page."""
