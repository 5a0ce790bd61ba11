"""Tickers, books and funding rates of ccxt, made into one quote."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from hedgerow.adapters.venues.contracts import Contract, exact
from hedgerow.adapters.venues.replies import MILLISECOND
from hedgerow.execution.port import Garbled, QuoteReport
from hedgerow.units import HOUR

Part = Mapping[str, Any]

PRICES: Final = {  # ours by the names of ccxt, first that is there
    "bid": ("bid",),
    "ask": ("ask",),
    "last": ("last",),
    "mark": ("markPrice", "markPx"),
    "index": ("indexPrice", "oraclePx"),
}
SIZES: Final = {"bid_size": ("bidVolume",), "ask_size": ("askVolume",)}
RATES: Final = ("fundingRate", "r", "current_funding", "funding")
DUE: Final = ("fundingTimestamp", "nextFundingTime", "T")
HOURS: Final = ("fundingIntervalHour",)


def book_part(book: Part) -> Part:
    """Return the touch of an order book as a ticker has it."""
    bids, asks = book.get("bids") or [], book.get("asks") or []
    return {
        "bid": bids[0][0] if bids else None,
        "bidVolume": bids[0][1] if bids else None,
        "ask": asks[0][0] if asks else None,
        "askVolume": asks[0][1] if asks else None,
        "timestamp": book.get("timestamp"),
    }


def quote_of(
    parts: Sequence[Part], contract: Contract, venue: str, received: int, hours: float | None
) -> QuoteReport:
    """Return one quote of all that was told about a symbol; the latest stamp counts.

    Parameters
    ----------
    parts
        Tickers, books and funding rates; the first that has a number gives it.
    hours
        Interval of the funding, where it is known beforehand.

    Raises
    ------
    Garbled
        If a price is not a positive number, or nothing is told at all.
    """
    what = f"{venue}: quote of {contract.symbol}"
    values = {name: _price(parts, keys, what) for name, keys in PRICES.items()}
    sizes = {name: _size(parts, keys, contract, what) for name, keys in SIZES.items()}
    funding = _rate(parts, what) if contract.kind != "spot" else None
    if all(value is None for value in values.values()) and funding is None:
        raise Garbled(f"{what}: the reply has no price; it is asked again")
    stamps = [int(stamp) for part in parts if (stamp := exact(part.get("timestamp")))]
    due = _first(parts, DUE) if funding is not None else None
    interval = exact(_first(parts, HOURS)) or exact(_hours(_first(parts, ("interval",))))
    return QuoteReport(
        venue=venue,
        symbol=contract.symbol,
        time=max(stamps) * MILLISECOND if stamps else received,
        received=received,
        bid=values["bid"],
        ask=values["ask"],
        bid_size=sizes["bid_size"],
        ask_size=sizes["ask_size"],
        last=values["last"],
        mark=values["mark"],
        index=values["index"],
        funding=funding,
        interval_hours=(float(interval) if interval else hours) if funding is not None else None,
        settlement=_settlement(due),
    )


def _first(parts: Sequence[Part], keys: Sequence[str]) -> object:
    """Return the first value of one of the keys, in a part or in what the venue itself said."""
    for part in parts:
        for source in (part, part.get("info")):
            if not isinstance(source, Mapping):
                continue
            for key in keys:
                if source.get(key) not in (None, ""):
                    return source[key]
    return None


def _price(parts: Sequence[Part], keys: Sequence[str], what: str) -> float | None:
    value = _first(parts, keys)
    if value is None:
        return None
    found = exact(value)
    if found is None or found < 0:
        raise Garbled(f"{what}: {keys[0]} is {value!r}; it is asked again")
    return float(found) or None


def _size(
    parts: Sequence[Part], keys: Sequence[str], contract: Contract, what: str
) -> float | None:
    found = _price(parts, keys, what)
    size = exact(found)
    return None if size is None else float(contract.from_wire(size))


def _rate(parts: Sequence[Part], what: str) -> float | None:
    value = _first(parts, RATES)
    if value is None:
        return None
    found = exact(value)
    if found is None or abs(found) >= 1:
        raise Garbled(f"{what}: a funding rate of {value!r}; it is asked again")
    return float(found)


def _settlement(due: object) -> int | None:
    found = exact(due)
    return int(found) * MILLISECOND if found else None


def _hours(interval: object) -> str | None:
    text = str(interval or "")
    return text.removesuffix("h") if text.endswith("h") else None


def next_hour(now: int, hours: float) -> int:
    """Return the next whole interval of the day after `now`, UTC nanoseconds."""
    step = round(hours * HOUR)
    return (now // step + 1) * step
