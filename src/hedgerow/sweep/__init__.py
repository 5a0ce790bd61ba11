"""Many runs at once over one market."""
