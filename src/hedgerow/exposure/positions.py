"""What a book can hold beside coins: contracts, liquidity, and coins to come."""

import math
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from hedgerow.errors import ConfigError
from hedgerow.exposure import checks
from hedgerow.exposure.flow import Flow
from hedgerow.exposure.line import Kind, Line
from hedgerow.exposure.listed import DatedFuture, Option, Perp
from hedgerow.market.instrument import MONEY, parse_symbol
from hedgerow.units import nanoseconds

__all__ = [
    "DatedFuture",
    "Everlasting",
    "FundingSwap",
    "Option",
    "Perp",
    "PoolPosition",
    "Position",
    "PowerPerp",
    "Schedule",
    "VolatilityFuture",
    "coming",
]

Side = Literal["call", "put"]


@dataclass(frozen=True, slots=True)
class Everlasting:
    """A position in an option without expiry, which pays its funding in money.

    Attributes
    ----------
    underlying
        A coin.
    size
        In base coin, short < 0.
    strike, kind
        Of the payoff.
    funding_years
        The period over which price less payoff is paid once; a day is 1/365.
    entry
        The price it was entered at, where only gains are settled; left out, the mark.
    paid
        Whether its price was paid up front, so that it is worth its price.
    """

    underlying: str
    size: float
    strike: float = field(kw_only=True)
    kind: Side = field(default="call", kw_only=True)
    funding_years: float = field(default=1.0 / 365.0, kw_only=True)
    entry: float | None = field(default=None, kw_only=True)
    paid: bool = field(default=False, kw_only=True)

    @property
    def name(self) -> str:
        """What it is called, ``BTC everlasting 60000-C``."""
        return f"{self.underlying} everlasting {self.strike:g}-{self.kind[:1].upper()}"

    def lines(self) -> tuple[Line, ...]:
        """Return the position as lines of a book."""
        if self.kind not in {"call", "put"}:
            raise ConfigError(f"{self.underlying}: kind = {self.kind!r}; write call or put")
        return (
            Line(
                name=self.name,
                kind=Kind.EVERLASTING,
                underlying=checks.coin(self.underlying),
                size=checks.size(self.name, self.size),
                paid=float(self.paid),
                entry=checks.entry_price(self.name, self.entry),
                strike=checks.above_zero(self.name, "strike", self.strike),
                sign=1.0 if self.kind == "call" else -1.0,
                period=checks.above_zero(self.name, "funding_years", self.funding_years),
            ),
        )


@dataclass(frozen=True, slots=True)
class PowerPerp:
    """A position in a perpetual on a power of the price.

    Attributes
    ----------
    underlying
        A coin.
    size
        In contracts on ``spot ** power``, short < 0. A squeeth is ``norm / 10_000`` of one.
    power, funding_years
        See `pricing.power.power_perpetual`.
    entry, paid
        As of `Everlasting`; a squeeth is paid for. One that is margined is not discounted.
    """

    underlying: str
    size: float
    power: float = field(default=2.0, kw_only=True)
    funding_years: float = field(default=17.5 / 365.0, kw_only=True)
    entry: float | None = field(default=None, kw_only=True)
    paid: bool = field(default=False, kw_only=True)

    @property
    def name(self) -> str:
        """What it is called, ``ETH^2``."""
        return f"{self.underlying}^{self.power:g}"

    def lines(self) -> tuple[Line, ...]:
        """Return the position as lines of a book."""
        return (
            Line(
                name=self.name,
                kind=Kind.POWER,
                underlying=checks.coin(self.underlying),
                size=checks.size(self.name, self.size),
                paid=float(self.paid),
                entry=checks.entry_price(self.name, self.entry),
                period=checks.above_zero(self.name, "funding_years", self.funding_years),
                power=checks.finite(self.name, "power", self.power),
            ),
        )


@dataclass(frozen=True, slots=True)
class PoolPosition:
    """Liquidity of one's own in an automated market maker of a coin and money.

    Attributes
    ----------
    pair
        ``ETH/USDC``.
    liquidity
        L of the range; of a pool without ranges the root of coins times cash.
    lower, upper
        Prices between which it lies.
    fees
        What it earns, as a fraction of its worth a year.
    """

    pair: str
    liquidity: float
    lower: float = field(default=0.0, kw_only=True)
    upper: float = field(default=math.inf, kw_only=True)
    fees: float = field(default=0.0, kw_only=True)

    def lines(self) -> tuple[Line, ...]:
        """Return the position as lines of a book."""
        parts = parse_symbol(self.pair)
        if not parts.is_spot or parts.quote not in MONEY or parts.base in MONEY:
            raise ConfigError(f"pool {self.pair}: write a coin and money, such as ETH/USDC")
        name = f"{self.pair} pool"
        if not 0.0 <= self.lower < self.upper:
            raise ConfigError(
                f"{name}: lower = {self.lower:g}, upper = {self.upper:g}; a range has "
                "0 <= lower < upper"
            )
        return (
            Line(
                name=name,
                kind=Kind.POOL,
                underlying=parts.base,
                size=checks.above_zero(name, "liquidity", self.liquidity),
                low=self.lower,
                high=self.upper,
                rate=checks.finite(name, "fees", self.fees),
            ),
        )


