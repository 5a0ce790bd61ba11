"""Venues over the wire: one feed, one gateway and one account for five exchanges."""
