"""The bundles that ship; README.md here says how each was made."""
