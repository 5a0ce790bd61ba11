"""Breakers: too large an order, too much turnover, too many orders, too many refusals.

A tripped breaker stops what adds risk; closing goes on.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final, NamedTuple

from hedgerow.execution.style import Limits
from hedgerow.execution.window import Window
from hedgerow.units import SECOND

ORDER_SIZE: Final = "breaker-order-size"
TURNOVER: Final = "breaker-turnover"
ORDERS: Final = "breaker-orders"
REJECTS: Final = "breaker-rejects"
NAMES: Final = (ORDER_SIZE, TURNOVER, ORDERS, REJECTS)
_CALM: Final = 0.5  # of the limit: below it a breaker resets by itself


class Edge(NamedTuple):
    """A breaker that trips or resets, and what to tell a person."""

    name: str
    tripped: bool
    text: str


class Breakers:
    """Sums over windows, and which of them were too large; state changes by its methods only."""

    __slots__ = ("_limits", "_sums", "_tripped")

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._sums = {
            TURNOVER: Window(limits.turnover_window),
            ORDERS: Window(limits.orders_window),
            REJECTS: Window(limits.rejects_window),
        }
        self._tripped: dict[str, str] = {}

    @property
    def tripped(self) -> dict[str, str]:
        """What is tripped, with its message."""
        return dict(self._tripped)

    def count(self, name: str, time: int, amount: Decimal) -> None:
        """Add to a window: quote of a fill, 1 for an order or a refusal."""
        self._sums[name].add(time, amount)

    def set(self, edge: Edge) -> None:
        """Trip or reset a breaker."""
        if edge.tripped:
            self._tripped[edge.name] = edge.text
            return
        self._tripped.pop(edge.name, None)
        if edge.name == REJECTS:
            self._sums[REJECTS].clear()

    def too_large(self, worth: Decimal) -> Edge | None:
        """Return the trip that an opening order of this worth means, None where it is fine."""
        if float(worth) <= self._limits.order_notional:
            return None
        return Edge(
            ORDER_SIZE,
            True,
            f"an order worth {worth:.2f} is larger than order_notional = "
            f"{self._limits.order_notional:g}; nothing that adds risk is sent. See why it is so "
            "large; set slice_notional, or raise the limit; then reset breaker-order-size",
        )

    def edges(self, now: int) -> Iterator[Edge]:
        """Yield the breakers that are to trip or to reset now."""
        limits = self._limits
        for name, most in (
            (TURNOVER, limits.turnover),
            (ORDERS, float(limits.orders)),
            (REJECTS, float(limits.rejects)),
        ):
            total = self._sums[name].total(now)
            if name not in self._tripped:
                if float(total) >= most:
                    yield Edge(name, True, _words(name, total, limits))
            elif name != REJECTS and float(total) <= most * _CALM:
                yield Edge(name, False, f"calm again: {total:.2f} within the window")

    def snapshot(self) -> dict[str, object]:
        """Return the whole state as plain values."""
        return {
            "tripped": dict(self._tripped),
            "sums": {name: window.snapshot() for name, window in self._sums.items()},
        }


def _words(name: str, total: Decimal, limits: Limits) -> str:
    """Return what tripped, with numbers, and the mend."""
    if name == TURNOVER:
        return (
            f"{total:.2f} quote traded within {limits.turnover_window / SECOND:g} s, the limit is "
            f"{limits.turnover:g}; nothing that adds risk is sent until the sum is half of it. See "
            "`hedgerow why` for what trades so much, then widen the band or raise turnover"
        )
    if name == ORDERS:
        return (
            f"{total} orders within {limits.orders_window / SECOND:g} s, the limit is "
            f"{limits.orders}; nothing that adds risk is sent until the count is half of it. See "
            "`hedgerow orders` for what is sent again and again, then raise patience or orders"
        )
    return (
        f"{total} orders refused within {limits.rejects_window / SECOND:g} s, the limit is "
        f"{limits.rejects}; nothing that adds risk is sent until an operator resets {REJECTS}. "
        "The refusals and their reasons are in `hedgerow orders` and the journal"
    )
