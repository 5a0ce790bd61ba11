"""What a book is valued at: one moment's prices, forwards, volatilities, marks and funding."""

import math
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final, Protocol

import numpy as np

from hedgerow.errors import ConfigError, MarketDataError
from hedgerow.exposure.checks import settlement
from hedgerow.exposure.line import NEVER
from hedgerow.market.chain import Chain
from hedgerow.market.instrument import MONEY
from hedgerow.pricing.carry_edge import FundingOutlook
from hedgerow.units import YEAR, Floats, Times, moment, nanoseconds

Expiry = int | date  # a datetime is a date
Curve = (
    Mapping[int, float] | Mapping[date, float] | Mapping[datetime, float] | Mapping[Expiry, float]
)
"""Numbers by expiry: a day, an aware datetime, or UTC nanoseconds."""


class Smile(Protocol):
    """Volatilities and forwards of one underlying; a fitted surface is one."""

    def volatility(self, strike: Floats, expiry: Times) -> "float | Floats":
        """Return yearly volatilities of rows of living options, NaN where it has none.

        It may raise `MarketDataError` where it has none at all.
        """
        ...

    def forward(self, expiry: Times) -> "float | Floats":
        """Return forwards of rows of expiries to come, NaN where it has none; or raise likewise."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class QuotedSmile:
    """The volatilities and forwards that a venue itself gives, for the options it lists."""

    volatilities: Mapping[tuple[int, float], float]
    forwards: Mapping[int, float]

    @staticmethod
    def of(chain: Chain) -> "QuotedSmile":
        """Return those of a chain of one underlying; of a call and a put, the one quoted first."""
        volatilities: dict[tuple[int, float], float] = {}
        forwards: dict[int, float] = {}
        good = chain.reasons == ""
        rows = zip(
            chain.expiry[good].tolist(),
            chain.strike[good].tolist(),
            chain.mark_volatility[good].tolist(),
            chain.forward[good].tolist(),
            strict=True,
        )
        for expiry, strike, volatility, forward in rows:
            if volatility > 0.0:
                volatilities.setdefault((expiry, strike), volatility)
            if forward > 0.0:
                forwards.setdefault(expiry, forward)
        return QuotedSmile(volatilities, forwards)

    def volatility(self, strike: Floats, expiry: Times) -> Floats:
        """Return yearly volatilities of rows of options, NaN where none is listed."""
        asked = zip(np.atleast_1d(expiry).tolist(), np.atleast_1d(strike).tolist(), strict=True)
        return np.array([self.volatilities.get(one, math.nan) for one in asked], dtype=np.float64)

    def forward(self, expiry: Times) -> Floats:
        """Return forwards of rows of expiries, NaN where none is listed."""
        asked = np.atleast_1d(expiry).tolist()
        return np.array([self.forwards.get(one, math.nan) for one in asked], dtype=np.float64)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MarketView:
    """One moment's market, as far as a book needs it.

    What is missing makes the positions that need it invalid, each by name; the rest counts.

    Attributes
    ----------
    time
        An aware datetime.
    spot
        Price of each coin, quote per base, the index of its contracts; money is worth 1 where it
        is left out.
    forwards
        For each coin, the forward of each expiry: a day (contracts settle at 08:00 UTC), an aware
        datetime or UTC nanoseconds. Where one is left out, that of the coin's smile.
    volatility
        For each coin a `Smile` or one number; for a position's name a number that goes before.
        What has no expiry reads a smile after one period of its funding: an everlasting option at
        its strike, a power perpetual at spot.
    marks
        Price of perpetuals, dated futures, funding swaps (the rate) and volatility futures, by
        name. A future without one is marked at the forward.
    funding
        A fraction of the notional a year, of each perpetual's symbol; a `FundingOutlook` gives
        swaps its average until their expiry.
    rate
        Of money, a year, continuously compounded: discounts options that settle in money. None
        where the venue does not discount.
    coin_rates
        Of coins, for contracts that funding holds to their payoff; 0 where left out.
    now
        The time in UTC nanoseconds.
    """

    time: datetime
    spot: Mapping[str, float]
    forwards: Mapping[str, Curve] = field(default_factory=dict)
    volatility: "Mapping[str, Smile | float]" = field(default_factory=dict)
    marks: Mapping[str, float] = field(default_factory=dict)
    funding: "Mapping[str, float | FundingOutlook]" = field(default_factory=dict)
    rate: float | None = None
    coin_rates: Mapping[str, float] = field(default_factory=dict)
    now: int = field(init=False)
    _lines: "Mapping[str, tuple[Times, Floats]]" = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if self.time.tzinfo is None:
            raise ConfigError(f"time {self.time}: give it a zone, such as UTC")
        _refuse("spot", self.spot, above=0.0)
        for coin, curve in self.forwards.items():
            _refuse(f"forward of {coin}", curve, above=0.0)
        flat = {name: one for name, one in self.volatility.items() if isinstance(one, int | float)}
        _refuse("volatility", flat, above=0.0)
        rates = {name: one for name, one in self.funding.items() if isinstance(one, int | float)}
        _refuse("mark", self.marks)
        _refuse("funding", rates)
        _refuse("coin rate", self.coin_rates)
        if self.rate is not None:
            _refuse("rate", {"money": self.rate})
        curves = {coin: _by_time(curve) for coin, curve in self.forwards.items()}
        object.__setattr__(self, "forwards", curves)
        object.__setattr__(self, "now", nanoseconds(self.time))
        object.__setattr__(self, "_lines", {coin: _line(curve) for coin, curve in curves.items()})

    @staticmethod
    def of_chain(
        chain: Chain,
        *,
        surfaces: "Mapping[str, Smile] | None" = None,
        marks: "Mapping[str, float] | None" = None,
        funding: "Mapping[str, float | FundingOutlook] | None" = None,
        rate: float | None = None,
    ) -> "MarketView":
        """Return the view of a snapshot of option quotes.

        Parameters
        ----------
        surfaces
            Fitted to the chain, by underlying; where left out the venue's own volatilities are
            taken, of the options that it lists.
        """
        given: Mapping[str, Smile] = {} if surfaces is None else surfaces
        smiles = {name: QuotedSmile.of(chain.only(name)) for name in chain.underlyings}
        return MarketView(
            time=moment(chain.time),
            spot=chain.index,
            forwards={name: dict(smile.forwards) for name, smile in smiles.items()},
            volatility={**smiles, **given},
            marks={} if marks is None else marks,
            funding={} if funding is None else funding,
            rate=rate,
        )

    def spot_of(self, asset: str) -> float:
        """Return a price, 1 for money without one, NaN for an unknown coin."""
        return self.spot.get(asset, 1.0 if asset in MONEY else math.nan)

    def moves(self, asset: str) -> bool:
        """Return whether an asset has a price that can move: all but money without one."""
        return asset in self.spot or asset not in MONEY

    def line_of(self, coin: str) -> tuple[Times, Floats]:
        """Return the expiries of a coin's forwards, rising, and the forwards; ended by a NaN."""
        return self._lines.get(coin, _NO_LINE)

    def forwards_of(self, coin: str, expiry: Times) -> Floats:
        """Return the forwards of expiries, NaN where unknown."""
        times, prices = self.line_of(coin)
        at = np.searchsorted(times, expiry)
        found = np.asarray(prices[at], dtype=np.float64)
        found[times[at] != expiry] = np.nan
        if not np.isnan(found.sum()):
            return found
        smile = self.volatility.get(coin)
        lacking = np.isnan(found) & (expiry > self.now)
        if lacking.any() and smile is not None and not isinstance(smile, int | float):
            found[lacking] = _asked(smile.forward, expiry[lacking])
        return found

    def volatilities_of(self, coin: str, strike: Floats, expiry: Times) -> Floats:
        """Return the volatilities of options on a coin, NaN where unknown."""
        smile = self.volatility.get(coin, math.nan)
        if isinstance(smile, int | float):
            return np.full(strike.size, float(smile))
        found = np.full(strike.size, np.nan)
        living = expiry > self.now
        if living.any():
            found[living] = _asked(smile.volatility, expiry[living], strike[living])
        return found

    def own_volatilities(self, coins: Collection[str]) -> dict[str, float]:
        """Return the volatilities that are given for positions, not for coins, by name."""
        return {
            name: float(found)
            for name, found in self.volatility.items()
            if name not in coins and isinstance(found, int | float)
        }

    def funding_now(self, symbol: str) -> float:
        """Return a perpetual's funding now, a year; NaN if unknown."""
        found = self.funding.get(symbol, math.nan)
        return found.now if isinstance(found, FundingOutlook) else float(found)

    def funding_until(self, symbol: str, years: float) -> float:
        """Return a perpetual's funding on average until then, a year; NaN if unknown."""
        found = self.funding.get(symbol, math.nan)
        if isinstance(found, FundingOutlook):
            return float(found.average(max(years, 0.0))[0])
        return float(found)

    def years_to(self, expiry: Times) -> Floats:
        """Return the years from now to instants."""
        return np.asarray((expiry - self.now) / YEAR, dtype=np.float64)


