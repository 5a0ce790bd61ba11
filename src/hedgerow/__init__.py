"""A hedging desk built on perpetual futures."""
