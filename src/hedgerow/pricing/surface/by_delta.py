"""A smile by delta: at the money, and the wings as markets quote them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

import numpy as np

from hedgerow.errors import ConfigError
from hedgerow.pricing.surface.arbitrage import Smile
from hedgerow.pricing.surface.crossing import crossing
from hedgerow.units import Floats

REACH: Final = 12.0  # standard deviations of the money: no wanted delta lies farther out
NORMAL: Final = NormalDist()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeltaQuotes:
    """What a trader calls a smile; yearly volatilities, NaN where the smile does not reach.

    Attributes
    ----------
    at_the_money
        At the forward.
    put, call
        At the put and at the call of the delta.
    """

    at_the_money: float
    put: float
    call: float

    @property
    def risk_reversal(self) -> float:
        """The call's volatility less the put's."""
        return self.call - self.put

    @property
    def butterfly(self) -> float:
        """What both wings' mean lies above the money."""
        return 0.5 * (self.call + self.put) - self.at_the_money


def places_of_delta(smile: Smile, deltas: Sequence[float]) -> Floats:
    r"""Return the logarithms of strike over forward at which calls have the wanted deltas.

    A put of -0.25 stands where the call has 0.75. On a smile without arbitrage
    :math:`d_1(k) = -k / \sqrt{w} + \sqrt{w} / 2` falls, so each is there once; NaN where the
    smile does not reach it.

    Parameters
    ----------
    smile
        A slice's.
    deltas
        Of calls, Black's without discount, between 0 and 1.

    References
    ----------
    Fukasawa, M. (2012). The normalizing transformation of the implied volatility smile.
    Mathematical Finance 22, 753-762.
    """
    if not all(0.0 < delta < 1.0 for delta in deltas):
        raise ConfigError("a call's delta lies between 0 and 1; a put of -0.25 is a call of 0.75")
    wanted = np.array([NORMAL.inv_cdf(delta) for delta in deltas])
    reach = REACH * math.sqrt(float(smile.variance(0.0)[0]))
    low, high = np.full(wanted.size, -reach), np.full(wanted.size, reach)
    there = (_first(smile, low) >= wanted) & (_first(smile, high) <= wanted)
    found = crossing(lambda k: wanted - _first(smile, k), low, high)
    return np.where(there, found, np.nan)


def volatilities_of_delta(smile: Smile, years: float, deltas: Sequence[float]) -> Floats:
    """Return yearly volatilities at calls' deltas: see `places_of_delta`."""
    places = places_of_delta(smile, deltas)
    safe = np.where(np.isnan(places), 0.0, places)
    found = np.sqrt(np.maximum(smile.variance(safe), 0.0) / years)
    return np.where(np.isnan(places), np.nan, found)


def delta_quotes(smile: Smile, years: float, delta: float = 0.25) -> DeltaQuotes:
    """Return a smile's volatility at the money and at the put and the call of one delta.

    Examples
    --------
    >>> from hedgerow.pricing.surface.vanna_volga import VannaVolga
    >>> smile = VannaVolga(years=0.25, put=0.645, middle=0.6, call=0.595)
    >>> found = delta_quotes(smile, 0.25)
    >>> round(found.risk_reversal, 4), round(found.put, 4)
    (-0.05, 0.645)
    """
    put, call = volatilities_of_delta(smile, years, (1.0 - delta, delta))
    money = math.sqrt(max(float(smile.variance(0.0)[0]), 0.0) / years)
    return DeltaQuotes(at_the_money=money, put=float(put), call=float(call))


def _first(smile: Smile, k: Floats) -> Floats:
    root = np.sqrt(np.maximum(smile.variance(k), 1e-300))
    return np.asarray(0.5 * root - k / root, np.float64)
