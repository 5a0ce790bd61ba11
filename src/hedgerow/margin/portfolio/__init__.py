"""Margin of a whole book by its worst scenario."""
