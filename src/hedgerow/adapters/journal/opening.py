"""From what a person writes, a path or a URL, to the journal it means."""

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from hedgerow.errors import ConfigError
from hedgerow.ledger.journal import Journal

_SCHEME: Final = re.compile(r"([a-z][a-z0-9+]+):", re.IGNORECASE)  # C:\ is a path


def open_journal(url: str, *, clock: Callable[[], int] = time.time_ns) -> Journal:
    """Return the journal at ``sqlite:PATH``, a bare path, ``postgresql://…`` or ``memory:``.

    Nothing is touched yet; the journal's own `open` takes the lease, its `read` needs none.

    Raises
    ------
    ConfigError
        If `url` is none of these.
    """
    match = _SCHEME.match(url)
    scheme = match[1].lower() if match else ""
    if scheme in {"postgresql", "postgres"}:
        from hedgerow.adapters.journal.postgres import PostgresJournal  # noqa: PLC0415 - an extra

        return PostgresJournal(url, clock=clock)
    if scheme == "memory":
        from hedgerow.adapters.journal.memory import MemoryJournal  # noqa: PLC0415 - rarely used

        return MemoryJournal(clock=clock)
    if scheme not in {"", "sqlite"}:
        raise ConfigError(
            f"a journal cannot be kept at {scheme}:…; write a path, sqlite:PATH, "
            "postgresql://USER@HOST/DATABASE or memory:"
        )
    path = url.removeprefix("sqlite:") if scheme else url
    if path.startswith("//"):
        path = "/" + path.lstrip("/")
    if not path.strip():
        raise ConfigError("the journal has no path; write one, such as desk.journal")
    from hedgerow.adapters.journal.sqlite import SqliteJournal  # noqa: PLC0415 - as its siblings

    return SqliteJournal(Path(path).expanduser(), clock=clock)
