"""The mark price by the rule that a venue's table names."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np

from hedgerow.errors import MarketDataError, UnknownName
from hedgerow.kernels.mark import funding_price, median_of_three, smoothed
from hedgerow.market.venue import MarkRule
from hedgerow.units import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkInputs:
    """What a mark price is made of; NaN where it is not known.

    Attributes
    ----------
    index
        Price of the index or of the oracle, quote per base.
    last, bid, ask
        Of the perpetual itself.
    basis
        The perpetual's price less the index, averaged as the rule says, quote per base.
    funding_rate, hours_to_funding, interval_hours
        The rate of the next settlement, and how far off it is.
    elsewhere
        Median of other venues' prices of the same perpetual.
    """

    index: float
    last: float = math.nan
    bid: float = math.nan
    ask: float = math.nan
    basis: float = math.nan
    funding_rate: float = math.nan
    hours_to_funding: float = math.nan
    interval_hours: float = math.nan
    elsewhere: float = math.nan

    def funded(self) -> float:
        """Return the index and the part of the next funding still to come."""
        return funding_price(
            self.index, self.funding_rate, self.hours_to_funding, self.interval_hours
        )


def _median_of_three(given: MarkInputs) -> float:
    return median_of_three(given.funded(), given.index + given.basis, given.last)


def _oracle_median(given: MarkInputs) -> float:
    own = median_of_three(given.bid, given.ask, given.last)
    return median_of_three(given.index + given.basis, own, given.elsewhere)


FUNDING_INPUTS: Final = ("funding_rate", "hours_to_funding", "interval_hours")
Formula = tuple[Callable[[MarkInputs], float], tuple[str, ...]]
RULES: Final[Mapping[str, Formula]] = MappingProxyType(
    {
        "median_of_three": (_median_of_three, ("last", "basis", *FUNDING_INPUTS)),
        "index_basis": (lambda given: given.index + given.basis, ("basis",)),
        "index_ema": (lambda given: given.index + given.basis, ("basis",)),
        "funding_basis": (MarkInputs.funded, FUNDING_INPUTS),
        "oracle_median": (_oracle_median, ("basis", "bid", "ask", "last", "elsewhere")),
        "oracle": (lambda given: given.index, ()),
    }
)


def mark_price(rule: MarkRule, given: MarkInputs) -> float:
    """Return the mark that `rule` makes of its inputs.

    ``median_of_three``
        Of the index with the funding still to come, the index with the average basis, and the
        last price.
    ``index_basis``, ``index_ema``
        The index with the average basis, plain or exponentially weighted.
    ``funding_basis``
        The index with the part of the next funding still to come.
    ``oracle_median``
        Of the oracle with the average basis, the perpetual's own middle, and other venues.
    ``oracle``
        The oracle itself.

    Raises
    ------
    UnknownName
        If no rule is called what the table says.
    MarketDataError
        If a price that the rule needs is missing.
    """
    if rule.method not in RULES:
        raise UnknownName("mark method", rule.method, tuple(RULES))
    formula, needed = RULES[rule.method]
    for name in ("index", *needed):
        value = getattr(given, name)
        if not math.isfinite(value):
            raise MarketDataError(
                f"mark method {rule.method!r}: {name} = {value}; give it, it is never filled"
            )
    return formula(given)


def average_basis(rule: MarkRule, basis: Floats, step_seconds: float) -> float:
    """Return the average of the perpetual's price less the index, as `rule` averages it.

    Plain over the window, but exponentially weighted with the window as its decay time for
    ``index_ema`` and ``oracle_median``.

    Parameters
    ----------
    basis
        Samples `step_seconds` apart, oldest first, shape ``(n,)``.
    """
    values = np.ascontiguousarray(basis, dtype=np.float64)
    if values.size == 0 or not np.isfinite(values).all():
        raise MarketDataError("the basis has no sample, or one that is missing")
    if rule.method in {"index_ema", "oracle_median"}:
        return smoothed(values, step_seconds, float(rule.window_seconds))
    window = max(round(rule.window_seconds / step_seconds), 1)
    return float(np.mean(values[-window:]))
