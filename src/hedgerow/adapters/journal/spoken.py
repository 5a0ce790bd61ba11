"""The last word of an operator that the journal could not take: one small file beside it.

A full disk takes no new file, so two spare ones are made while there is room; a word is written
into a spare one, which then takes its place under the name that the next start looks for.
"""

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from hedgerow.ledger.journal import Draft, JournalError

SIZE: Final = 8192  # bytes, more than any word needs
OWNER_ONLY: Final = 0o600
STATES: Final = frozenset({"armed", "trading", "paused", "killed"})  # that a desk begins in
_KEYS: Final = {"time", "kind", "body"}
_TEXTS: Final = ("order", "by", "reason")


class SpokenFile:
    """Keeps one fact until the journal holds it.

    Parameters
    ----------
    folder
        Of the desk's own files.
    mode
        ``"paper"`` or ``"live"``: what is said to one is not said to the other.
    """

    def __init__(self, folder: Path, mode: str) -> None:
        self.place = folder / f"spoken-{mode}.json"
        self._spare = tuple(folder / f".{self.place.name}.{number}" for number in (1, 2))

    def prepare(self) -> None:
        """Make the spare files that are missing, where there is room."""
        for path in self._spare:
            if not path.exists():
                with suppress(OSError):
                    _fill(path, b"")

    def keep(self, fact: Draft) -> None:
        """Keep a fact in the place of the one before, durable when it returns.

        Raises
        ------
        OSError
            If the disk does not take it either.
        """
        content = {"time": fact.time, "kind": fact.kind, "body": dict(fact.body)}
        path = next((path for path in self._spare if path.exists()), self._spare[0])
        _fill(path, json.dumps(content, ensure_ascii=False).encode())
        path.replace(self.place)
        _flush_names(self.place.parent)
        self.prepare()

    def kept(self) -> Draft | None:
        """Return the fact that is kept, None where there is none.

        Raises
        ------
        JournalError
            If the file cannot be read.
        """
        try:
            found = json.loads(self.place.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise JournalError(
                f"{self.place}: {error.strerror}; it holds what an operator said last: start the "
                "desk as the user it belongs to"
            ) from None
        except ValueError:
            found = None
        damage = next(_damages(found), "")
        if damage:
            raise JournalError(
                f"{self.place}: holds what an operator said last, and is damaged ({damage}); look "
                "what it says, then remove it, start the desk, and say it again (hedgerow kill, "
                "pause or arm)"
            )
        return Draft(time=found["time"], kind=found["kind"], body=found["body"])

    def forget(self) -> None:
        """Let go of what is kept: its file becomes a spare one."""
        with suppress(FileNotFoundError):
            self.place.replace(self._spare[0])
            _flush_names(self.place.parent)


def _damages(found: object) -> Iterator[str]:
    """Yield what keeps a file from being an operator's word."""
    if not isinstance(found, dict) or set(found) != _KEYS:
        yield f"it is no record of {', '.join(sorted(_KEYS))}"
        return
    time, body = found["time"], found["body"]
    if type(time) is not int or not 0 <= time < 2**63:
        yield f"time {str(time)[:40]!r} is no instant"
    if found["kind"] != "operator":
        yield f"kind {str(found['kind'])[:40]!r} is not 'operator'"
    if not isinstance(body, dict):
        yield "its body is no record"
        return
    texts = [name for name in _TEXTS if not isinstance(body.get(name), str)]
    if texts:
        yield f"its body has no text {', '.join(texts)}"
    state = body.get("begins_as")
    if not isinstance(state, str) or state not in STATES:
        yield f"begins_as {str(state)[:40]!r} is none of {', '.join(sorted(STATES))}"
    if not isinstance(body.get("flattening", False), bool):
        yield "flattening is neither true nor false"


def _fill(path: Path, content: bytes) -> None:
    """Write a file of a fixed size over what it held, so that a full disk can take it."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT, OWNER_ONLY)
    try:
        os.write(handle, content.ljust(SIZE))
        os.ftruncate(handle, max(len(content), SIZE))  # of a longer word before it
        os.fsync(handle)
    finally:
        os.close(handle)


def _flush_names(folder: Path) -> None:
    if os.name != "posix":  # elsewhere a folder cannot be opened
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
