"""The funding settlements of one leg in the span: those there, those missing, at what price."""

from dataclasses import dataclass

import numpy as np

from hedgerow.errors import DataGap
from hedgerow.market.series import FundingRates, PriceKind
from hedgerow.market.source import MarketSource
from hedgerow.replay.calendar import calendar, missing_in
from hedgerow.replay.request import MarketLeg, Request
from hedgerow.units import Floats, Times, iso

_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Settlements:
    """Realised settlements inside ``[start, end)``, in time order.

    `interval_hours` belongs to each row; `missing` counts those that should be there and are not;
    `origins` counts by price used: the venue's mark, a mark bar's open, a perp bar's open, or the
    open of the bar around it.
    """

    time: Times
    rate: Floats
    price: Floats
    interval_hours: Floats
    missing: int
    origins: tuple[tuple[str, int], ...]
    changes: tuple[tuple[int, float, float], ...]
    source: str


def settlements(source: MarketSource, leg: MarketLeg, symbol: str, request: Request) -> Settlements:
    """Return what the run pays, each at its true instant.

    Raises
    ------
    DataGap
        If a settlement is missing and gaps are not allowed; none is ever made up.
    """
    rates = source.funding(leg.venue, symbol)
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
            f"{source.name}: {missing} funding settlements of {symbol} at {leg.venue} are missing "
            f"in {request.describe()}: {listed}{more}; import them, choose another span, or set "
            "[data] allow_gaps = true to run without them (they are counted, never made up)"
        )
    price, origins = _prices(source, leg.venue, symbol, request, rates, inside)
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
    )


def _prices(
    source: MarketSource,
    venue: str,
    symbol: str,
    request: Request,
    rates: FundingRates,
    inside: "np.ndarray[tuple[int], np.dtype[np.bool_]]",
) -> tuple[Floats, tuple[tuple[str, int], ...]]:
    """Return the price of each settlement: mark, mark open, perp open, in that order."""
    time = rates.time[inside]
    price = rates.mark_price[inside].copy()
    origins = [("the venue's mark", int(np.isfinite(price).sum()))]
    for name, kind in (
        ("the open of a mark bar", PriceKind.MARK),
        ("the open of a perp bar", PriceKind.TRADE),
    ):
        before = int(np.isfinite(price).sum())
        for step in source.steps(venue, symbol, kind):
            bars = source.bars(venue, symbol, kind, step)
            place = np.searchsorted(bars.time, time)
            place = np.minimum(place, max(len(bars.time) - 1, 0))
            if len(bars.time):
                here = np.where(bars.time[place] == time, bars.open[place], np.nan)
                price = np.where(np.isfinite(price), price, here)
        origins.append((name, int(np.isfinite(price).sum()) - before))
    left = ~np.isfinite(price)
    if left.any():
        bars = source.bars(venue, symbol, PriceKind.TRADE, request.step)
        place = np.searchsorted(bars.time, time, side="right") - 1
        around = np.where(place >= 0, bars.open[np.maximum(place, 0)], np.nan)
        price = np.where(left, around, price)
        origins.append(("the open of the last perp bar before", int(left.sum())))
    return price, tuple((name, count) for name, count in origins if count)
