"""Recorded prices and funding of one instrument, as arrays."""

from dataclasses import dataclass
from enum import StrEnum

from hedgerow.units import Floats, Times


class PriceKind(StrEnum):
    """Which price a bar shows."""

    TRADE = "trade"  # last trades of the instrument itself, spot or perp
    MARK = "mark"  # the venue's mark price: margin, liquidation and funding use it
    INDEX = "index"  # the venue's index of spot prices


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Bars:
    """Bars of one price series; a bar lives from its open instant to open + step.

    Attributes
    ----------
    time
        Open instants, UTC nanoseconds, strictly increasing, shape ``(n,)``.
    step
        Length of a bar in nanoseconds.
    open, high, low, close
        Quote per base, NaN where the source has none, shape ``(n,)``.
    volume
        In base coin (quote for inverse contracts), NaN where unknown, shape ``(n,)``.
    source
        Where the rows come from, for the honesty stamp.
    """

    time: Times
    step: int
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats
    source: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FundingRates:
    """Realised funding of one perpetual, one row a settlement.

    Attributes
    ----------
    time
        Settlement instants, UTC nanoseconds, strictly increasing, shape ``(n,)``.
    rate
        Fraction of notional paid for the interval that ends here; > 0: longs pay shorts.
    mark_price
        The venue's mark at the settlement, NaN where the source has none.
    interval_hours
        Hours since the previous settlement, NaN where unknown (the first row).
    source
        Where the rows come from.
    """

    time: Times
    rate: Floats
    mark_price: Floats
    interval_hours: Floats
    source: str
