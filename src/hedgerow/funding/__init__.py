"""Funding, and what idle and borrowed cash costs beside it."""
