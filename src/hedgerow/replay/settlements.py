"""The funding settlements of one leg in the span: those there, those missing, at what price."""

from dataclasses import dataclass

import numpy as np

from hedgerow.errors import DataGap, UnknownName
from hedgerow.market.instrument import parse_symbol
from hedgerow.market.series import FundingRates, PriceKind
from hedgerow.market.source import MarketSource
from hedgerow.replay.calendar import calendar, missing_in
from hedgerow.replay.request import MarketLeg, Place, Request
from hedgerow.units import Floats, Times, iso

_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Settlements:
    """Realised settlements inside ``[start, end)``, in time order.

    `interval_hours` belongs to each row; `missing` counts those that should be there and are not;
    `origins` counts by price used: the venue's mark, a mark bar's open, a perp bar's open, or the
    open of the bar around it; for rules that go by index or oracle, index and spot come first.
    `own` says that they are the leg's own, not those of a market that stands in.
    """

    time: Times
    rate: Floats
    price: Floats
    interval_hours: Floats
    missing: int
    origins: tuple[tuple[str, int], ...]
    changes: tuple[tuple[int, float, float], ...]
    source: str
    own: bool


def settlements(source: MarketSource, leg: MarketLeg, request: Request) -> Settlements:
    """Return what the run pays, each at its true instant.

    Where a market of another venue stands in for the prices, the leg's own settlements are used
    if the source holds them.

    Raises
    ------
    DataGap
        If a settlement is missing and gaps are not allowed; none is ever made up.
    """
    prices = request.recorded_as(leg)
    own = Place(leg.venue, leg.instrument)
    place = prices
    if prices.venue != leg.venue and _holds(source, own, request):
        place = own
    symbol = place.symbol
    rates = source.funding(*place)
    inside = (rates.time >= request.first) & (rates.time < request.last)
    time = rates.time[inside]
    found = calendar(rates.time, leg.interval_hours)
    interval = found.interval_hours[inside]
    holes = missing_in(rates.time, found, (request.first, request.last), leg.interval_hours)
    missing = sum(count for _, count in holes)
    if missing and not request.allow_gaps:
        listed = ", ".join(f"{count} after {iso(after)}" for after, count in holes[:_SHOWN])
        more = f" and {len(holes) - _SHOWN} more gaps" if len(holes) > _SHOWN else ""
        raise DataGap(
            f"{source.name}: {missing} funding settlements of {symbol} at {place.venue} are "
            f"missing in {request.describe()}: {listed}{more}; import them, choose another span, "
            "or set [data] allow_gaps = true to run without them (they are counted, never made up)"
        )
    at_index = leg.funding_price != "mark"
    price, origins = _prices(source, prices, request, rates, inside, at_index=at_index)
    jumps = np.nonzero(np.diff(interval) != 0.0)[0]
    return Settlements(
        time=time,
        rate=rates.rate[inside],
        price=price,
        interval_hours=interval,
        missing=missing,
        origins=origins,
        changes=tuple((int(time[i]), float(interval[i]), float(interval[i + 1])) for i in jumps),
        source=rates.source,
        own=place == own,
    )


def _holds(source: MarketSource, place: Place, request: Request) -> bool:
    """Return whether the source has settlements of a market inside the span."""
    try:
        time = source.funding(*place).time
    except UnknownName:
        return False
    return bool(((time >= request.first) & (time < request.last)).any())


def _prices(
    source: MarketSource,
    place: Place,
    request: Request,
    rates: FundingRates,
    inside: "np.ndarray[tuple[int], np.dtype[np.bool_]]",
    *,
    at_index: bool,
) -> tuple[Floats, tuple[tuple[str, int], ...]]:
    """Return the price of each settlement: mark, mark open, perp open, in that order.

    With `at_index`: the open of an index bar, that of a spot bar, and only then those.
    """
    time = rates.time[inside]
    marks = rates.mark_price[inside]
    price = np.full(len(time), np.nan)
    origins: list[tuple[str, int]] = []
    kinds = [
        ("the open of a mark bar", place.symbol, PriceKind.MARK),
        ("the open of a perp bar", place.symbol, PriceKind.TRADE),
    ]
    if at_index:
        pair = parse_symbol(place.symbol)
        quotes = dict.fromkeys((pair.quote, "USDT", "USD", "USDC"))
        kinds = [
            ("the open of an index bar", place.symbol, PriceKind.INDEX),
            *(
                (
                    f"the open of a spot bar of {pair.base}/{quote}",
                    f"{pair.base}/{quote}",
                    PriceKind.TRADE,
                )
                for quote in quotes
            ),
            *kinds,
        ]
    else:
        price = marks.copy()
        origins.append(("the venue's mark", int(np.isfinite(price).sum())))
    for name, symbol, kind in kinds:
        before = int(np.isfinite(price).sum())
        for step in source.steps(place.venue, symbol, kind):
            bars = source.bars(place.venue, symbol, kind, step)
            row = np.searchsorted(bars.time, time)
            row = np.minimum(row, max(len(bars.time) - 1, 0))
            if len(bars.time):
                here = np.where(bars.time[row] == time, bars.open[row], np.nan)
                price = np.where(np.isfinite(price), price, here)
        origins.append((name, int(np.isfinite(price).sum()) - before))
    left = ~np.isfinite(price)
    if left.any():
        bars = source.bars(*place, PriceKind.TRADE, request.step)
        row = np.searchsorted(bars.time, time, side="right") - 1
        around = np.where(row >= 0, bars.open[np.maximum(row, 0)], np.nan)
        price = np.where(left, around, price)
        origins.append(("the open of the last perp bar before", int(left.sum())))
    return price, tuple((name, count) for name, count in origins if count)
