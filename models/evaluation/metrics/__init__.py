"""The numbers that a forecast is judged by, with intervals."""
