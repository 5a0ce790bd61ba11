"""History fetched from a venue into a lake: what is missing, asked for, checked and kept."""
