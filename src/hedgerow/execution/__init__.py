"""How orders get done, and what that costs."""