def _asked(
    ask: "Callable[..., float | Floats]", expiry: Times, strike: Floats | None = None
) -> Floats:
    """Return what a smile says of living expiries; NaN of those at which it refuses."""
    before = () if strike is None else (strike,)
    with suppress(ConfigError, MarketDataError):
        return np.asarray(ask(*before, expiry), dtype=np.float64)
    found = np.full(expiry.size, np.nan)
    for one in np.unique(expiry):
        here = expiry == one
        with suppress(ConfigError, MarketDataError):
            found[here] = ask(*(column[here] for column in before), expiry[here])
    return found


_NO_LINE: Final = (np.array([NEVER], dtype=np.int64), np.array([math.nan]))


def _line(curve: Mapping[int, float]) -> tuple[Times, Floats]:
    """Return a curve's times, sorted, and prices, with an end that nothing is beyond."""
    times = np.fromiter(curve, np.int64, len(curve))
    prices = np.fromiter(curve.values(), np.float64, len(curve))
    order = np.argsort(times)
    return np.append(times[order], NEVER), np.append(prices[order], math.nan)


def _by_time(curve: Curve) -> dict[int, float]:
    return {_instant(expiry): float(forward) for expiry, forward in curve.items()}


def _instant(expiry: Expiry) -> int:
    if type(expiry) is date:
        return settlement(expiry)
    if isinstance(expiry, datetime):
        if expiry.tzinfo is None:
            raise ConfigError(f"expiry {expiry}: give the time a zone, such as UTC")
        return nanoseconds(expiry)
    return settlement(expiry) if isinstance(expiry, date) else int(expiry)


def _refuse(what: str, numbers: Mapping[str, float] | Curve, above: float = -math.inf) -> None:
    if all(above < value < math.inf for value in numbers.values()):
        return
    for name, value in numbers.items():
        if not above < value < math.inf:
            need = "a number above 0" if above == 0.0 else "a finite number"
            raise ConfigError(f"{what} of {name} = {value}; write {need}, or leave it out")
