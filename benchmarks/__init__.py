"""Measurements of hedgerow beside its peers: ``python -m benchmarks NAME --json -``."""
