"""A file that only its owner may read."""

import os
import stat
from pathlib import Path
from typing import Final

from hedgerow.errors import ConfigError

MOST: Final = 1_000_000  # bytes
OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


def read_private(path: Path) -> bytes:
    """Return the bytes of the file at `path`.

    Raises
    ------
    ConfigError
        If it cannot be read, or anybody but its owner may; the message has the command that
        mends it, and never a word of what is in the file.
    """
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            if os.name == "posix":
                _check(path, status)
            content = file.read(MOST + 1)
    except FileNotFoundError as error:
        raise ConfigError(
            f"{path}: no such file; create it with `install -m 600 /dev/null {path}` and write the "
            "secrets into it"
        ) from error
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror or error})") from error
    if len(content) > MOST:
        raise ConfigError(f"{path}: larger than {MOST / 1e6:g} MB, so hardly a file of secrets")
    return content


def _check(path: Path, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise ConfigError(f"{path}: is no plain file; secrets lie in one")
    if status.st_mode & OTHERS:
        raise ConfigError(
            f"{path}: others than its owner may read or change it (its mode is "
            f"{stat.S_IMODE(status.st_mode):04o}); run `chmod 600 {path}`, and replace the secrets "
            "if anybody else uses this machine"
        )
    if status.st_uid not in (os.geteuid(), 0):
        raise ConfigError(
            f"{path}: belongs to another user, who could change it; run `chown {os.geteuid()} "
            f"{path}`"
        )
