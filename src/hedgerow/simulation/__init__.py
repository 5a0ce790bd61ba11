"""The possible: markets made up by a model, from a seed, and always called simulated."""
