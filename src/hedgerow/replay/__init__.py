"""The past: recorded bars through the lane engine."""
