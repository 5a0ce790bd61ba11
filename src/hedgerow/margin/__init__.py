"""Accounts, what they must hold, and the price at which they die."""
