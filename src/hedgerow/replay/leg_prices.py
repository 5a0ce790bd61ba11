"""All prices of one leg on the run's clock, and which of them margin may trust."""

from dataclasses import dataclass

import numpy as np

from hedgerow.engine import layout as at
from hedgerow.errors import MarketDataError, SpanError
from hedgerow.kernels.volatility import ewma_deviation
from hedgerow.market.instrument import Settlement, parse_symbol
from hedgerow.market.series import PriceKind
from hedgerow.market.source import MarketSource
from hedgerow.replay.aligned import Aligned, align, carried, held_bars, required_bars
from hedgerow.replay.request import MarketLeg, Place, Request
from hedgerow.replay.settlements import Settlements
from hedgerow.units import HOUR, YEAR, Floats, Integers

HALF_LIFE_HOURS = 168.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LegPrices:
    """The rows of one instrument, ``(steps, PRICE_ROWS)``, with what there is to say of them."""

    rows: Floats
    holes: Integers
    stamps: tuple[str, ...]


def leg_prices(
    source: MarketSource, leg: MarketLeg, request: Request, funding: Settlements | None = None
) -> LegPrices:
    """Return every price of a leg: trade, mark, index, volume, deviation, funding and status.

    Raises
    ------
    SpanError, MarketDataError
        If a series does not cover the span, or volume is unknown and the costs need it.
    """
    place = request.recorded_as(leg)
    symbol = place.symbol
    trade = align(required_bars(source, (*place, PriceKind.TRADE), request), request)
    index, index_name = _index(source, place, request)
    stamps = [f"{leg.instrument} at {leg.venue}: last prices from {trade.source}"]
    if place != (leg.venue, leg.instrument):
        where = "" if place.venue == leg.venue else f" at {place.venue}"
        own = funding is not None and funding.own
        stamps.append(
            f"PROXY: no market of {leg.instrument} is used; prices "
            + ("are" if own else "and funding are")
            + f" those of {symbol}{where}"
        )
    stamps.append(f"{leg.instrument}: index is {index_name} ({index.source})")
    rows = np.zeros((request.steps, at.PRICE_ROWS))
    missing = ~np.isfinite(trade.close) | ~np.isfinite(index.close)
    last = carried(trade.close, trade.before)
    for row, values in (
        (at.OPEN, trade.open),
        (at.HIGH, trade.high),
        (at.LOW, trade.low),
        (at.CLOSE, trade.close),
    ):
        rows[:, row] = np.where(np.isfinite(values), values, last)
    rows[:, at.MEAN] = (
        rows[:, at.OPEN] + rows[:, at.HIGH] + rows[:, at.LOW] + rows[:, at.CLOSE]
    ) / 4.0
    spot = carried(index.close, index.before)
    rows[:, at.INDEX] = spot
    before = np.concatenate([[spot[0]], spot[:-1]])
    rows[:, at.INDEX_OPEN] = np.where(np.isfinite(index.open), index.open, before)
    stamps += _marks(source, leg, place, request, rows)
    rows[:, at.VOLUME] = _volume(leg, symbol, trade, last)
    if request.needs_volume:
        _check_volume(source, leg, trade, missing)
        missing = missing | ~(rows[:, at.VOLUME] > 0.0)
    rows[:, at.STATUS] = np.where(missing, at.HOLE, at.TRADING)
    _outages(leg, request, rows)
    _volatility(request, rows)
    if funding is not None:
        _predicted(request, funding, rows)
    holes: Integers = np.nonzero(missing)[0]
    if len(holes):
        stamps.append(
            f"{leg.instrument}: {len(holes)} bars without a spot or perp price; nothing was traded "
            "in them and the last known price was used"
        )
    return LegPrices(rows=rows, holes=holes, stamps=tuple(stamps))


def _index(source: MarketSource, place: Place, request: Request) -> tuple[Aligned, str]:
    """Return the index of a market: the venue's, else spot in its quote, else spot in USDT."""
    venue, symbol = place
    bars = held_bars(source, (venue, symbol, PriceKind.INDEX), request.step)
    if bars is not None and bars.time[0] <= request.first <= request.last <= (
        bars.time[-1] + bars.step
    ):
        return align(bars, request), "the venue's index"
    pair = parse_symbol(symbol)
    for quote in dict.fromkeys((pair.quote, "USDT", "USD", "USDC")):
        name = f"{pair.base}/{quote}"
        if request.step in source.steps(venue, name, PriceKind.TRADE):
            found = required_bars(source, (venue, name, PriceKind.TRADE), request)
            note = "" if quote == pair.quote else f", taken as {pair.spot}"
            return align(found, request), f"spot {name}{note}"
    raise SpanError(
        f"{source.name}: no index and no spot series of {pair.base} at {venue} in these bars; "
        f"import {pair.spot}"
    )


