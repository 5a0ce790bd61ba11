"""Pure compiled numerics on floats and arrays; this room knows no class of ours."""
