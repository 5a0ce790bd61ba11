"""The right to write a journal: one desk at a time, renewed, numbered at every change of hands."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from hedgerow.adapters.journal.process import Process, is_gone
from hedgerow.ledger.journal import JournalLeased

STALE: Final = 30 * 10**9  # nanoseconds without renewal after which the holder counts as gone
RENEWED_BY_WRITING: Final = 5 * 10**9


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """Who may write.

    Attributes
    ----------
    fence
        Goes up with every change of hands; whoever has an older one writes nothing.
    holder
        The desk's name; "" where the lease was given back.
    since, renewed
        UTC nanoseconds.
    """

    fence: int
    holder: str
    process: Process
    since: int
    renewed: int

    def is_free(self, now: int) -> bool:
        """Return whether another desk may take it."""
        return not self.holder or abs(now - self.renewed) > STALE or is_gone(self.process)

    def taken(self, holder: str, process: Process, now: int, place: str) -> "Lease":
        """Return the lease in new hands.

        Raises
        ------
        JournalLeased
            If somebody holds it.
        """
        if not self.is_free(now):
            raise JournalLeased(
                f"{place}: held by {self.described(now)}; two desks on one account are never "
                "allowed: stop that one first. If it has died, its hold ends "
                f"{STALE // 10**9} s after its last sign of life ({moment(self.renewed)})"
            )
        return Lease(fence=self.fence + 1, holder=holder, process=process, since=now, renewed=now)

    def is_hold_of(self, other: "Lease") -> bool:
        """Return whether two states are of one hold, between which nobody else had it."""
        return (self.holder, self.process, self.since) == (other.holder, other.process, other.since)

    def described(self, now: int) -> str:
        """Return in words who holds it; "" where it is free.

        >>> NOBODY.described(0)
        ''
        """
        if self.is_free(now):
            return ""
        return f"desk {self.holder!r}, {self.process}, since {moment(self.since)}"

    def renewed_at(self, now: int) -> "Lease":
        """Return the lease after a sign of life."""
        return replace(self, renewed=now)

    def needs_renewal(self, now: int) -> bool:
        """Return whether a write should also be a sign of life."""
        return abs(now - self.renewed) > RENEWED_BY_WRITING


NOBODY: Final = Lease(fence=0, holder="", process=Process(host="", pid=0), since=0, renewed=0)


def lost(mine: Lease, found: Lease, place: str) -> JournalLeased:
    """Return the error of a desk that wants to write but no longer may."""
    if found.fence > mine.fence and found.holder:
        who = f"desk {found.holder!r}, {found.process}, took it over at {moment(found.since)}"
    else:
        who = "it was given back"
    return JournalLeased(
        f"{place}: desk {mine.holder!r} may no longer write: {who}. Nothing was written; stop this "
        "desk, and start it again when no other runs"
    )


def moment(time: int) -> str:
    """Return nanoseconds as a moment that people read.

    >>> moment(1_704_096_000 * 10**9)
    '2024-01-01 08:00:00 UTC'
    """
    return f"{datetime.fromtimestamp(time // 10**9, UTC):%Y-%m-%d %H:%M:%S} UTC"