@dataclass(frozen=True, slots=True)
class Schedule:
    """Coins or money that come, or go, at known times: mined, vested, invoiced.

    A coin that comes later is a coin now: its price moves the book all the same. It stands in the
    bucket of its time.

    Attributes
    ----------
    asset
        Coin or money.
    flows
        Each with its time and its amount, received > 0; those in the past count for nothing.
    expected
        What fraction of the amounts is to be counted on: 1 if they are certain.

    Examples
    --------
    >>> from datetime import UTC
    >>> vesting = Flow(time=datetime(2026, 6, 1, tzinfo=UTC), amount=100.0)
    >>> [line.size for line in Schedule("ETH", [vesting], expected=0.9).lines()]
    [90.0]
    """

    asset: str
    flows: "tuple[Flow, ...] | list[Flow]"
    expected: float = field(default=1.0, kw_only=True)

    def lines(self) -> tuple[Line, ...]:
        """Return one line a flow."""
        if not 0.0 < self.expected <= 1.0:
            raise ConfigError(
                f"{self.asset}: expected = {self.expected:g}; write a fraction above 0, at most 1"
            )
        return tuple(coming(self.asset, flow, self.expected, 0.0) for flow in self.flows)


@dataclass(frozen=True, slots=True)
class FundingSwap:
    """A swap of a perpetual's funding against a fixed rate.

    Attributes
    ----------
    symbol
        The perpetual whose funding is paid.
    size
        In base coins; long > 0 receives the funding and pays the fixed rate.
    fixed
        The rate, a fraction of the notional a year.
    expiry
        When it ends.
    """

    symbol: str
    size: float
    fixed: float = field(kw_only=True)
    expiry: datetime = field(kw_only=True)

    @property
    def name(self) -> str:
        """What it is called, ``BTC/USDT:USDT funding 260327``."""
        return f"{self.symbol} funding {self.expiry:%y%m%d}"

    def lines(self) -> tuple[Line, ...]:
        """Return the position as lines of a book."""
        parts = checks.perpetual(self.symbol)
        return (
            Line(
                name=self.name,
                kind=Kind.SWAP,
                underlying=parts.base,
                size=checks.size(self.name, self.size),
                market=self.symbol,
                expiry=checks.instant(self.name, self.expiry),
                rate=checks.finite(self.name, "fixed", self.fixed),
            ),
        )


@dataclass(frozen=True, slots=True)
class VolatilityFuture:
    """A future on a volatility index, settled in money.

    Attributes
    ----------
    underlying
        The coin whose volatility it is.
    size
        Quote per 1.00 of volatility, long > 0: at 1,000, a point earns 10.
    expiry
        When it ends.
    entry
        The volatility it was entered at, 0.6 for 60; left out, the mark.
    """

    underlying: str
    size: float
    expiry: datetime = field(kw_only=True)
    entry: float | None = field(default=None, kw_only=True)

    @property
    def name(self) -> str:
        """What it is called, ``BTC volatility 260327``: the name of its mark."""
        return f"{self.underlying} volatility {self.expiry:%y%m%d}"

    def lines(self) -> tuple[Line, ...]:
        """Return the position as lines of a book."""
        return (
            Line(
                name=self.name,
                kind=Kind.VOLATILITY,
                underlying=checks.coin(self.underlying),
                size=checks.size(self.name, self.size),
                market=self.name,
                expiry=checks.instant(self.name, self.expiry),
                paid=0.0,
                entry=checks.entry_price(self.name, self.entry),
            ),
        )


Position = (
    Perp
    | DatedFuture
    | Option
    | Everlasting
    | PowerPerp
    | PoolPosition
    | Schedule
    | FundingSwap
    | VolatilityFuture
)


def coming(asset: str, flow: Flow, share: float = 1.0, stays: float = 1.0) -> Line:
    """Return a flow as a line: `share` of its amount, at its time.

    `stays` is 1 if it counts when its time has passed, 0 if it is spoken for elsewhere then.
    """
    return Line(
        name=f"{asset} due {flow.time:%y%m%d}",
        kind=Kind.COIN,
        underlying=asset,
        size=share * flow.amount,
        expiry=nanoseconds(flow.time),
        paid=stays,
    )
