"""Funding that follows the difference of longs and shorts, and what borrowing from a pool costs."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from hedgerow.errors import ConfigError, MarketDataError
from hedgerow.kernels.protocol_gmx import (
    Sides,
    SkewNumbers,
    SkewRate,
    borrowing_rate,
    kinked_borrowing_rate,
    next_skew_rate,
    skew_payments,
)
from hedgerow.market.venue import SkewTerms


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenInterest:
    """What both sides of a market hold, quote, >= 0."""

    long: float
    short: float

    def __post_init__(self) -> None:
        if not (0.0 <= self.long < math.inf and 0.0 <= self.short < math.inf):
            raise MarketDataError(
                f"open interest long {self.long}, short {self.short}: write amounts of at least 0"
            )


def skew_rate(terms: SkewTerms, held: OpenInterest, saved: float, seconds: float) -> SkewRate:
    """Return the rate per second (> 0: longs pay) after `seconds`, and the one to keep.

    Parameters
    ----------
    saved
        The rate kept at the last change, per second.
    """
    if not (0.0 <= seconds < math.inf and math.isfinite(saved)):
        raise ConfigError(
            f"seconds = {seconds}, saved = {saved}: write a time of at least 0 and a rate"
        )
    return next_skew_rate(saved, held.long, held.short, seconds, _numbers(terms))


def skew_cash(rate: float, held: OpenInterest, seconds: float) -> Sides:
    """Return what a unit of notional of each side gets (> 0) or pays (< 0) over `seconds`.

    What one side pays is what the other gets.
    """
    return skew_payments(rate, held.long, held.short, seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Borrowing:
    """What a pool asks for the liquidity that a position reserves.

    Attributes
    ----------
    factor
        Per second, of the reserved worth raised to `exponent` over the worth of the pool.
    """

    factor: float
    exponent: float = 1.0

    def fee(self, size: float, phases: Iterable[tuple[float, float, float]]) -> float:
        """Return the fee of a position worth `size`, quote, over phases of use.

        Parameters
        ----------
        phases
            Each of ``(reserved, pool, seconds)``: what is reserved, what the pool is worth, both
            in quote, and for how long.
        """
        return size * sum(
            borrowing_rate(reserved, pool, self.factor, self.exponent) * seconds
            for reserved, pool, seconds in phases
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class KinkedBorrowing:
    """The same where the rate rises faster beyond the `optimal` usage, all per second."""

    base: float
    above: float
    optimal: float

    def fee(self, size: float, phases: Iterable[tuple[float, float]]) -> float:
        """Return the fee of a position worth `size` over phases of ``(usage, seconds)``."""
        return size * sum(
            kinked_borrowing_rate(usage, self.base, self.above, self.optimal) * seconds
            for usage, seconds in phases
        )


def _numbers(terms: SkewTerms) -> SkewNumbers:
    return SkewNumbers(
        exponent=float(terms.exponent),
        increase=float(terms.increase),
        decrease=float(terms.decrease),
        stable=float(terms.stable_threshold),
        decreasing=float(terms.decrease_threshold),
        minimum=float(terms.minimum),
        maximum=float(terms.maximum),
    )
