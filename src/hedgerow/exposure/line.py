"""One line of a book: a position as plain numbers, whatever its kind."""

import math
from enum import IntEnum
from typing import Final, NamedTuple

NEVER: Final = 2**63 - 1
"""The expiry of what has none."""


class Kind(IntEnum):
    """Which formulas a line is worth by."""

    COIN = 0
    PERP = 1
    FUTURE = 2
    OPTION = 3
    EVERLASTING = 4
    POWER = 5
    POOL = 6
    SWAP = 7
    VOLATILITY = 8

    @property
    def word(self) -> str:
        """What people call it."""
        return _WORDS[self]


_WORDS: Final = {
    Kind.COIN: "coin",
    Kind.PERP: "perp",
    Kind.FUTURE: "dated future",
    Kind.OPTION: "option",
    Kind.EVERLASTING: "everlasting option",
    Kind.POWER: "power perpetual",
    Kind.POOL: "pool position",
    Kind.SWAP: "funding swap",
    Kind.VOLATILITY: "volatility future",
}


class Line(NamedTuple):
    """One position; numbers that its kind does not use are NaN or 0.

    Attributes
    ----------
    name
        What it is called, and under what name the market may hold its mark.
    market
        The name under which the market holds its funding: a perpetual's symbol.
    underlying
        The coin, or the money, that it moves with.
    expiry
        UTC nanoseconds, `NEVER` if none.
    size
        In base; of an inverse future in quote; long above 0.
    inverse
        1 if it settles in the coin itself.
    paid
        1 if it is worth its price, 0 if only what the price has gained; of a coin to come, whether
        it is held once its time has passed.
    entry
        The price it was entered at; NaN for the mark.
    strike, sign
        Of an option.
    period
        Of funding, in years, of contracts held to a payoff by it.
    low, high
        Range of a pool.
    power
        Of the spot price.
    rate
        A swap's fixed rate, a pool's fees, a year.
    """

    name: str
    kind: Kind
    underlying: str
    size: float
    market: str = ""
    expiry: int = NEVER
    inverse: float = 0.0
    paid: float = 1.0
    entry: float = math.nan
    strike: float = math.nan
    sign: float = math.nan
    period: float = math.nan
    low: float = math.nan
    high: float = math.nan
    power: float = math.nan
    rate: float = math.nan
