"""What touches files and, later, networks: the Parquet lake and the importers that fill it."""
