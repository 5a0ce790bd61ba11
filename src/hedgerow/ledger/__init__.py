"""The append-only record of all that happened; any state is a fold over it."""

from hedgerow.ledger.entry import EntryKind, LedgerEntry
from hedgerow.ledger.ledger import Ledger

__all__ = ["EntryKind", "Ledger", "LedgerEntry"]
