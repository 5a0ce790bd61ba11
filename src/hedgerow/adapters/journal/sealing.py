"""From drafts to the records that follow the last one stored."""

from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple, TypeAlias

from hedgerow.ledger.journal import GENESIS, Draft, Record, native, seal

Name: TypeAlias = tuple[str, str]
"""Kind and key of a fact that may be stored once."""


class Tail(NamedTuple):
    """Where the chain ends."""

    number: int = 0
    digest: str = GENESIS


class Sealed(NamedTuple):
    """A record beside the text of its body."""

    record: Record
    text: str


def names_of(drafts: Sequence[Draft]) -> list[Name]:
    """Return the names of those drafts that may be stored once only."""
    return [(draft.kind, draft.key) for draft in drafts if draft.key]


def sealed(
    drafts: Sequence[Draft], tail: Tail, known: Callable[[list[Name]], Collection[Name]]
) -> list[Sealed]:
    """Return what is to be stored after `tail`: each draft once, none that is `known`.

    Raises
    ------
    DraftRefused
        If one of them would not read back as it is.
    """
    clean = [native(draft) for draft in drafts]
    names = names_of(drafts)
    told = set(known(names)) if names else set()
    found: list[Sealed] = []
    number, before = tail
    for draft, text in clean:
        if draft.key:
            if (draft.kind, draft.key) in told:
                continue
            told.add((draft.kind, draft.key))
        number += 1
        record = seal(draft, number, before, text)
        before = record.digest
        found.append(Sealed(record, text))
    return found


def end_of(found: Sequence[Sealed], tail: Tail) -> Tail:
    """Return where the chain ends after `found`."""
    if not found:
        return tail
    last = found[-1].record
    return Tail(last.number, last.digest)
