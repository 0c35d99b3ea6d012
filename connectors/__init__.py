"""Brings cases in: one kind of source per file."""
