"""What is known of two-leg trades: a fold over the facts of kind "pair"."""

from collections import deque
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from hedgerow.execution.child import ZERO, back_off
from hedgerow.execution.codec import decode, encode
from hedgerow.ledger.journal import Draft, Record
from hedgerow.units import SECOND

REMEMBERED: Final = 1000  # finished trades, for the statistics


class Phase(StrEnum):
    """How far a two-leg trade is."""

    LEADING = "leading"  # the first leg trades, the second follows its fills
    HURRY = "hurry"  # the same, and both take
    SQUARING = "squaring"  # the first leg stopped; the second chases what is missing
    UNWINDING = "unwinding"  # the second leg stopped; the first goes back to what is matched


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the dealer was asked for last, for one leg."""

    target: Decimal
    hurry: bool
    tries: int = 1
    next_at: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PairTrade:
    """A two-leg trade on its way.

    Attributes
    ----------
    first, second
        Legs; the first is the less liquid one and leads.
    starts, targets
        Positions before and to reach, of the first and the second leg.
    gap
        What the second leg lacks to match the first, signed, its unit; at its worst where an
        order's outcome is unknown.
    naked
        Worth of the gap, quote, since `at`.
    area, naked_for
        Naked notional times seconds, and nanoseconds with any, until `at`.
    told
        Whether a person heard that the limit is passed.
    """

    pair_id: str
    first: int
    second: int
    starts: tuple[Decimal, ...]
    targets: tuple[Decimal, ...]
    purpose: str
    opened: int
    phase: Phase = Phase.LEADING
    reason: str = ""
    asked_first: Asked | None = None
    asked_second: Asked | None = None
    gap: Decimal = ZERO
    naked: Decimal = ZERO
    area: Decimal = ZERO
    naked_for: int = 0
    at: int = 0
    told: bool = False

    @property
    def ratio(self) -> Decimal:
        """How much the second leg moves for one of the first, signed."""
        return (self.targets[1] - self.starts[1]) / (self.targets[0] - self.starts[0])

    @property
    def adds_risk(self) -> bool:
        """Whether the first leg ends further from zero than it began."""
        return abs(self.targets[0]) > abs(self.starts[0])

    def area_at(self, now: int) -> Decimal:
        """Return naked notional times seconds until now, quote times seconds."""
        return self.area + self.naked * (now - self.at) / SECOND

    def naked_until(self, now: int) -> int:
        """Return for how long it was naked until now, nanoseconds."""
        return self.naked_for + (now - self.at if self.naked > ZERO else 0)

    def asked(self, leg: int) -> Asked | None:
        """Return what was asked for a leg last."""
        return self.asked_first if leg == self.first else self.asked_second


class PairBook:
    """Two-leg trades under way, and how long finished ones were naked."""

    __slots__ = ("finished", "trades")

    def __init__(self) -> None:
        self.trades: dict[str, PairTrade] = {}
        self.finished: deque[int] = deque(maxlen=REMEMBERED)

    def apply(self, fact: Draft | Record) -> None:
        """Change the state by one fact; other kinds are passed over."""
        if fact.kind != "pair":
            return
        body, now = fact.body, fact.time
        if body["what"] == "open":
            trade = decode(PairTrade, body["trade"])
            self.trades[trade.pair_id] = trade
            return
        trade = self.trades[body["pair"]]
        if body["what"] == "end":
            del self.trades[trade.pair_id]
            self.finished.append(trade.naked_until(now))
        else:
            self.trades[trade.pair_id] = _changed(trade, body, now)

    def snapshot(self) -> dict[str, object]:
        """Return the whole state as plain values."""
        return {
            "trades": {name: encode(trade) for name, trade in self.trades.items()},
            "finished": list(self.finished),
        }


def _changed(trade: PairTrade, body: Any, now: int) -> PairTrade:  # noqa: ANN401
    match body["what"]:
        case "naked":
            return replace(
                trade,
                area=trade.area_at(now),
                naked_for=trade.naked_until(now),
                at=now,
                gap=Decimal(body["gap"]),
                naked=Decimal(body["naked"]),
            )
        case "phase":
            return replace(trade, phase=Phase(body["phase"]), reason=body["reason"])
        case "told":
            return replace(trade, told=True)
        case _:  # "asked"
            before = trade.asked(body["leg"])
            target = Decimal(body["target"])
            again = before is not None and before.target == target and before.hurry == body["hurry"]
            tries = before.tries + 1 if before is not None and again else 1
            asked = Asked(
                target=target, hurry=body["hurry"], tries=tries, next_at=now + back_off(tries)
            )
            if body["leg"] == trade.first:
                return replace(trade, asked_first=asked)
            return replace(trade, asked_second=asked)
