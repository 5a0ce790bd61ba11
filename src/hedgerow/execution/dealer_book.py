"""What a dealer knows: a fold over the facts that it records, and nothing else."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final, NamedTuple

from hedgerow.execution.breakers import ORDERS, REJECTS, TURNOVER, Breakers, Edge
from hedgerow.execution.child import (
    ZERO,
    Child,
    Source,
    back_off,
    reported,
    traded,
)
from hedgerow.execution.codec import decode, encode
from hedgerow.execution.order import OrderReport, OrderRequest, OrderStatus, TradeReport
from hedgerow.execution.style import Limits
from hedgerow.ledger.journal import Draft, Record
from hedgerow.units import SECOND

REMEMBERED: Final = 128  # orders that ended, whose late trades still count
LISTED: Final = 20 * SECOND  # by then no request is on its way, and venues list what they took
_HURRIED: Final = 5 * SECOND  # longest back-off of an aim in a hurry


class Aim(NamedTuple):
    """A target on its way.

    Attributes
    ----------
    target
        Signed position to reach, unit of the listing's lot.
    since
        When the dealer began to go this way, UTC nanoseconds.
    hurry
        Whether it takes at once, whatever the style.
    children, misses
        Orders sent for it, and taking ones that did not trade in full.
    """

    number: int
    target: Decimal
    purpose: str
    since: int
    hurry: bool = False
    children: int = 0
    misses: int = 0


@dataclass(slots=True, kw_only=True)
class LegBook:
    """One leg: where it is, where it goes, and its orders that are not settled.

    Attributes
    ----------
    number
        Of the last aim.
    next_at
        No further order before it: the pause between slices, or the back-off after a failure.
    failures
        Orders that failed or were refused in a row.
    tick
        The venue's step of the price, where it was heard to be another than the listing's.
    """

    position: Decimal = ZERO
    aim: Aim | None = None
    number: int = 0
    next_at: int = 0
    failures: int = 0
    tick: Decimal | None = None
    children: dict[str, Child] = field(default_factory=dict)

    @property
    def base(self) -> Decimal:
        """The position once all that traded for certain is told."""
        if not self.children:
            return self.position
        return self.position + sum(
            (child.request.side.sign * child.untold for child in self.children.values()), ZERO
        )

    @property
    def low(self) -> Decimal:
        """The lowest position that may come of the orders that are out."""
        if not self.children:
            return self.position
        return self.base - sum(
            (c.rest for c in self.children.values() if c.request.side.sign < 0), ZERO
        )

    @property
    def high(self) -> Decimal:
        """The highest position that may come of the orders that are out."""
        if not self.children:
            return self.position
        return self.base + sum(
            (c.rest for c in self.children.values() if c.request.side.sign > 0), ZERO
        )

    @property
    def doubtful(self) -> tuple[Decimal, Decimal]:
        """The lowest and highest position there may be now, by orders of unknown outcome."""
        low = high = self.base
        for child in self.children.values():
            if child.is_unresolved:
                low -= child.rest if child.request.side.sign < 0 else ZERO
                high += child.rest if child.request.side.sign > 0 else ZERO
        return low, high

    @property
    def pending(self) -> Decimal:
        """What may still change the position, signed."""
        return sum((child.pending for child in self.children.values()), ZERO)

    @property
    def is_unresolved(self) -> bool:
        """Whether an order of it may or may not exist."""
        return any(child.is_unresolved for child in self.children.values())


class DealerBook:
    """All legs, and the orders that ended a while ago."""

    __slots__ = ("_plain", "breakers", "legs", "past", "seen")

    def __init__(self, legs: int, limits: Limits) -> None:
        self.legs = [LegBook() for _ in range(legs)]
        self.past: dict[str, Child] = {}
        self.seen: set[str] = set()
        self._plain: dict[str, tuple[Child, object]] = {}
        self.breakers = Breakers(limits)

    def find(self, client_id: str) -> Child | None:
        """Return an order of ours by its id; None where it is nobody's or long forgotten."""
        for leg in self.legs:
            child = leg.children.get(client_id)
            if child is not None:
                return child
        return self.past.get(client_id)

    def apply(self, fact: Draft | Record) -> None:
        """Change the state by one fact; kinds that are not a dealer's are passed over."""
        rule = _RULES.get(fact.kind)
        if rule is not None:
            rule(self, fact.body, fact.time)

    def _break(self, body: Any, _time: int) -> None:  # noqa: ANN401 - a parsed record
        self.breakers.set(Edge(body["name"], body["tripped"], body["text"]))

    def _adopt(self, body: Any, _time: int) -> None:  # noqa: ANN401
        self.legs[body["leg"]].position = Decimal(body["position"])

    def _step(self, body: Any, _time: int) -> None:  # noqa: ANN401
        self.legs[body["leg"]].tick = Decimal(body["tick"])

    def _aim(self, body: Any, _time: int) -> None:  # noqa: ANN401
        leg = self.legs[body["leg"]]
        if body["target"] is None:
            leg.aim = None
            return
        leg.number = body["number"]
        leg.next_at = body["next_at"]
        leg.aim = Aim(
            number=body["number"],
            target=Decimal(body["target"]),
            purpose=body["purpose"],
            since=body["since"],
            hurry=body["hurry"],
        )

    def _intend(self, body: Any, time: int) -> None:  # noqa: ANN401
        leg = self.legs[body["leg"]]
        child = Child(
            request=decode(OrderRequest, body["request"]),
            leg=body["leg"],
            aim=body["aim"],
            number=body["number"],
            sent=time,
            opening=body["opening"],
            pause=body["pause"],
        )
        leg.children[child.request.client_id] = child
        if leg.aim is not None and leg.aim.number == child.aim:
            leg.aim = leg.aim._replace(children=child.number)
        self.breakers.count(ORDERS, time, Decimal(1))

    def _report(self, body: Any, time: int) -> None:  # noqa: ANN401
        report = decode(OrderReport, body["report"])
        child = self.find(report.client_id)
        if child is None:
            return
        after = reported(child, report, Source(body["source"]), time)
        if after is None:
            return
        if body["rejects"]:
            self.breakers.count(REJECTS, time, Decimal(1))
        self._keep(child, after, time, retry_after=body["retry_after"])

    def _trade(self, body: Any, time: int) -> None:  # noqa: ANN401
        if "leg" not in body:
            return
        report = decode(TradeReport, body["report"])
        key = trade_key(report)
        child = self.find(report.client_id)
        if child is None or key in self.seen:
            return
        leg = self.legs[child.leg]
        leg.position += report.moved
        self.seen.add(key)
        self.breakers.count(TURNOVER, time, Decimal(body["worth"]))
        self._keep(child, traded(child, key, report.amount, time), time)

    def _ask(self, body: Any, time: int) -> None:  # noqa: ANN401
        child = self.find(body["client_id"])
        if child is None:
            return
        match body["what"]:
            case "unknown":
                after = child._replace(unknown_since=time, probe_at=time)
            case "probe":
                tries = child.probes + 1
                again = time + back_off(tries)
                if child.denied_at and time < child.sent + LISTED:
                    again = min(again, child.sent + LISTED)  # the next denial settles it
                after = child._replace(probes=tries, probe_at=again)
            case "denied":
                again = min(child.probe_at, time + 2 * SECOND)  # the second denial decides
                after = child._replace(denied_at=time, probe_at=again)
            case "told":
                after = child._replace(told=True)
            case _:  # "fetch"
                tries = child.fetches + 1
                after = child._replace(fetches=tries, fetch_at=time + back_off(tries))
        self._keep(child, after, time)

    def _cancel(self, body: Any, time: int) -> None:  # noqa: ANN401
        child = self.find(body["client_id"])
        if child is None:
            return
        tries = child.cancels + (0 if body["failed"] else 1)
        wait = max(back_off(tries, body["first"]), body["retry_after"])
        self._keep(child, child._replace(cancels=tries, cancel_at=time + wait), time)

    def _keep(self, before: Child, after: Child, time: int, retry_after: int = 0) -> None:
        """Put a child where it belongs, and draw the leg's conclusions from how it ended."""
        leg, name = self.legs[after.leg], after.request.client_id
        if after.traded > before.traded or after.status is OrderStatus.OPEN:
            leg.failures = 0
        if after.is_final and not before.is_final:
            self._ended(leg, after, time, retry_after)
        if not after.is_settled:
            self.past.pop(name, None)
            leg.children[name] = after
            return
        leg.children.pop(name, None)
        self.past[name] = after
        while len(self.past) > REMEMBERED:
            oldest = next(iter(self.past))
            self.seen.difference_update(self.past.pop(oldest).trades)
            self._plain.pop(oldest, None)

    @staticmethod
    def _ended(leg: LegBook, child: Child, time: int, retry_after: int) -> None:
        full = max(child.filled, child.traded) >= child.request.amount
        if child.status is OrderStatus.REJECTED or (
            not child.takes and not full and child.cancels == 0
        ):
            leg.failures += 1
            most = _HURRIED if leg.aim is not None and leg.aim.hurry else 30 * SECOND
            leg.next_at = time + max(back_off(leg.failures, most=most), retry_after)
        elif child.takes or full:
            leg.next_at = time + child.pause
        same = leg.aim is not None and leg.aim.number == child.aim
        if leg.aim is not None and same and child.takes and not full:
            leg.aim = leg.aim._replace(misses=leg.aim.misses + 1)

    def snapshot(self) -> dict[str, object]:
        """Return the whole state as plain values."""
        return {
            "legs": [
                {
                    "position": str(leg.position),
                    "aim": None if leg.aim is None else encode(leg.aim._asdict()),
                    "number": leg.number,
                    "next_at": leg.next_at,
                    "failures": leg.failures,
                    "tick": None if leg.tick is None else str(leg.tick),
                    "children": self._encoded(leg.children),
                }
                for leg in self.legs
            ],
            "past": self._encoded(self.past),
            "seen": sorted(self.seen),
            "breakers": self.breakers.snapshot(),
        }

    def _encoded(self, children: dict[str, Child]) -> dict[str, object]:
        """Return orders as plain values; what has not changed is not written again."""
        plain = self._plain
        for name, child in children.items():
            if name not in plain or plain[name][0] is not child:
                plain[name] = (child, encode(child._asdict()))
        return {name: plain[name][1] for name in children}


_RULES: Final[Mapping[str, Callable[[DealerBook, Any, int], None]]] = {
    "aim": DealerBook._aim,  # noqa: SLF001 - its own rules, by the kind of fact
    "intent": DealerBook._intend,  # noqa: SLF001
    "order": DealerBook._report,  # noqa: SLF001
    "trade": DealerBook._trade,  # noqa: SLF001
    "unknown": DealerBook._ask,  # noqa: SLF001
    "cancel": DealerBook._cancel,  # noqa: SLF001
    "breaker": DealerBook._break,  # noqa: SLF001
    "adopt": DealerBook._adopt,  # noqa: SLF001
    "tick": DealerBook._step,  # noqa: SLF001
}


def trade_key(report: TradeReport) -> str:
    """Return what is unique about a trade."""
    return f"{report.venue} {report.account} {report.symbol} {report.trade_id}"