def _marks(
    source: MarketSource, leg: MarketLeg, place: Place, request: Request, rows: Floats
) -> list[str]:
    """Fill in the mark rows: mark where there is one, else last prices within a coarser mark."""
    high, low = rows[:, at.HIGH].copy(), rows[:, at.LOW].copy()
    opening, close = rows[:, at.OPEN].copy(), rows[:, at.CLOSE].copy()
    origin = np.full(len(rows), float(at.FROM_LAST))
    for step in reversed(source.steps(*place, PriceKind.MARK)):
        if step <= request.step:
            continue
        coarse = source.bars(*place, PriceKind.MARK, step)
        top, bottom = _around(coarse.time, coarse.step, (coarse.high, coarse.low), request)
        known = np.isfinite(top) & np.isfinite(bottom)
        high = np.where(known, np.minimum(rows[:, at.HIGH], top), high)
        low = np.where(known, np.maximum(rows[:, at.LOW], bottom), low)
        opening = np.where(known, np.clip(rows[:, at.OPEN], bottom, top), opening)
        origin = np.where(known, float(at.BOUNDED), origin)
    own = held_bars(source, (*place, PriceKind.MARK), request.step)
    closes = 0
    if own is not None:
        mark = align(own, request)
        ranged = np.isfinite(mark.high) & np.isfinite(mark.low) & np.isfinite(mark.open)
        high = np.where(ranged, mark.high, high)
        low = np.where(ranged, mark.low, low)
        opening = np.where(ranged, mark.open, opening)
        origin = np.where(ranged, float(at.FROM_MARK), origin)
        close = np.where(np.isfinite(mark.close), mark.close, close)
        high = np.fmax(high, mark.close)  # a close is a mark the account has seen
        low = np.fmin(low, mark.close)
        closes = int(np.isfinite(mark.close).sum())
    rows[:, at.MARK] = close
    rows[:, at.MARK_OPEN] = opening
    rows[:, at.MARK_HIGH] = np.maximum(high, opening)
    rows[:, at.MARK_LOW] = np.minimum(low, opening)
    rows[:, at.SOURCE] = origin
    counts = [int((origin == kind).sum()) for kind in (at.FROM_MARK, at.BOUNDED, at.FROM_LAST)]
    valued = f"the mark in {closes} bars and at the last price in {len(rows) - closes}"
    watched = (
        f"the mark in {counts[0]} bars, on last prices within a coarser mark range in {counts[1]}, "
        f"on last prices alone in {counts[2]}"
    )
    return [
        f"{leg.instrument}: valued at {valued}",
        f"{leg.instrument}: margin watched on {watched}",
    ]


def _around(
    time: Integers, step: int, values: tuple[Floats, Floats], request: Request
) -> tuple[Floats, Floats]:
    """Return, for each bar of the run, the values of the coarser bar that holds all of it."""
    opens = request.first + np.arange(request.steps) * request.step
    place = np.searchsorted(time, opens, side="right") - 1
    safe = np.maximum(place, 0)
    inside = (place >= 0) & (opens + request.step <= time[safe] + step)
    first, second = values
    return np.where(inside, first[safe], np.nan), np.where(inside, second[safe], np.nan)


def _volume(leg: MarketLeg, symbol: str, trade: Aligned, last: Floats) -> Floats:
    """Return the volume in the leg's own unit: base coin if linear, quote if inverse."""
    own = parse_symbol(leg.instrument).settlement
    recorded = parse_symbol(symbol).settlement
    if own is recorded:
        return trade.volume
    return trade.volume * last if own is Settlement.INVERSE else trade.volume / last


def _check_volume(
    source: MarketSource,
    leg: MarketLeg,
    trade: Aligned,
    missing: "np.ndarray[tuple[int], np.dtype[np.bool_]]",
) -> None:
    unknown = int((~np.isfinite(trade.volume) & ~missing).sum())
    if unknown:
        raise MarketDataError(
            f"{source.name}: the volume of {leg.instrument} at {leg.venue} is unknown in {unknown} "
            "bars, and [execution] impact needs it; import price files with volume into the lake, "
            "or set impact = 0"
        )


def _outages(leg: MarketLeg, request: Request, rows: Floats) -> None:
    opens = request.first + np.arange(request.steps) * request.step
    for outage in request.outages:
        if outage.venue == leg.venue:
            hit = (opens >= outage.start) & (opens < outage.end) & (rows[:, at.STATUS] == 0)
            rows[hit, at.STATUS] = at.DELAYING if outage.late else at.REJECTING


def _volatility(request: Request, rows: Floats) -> None:
    known = np.empty(len(rows))
    ewma_deviation(rows[:, at.CLOSE].copy(), HALF_LIFE_HOURS * HOUR / request.step, known)
    rows[:, at.DEVIATION] = np.concatenate([[0.0], known[:-1]])
    rows[:, at.VOLATILITY] = known * np.sqrt(YEAR / request.step)


def _predicted(request: Request, funding: Settlements, rows: Floats) -> None:
    """Forecast the running interval by the last settled rate, as known at each close."""
    closes = request.first + (np.arange(len(rows)) + 1) * request.step
    place = np.searchsorted(funding.time, closes, side="right") - 1
    safe = np.maximum(place, 0)
    if len(funding.time):
        rows[:, at.PREDICTED] = np.where(place >= 0, funding.rate[safe], 0.0)
        rows[:, at.INTERVAL] = np.where(
            place >= 0, funding.interval_hours[safe], funding.interval_hours[0]
        )
