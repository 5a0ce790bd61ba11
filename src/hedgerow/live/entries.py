"""A ledger entry as the body of a journal record, and back."""

import math
from collections.abc import Mapping
from typing import Any

from hedgerow.ledger import EntryKind, LedgerEntry
from hedgerow.ledger.journal import Draft


def entry_draft(entry: LedgerEntry) -> Draft:
    """Return a ledger entry as a fact; a price that is none is null."""
    body = entry._asdict()
    body["kind"] = str(entry.kind)
    if math.isnan(entry.price):
        body["price"] = None
    return Draft(time=entry.time, kind="entry", body=body)


def entry_of(body: Mapping[str, Any]) -> LedgerEntry:
    """Return the ledger entry of a fact.

    >>> from hedgerow.ledger import EntryKind
    >>> numbers = (2.0, 3.0, 2.0, 0.0, 0.0)
    >>> entry = LedgerEntry(1, EntryKind.FLOW, "", "holding", *numbers, "BTC", 6.0, "")
    >>> entry_of(entry_draft(entry).body) == entry
    True
    """
    price = body["price"]
    return LedgerEntry(
        **{
            **body,
            "kind": EntryKind(body["kind"]),
            "price": math.nan if price is None else price,
        }
    )
