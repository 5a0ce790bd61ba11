"""Margin as single protocols keep it, in their own units."""
