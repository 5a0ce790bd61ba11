"""What comes before a desk starts: `run` does it, and `doctor` does it to see whether it can."""

import os
import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from hedgerow.cli.doctor_check import Check, doubtful, fine, skipped, wrong
from hedgerow.errors import ConfigError, HedgeError

if TYPE_CHECKING:
    from hedgerow.config.config import Config
    from hedgerow.config.live import LiveConfig
    from hedgerow.dashboard.listening import Listening

CONFIRMATION = "HEDGEROW_CONFIRM_LIVE"
_API = ("fastapi", "uvicorn", "websockets", "httptools", "prometheus_client")


def need_extras() -> None:
    """Refuse to start what could not be held: a desk without its API."""
    for module in _API:
        if find_spec(module) is None:
            raise ConfigError(
                f"a running desk needs its API, and {module} is not installed; run "
                '`pip install "hedgerow[desk]"`'
            )


def word_of(given: "LiveConfig") -> str:
    """Return what a person types who knows what will run: it changes with the config."""
    return f"{given.setup.name}-{given.setup.config_hash[:8]}"


def listening_of(given: "LiveConfig") -> "Listening":
    """Return where the API listens; raises `ConfigError` where it may not."""
    from hedgerow.dashboard.listening import Listening

    place = given.api
    listening = Listening(
        host=place.host,
        port=place.port,
        allow_remote=place.allow_remote,
        certificate=str(place.certificate or ""),
        key=str(place.certificate_key or ""),
    )
    listening.check()
    return listening


def log_target(given: "LiveConfig") -> Path | TextIO:
    """Return where the log goes.

    Raises
    ------
    ConfigError
        If its file cannot be written.
    """
    file = given.logging.file
    if file is None:
        return sys.stderr
    if file.is_dir():
        raise ConfigError(f"[logging] file = {file}: is a folder; name a file in it")
    if not file.parent.is_dir():
        raise ConfigError(
            f"[logging] file = {file}: there is no folder {file.parent}; make it, or leave `file` "
            "out to log to standard error"
        )
    rights = (file, os.W_OK) if file.exists() else (file.parent, os.W_OK | os.X_OK)
    if not os.access(*rights):
        raise ConfigError(
            f"[logging] file = {file}: this user may not write it; give {rights[0]} to the user "
            "that runs the desk, or leave `file` out to log to standard error"
        )
    return file


async def rehearsed(config: "Config", given: "LiveConfig") -> list[Check]:
    """Build all that `run` builds, connect to nothing, and say what it would be refused for."""
    from hedgerow.adapters.journal.spoken import SpokenFile

    steps: tuple[tuple[str, Callable[[], object]], ...] = (
        ("packages", need_extras),
        ("logging", lambda: log_target(given)),
        ("spoken", SpokenFile(given.folder, given.setup.mode).kept),
    )
    found = [check for topic, step in steps for check in _tried(topic, step)]
    found += _port(given)
    found += await _built(config, given)
    if given.setup.mode == "live":
        found.append(_confirmed(given))
    return found


def _tried(topic: str, step: Callable[[], object]) -> Iterator[Check]:
    try:
        step()
    except HedgeError as error:
        yield wrong(topic, str(error))


def _port(given: "LiveConfig") -> Iterator[Check]:
    """Take the port for a moment; where the desk itself has it, that is no fault."""
    from hedgerow.dashboard.address import FILE, read_address
    from hedgerow.dashboard.port import held_port

    try:
        held_port(listening_of(given)).close()
    except HedgeError as error:
        try:
            ours = read_address(given.folder / FILE)
        except ConfigError:
            yield wrong("api", str(error))
            return
        if ours.alive and ours.url.endswith(f":{given.api.port}"):
            text = f"{ours.url} is the desk itself, which runs; a second one would be refused"
            yield doubtful("api", text)
        else:
            yield wrong("api", str(error))


async def _built(config: "Config", given: "LiveConfig") -> list[Check]:
    from hedgerow.config.assembly import Market, assemble, taken_accounts

    try:
        desk = assemble(config, given, Market(), rehearsal=True)
        await desk.runtime.rehearse()
        taken = taken_accounts(given, desk.vault)
    except HedgeError as error:
        return [wrong("start", str(error))]
    return [fine("start", "the desk is built as `run` builds it"), *map(_taken, taken)]


def _taken(words: str) -> Check:
    return doubtful("account", words)


def _confirmed(given: "LiveConfig") -> Check:
    from hedgerow.config.environment import confirmation

    word, said = word_of(given), confirmation()
    if said == word:
        return fine("confirmation", f"{CONFIRMATION} is this config's")
    if said:
        return doubtful(
            "confirmation",
            f"{CONFIRMATION} is another config's, so a service would not start: set it to {word}",
        )
    return skipped("confirmation", f"`run --live` asks for {word}; a service needs {CONFIRMATION}")
