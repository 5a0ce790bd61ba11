"""From drafts to the records that follow the last one stored."""

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple, TypeAlias

from hedgerow.ledger.journal import GENESIS, Draft, Record, native, seal

Name: TypeAlias = tuple[str, str]
"""Kind and key of a fact that may be stored once."""


class Tail(NamedTuple):
    """Where the chain ends."""

    number: int = 0
    digest: str = GENESIS


class Clean(NamedTuple):
    """A draft beside the canonical text of its body."""

    draft: Draft
    text: str


class Sealed(NamedTuple):
    """A record beside the text of its body."""

    record: Record
    text: str


def cleaned(drafts: Iterable[Draft]) -> list[Clean]:
    """Return drafts as they will be read back.

    Raises
    ------
    DraftRefused
        If one of them would not read back as it is.
    """
    return [Clean(*native(draft)) for draft in drafts]


def names_of(drafts: Iterable[Clean]) -> list[Name]:
    """Return the names of those facts that may be stored once only."""
    return [(draft.kind, draft.key) for draft, _ in drafts if draft.key]


def sealed(drafts: Iterable[Clean], tail: Tail, known: Collection[Name]) -> list[Sealed]:
    """Return what is to be stored after `tail`: each fact once, none that is `known`."""
    told = set(known)
    found: list[Sealed] = []
    number, before = tail
    for draft, text in drafts:
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
