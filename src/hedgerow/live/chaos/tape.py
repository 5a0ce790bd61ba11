"""A journal in memory, whose disk may be away for a while."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from hedgerow.ledger.journal import GENESIS, Draft, JournalUnavailable, Record, canonical, seal


@dataclass(slots=True)
class Tape:
    """Records as they would be read back: each body has been JSON once."""

    records: list[Record] = field(default_factory=list)
    is_away: bool = False
    _keys: set[tuple[str, str]] = field(default_factory=set)

    def append(self, drafts: Sequence[Draft]) -> list[Record]:
        """Store drafts, all or none; one whose key is known is left out."""
        if self.is_away:
            raise JournalUnavailable("the disk is full (simulated)")
        stored: list[Record] = []
        for draft in drafts:
            if draft.key:
                if (draft.kind, draft.key) in self._keys:
                    continue
                self._keys.add((draft.kind, draft.key))
            record = Record(
                number=len(self.records) + 1,
                time=draft.time,
                kind=draft.kind,
                key=draft.key,
                body=json.loads(canonical(draft.body)),
                before="",
                digest="",
            )
            self.records.append(record)
            stored.append(record)
        return stored

    def sealed(self) -> list[Record]:
        """Return all records, chained: for whoever wants to look at a seed's journal."""
        chain: list[Record] = []
        before = GENESIS
        for record in self.records:
            draft = Draft(time=record.time, kind=record.kind, body=record.body, key=record.key)
            chain.append(seal(draft, record.number, before))
            before = chain[-1].digest
        return chain
