"""Reconciliation: what our books say against what a venue holds, and what explains the rest."""
