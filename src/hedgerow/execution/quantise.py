"""Whole lots and ticks, rounded toward less risk."""

import math
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from hedgerow.execution.order import Listing, Side


def whole_lots(amount: Decimal, listing: Listing) -> Decimal:
    """Return an amount, >= 0, in whole lots: never more than asked.

    >>> whole_lots(Decimal("0.0129"), Listing(venue="", account="", symbol="",
    ...     tick=Decimal("0.1"), lot=Decimal("0.001")))
    Decimal('0.012')
    """
    return (amount / listing.lot).to_integral_value(ROUND_FLOOR) * listing.lot


def limit_price(price: Decimal, side: Side, listing: Listing) -> Decimal:
    """Return a price on the tick: a purchase never above it, a sale never below it.

    >>> limit_price(Decimal("100.07"), Side.BUY, Listing(venue="", account="", symbol="",
    ...     tick=Decimal("0.1"), lot=Decimal(1)))
    Decimal('100.0')
    """
    rounding = ROUND_FLOOR if side is Side.BUY else ROUND_CEILING
    return (price / listing.tick).to_integral_value(rounding) * listing.tick


def notional(amount: Decimal, price: Decimal, listing: Listing) -> Decimal:
    """Return what an amount is worth in quote, >= 0; the face of an inverse contract is quote."""
    return abs(amount) if listing.inverse else abs(amount) * price


def amount_of(worth: Decimal, price: Decimal, listing: Listing) -> Decimal:
    """Return the amount that is worth this much quote: the way back from `notional`."""
    return worth if listing.inverse else worth / price


def exact(price: float) -> Decimal | None:
    """Return a price as it was written; None where it is none.

    >>> exact(0.1), exact(float("nan"))
    (Decimal('0.1'), None)
    """
    return Decimal(repr(float(price))) if math.isfinite(price) and price > 0.0 else None
