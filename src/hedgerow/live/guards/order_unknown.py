"""An order of which nobody knows what became of it does not stay so."""

from dataclasses import dataclass
from typing import ClassVar, Final

from hedgerow.execution.order import OrderReport
from hedgerow.execution.port import Failure
from hedgerow.live.guards.base import FINE, Severity, Verdict
from hedgerow.live.guards.limits import GuardLimits
from hedgerow.live.guards.measures import Heard
from hedgerow.live.guards.places import Places
from hedgerow.live.signals import CallFailed, Probed
from hedgerow.units import SECOND

APART: Final = 2 * SECOND  # two answers that the venue never saw it must lie so far apart
LATE: Final = 5 * SECOND  # venues list an order late: an earlier answer says nothing


@dataclass(slots=True)
class _Unknown:
    venue: str
    symbol: str
    since: int
    never_seen: int | None = None  # when a probe first said so


class OrderUnknown:
    """Trips when an outcome stays unknown, and resets when it is known."""

    name: ClassVar[str] = "order-unknown"
    severity: ClassVar[Severity] = Severity.REDUCE_ONLY
    hears: ClassVar[tuple[type, ...]] = (CallFailed, OrderReport, Probed)

    def __init__(self, places: Places, limits: GuardLimits) -> None:
        self._places = places
        self._limits = limits
        self._unknown: dict[str, _Unknown] = {}

    def observe(self, heard: Heard) -> None:
        """Take in failures, reports and answers to probes."""
        match heard:
            case CallFailed(call="place", failure=Failure.UNKNOWN | Failure.GARBLED):
                found = _Unknown(heard.venue, heard.symbol, heard.time)
                self._unknown.setdefault(heard.client_id, found)
            case OrderReport(client_id=client_id):
                self._unknown.pop(client_id, None)
            case Probed(report=None):
                self._denied(heard)
            case Probed(client_id=client_id):
                self._unknown.pop(client_id, None)

    def verdict(self, now: int) -> Verdict:
        """Return which orders have been unknown for too long."""
        late = {
            client_id: order
            for client_id, order in self._unknown.items()
            if now - order.since > self._limits.order_unknown
        }
        if not late:
            return FINE
        texts = [
            f"{order.venue} {order.symbol} {client_id} for {(now - order.since) / SECOND:.0f} s"
            for client_id, order in late.items()
        ]
        return Verdict(
            tripped=True,
            message=(
                "nobody knows what became of " + "; ".join(texts) + ". It is asked for again and "
                "again and never sent twice; until then only orders that reduce risk are sent "
                "there. Look for that client id at the venue, and cancel it there if it waits."
            ),
            legs=frozenset[int]().union(
                *(self._places.at(order.venue, order.symbol) for order in late.values())
            ),
        )

    def _denied(self, probed: Probed) -> None:
        order = self._unknown.get(probed.client_id)
        if order is None or probed.time - order.since < LATE:
            return
        if order.never_seen is None:
            order.never_seen = probed.time
        elif probed.time - order.never_seen >= APART:
            del self._unknown[probed.client_id]
