r"""Vanna-volga: a smile through three volatilities, by what it costs to hedge vega and its slopes.

An option is worth its price at the middle volatility plus what its hedge in three pivots costs
above it; the hedge has the option's vega, vanna and volga. Far from the pivots the method gives
arbitrage: a fitted smile goes straight on, in total variance, from where it would begin.

References
----------
Castagna, A. and Mercurio, F. (2007). The vanna-volga method for implied volatilities. Risk,
January 2007, 106-111.
"""

import math
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from hedgerow.errors import ConfigError
from hedgerow.kernels.black76 import black76_value
from hedgerow.pricing.surface.arbitrage import butterfly
from hedgerow.pricing.surface.clean import Quotes
from hedgerow.pricing.surface.expiry import Expiry
from hedgerow.units import Bools, Floats

QUARTER_DELTA: Final = 0.67448975019608174  # d1 of a delta of 1/4: the normal quantile of 3/4
ROUNDS: Final = 30
STEP: Final = 1e-4  # of k, for slopes
LEAST: Final = 1e-3  # volatility below which the second order is not believed
REACH: Final = 3.0  # standard deviations of the money within which wings may begin
CUTS: Final = 121
FAR: Final = 4.0  # of ln(K/F): where a wing has come to its own
MOST_SLOPE: Final = 1.98  # of a wing in total variance; above 2 moments are gone (Lee 2004)


