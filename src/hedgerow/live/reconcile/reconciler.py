"""Looks at accounts again and again, and believes only what more than one look found."""

from collections.abc import Collection
from decimal import Decimal
from typing import Final

from hedgerow.execution.order import AccountSnapshot
from hedgerow.live.guards.measures import Discrepancies
from hedgerow.live.reconcile.difference import Difference, Kind, compare, confirmed
from hedgerow.live.reconcile.explanation import Explanation, Reason
from hedgerow.live.reconcile.held import Held

Place = tuple[str, str]  # venue and account
Subject = tuple[Kind, str]

PERSISTENT: Final = 3  # looks in a row after which amounts need not be alike any more


class Reconciler:
    """What the last looks at each account found.

    A difference is believed when two looks in a row found it alike, or three found the same thing
    to differ, by whatever amount. It keeps no facts: after a restart it looks anew.
    """

    __slots__ = ("_agreed", "_before", "_runs", "_tolerance")

    def __init__(self, tolerance: float = 5e-6) -> None:
        self._tolerance = Decimal(repr(tolerance))
        self._before: dict[Place, tuple[int, tuple[Difference, ...]]] = {}
        self._runs: dict[Place, dict[Subject, int]] = {}
        self._agreed: dict[Place, int] = {}

    @property
    def tolerance(self) -> Decimal:
        """What balances may differ by, as a fraction."""
        return self._tolerance

    def look(
        self, ours: Held, snapshot: AccountSnapshot, known: Collection[str]
    ) -> tuple[Difference, ...]:
        """Return what differs, and is to be believed.

        A snapshot that is no newer than the last one is not looked at twice.
        """
        place = ours.venue, ours.account
        last, before = self._before.get(place, (-1, ()))
        if snapshot.time <= last:
            return ()
        found = compare(ours, snapshot, known, self._tolerance)
        self._before[place] = snapshot.time, found
        runs = self._runs.get(place, {})
        self._runs[place] = {_subject(one): runs.get(_subject(one), 0) + 1 for one in found}
        if not found:
            self._agreed[place] = snapshot.time
        alike = confirmed(before, found)
        return tuple(
            one for one in found if one in alike or self._runs[place][_subject(one)] >= PERSISTENT
        )

    def is_settled(self, venue: str, account: str) -> bool:
        """Return whether the last look at an account found nothing that differs."""
        time, found = self._before.get((venue, account), (-1, ()))
        return time >= 0 and not found

    def agreed(self, venue: str, account: str) -> int | None:
        """Return when an account and our books last agreed; None for never."""
        return self._agreed.get((venue, account))


def discrepancies(
    explanations: Collection[Explanation], venue: str, account: str, now: int
) -> Discrepancies:
    """Return what the guard of positions must hear: all that nothing explains."""
    left = [one for one in explanations if one.reason is Reason.UNEXPLAINED]
    symbols = frozenset(one.difference.symbol for one in left)
    return Discrepancies(
        time=now,
        venue=venue,
        account=account,
        texts=tuple(one.text for one in left),
        symbols=frozenset() if "" in symbols else symbols,  # a balance concerns all of it
    )


def _subject(difference: Difference) -> Subject:
    return difference.kind, difference.subject
