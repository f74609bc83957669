"""Why a model says what it says: one file for each family of methods, and whether it is true."""
