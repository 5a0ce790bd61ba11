"""Deterministic simulation of the whole desk: faults by seed, on a virtual clock."""
