"""Contracts made into coins and back; nowhere else does the desk know of contracts."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final, Literal

from hedgerow.errors import MarketDataError
from hedgerow.execution.order import Listing

Kind = Literal["spot", "linear", "inverse"]

DECIMAL_PLACES: Final = 2  # how ccxt says that a precision is a number of digits
TICK_SIZE: Final = 4  # and that it is a step
ZERO: Final = Decimal(0)
MULTIPLES: Final = re.compile(r"^(10+|1M|[kK])([A-Z][A-Z0-9]*)$")


def exact(value: object) -> Decimal | None:
    """Return a number of a reply exactly, None where there is none; NaN is none either."""
    if value is None or value == "" or isinstance(value, bool):
        return None
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def multiple_of(base: str) -> tuple[str, int]:
    """Return the coin of a base that stands for many of it, and how many.

    Examples
    --------
    >>> multiple_of("1000PEPE"), multiple_of("kPEPE"), multiple_of("1MBABYDOGE")
    (('PEPE', 1000), ('PEPE', 1000), ('BABYDOGE', 1000000))
    >>> multiple_of("BTC"), multiple_of("1INCH"), multiple_of("KSM")
    (('BTC', 1), ('1INCH', 1), ('KSM', 1))
    """
    match = MULTIPLES.match(base)
    if match is None:
        return base, 1
    count, coin = match.groups()
    if count == "K" or (count.isdigit() and int(count) < 1000):
        return base, 1
    return coin, {"k": 1000, "1M": 1_000_000}.get(count) or int(count)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """How a venue counts one symbol.

    Attributes
    ----------
    unit
        What one contract of an order is: base coin if linear or spot, quote face if inverse.
    tick, lot
        Steps of the price, and of the size in the unit of `Listing.lot`.
    """

    symbol: str
    kind: Kind
    unit: Decimal
    tick: Decimal
    lot: Decimal
    minimum_size: Decimal
    minimum_notional: Decimal
    settle: str

    def to_wire(self, amount: Decimal) -> Decimal:
        """Return an amount in the venue's contracts, exactly."""
        return amount / self.unit

    def from_wire(self, size: Decimal) -> Decimal:
        """Return a number of contracts as an amount, exactly."""
        return size * self.unit

    def listing(self, venue: str, account: str) -> Listing:
        """Return what an order of this symbol must fit."""
        return Listing(
            venue=venue,
            account=account,
            symbol=self.symbol,
            tick=self.tick,
            lot=self.lot,
            minimum_size=self.minimum_size,
            minimum_notional=self.minimum_notional,
            inverse=self.kind == "inverse",
            spot=self.kind == "spot",
        )


def kind_of(market: Mapping[str, Any]) -> Kind:
    """Return which kind of thing a market of ccxt trades."""
    if market.get("spot"):
        return "spot"
    return "inverse" if market.get("inverse") else "linear"


def contract_of(
    market: Mapping[str, Any], *, mode: int = TICK_SIZE, in_units: bool = False
) -> Contract:
    """Return how a venue counts a market.

    Parameters
    ----------
    market
        Of ccxt.
    mode
        How the market's precisions are given: ccxt's `TICK_SIZE` or `DECIMAL_PLACES`.
    in_units
        The venue's sizes are in coins or face already, whatever ccxt calls a contract.

    Raises
    ------
    MarketDataError
        If a step or the size of a contract is missing: unknown is never one.
    """
    symbol, kind = str(market["symbol"]), kind_of(market)
    unit = Decimal(1) if kind == "spot" or in_units else exact(market.get("contractSize"))
    precision, limits = market.get("precision") or {}, market.get("limits") or {}
    tick = _step(precision.get("price"), mode)
    size = _step(precision.get("amount"), mode)
    if unit is None or tick is None or size is None or min(unit, tick, size) <= 0:
        raise MarketDataError(
            f"{symbol}: the venue does not say the size of a contract, its tick or its lot "
            f"({unit}, {tick}, {size}); do not trade it"
        )
    least = exact((limits.get("amount") or {}).get("min")) or ZERO
    return Contract(
        symbol=symbol,
        kind=kind,
        unit=unit,
        tick=tick,
        lot=size * unit,
        minimum_size=max(least, size) * unit,
        minimum_notional=exact((limits.get("cost") or {}).get("min")) or ZERO,
        settle=str(market.get("settle") or market.get("quote") or ""),
    )


def _step(value: object, mode: int) -> Decimal | None:
    found = exact(value)
    if found is None or mode == TICK_SIZE:
        return found
    if mode == DECIMAL_PLACES and found == found.to_integral_value():
        return Decimal(1).scaleb(-int(found))
    return None
