"""How often a venue settles funding now, symbol by symbol; unknown stays unknown."""

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import pairwise
from typing import Any, Final

from hedgerow.adapters.venues.connection import Connection
from hedgerow.adapters.venues.contracts import exact
from hedgerow.execution.port import VenueError

CONTINUOUS: Final = {"deribit": 8.0}  # rates are per eight hours, and accrue all the time
HOUR: Final = 3_600_000  # milliseconds


async def intervals_of(connection: Connection, symbols: Sequence[str]) -> dict[str, float]:
    """Return the interval of each symbol in hours, of those for which the venue gives it.

    What the venue says of the interval comes first, then the distance of its last settlements;
    an interval is never assumed.
    """
    found: dict[str, float] = {}
    told = await _told(connection, symbols)
    for symbol in symbols:
        hours = CONTINUOUS.get(connection.venue) or told.get(symbol)
        if hours is None:
            hours = await _seen(connection, symbol)
        if hours is not None:
            found[symbol] = hours
    return found


async def _told(connection: Connection, symbols: Sequence[str]) -> dict[str, float]:
    """Return the intervals that the venue names."""
    exchange = connection.exchange
    found: dict[str, float] = {}
    for symbol in symbols:
        market = (exchange.markets or {}).get(symbol) or {}
        minutes = exact((market.get("info") or {}).get("fundingInterval"))
        if minutes:
            found[symbol] = float(minutes) / 60.0
    missing = [symbol for symbol in symbols if symbol not in found]
    if not missing or connection.venue in CONTINUOUS:
        return found
    rows: Mapping[str, Any] = {}
    try:
        if exchange.has.get("fetchFundingIntervals") is True:
            rows = await _by_kind(connection, missing)
        elif exchange.has.get("fetchFundingRates") is True:
            rows = await connection.ask(
                "funding intervals", lambda: exchange.fetch_funding_rates(missing)
            )
        else:
            rows = {
                symbol: await connection.ask(
                    f"funding interval of {symbol}", partial(exchange.fetch_funding_rate, symbol)
                )
                for symbol in missing
            }
    except VenueError:
        return found
    for symbol in missing:
        hours = exact(str((rows.get(symbol) or {}).get("interval") or "").removesuffix("h"))
        if hours:
            found[symbol] = float(hours)
    return found


async def _by_kind(connection: Connection, symbols: Sequence[str]) -> dict[str, Any]:
    """Return the intervals, asked kind by kind: one question covers one kind."""
    rows: dict[str, Any] = {}
    contracts = await connection.contracts()
    for kind in ("linear", "inverse"):
        some = [symbol for symbol in symbols if contracts[symbol].kind == kind]
        if some:
            rows |= await connection.ask(
                "funding intervals",
                partial(connection.exchange.fetch_funding_intervals, some, {"subType": kind}),
            )
    return rows


async def _seen(connection: Connection, symbol: str) -> float | None:
    """Return the distance of the last settlements, None where they are not even."""
    try:
        rows = await connection.ask(
            f"last funding of {symbol}",
            lambda: connection.exchange.fetch_funding_rate_history(symbol, None, 3),
        )
    except VenueError:
        return None
    stamps = sorted(int(row["timestamp"]) for row in rows if row.get("timestamp"))
    steps = {round((after - before) / HOUR) for before, after in pairwise(stamps)}
    return float(steps.pop()) if len(steps) == 1 else None
