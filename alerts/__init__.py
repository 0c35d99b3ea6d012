"""Decides cards and carries the news of them out."""
