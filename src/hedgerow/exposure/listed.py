"""Contracts that venues list under a unified symbol: perpetuals, dated futures and options."""

from dataclasses import dataclass, field

from hedgerow.errors import ConfigError
from hedgerow.exposure import checks
from hedgerow.exposure.line import Kind, Line
from hedgerow.market.instrument import DatedSymbol, OptionSymbol, parse_contract


@dataclass(frozen=True, slots=True)
class Perp:
    """A position in a perpetual future.

    Attributes
    ----------
    symbol
        ``BTC/USDT:USDT`` linear, ``BTC/USD:BTC`` inverse.
    size
        In base coin if linear, in quote if inverse; long > 0.
    entry
        Average price of entry; left out, the mark: nothing is unrealised.

    Examples
    --------
    >>> Perp("BTC/USD:BTC", -120_000.0, entry=60_000.0).lines()[0].inverse
    1.0
    """

    symbol: str
    size: float
    entry: float | None = field(default=None, kw_only=True)

    def lines(self) -> tuple[Line, ...]:
        """Return the position as lines of a book."""
        parts = checks.perpetual(self.symbol)
        return (
            Line(
                name=self.symbol,
                kind=Kind.PERP,
                underlying=parts.base,
                size=checks.size(self.symbol, self.size),
                market=self.symbol,
                inverse=checks.settles_inverse(self.symbol, parts),
                paid=0.0,
                entry=checks.entry_price(self.symbol, self.entry),
            ),
        )


@dataclass(frozen=True, slots=True)
class DatedFuture:
    """A position in a future with an expiry, ``BTC/USD:BTC-260327``; see `Perp`.

    Examples
    --------
    >>> DatedFuture("BTC/USDT:USDT-260327", 2.0).lines()[0].underlying
    'BTC'
    """

    symbol: str
    size: float
    entry: float | None = field(default=None, kw_only=True)

    def lines(self) -> tuple[Line, ...]:
        """Return the position as lines of a book."""
        parts = parse_contract(self.symbol)
        if not isinstance(parts, DatedSymbol):
            raise ConfigError(f"{self.symbol} is no dated future; write BTC/USDT:USDT-260327")
        return (
            Line(
                name=self.symbol,
                kind=Kind.FUTURE,
                underlying=parts.underlying.base,
                size=checks.size(self.symbol, self.size),
                market=self.symbol,
                expiry=checks.settlement(parts.expiry),
                inverse=checks.settles_inverse(self.symbol, parts.underlying),
                paid=0.0,
                entry=checks.entry_price(self.symbol, self.entry),
            ),
        )


@dataclass(frozen=True, slots=True)
class Option:
    """A position in a listed option, ``BTC/USD:BTC-260327-100000-C``.

    One that settles in the coin (``:BTC``) has its premium in the coin, one that settles in money
    (``:USDC``) in money.

    Attributes
    ----------
    symbol
        Unified name.
    size
        In base coin, short < 0.

    Examples
    --------
    >>> Option("BTC/USD:BTC-260327-100000-C", -50.0).lines()[0].strike
    100000.0
    """

    symbol: str
    size: float

    def lines(self) -> tuple[Line, ...]:
        """Return the position as lines of a book."""
        parts = parse_contract(self.symbol)
        if not isinstance(parts, OptionSymbol):
            raise ConfigError(f"{self.symbol} is no option; write BTC/USD:BTC-260327-100000-C")
        return (
            Line(
                name=self.symbol,
                kind=Kind.OPTION,
                underlying=parts.underlying.base,
                size=checks.size(self.symbol, self.size),
                expiry=checks.settlement(parts.expiry),
                inverse=checks.settles_inverse(self.symbol, parts.underlying),
                strike=float(parts.strike),
                sign=1.0 if parts.kind == "call" else -1.0,
            ),
        )
