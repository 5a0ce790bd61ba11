"""A running desk over HTTP: its API, its stream and its metrics."""
