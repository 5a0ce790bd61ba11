"""Statements that venues export, held against the ledger."""
