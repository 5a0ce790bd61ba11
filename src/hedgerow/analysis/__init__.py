"""The Run: what a hedge cost and why, and whether it worked."""
