"""A record as a row of a table, and back."""

import json
from typing import TypeAlias

from hedgerow.adapters.journal.sealing import Sealed
from hedgerow.ledger.journal import JournalBroken, Record

Row: TypeAlias = tuple[int, int, str, str, str, str, str]
"""Number, time, kind, key, body, digest before, digest."""


def row_of(found: Sealed) -> Row:
    """Return a sealed record as it is stored."""
    record, text = found
    return (
        record.number,
        record.time,
        record.kind,
        record.key,
        text,
        record.before,
        record.digest,
    )


def record_of(row: Row, place: str) -> Record:
    """Return a stored row as a record.

    Raises
    ------
    JournalBroken
        If its body is no JSON object.
    """
    number, time, kind, key, text, before, digest = row
    try:
        body = json.loads(text)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise JournalBroken(
            f"{place}: the body of record {number} ({kind}) is no JSON object; the journal was "
            "changed after it was written: restore it from a backup"
        )
    return Record(
        number=number, time=time, kind=kind, key=key, body=body, before=before, digest=digest
    )
