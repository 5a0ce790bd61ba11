"""How orders are worked: type, patience, slices, collar and the limits that stop everything."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from hedgerow.units import SECOND


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How one leg's orders are worked.

    Attributes
    ----------
    route
        ``"taker"``: immediate orders up to the collar. ``"maker"``: post-only, moved with the
        book. ``"maker_then_taker"``: post-only for `patience`, then immediate. ``"market"``: one
        market order with the collar.
    collar
        How far from the middle a taking order may pay, fraction of price.
    patience
        How long an order may rest before it is moved or taken over, nanoseconds.
    slice_notional
        Largest child order, quote; infinite for none.
    slice_pause
        Between two slices, nanoseconds.
    reach
        How long an order's outcome may be unknown before a person hears of it, nanoseconds.
    splits
        Whether an order through zero is split into a closing and an opening one.
    persists
        Whether an aim outlives its order: what works is kept where a new aim still wants it, and a
        closing order that was refused is tried again. A replay sends each order whole, once.
    """

    route: Literal["taker", "maker", "maker_then_taker", "market"] = "taker"
    collar: float = 0.005
    patience: int = 30 * SECOND
    slice_notional: Decimal = Decimal("Infinity")
    slice_pause: int = SECOND
    reach: int = 10 * SECOND
    splits: bool = True
    persists: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Breakers over all legs: beyond one of them nothing that adds risk is sent.

    Attributes
    ----------
    order_notional
        Largest order, quote.
    turnover, turnover_window
        Largest sum of fills within the window, quote; nanoseconds.
    orders, orders_window
        Most orders sent within the window.
    rejects, rejects_window
        Most refusals within the window.
    naked
        Largest naked notional times seconds of a two-leg trade, quote times seconds.
    naked_notional
        Largest naked notional at any instant, quote.
    """

    order_notional: float = float("inf")
    turnover: float = float("inf")
    turnover_window: int = 3600 * SECOND
    orders: int = 60
    orders_window: int = 60 * SECOND
    rejects: int = 5
    rejects_window: int = 60 * SECOND
    naked: float = float("inf")
    naked_notional: float = float("inf")
