"""What is read from the environment, and nowhere else."""

import os
from pathlib import Path


def debugging() -> bool:
    """Return whether a defect should show its whole traceback: ``HEDGEROW_DEBUG=1``."""
    return os.environ.get("HEDGEROW_DEBUG", "") not in ("", "0")


def config_folder() -> Path:
    """Return the folder of a person's own settings: ``hedgerow`` in ``XDG_CONFIG_HOME``."""
    base = os.environ.get("XDG_CONFIG_HOME", "")
    return (Path(base) if base else Path.home() / ".config") / "hedgerow"


def state_folder(name: str) -> Path:
    """Return the folder of a desk's own files: ``hedgerow/NAME`` in ``XDG_STATE_HOME``."""
    base = os.environ.get("XDG_STATE_HOME", "")
    return (Path(base) if base else Path.home() / ".local" / "state") / "hedgerow" / name


def confirmation() -> str:
    """Return the word with which a service confirms that it is to trade with real money."""
    return os.environ.get("HEDGEROW_CONFIRM_LIVE", "")
