"""HTML, plots and JSON, one way for all reports."""
