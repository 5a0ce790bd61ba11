"""Quotes worth fitting: each of a chain's rows with its volatilities, or why it is left out."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

import numpy as np

from hedgerow.errors import ConfigError
from hedgerow.kernels.implied_volatility import ABOVE, AT_BOUND, BELOW, GOOD, implied_rows
from hedgerow.kernels.smile import delta_rows
from hedgerow.market.chain import Chain
from hedgerow.pricing.rows import Reason, Rows
from hedgerow.units import MINUTE, Bools, Floats

POINTS: Final = 100.0  # volatility points in 1.00
LIQUID: Final = (0.05, 0.95)  # absolute deltas between which a two-sided quote is liquid


class QuoteReason(StrEnum):
    """Why a row is left out of a fit, beyond what `market.chain` and `pricing.rows` name."""

    ONE_SIDED = "one-sided: no bid"
    NO_ASK = "one-sided: no ask"
    EMPTY = "no bid and no ask"
    NEGATIVE = "bid < 0"
    NEGATIVE_ASK = "ask < 0"
    CROSSED = "crossed: bid above ask"
    STALE = "stale"
    WIDE = "wide"
    NO_FORWARD = "forward is missing"
    BID_BELOW = "bid below the intrinsic value"
    ASK_ABOVE = "ask at or above its upper bound"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How bad a quote may be and still count.

    Attributes
    ----------
    most_age
        Nanoseconds since it was last heard of; beyond, it is stale.
    most_spread
        Ask less bid in volatility, over the volatility of their middle; beyond, it is wide.
    least_quotes
        Of an expiry, below which no smile is fitted to it.
    """

    most_age: int = 30 * MINUTE
    most_spread: float = 0.6
    least_quotes: int = 5

    def __post_init__(self) -> None:
        if self.most_age <= 0 or not self.most_spread > 0.0:
            raise ConfigError("most_age and most_spread of a quote are above 0")
        if self.least_quotes < 5:
            raise ConfigError(
                f"least_quotes = {self.least_quotes}: a smile has five parameters, write 5 or more"
            )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Quotes:
    """A chain's rows as volatilities, NaN where there is none.

    Attributes
    ----------
    chain
        Whose rows these are.
    forward, k
        Each row's own forward, and the logarithm of its strike over it.
    bid, middle, ask
        Volatilities of bid, of the middle of bid and ask, and of ask.
    delta
        Black's, at the middle, absolute.
    rows
        Which rows are fit to be fitted, and why the others are not.
    """

    chain: Chain = field(repr=False)
    forward: Floats = field(repr=False)
    k: Floats = field(repr=False)
    bid: Floats = field(repr=False)
    middle: Floats = field(repr=False)
    ask: Floats = field(repr=False)
    delta: Floats = field(repr=False)
    rows: Rows

    @property
    def liquid(self) -> Bools:
        """Rows with a valid quote from both sides and a delta of 5 to 95 per cent."""
        return np.asarray(
            self.rows.valid & (self.delta >= LIQUID[0]) & (self.delta <= LIQUID[1]), np.bool_
        )


def clean(chain: Chain, forward: Floats, limits: Limits | None = None) -> Quotes:
    """Return the volatilities of a chain's quotes with what is wrong with each row.

    Parameters
    ----------
    chain
        Of one underlying.
    forward
        Of each row, NaN if unknown.
    """
    limits = limits or Limits()
    rows = _on_sight(chain, forward, limits)
    good = rows.valid
    size = len(chain)
    unit = np.where(chain.premium_unit == "coin", forward, 1.0)
    safe = np.where(good, forward, 1.0)
    strike = np.where(good, chain.strike, 1.0)
    years = np.where(good, chain.years, 1.0)
    sign = np.where(good, chain.sign, 1.0)
    prices = np.concatenate([chain.bid, 0.5 * (chain.bid + chain.ask), chain.ask])
    prices = np.where(np.tile(good, 3), prices * np.tile(unit, 3), 0.5)
    found, marks = np.empty(3 * size), np.empty(3 * size, dtype=np.uint8)
    implied_rows(
        (prices, np.tile(safe, 3), np.tile(strike, 3), np.tile(years, 3), np.tile(sign, 3)),
        found,
        marks,
    )
    found[marks != GOOD] = np.nan
    (low, middle, high), (of_low, of_middle, of_high) = (
        found.reshape(3, size),
        marks.reshape(3, size),
    )
    rows = rows.also(of_middle == BELOW, Reason.BELOW_INTRINSIC)
    rows = rows.also(of_middle == ABOVE, Reason.ABOVE_BOUND)
    rows = rows.also(of_middle == AT_BOUND, Reason.AT_BOUND)
    rows = rows.also(of_low != GOOD, QuoteReason.BID_BELOW)
    rows = rows.also(of_high != GOOD, QuoteReason.ASK_ABOVE)
    with np.errstate(invalid="ignore"):
        rows = rows.also((high - low) > limits.most_spread * middle, QuoteReason.WIDE)
    k = np.where(good, np.log(strike / safe), np.nan)
    for column in (low, middle, high):
        column[~good] = np.nan
    delta = np.empty(size)
    delta_rows(k, middle * np.sqrt(years), sign, delta)
    return Quotes(
        chain=chain, forward=forward, k=k, bid=low, middle=middle, ask=high, delta=delta, rows=rows
    )


def _on_sight(chain: Chain, forward: Floats, limits: Limits) -> Rows:
    """Return what is wrong with each row before any volatility is known."""
    rows = Rows((len(chain),))
    reasons = chain.reasons
    for word in dict.fromkeys(reasons[reasons != ""].tolist()):
        rows = rows.also(reasons == word, word)
    no_bid, no_ask = ~(chain.bid > 0.0), ~(chain.ask > 0.0)
    rows = rows.also(~(forward > 0.0), QuoteReason.NO_FORWARD)
    rows = rows.also(chain.bid < 0.0, QuoteReason.NEGATIVE)
    rows = rows.also(chain.ask < 0.0, QuoteReason.NEGATIVE_ASK)
    rows = rows.also(no_bid & no_ask, QuoteReason.EMPTY)
    rows = rows.also(no_bid, QuoteReason.ONE_SIDED)
    rows = rows.also(no_ask | np.isinf(chain.ask), QuoteReason.NO_ASK)
    rows = rows.also(chain.bid > chain.ask, QuoteReason.CROSSED)
    return rows.also(chain.time - chain.quoted > limits.most_age, QuoteReason.STALE)
