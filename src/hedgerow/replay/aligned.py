"""One recorded series laid on the run's clock."""

from dataclasses import dataclass

import numpy as np

from hedgerow.errors import SpanError
from hedgerow.market.series import Bars, PriceKind
from hedgerow.market.source import MarketSource
from hedgerow.replay.request import Request, step_name
from hedgerow.units import Floats, iso


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Aligned:
    """Bars on the run's grid, NaN where there is none; ``(steps,)`` each.

    `before` is the last close before the span, NaN if there is none.
    """

    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats
    before: float
    source: str


def held_bars(source: MarketSource, where: tuple[str, str, PriceKind], step: int) -> Bars | None:
    """Return the bars of a series at one step, None where they are not held."""
    venue, symbol, kind = where
    if step not in source.steps(venue, symbol, kind):
        return None
    return source.bars(venue, symbol, kind, step)


def required_bars(
    source: MarketSource, where: tuple[str, str, PriceKind], request: Request
) -> Bars:
    """Return the bars of a series that the run cannot do without.

    Raises
    ------
    SpanError
        If the series is not held, not in these bars, or does not cover the span.
    """
    venue, symbol, kind = where
    steps = source.steps(venue, symbol, kind)
    if request.step not in steps:
        if not steps:
            raise SpanError(
                f"{source.name}: no {kind} bars of {symbol} at {venue}; import them with "
                "`hedgerow data import` (`hedgerow data ls` shows what is held), or name another "
                f'market that stands in for it under [data.proxy]: "{symbol}" = "BTC/USDT:USDT"'
            )
        held = ", ".join(step_name(step) for step in steps)
        raise SpanError(
            f"{source.name}: {symbol} at {venue} is held in bars of {held}, not of "
            f"{step_name(request.step)}; set [world] bar to one of them"
        )
    bars = source.bars(venue, symbol, kind, request.step)
    if not len(bars.time):
        raise SpanError(f"{source.name}: the series of {symbol} at {venue} is empty")
    first, last = int(bars.time[0]), int(bars.time[-1]) + bars.step
    if first > request.first or last < request.last:
        raise SpanError(
            f"{source.name}: {symbol} at {venue} runs from {iso(first)} to {iso(last)}, which does "
            f"not cover {request.describe()}; choose [world] start and end inside it, or import "
            "more"
        )
    return bars


def align(bars: Bars, request: Request) -> Aligned:
    """Lay `bars` on the grid of the run; a bar counts only where its open is on the grid."""
    steps = request.steps
    offset = bars.time - request.first
    place = offset // request.step
    fits = (offset % request.step == 0) & (place >= 0) & (place < steps)
    place = place[fits]

    def laid(values: Floats) -> Floats:
        column = np.full(steps, np.nan)
        column[place] = values[fits]
        return column

    earlier = bars.close[(bars.time < request.first) & np.isfinite(bars.close)]
    return Aligned(
        open=laid(bars.open),
        high=laid(bars.high),
        low=laid(bars.low),
        close=laid(bars.close),
        volume=laid(bars.volume),
        before=float(earlier[-1]) if len(earlier) else float("nan"),
        source=bars.source,
    )


def carried(values: Floats, before: float) -> Floats:
    """Return `values` with each NaN replaced by the last finite one, `before` at the head."""
    known = np.where(np.isfinite(values), np.arange(len(values)), -1)
    last = np.maximum.accumulate(known)
    filled = np.where(last >= 0, values[np.maximum(last, 0)], before)
    head = values[np.isfinite(values)]
    if len(head):
        filled = np.where(np.isfinite(filled), filled, head[0])
    return filled
