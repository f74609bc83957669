"""The desk's windows: all of Qt is here, and nothing but showing is done here."""
