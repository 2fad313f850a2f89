"""Exports over HTTP: what a token may have, packages with ranges, and a feed of changes."""
