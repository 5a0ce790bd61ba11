"""The journal: every fact in order, each record sealed to the one before it.

A record is JSON that anybody can read: what happened (`kind`), when, and the numbers. State is a
fold over records; whoever stores them keeps them append-only.
"""

import hashlib
import json
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from hedgerow.errors import HedgeError

VERSION: Final = 1  # of the format of records
GENESIS: Final = "0" * 64
_TIMES: Final = range(-(2**63), 2**63)


class JournalError(HedgeError):
    """The journal cannot be read or written; the message says which and how to mend it."""


class JournalUnavailable(JournalError):
    """It cannot be written now (disk full, database locked or away); nothing was lost."""


class JournalBroken(JournalError):
    """The chain does not hold: records were changed, lost or put in another order."""


class JournalLeased(JournalError):
    """Another desk holds the journal."""


class JournalTooNew(JournalError):
    """It was written by a newer version of the program."""


class DraftRefused(JournalError):
    """A fact that would not read back as it was written: a defect of the program."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A fact about to be recorded.

    Attributes
    ----------
    time
        UTC nanoseconds.
    kind
        What happened: "opened", "state", "entry", "intent", "order", "trade", "funding",
        "decision", "guard", "difference", "operator", "alert", ...
    body
        JSON: strings, numbers, booleans, null, lists and objects. Decimals are strings.
    key
        What must be unique within `kind`, such as ``binance main BTC/USDT:USDT 1704096000`` of a
        funding payment; "" where nothing must.
    """

    time: int
    kind: str
    body: Mapping[str, Any]
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A sealed fact: its number from 1 on, and the digests of the one before and of itself."""

    number: int
    time: int
    kind: str
    key: str
    body: Mapping[str, Any]
    before: str
    digest: str


_FOREIGN: Final = object()
_SCALARS: Final = frozenset({str, int, float, bool, type(None)})


def canonical(body: Mapping[str, Any]) -> str:
    """Return a body as the one JSON text that is sealed and stored.

    Half a surrogate pair, which no encoding holds, stays an escape.

    >>> canonical({"b": 1.5, "a": "x"})
    '{"a":"x","b":1.5}'
    """
    text = _encoded(body)
    if text.isascii():
        return text
    return text.encode("utf-8", "backslashreplace").decode()


def _encoder() -> Callable[[Mapping[str, Any]], str]:
    """Return what writes a body as JSON: `json`'s own encoder, made once and not at every call."""
    plain = json.JSONEncoder(
        sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    make = getattr(json.encoder, "c_make_encoder", None)
    if make is None:  # another Python than CPython
        return plain.encode
    quoted = json.encoder.encode_basestring
    encode = make(None, plain.default, quoted, None, ":", ",", True, False, False)
    return lambda body: "".join(encode(body, 0))


_encoded: Final = _encoder()


def native(draft: Draft) -> tuple[Draft, str]:
    """Return a draft as it will be read back, and the canonical text of its body.

    Raises
    ------
    DraftRefused
        If the draft would not come back equal: tuples, names that are no strings, infinities,
        a time beyond 64 bits, a kind or key with characters that cannot be printed.
    """
    try:
        text = canonical(draft.body)
        kept = _copied(draft.body)
        if kept is not _FOREIGN and text.isascii() and _is_plain(draft):
            return Draft(time=draft.time, kind=draft.kind, body=kept, key=draft.key), text
        body = json.loads(text)
    except (TypeError, ValueError, RecursionError) as error:
        raise _refused(draft, str(error)) from error
    if body != draft.body:
        raise _refused(draft, "its body reads back changed; write lists, and strings as names")
    if not (draft.kind.isprintable() and draft.key.isprintable()):
        raise _refused(draft, "its kind or key holds what cannot be printed")
    if draft.time not in _TIMES:
        raise _refused(draft, f"its time {draft.time} does not fit 64 bits of nanoseconds")
    return Draft(time=draft.time, kind=draft.kind, body=body, key=draft.key), text


def _copied(value: Any) -> Any:  # noqa: ANN401 - JSON has no type of its own
    """Return a copy of what JSON would give back as it is, `_FOREIGN` where it would not."""
    kind = type(value)
    if kind in _SCALARS:
        return value
    if kind is dict:
        copy = {name: _copied(entry) for name, entry in value.items()}
        strange = any(type(name) is not str for name in copy)
        return _FOREIGN if strange or _FOREIGN in copy.values() else copy
    if kind is list:
        entries = [_copied(entry) for entry in value]
        return _FOREIGN if _FOREIGN in entries else entries
    return _FOREIGN


def _is_plain(draft: Draft) -> bool:
    return draft.kind.isprintable() and draft.key.isprintable() and draft.time in _TIMES


def _refused(draft: Draft, reason: str) -> DraftRefused:
    return DraftRefused(
        f"a fact of kind {draft.kind!r} cannot be recorded: {reason}; nothing was written. This "
        "is a defect of hedgerow: please report it"
    )


def seal(draft: Draft, number: int, before: str, text: str = "") -> Record:
    """Return a draft as record `number`, chained to the digest `before`.

    `text` is the canonical body, where it is known already.
    """
    return Record(
        number=number,
        time=draft.time,
        kind=draft.kind,
        key=draft.key,
        body=draft.body,
        before=before,
        digest=_digest(draft, number, before, text or canonical(draft.body)),
    )


def _digest(fact: Draft | Record, number: int, before: str, text: str) -> str:
    sealed = f"{VERSION}\n{number}\n{fact.time}\n{fact.kind}\n{fact.key}\n{text}\n{before}"
    return hashlib.sha256(sealed.encode()).hexdigest()


def verified(records: Iterable[Record], before: str = GENESIS, number: int = 0) -> Iterator[Record]:
    """Yield records whose chain holds.

    Raises
    ------
    JournalBroken
        At the first record that does not follow from the one before it.
    """
    for record in records:
        number += 1
        if record.number != number:
            raise JournalBroken(
                f"the journal goes from record {number - 1} to {record.number}: records are "
                "missing; restore the file from a backup"
            )
        digest = _digest(record, number, before, canonical(record.body))
        if record.before != before or digest != record.digest:
            raise JournalBroken(
                f"record {number} ({record.kind}) does not follow from the one before it: the "
                "journal was changed after it was written; restore it from a backup"
            )
        before = record.digest
        yield record


class Journal(Protocol):
    """Where records are kept; one desk at a time holds the lease."""

    async def open(self, holder: str) -> Sequence[Record]:
        """Take the lease and return all records, their chain verified.

        Raises `JournalLeased`, `JournalTooNew`, `JournalBroken` or `JournalUnavailable`.
        """
        ...

    async def append(self, drafts: Sequence[Draft]) -> Sequence[Record]:
        """Seal and store drafts, all or none, durable when it returns.

        A draft whose (kind, key) is stored already is left out, silently: it is known. After
        `JournalUnavailable` the same drafts are to be appended again, before or together with
        new ones: what was stored after all is then found, and not written twice.
        """
        ...

    async def renew(self) -> None:
        """Keep the lease; raises `JournalLeased` where it was taken over."""
        ...

    def read(self, after: int = 0) -> AsyncIterator[Record]:
        """Yield stored records from number `after` + 1 on, without the lease."""
        ...

    async def holder(self) -> str:
        """Return in words who holds the lease, "" where nobody does; needs no lease."""
        ...

    async def close(self) -> None:
        """Give the lease back."""
        ...
