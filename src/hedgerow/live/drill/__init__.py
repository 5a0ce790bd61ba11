"""A whole desk on paper whose surroundings fail on request: what a drill puts it through."""
