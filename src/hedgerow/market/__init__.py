"""Instruments, recorded series, the source of both, and venue rules as dated data."""