@dataclass(frozen=True, slots=True, kw_only=True)
class VannaVolga:
    """A smile through a put of delta 1/4, the straddle without delta and a call of delta 1/4.

    Attributes
    ----------
    years
        To expiry.
    put, middle, call
        Volatilities at the three.
    low, high
        Logarithms of strike over forward beyond which total variance goes straight on; none as it
        stands, `with_wings` finds them.

    Examples
    --------
    >>> smile = VannaVolga.from_quotes(
    ...     years=0.25, at_the_money=0.6, risk_reversal=-0.05, butterfly=0.02
    ... )
    >>> [round(smile.second_order(ratio), 6) for ratio in smile.ratios]
    [0.645, 0.6, 0.595]
    """

    years: float
    put: float
    middle: float
    call: float
    low: float = -math.inf
    high: float = math.inf

    def __post_init__(self) -> None:
        for name in ("years", "put", "middle", "call"):
            value = getattr(self, name)
            if not 0.0 < value < math.inf:
                raise ConfigError(f"{name} = {value:g}: it is above 0; 0.6 is 60 % a year")
        low, centre, high = self.ratios
        if not low < centre < high:
            raise ConfigError(
                "the three strikes of a vanna-volga smile must rise; its wings are too far apart"
            )

    @classmethod
    def from_quotes(
        cls, *, years: float, at_the_money: float, risk_reversal: float, butterfly: float
    ) -> "VannaVolga":
        """Return the smile of a straddle, a risk reversal and a butterfly as markets quote them."""
        return cls(
            years=years,
            put=at_the_money + butterfly - 0.5 * risk_reversal,
            middle=at_the_money,
            call=at_the_money + butterfly + 0.5 * risk_reversal,
        )

    @property
    def volatilities(self) -> tuple[float, float, float]:
        """At the three pivots, from the left."""
        return self.put, self.middle, self.call

    @property
    def ratios(self) -> tuple[float, float, float]:
        """The pivots' strikes over the forward, from the left; deltas without premium."""
        root = math.sqrt(self.years)
        put, middle, call = (one * root for one in self.volatilities)
        return (
            math.exp(-QUARTER_DELTA * put + 0.5 * put * put),
            math.exp(0.5 * middle * middle),
            math.exp(QUARTER_DELTA * call + 0.5 * call * call),
        )

    def _shares(self, ratio: float) -> tuple[float, float, float]:
        """Return the weights of the three volatilities in the first order."""
        first, second, third = (math.log(one) for one in self.ratios)
        k = math.log(ratio)
        return (
            (second - k) * (third - k) / ((second - first) * (third - first)),
            (k - first) * (third - k) / ((second - first) * (third - second)),
            (k - first) * (k - second) / ((third - first) * (third - second)),
        )

    def _vega(self, ratio: float) -> float:
        total = self.middle * math.sqrt(self.years)
        d1 = -math.log(ratio) / total + 0.5 * total
        return math.exp(-0.5 * d1 * d1)  # but for a factor that all strikes share

    def weights(self, ratio: float) -> Floats:
        """Return how many of each pivot's options hedge one of strike `ratio`, ``(3,)``."""
        vegas = [self._vega(one) for one in self.ratios]
        mine = self._vega(ratio)
        return np.array(
            [mine / vega * share for vega, share in zip(vegas, self._shares(ratio), strict=True)]
        )

    def call_price(self, ratio: float) -> float:
        """Return what a call is worth, over the forward."""
        found = black76_value(1.0, ratio, self.middle, self.years, 1.0)
        pivots = zip(self.weights(ratio), self.ratios, self.volatilities, strict=True)
        for weight, strike, volatility in pivots:
            quoted = black76_value(1.0, strike, volatility, self.years, 1.0)
            flat = black76_value(1.0, strike, self.middle, self.years, 1.0)
            found += float(weight) * (quoted - flat)
        return found

    def first_order(self, ratio: float) -> float:
        """Return the volatility to first order.

        References
        ----------
        Castagna and Mercurio (2007), equation 12.
        """
        shares = self._shares(ratio)
        return sum(
            share * volatility for share, volatility in zip(shares, self.volatilities, strict=True)
        )

    def second_order(self, ratio: float) -> float:
        """Return the volatility to second order; to first, where that has no root above 0.

        References
        ----------
        Castagna and Mercurio (2007), equation 14.
        """
        return float(self._second_order(np.array([math.log(ratio)]))[0][0])

    def _second_order(self, k: Floats) -> tuple[Floats, Bools]:
        """Return volatilities, and where the second order has a root that is believed."""
        flat, root = self.middle, math.sqrt(self.years)
        first, second, third = (math.log(one) for one in self.ratios)
        left = (second - k) * (third - k) / ((second - first) * (third - first))
        right = (k - first) * (k - second) / ((third - first) * (third - second))
        centre = (k - first) * (third - k) / ((second - first) * (third - second))
        by_first = left * self.put + centre * flat + right * self.call

        def bend(at: "float | Floats") -> "float | Floats":
            d1 = -at / (flat * root) + 0.5 * flat * root
            return d1 * (d1 - flat * root)

        off = by_first - flat
        curved = left * bend(first) * (self.put - flat) ** 2
        curved = curved + right * bend(third) * (self.call - flat) ** 2
        product = np.asarray(bend(k), np.float64)
        inside = flat * flat + product * (2.0 * flat * off + curved)
        straight = np.abs(product) < 1e-9
        safe = np.where(straight, 1.0, product)
        found = np.where(
            straight,
            by_first + 0.5 * curved / flat,
            np.where(
                inside > 0.0, flat + (np.sqrt(np.maximum(inside, 0.0)) - flat) / safe, by_first
            ),
        )
        believed = (straight | (inside > 0.0)) & (found > LEAST)
        return np.maximum(np.where(found > 0.0, found, by_first), LEAST), believed

    def variance(self, k: "float | Floats") -> Floats:
        """Return total variance by the second order, straight beyond `low` and `high`, ``(n,)``."""
        at = np.atleast_1d(np.asarray(k, dtype=np.float64))
        if self.low == -math.inf and self.high == math.inf:
            return self._plain(at)
        found = self._plain(np.clip(at, self.low, self.high))
        for edge, beyond in ((self.low, at < self.low), (self.high, at > self.high)):
            if beyond.any():
                found[beyond] += self._wing(edge) * (at[beyond] - edge)
        return found

    def rows(self, k: "float | Floats") -> Floats:
        """Return total variance and, by differences, its two derivatives by `k`, ``(3, n)``."""
        at = np.atleast_1d(np.asarray(k, dtype=np.float64))
        inside = (at >= self.low) & (at <= self.high)
        found = np.array([self.variance(at), np.zeros(at.size), np.zeros(at.size)])
        found[1:, inside] = self._slopes(at[inside])
        found[1, at < self.low] = self._wing(self.low)
        found[1, at > self.high] = self._wing(self.high)
        return found

    def _plain(self, k: Floats) -> Floats:
        return np.asarray(np.square(self._second_order(k)[0]) * self.years, np.float64)

    def _slopes(self, k: Floats) -> Floats:
        low, here, high = (self._plain(k + side * STEP) for side in (-1.0, 0.0, 1.0))
        return np.array([(high - low) / (2.0 * STEP), (high - 2.0 * here + low) / STEP**2])

    def _wing(self, edge: float) -> float:
        """Return the slope of a wing: the smile's own there, but never down and away."""
        if not math.isfinite(edge):
            return 0.0
        slope = float(self._slopes(np.array([edge]))[0, 0])
        return max(slope, 0.0) if edge >= 0.0 else min(slope, 0.0)

    def with_wings(self) -> "VannaVolga | None":
        """Return the smile with wings as far out as no butterfly arbitrage allows, else None."""
        reach = REACH * self.middle * math.sqrt(self.years)
        edges = [self._edge(side * reach) for side in (-1.0, 1.0)]
        if edges[0] is None or edges[1] is None:
            return None
        return replace(self, low=edges[0], high=edges[1])

    def _edge(self, reach: float) -> "float | None":
        """Return where a wing begins: the farthest place from which it and all before are free."""
        cuts = np.linspace(0.0, reach, CUTS)
        w, (slope, curve) = self._plain(cuts), self._slopes(cuts)
        # Where the root ends the smile jumps: nothing beyond counts, however smooth it looks.
        believed = self._second_order(cuts)[1]
        free = np.logical_and.accumulate(believed & (butterfly(cuts, w, slope, curve) > 0.0))
        outward = math.copysign(1.0, reach)
        # A wing may rise more steeply than the smile before it, which is worth something, not less.
        wing = outward * np.maximum(outward * slope, 0.0)
        beyond = np.linspace(0.0, 1.0, CUTS)[:, None] ** 2 * outward * FAR
        far = butterfly(cuts + beyond, w + wing * beyond, np.broadcast_to(wing, (CUTS, CUTS)), 0.0)
        good = free & (np.abs(wing) < MOST_SLOPE) & (far > 0.0).all(axis=0)
        return float(cuts[np.flatnonzero(good)[-1]]) if good.any() else None


def fit_pivots(quotes: Quotes, expiry: Expiry) -> VannaVolga | None:
    """Return the smile through one expiry's quotes at the three pivots, straight between quotes.

    None where the pivots' strikes do not rise, or where even the smile between them would let in
    an arbitrage: volatilities too wild for the method.
    """
    used = expiry.used
    order = np.argsort(quotes.k[used], kind="stable")
    k, volatility = quotes.k[used][order], quotes.middle[used][order]
    weight = expiry.weights[order]
    _, start = np.unique(quotes.chain.strike[used][order], return_index=True)
    total = np.add.reduceat(weight, start)
    at = np.add.reduceat(weight * k, start) / total
    level = np.add.reduceat(weight * volatility, start) / total
    found = np.full(3, float(np.interp(0.0, at, level)))
    try:
        for _ in range(ROUNDS):
            smile = _through(found, expiry.years)
            found = 0.5 * (found + np.interp(np.log(smile.ratios), at, level))
        return _through(found, expiry.years).with_wings()
    except ConfigError:
        return None


def _through(found: Floats, years: float) -> VannaVolga:
    put, middle, call = (float(one) for one in found)
    return VannaVolga(years=years, put=put, middle=middle, call=call)
