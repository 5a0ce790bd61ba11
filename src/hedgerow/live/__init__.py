"""The present: wall clock, reconciliation, supervision, kill switch."""
