"""What is read from the environment, and nowhere else."""

import os


def debugging() -> bool:
    """Return whether a defect should show its whole traceback: ``HEDGEROW_DEBUG=1``."""
    return os.environ.get("HEDGEROW_DEBUG", "") not in ("", "0")
