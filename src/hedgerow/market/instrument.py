"""What is traded: a spot pair, a perpetual future or an option, as its venue lists it."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, Decimal
from enum import StrEnum
from typing import Final

from hedgerow.errors import ConfigError, OrderRefused

MONEY: Final = frozenset(
    {"USD", "USDT", "USDC", "BUSD", "FDUSD", "TUSD", "DAI", "USDE", "USDS", "PYUSD"}
)  # currencies that are worth a dollar: one of them may settle what another quotes

_SYMBOL = re.compile(r"^([A-Z0-9]{1,20})/([A-Z0-9]{1,20})(?::([A-Z0-9]{1,20}))?$")
_DATED = re.compile(r"^(.+)-(\d{6})(?:-(\d+(?:\.\d+)?)-([CP]))?$")


class Settlement(StrEnum):
    """The currency in which profit and loss is paid."""

    LINEAR = "linear"  # paid in quote: pnl = size * (exit - entry)
    INVERSE = "inverse"  # paid in base: pnl = face * (1/entry - 1/exit)
    QUANTO = "quanto"  # paid in a third coin: pnl = contracts * multiplier * (exit - entry)


@dataclass(frozen=True, slots=True, kw_only=True)
class Symbol:
    """A unified symbol taken apart: ``BASE/QUOTE`` or ``BASE/QUOTE:SETTLE``."""

    base: str
    quote: str
    settle: str | None

    @property
    def is_spot(self) -> bool:
        """Whether this names a spot pair."""
        return self.settle is None

    @property
    def settlement(self) -> Settlement:
        """Linear if it settles in money, inverse if in the base coin, else quanto.

        Money that settles what other money quotes (BTC/USD:USDC) is linear.
        """
        if self.settle == self.base:
            return Settlement.INVERSE
        if self.settle in (None, self.quote) or {self.quote, self.settle} <= MONEY:
            return Settlement.LINEAR
        return Settlement.QUANTO

    @property
    def spot(self) -> str:
        """The spot pair with the same base and quote."""
        return f"{self.base}/{self.quote}"

    def __str__(self) -> str:
        return self.spot if self.settle is None else f"{self.spot}:{self.settle}"


class OptionKind(StrEnum):
    """Which way an option pays."""

    CALL = "call"
    PUT = "put"


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedSymbol:
    """A unified symbol with an expiry: ``BTC/USD:BTC-260327``, a future.

    Attributes
    ----------
    underlying
        The symbol before the expiry.
    expiry
        Day of expiry, UTC.
    """

    underlying: Symbol
    expiry: date

    def __str__(self) -> str:
        return f"{self.underlying}-{self.expiry:%y%m%d}"


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionSymbol:
    """A unified symbol of an option: ``BTC/USD:BTC-260327-100000-C``.

    Attributes
    ----------
    underlying
        The symbol before the expiry.
    expiry
        Day of expiry, UTC.
    strike
        Quote per base.
    """

    underlying: Symbol
    expiry: date
    strike: Decimal
    kind: OptionKind

    def __str__(self) -> str:
        letter = "C" if self.kind is OptionKind.CALL else "P"
        return f"{self.underlying}-{self.expiry:%y%m%d}-{self.strike:f}-{letter}"


def parse_contract(text: str) -> Symbol | DatedSymbol | OptionSymbol:
    """Return the parts of the symbol of a spot pair, a perpetual, a dated future or an option.

    Raises
    ------
    ConfigError
        If `text` is none of them.

    Examples
    --------
    >>> option = parse_contract("BTC/USD:BTC-260327-100000-C")
    >>> option.kind, option.expiry.isoformat(), str(option.strike)
    (<OptionKind.CALL: 'call'>, '2026-03-27', '100000')
    """
    match = _DATED.match(text)
    if match is None:
        return parse_symbol(text)
    name, day, strike, letter = match.groups()
    underlying = parse_symbol(name)
    try:
        expiry = date(2000 + int(day[:2]), int(day[2:4]), int(day[4:]))
    except ValueError as error:
        raise ConfigError(f"{text}: {day} is no day; write the expiry as YYMMDD") from error
    if underlying.is_spot:
        raise ConfigError(f"{text}: name what it settles in, like {underlying}:{underlying.base}")
    if strike is None:
        return DatedSymbol(underlying=underlying, expiry=expiry)
    if Decimal(strike) <= 0:
        raise ConfigError(f"{text}: the strike must be above zero")
    kind = OptionKind.CALL if letter == "C" else OptionKind.PUT
    return OptionSymbol(underlying=underlying, expiry=expiry, strike=Decimal(strike), kind=kind)


def parse_symbol(text: str) -> Symbol:
    """Return the parts of a unified symbol of a spot pair or a perpetual.

    Raises
    ------
    ConfigError
        If `text` is not ``BASE/QUOTE`` or ``BASE/QUOTE:SETTLE``.

    Examples
    --------
    >>> parse_symbol("BTC/USD:BTC").settlement
    <Settlement.INVERSE: 'inverse'>
    >>> parse_symbol("BTC/USD:USDC").settlement
    <Settlement.LINEAR: 'linear'>
    >>> parse_symbol("ETH/USD:BTC").settlement
    <Settlement.QUANTO: 'quanto'>
    """
    match = _SYMBOL.match(text)
    if match is None:
        raise ConfigError(
            f"{text!r} is not a symbol; write BTC/USDT for spot, BTC/USDT:USDT for a linear perp, "
            "BTC/USD:BTC for an inverse one"
        )
    base, quote, settle = match.groups()
    return Symbol(base=base, quote=quote, settle=settle)


@dataclass(frozen=True, slots=True, kw_only=True)
class Perpetual:
    """A perpetual future as its venue lists it.

    Attributes
    ----------
    symbol
        Unified name, ``BASE/QUOTE:SETTLE``.
    multiplier
        Size of one contract: in base if linear, in quote if inverse, in settlement coin for each
        unit of the quoted price if quanto.
    tick, lot
        Smallest step of the price (quote per base) and of the size (contracts).
    minimum_notional
        Smallest order the venue accepts, in quote.
    """

    symbol: str
    settlement: Settlement
    multiplier: Decimal
    tick: Decimal
    lot: Decimal
    minimum_notional: Decimal

    def __post_init__(self) -> None:
        for name in ("multiplier", "tick", "lot"):
            if getattr(self, name) <= 0:
                raise ConfigError(f"{self.symbol}: {name} must be positive")

    @property
    def inverse(self) -> bool:
        """Whether profit is paid in the base coin."""
        return self.settlement is Settlement.INVERSE

    @property
    def quanto(self) -> bool:
        """Whether profit is paid in a third coin at a fixed rate."""
        return self.settlement is Settlement.QUANTO

    @property
    def lot_size(self) -> Decimal:
        """One lot: base coin if linear, quote if inverse, settle coin per quote if quanto."""
        return self.lot * self.multiplier

    @property
    def settle(self) -> str:
        """The currency of profit, loss, funding and fees."""
        parts = parse_symbol(self.symbol)
        return parts.settle or parts.quote

    def notional(self, contracts: Decimal, price: Decimal) -> Decimal:
        """Return what `contracts` at `price` are worth, always >= 0.

        In quote if linear or inverse, in settlement coin if quanto.
        """
        value = abs(contracts) * self.multiplier
        return value if self.settlement is Settlement.INVERSE else value * price

    def round_size(self, contracts: Decimal) -> Decimal:
        """Round `contracts` to whole lots, towards zero: never trade more than asked."""
        return (contracts / self.lot).to_integral_value(ROUND_DOWN) * self.lot

    def check_order(self, contracts: Decimal, price: Decimal) -> None:
        """Raise `OrderRefused` unless the venue would accept the order."""
        notional = self.notional(contracts, price)
        if notional < self.minimum_notional:
            raise OrderRefused(
                f"{self.symbol}: order worth {notional} is below the venue's minimum of "
                f"{self.minimum_notional}; widen the band or raise the order size"
            )
