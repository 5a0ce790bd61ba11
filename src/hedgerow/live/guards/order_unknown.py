"""An order of which nobody knows what became of it does not stay so."""

from typing import ClassVar

from hedgerow.live.guards.base import FINE, Severity, Verdict
from hedgerow.live.guards.limits import GuardLimits
from hedgerow.live.guards.measures import Heard, Unresolved
from hedgerow.live.guards.places import Places
from hedgerow.units import SECOND


class OrderUnknown:
    """Trips when an outcome stays unknown, and resets when the dealer knows it."""

    name: ClassVar[str] = "order-unknown"
    severity: ClassVar[Severity] = Severity.REDUCE_ONLY
    hears: ClassVar[tuple[type, ...]] = (Unresolved,)

    def __init__(self, places: Places, limits: GuardLimits) -> None:
        self._places = places
        self._limits = limits
        self._unresolved = Unresolved(time=0)

    def observe(self, heard: Heard) -> None:
        """Take in what the dealer does not know."""
        if isinstance(heard, Unresolved):
            self._unresolved = heard

    def verdict(self, now: int) -> Verdict:
        """Return which orders have been unknown for too long."""
        late = [
            (client_id, leg, now - sent)
            for client_id, leg, sent in self._unresolved.orders
            if now - sent > self._limits.order_unknown
        ]
        if not late:
            return FINE
        texts = [
            f"{place.venue} {place.symbol} {client_id} for {age / SECOND:.0f} s"
            for client_id, leg, age in late
            for place in (self._places.all[leg],)
        ]
        return Verdict(
            tripped=True,
            message=(
                "nobody knows what became of " + "; ".join(texts) + ". It is asked for again and "
                "again and never sent twice; until then only orders that reduce risk are sent "
                "there. Look for that client id at the venue, and cancel it there if it waits."
            ),
            legs=frozenset(leg for _, leg, _ in late),
        )
