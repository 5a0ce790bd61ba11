"""How likely a hedge is to be liquidated, and what it takes to make that unlikely."""
