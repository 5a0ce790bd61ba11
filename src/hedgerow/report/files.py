"""Writing a file whole or not at all."""

import os
import tempfile
from pathlib import Path

from hedgerow.errors import ConfigError


def write_whole(path: Path, text: str) -> None:
    """Write `text` to `path` in UTF-8 so that a reader sees the old file or the new, never a part.

    Raises
    ------
    ConfigError
        If the file cannot be written: no such folder, no permission, no space.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise _unwritable(path, error) from error
    draft = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.chmod(0o644)
        draft.replace(path)
    except OSError as error:
        raise _unwritable(path, error) from error
    finally:
        draft.unlink(missing_ok=True)


def _unwritable(path: Path, error: OSError) -> ConfigError:
    return ConfigError(
        f"{path}: cannot be written ({error.strerror}); free some space or choose another place"
    )
