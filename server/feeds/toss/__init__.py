"""Toss Securities: a thin client of its Open API, and the source of bars made of it."""
