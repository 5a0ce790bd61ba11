"""Venues that stand on loopback and speak as the real ones do, faults included."""
