"""Korea Investment & Securities: a thin client of KIS Developers, and the source made of it."""
