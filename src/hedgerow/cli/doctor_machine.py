"""What the doctor finds on this machine: packages, disk, folders and the journal."""

import os
import shutil
import stat
from collections.abc import AsyncIterator, Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final, Protocol, cast

from hedgerow.cli.doctor_check import Check, doubtful, fine, wrong
from hedgerow.config.live import LiveConfig
from hedgerow.errors import HedgeError
from hedgerow.ledger.journal import Record
from hedgerow.live.runtime import check_past
from hedgerow.live.setup import Setup

PACKAGES: Final = {
    "live": ("ccxt", "orjson"),
    "dashboard": ("fastapi", "uvicorn", "websockets", "httptools", "prometheus-client"),
    "alerts": ("apprise",),
    "secrets": ("pyrage",),
    "postgres": ("asyncpg",),
}
LOW: Final = 1e9  # bytes
EMPTY: Final = 1e8


def packages(config: LiveConfig) -> Iterator[Check]:
    """Say which packages the config needs, and how to get what is missing."""
    for extra in _extras(config):
        found, missing = [], []
        for package in PACKAGES[extra]:
            try:
                found.append(f"{package} {version(package)}")
            except PackageNotFoundError:
                missing.append(package)
        if missing:
            yield wrong(
                "packages",
                f'{", ".join(missing)} missing; run `pip install "hedgerow[{extra}]"`',
            )
        else:
            yield fine("packages", f"{extra}: {', '.join(found)}")
        if extra == "live" and not missing:
            yield from _tried()


def _tried() -> Iterator[Check]:
    from hedgerow.adapters.venues.loader import version_note

    note = version_note()
    if note:
        yield doubtful("packages", note)


def _extras(config: LiveConfig) -> list[str]:
    extras = ["live", "dashboard"]
    if config.alerts.urls:
        extras.append("alerts")
    if config.secrets.file is not None and config.secrets.file.suffix == ".age":
        extras.append("secrets")
    if config.journal.secret is not None or "://" in str(config.journal.url):
        extras.append("postgres")
    return extras


def disk(folder: Path) -> Check:
    """Say how much room is left where `folder` lies or will lie."""
    place = _nearest(folder)
    free = shutil.disk_usage(place).free
    text = f"{free / 1e9:,.1f} GB free at {place}"
    if free < EMPTY:
        return wrong("disk", f"{text}: the journal needs room; free at least {LOW / 1e9:g} GB")
    if free < LOW:
        return doubtful("disk", f"{text}: enough for days only; free some")
    return fine("disk", text)


def folder(path: Path) -> Check:
    """Say whether the desk's folder can be written, by its owner only."""
    place = _nearest(path)
    if not os.access(place, os.W_OK | os.X_OK):
        return wrong(
            "folder",
            f"{place} may not be written by this user; run `sudo install -d -m 700 -o $USER "
            f"{path}`, or set XDG_STATE_HOME",
        )
    if place != path:
        return fine("folder", f"{path} will be made at the first start")
    mode = stat.S_IMODE(path.stat().st_mode)
    if os.name == "posix" and mode & (stat.S_IWGRP | stat.S_IWOTH):
        return wrong(
            "folder", f"{path}: others may write into it (mode {mode:04o}); run `chmod 700 {path}`"
        )
    if os.name == "posix" and mode & (stat.S_IRGRP | stat.S_IROTH):
        return doubtful(
            "folder", f"{path}: others may read it (mode {mode:04o}); run `chmod 700 {path}`"
        )
    return fine("folder", f"{path} belongs to this user alone")


class _Held(Protocol):
    """A journal that says who writes it."""

    async def holder(self) -> str: ...

    def read(self, after: int = 0) -> AsyncIterator[Record]: ...


async def journal(url: str, shown: str, setup: Setup) -> list[Check]:
    """Say whether the journal opens, its chain holds, and who writes it; nothing is changed.

    Parameters
    ----------
    shown
        What to call it: a URL may hold a password.
    setup
        What the desk is to do: another kind of desk's journal is refused.
    """
    from hedgerow.adapters.journal.opening import open_journal
    from hedgerow.ledger.journal import GENESIS, verified

    if not _is_made(url):
        return [fine("journal", f"{shown} will be made at the first start")]
    try:
        book = cast("_Held", open_journal(url))
        number, before, starts = 0, GENESIS, []
        async for record in book.read():
            if record.kind == "started":
                starts.append(record)
            for sealed in verified((record,), before, number):
                number, before = sealed.number, sealed.digest
        check_past(starts, setup)
        holder = await book.holder()
    except HedgeError as error:
        return [wrong("journal", str(error))]
    found = [fine("journal", f"{shown}: {number:,} records, their chain holds")]
    if holder:
        found.append(
            doubtful(
                "journal",
                f"{shown}: held by {holder}; a second desk would be refused: stop that one first",
            )
        )
    return found


def _is_made(url: str) -> bool:
    """Return whether there is a journal to look at; a server's always is."""
    return "://" in url or Path(url).exists()


def _nearest(path: Path) -> Path:
    """Return `path`, or the nearest folder above it that exists."""
    while not path.exists() and path != path.parent:
        path = path.parent
    return path
