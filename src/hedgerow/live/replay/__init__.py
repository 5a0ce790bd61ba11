"""The whole desk on recorded bars: the same controller, on a virtual clock."""
