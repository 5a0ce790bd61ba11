"""One desk at a time on one account: a lock on this machine, by venue and key."""

import hashlib
import os
from pathlib import Path
from typing import IO

from hedgerow.errors import ConfigError

try:
    import fcntl
except ImportError:  # a system without such locks: the journal's lease is all there is
    fcntl = None  # type: ignore[assignment]


class AccountLock:
    """Holds accounts until `release`; the system lets go of them when the process dies.

    Parameters
    ----------
    folder
        Where the locks of all desks of this user lie.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held: list[IO[str]] = []

    def take(self, venue: str, key: str, desk: str) -> None:
        """Take the account that `key` opens; no part of the key is written down.

        Raises
        ------
        ConfigError
            If another desk of this machine holds it.
        """
        if fcntl is None:
            return
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = self._path(venue, key).open("a+", encoding="utf-8")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            words = _taken_by(file, venue)
            file.close()
            raise ConfigError(words) from None
        file.truncate(0)
        file.write(f"{desk!r}, process {os.getpid()}")
        file.flush()
        self._held.append(file)

    def taken(self, venue: str, key: str) -> str:
        """Return who trades the account that `key` opens, in words; "" where nobody does."""
        if fcntl is None:
            return ""
        path = self._path(venue, key)
        if not path.exists():
            return ""
        with path.open("r", encoding="utf-8") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except OSError:
                return _taken_by(file, venue)
        return ""

    def _path(self, venue: str, key: str) -> Path:
        name = hashlib.sha256(f"{venue} {key}".encode()).hexdigest()[:16]
        return self._folder / f"{venue}-{name}.lock"

    def release(self) -> None:
        """Let go of all accounts."""
        for file in self._held:
            file.close()
        self._held.clear()


def _taken_by(file: IO[str], venue: str) -> str:
    file.seek(0)
    holder = file.read().strip() or "another desk"
    return (
        f"this account of {venue} is traded by {holder} already; two desks on one account undo "
        "each other: stop that one, or give this one the key of a sub-account"
    )
