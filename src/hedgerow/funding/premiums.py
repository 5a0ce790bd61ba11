"""The premium of one sample, and of an interval, by the rule that a venue's table names."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import numpy as np

from hedgerow.errors import ConfigError, MarketDataError, UnknownName
from hedgerow.funding.book import Book
from hedgerow.kernels.funding_rate import average_premium
from hedgerow.kernels.premium import (
    equal_average,
    impact_premium,
    mid_premium,
    projected_average,
)
from hedgerow.market.venue import PremiumRule
from hedgerow.units import Floats

RISING: Final[Mapping[str, bool]] = MappingProxyType({"rising": True, "equal": False})
METHODS: Final = ("impact", "mid", "mark")


def book_premium(rule: PremiumRule, book: Book, index: float, *, inverse: bool = False) -> float:
    """Return the premium of one look at the book, as a fraction of the index.

    Parameters
    ----------
    index
        Price of the index (the oracle's, where the venue has one), quote per base.
    inverse
        Whether sizes are quote face and the impact notional is in coins.

    Raises
    ------
    ConfigError
        If the rule does not look at the book, or its impact notional is unknown.
    MarketDataError
        If the book is too thin.
    """
    _check_index(index)
    if rule.method == "mid":
        return mid_premium(*book.best(), index)
    if rule.method != "impact":
        if rule.method not in METHODS:
            raise UnknownName("premium method", rule.method, METHODS)
        raise ConfigError(
            f"premium method {rule.method!r} does not look at the book; give the mark"
        )
    if rule.impact_notional is None:
        raise ConfigError(
            "impact_notional is missing: say how much the venue walks in the book; it is "
            "never assumed"
        )
    bid, ask = book.impact_prices(float(rule.impact_notional), inverse=inverse)
    return impact_premium(bid, ask, index)


def mark_premium(mark: float, index: float) -> float:
    """Return the premium of the mark, as a fraction of the index.

    >>> round(mark_premium(101.0, 100.0), 12)
    0.01
    """
    _check_index(index)
    return (mark - index) / index


def interval_premium(rule: PremiumRule, samples: Floats) -> float:
    """Return the premium of an interval from all of its samples, oldest first, shape ``(n,)``."""
    values = _checked(samples)
    return average_premium(values) if _rising(rule.weights) else equal_average(values)


def projected_premium(rule: PremiumRule, samples: Floats, expected: int) -> float:
    """Return the premium that an interval ends with if the newest sample persists.

    That is the convention of a predicted rate here: each of the samples still to come is taken to
    be like the last one, under the venue's own weights.

    Parameters
    ----------
    samples
        Those so far, oldest first, shape ``(n,)``.
    expected
        Number of samples of the whole interval, >= n.
    """
    values = _checked(samples)
    average = interval_premium(rule, values)
    return projected_from(rule, average, float(values[-1]), values.size / expected, expected)


def projected_from(
    rule: PremiumRule, average: float, newest: float, elapsed: float, expected: int
) -> float:
    """Return the same from the average of the samples so far and the newest of them.

    Parameters
    ----------
    elapsed
        Share of the interval's samples that are seen, above 0 and at most 1.
    """
    if not 0.0 < elapsed <= 1.0:
        raise ConfigError(
            f"elapsed = {elapsed}: write the share of the interval, above 0, at most 1"
        )
    seen = elapsed * expected
    return projected_average(average, newest, seen, float(expected), _rising(rule.weights))


def samples_of(rule: PremiumRule, interval_hours: float) -> int:
    """Return how many samples an interval has.

    >>> samples_of(PremiumRule(method="impact", sample_seconds=60, weights="rising"), 8)
    480
    """
    return max(round(interval_hours * 3_600.0 / rule.sample_seconds), 1)


def _rising(weights: str) -> bool:
    if weights not in RISING:
        raise UnknownName("weights", weights, tuple(RISING))
    return RISING[weights]


def _checked(samples: Floats) -> Floats:
    values = np.ascontiguousarray(samples, dtype=np.float64)
    if values.ndim != 1 or values.size == 0:
        raise MarketDataError("there is no sample of the premium")
    missing = np.flatnonzero(~np.isfinite(values))
    if missing.size:
        raise MarketDataError(
            f"sample {missing[0] + 1} of the premium is {values[missing[0]]}; a missing sample is "
            "never filled"
        )
    return values


def _check_index(index: float) -> None:
    if not index > 0.0:
        raise MarketDataError(f"index = {index}: write a price above zero")
