"""Guards: what must hold while the desk trades, and what happens when it does not."""
