"""The numbers and names of a position: taken as they are meant, or refused with the mend."""

import math
from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Final

from hedgerow.errors import ConfigError
from hedgerow.exposure.line import NEVER
from hedgerow.market.instrument import MONEY, Settlement, Symbol, parse_contract
from hedgerow.units import nanoseconds

SETTLEMENT: Final = time(8, tzinfo=UTC)
"""When dated contracts settle on the day of their expiry, on every venue we know."""


@lru_cache(maxsize=4096)
def settlement(day: date) -> int:
    """Return when contracts of a day of expiry settle, UTC nanoseconds."""
    return nanoseconds(datetime.combine(day, SETTLEMENT))


def perpetual(symbol: str) -> Symbol:
    """Return the parts of a perpetual's symbol."""
    parts = parse_contract(symbol)
    if not isinstance(parts, Symbol) or parts.is_spot:
        raise ConfigError(f"{symbol} is no perpetual; write BTC/USDT:USDT, or BTC/USD:BTC")
    return parts


def settles_inverse(symbol: str, parts: Symbol) -> float:
    """Return 1 if a contract settles in its own coin, 0 if in money."""
    if parts.settlement is Settlement.QUANTO or parts.quote not in MONEY:
        raise ConfigError(
            f"{symbol} is quoted or settled in a third coin; a book takes contracts quoted in "
            "money that settle in money or in their own coin"
        )
    return float(parts.settlement is Settlement.INVERSE)


def coin(asset: str) -> str:
    """Return a coin's name."""
    if not asset or asset != asset.upper() or "/" in asset or asset in MONEY:
        raise ConfigError(f"underlying {asset!r}: write one coin in capitals, such as BTC")
    return asset


def size(name: str, size: float) -> float:
    """Return a finite size."""
    return finite(name, "size", size)


def finite(name: str, field: str, value: float) -> float:
    """Return a finite number."""
    if not math.isfinite(value):
        raise ConfigError(f"{name}: {field} = {value}; write a finite number")
    return float(value)


def above_zero(name: str, field: str, value: float) -> float:
    """Return a number above 0."""
    if not 0.0 < value < math.inf:
        raise ConfigError(f"{name}: {field} = {value}; write a number above 0")
    return float(value)


def entry_price(name: str, entry: float | None) -> float:
    """Return a price of entry, NaN if there is none."""
    return math.nan if entry is None else above_zero(name, "entry", entry)


def instant(name: str, moment: datetime) -> int:
    """Return when something ends, UTC nanoseconds."""
    if moment.tzinfo is None:
        raise ConfigError(f"{name}: expiry {moment}: give the time a zone, such as UTC")
    found = nanoseconds(moment)
    return min(found, NEVER - 1)
