"""What is traded: a spot pair or a perpetual future, as its venue lists it."""

import re
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from enum import StrEnum

from hedgerow.errors import ConfigError, OrderRefused

_SYMBOL = re.compile(r"^([A-Z0-9]{1,20})/([A-Z0-9]{1,20})(?::([A-Z0-9]{1,20}))?$")


class Settlement(StrEnum):
    """The currency in which profit and loss is paid."""

    LINEAR = "linear"  # paid in quote: pnl = size * (exit - entry)
    INVERSE = "inverse"  # paid in base: pnl = face * (1/entry - 1/exit)


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
        """Linear if it settles in the quote currency, inverse if in the base coin."""
        return Settlement.INVERSE if self.settle == self.base else Settlement.LINEAR

    @property
    def spot(self) -> str:
        """The spot pair with the same base and quote."""
        return f"{self.base}/{self.quote}"

    def __str__(self) -> str:
        return self.spot if self.settle is None else f"{self.spot}:{self.settle}"


def parse_symbol(text: str) -> Symbol:
    """Return the parts of a unified symbol.

    Raises
    ------
    ConfigError
        If `text` is not ``BASE/QUOTE`` or ``BASE/QUOTE:SETTLE``, or settles in a third currency.

    Examples
    --------
    >>> parse_symbol("BTC/USD:BTC").settlement
    <Settlement.INVERSE: 'inverse'>
    """
    match = _SYMBOL.match(text)
    if match is None:
        raise ConfigError(
            f"{text!r} is not a symbol; write BTC/USDT for spot, BTC/USDT:USDT for a linear perp, "
            "BTC/USD:BTC for an inverse one"
        )
    base, quote, settle = match.groups()
    if settle not in (None, base, quote):
        raise ConfigError(f"{text}: settles in {settle}, neither the base nor the quote currency")
    return Symbol(base=base, quote=quote, settle=settle)


@dataclass(frozen=True, slots=True, kw_only=True)
class Perpetual:
    """A perpetual future as its venue lists it.

    Attributes
    ----------
    symbol
        Unified name, ``BASE/QUOTE:SETTLE``.
    multiplier
        Size of one contract: in base if linear, in quote if inverse.
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
    def lot_size(self) -> Decimal:
        """One lot: in base coin if linear, in quote if inverse."""
        return self.lot * self.multiplier

    @property
    def settle(self) -> str:
        """The currency of profit, loss, funding and fees."""
        parts = parse_symbol(self.symbol)
        return parts.base if self.inverse else parts.quote

    def notional(self, contracts: Decimal, price: Decimal) -> Decimal:
        """Return what `contracts` at `price` are worth, in quote, always >= 0."""
        value = abs(contracts) * self.multiplier
        return value * price if self.settlement is Settlement.LINEAR else value

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
