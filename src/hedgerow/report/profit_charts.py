"""Charts of the P&L: over time, below its best, and day by day."""

import numpy as np

from hedgerow.analysis.periods import instants
from hedgerow.analysis.risk import drawdown
from hedgerow.analysis.run import Run
from hedgerow.report.chart import Chart, Line, Style
from hedgerow.report.column import column
from hedgerow.report.event_marks import run_marks
from hedgerow.report.wording import Money
from hedgerow.units import Floats, Times

PERCENT = 100.0
BINS = 61
COMMON, MARGIN = 0.98, 1.25  # the axis of the hedge error holds this share of days with room


def profit_chart(run: Run, money: Money) -> Chart:
    """Return the hedged against the unhedged P&L, bar by bar."""
    return Chart(
        name="profit",
        title="Cumulative P&L, hedged and unhedged",
        unit=money.unit,
        decimals=money.decimals,
        lines=(
            Line(label="Hedged", values=column(run.series, "hedged"), role="hedged"),
            Line(
                label="Unhedged",
                values=column(run.series, "unhedged"),
                role="unhedged",
                style=Style.DASHED,
            ),
        ),
        times=instants(run.series),
        step=run.step,
        zero=True,
        marks=run_marks(run),
    )


def drawdown_chart(times: Times, hedged: Floats, unhedged: Floats, money: Money) -> Chart:
    """Return how far each P&L stood below its best, from daily P&L of shape ``(days,)``."""
    return Chart(
        name="drawdown",
        title="Drawdown",
        unit=money.unit,
        decimals=money.decimals,
        lines=(
            Line(label="Hedged", values=-drawdown(hedged), role="hedged"),
            Line(label="Unhedged", values=-drawdown(unhedged), role="unhedged", style=Style.DASHED),
        ),
        times=times,
        zero=True,
        caption="Cumulative P&L at the end of each UTC day less its best until then.",
    )


def histogram_chart(hedged: Floats, unhedged: Floats, money: Money) -> Chart:
    """Return the share of days by daily P&L, both on the axis that the unhedged days need."""
    most = float(np.max(np.abs(unhedged), initial=0.0))
    edges = _edges(most or float(np.max(np.abs(hedged), initial=0.0)))
    return _histogram(
        "histogram",
        "Daily P&L, hedged and unhedged",
        edges,
        (
            Line(
                label="Unhedged",
                values=_day_share(unhedged, edges),
                role="unhedged",
                style=Style.DASHED,
            ),
            _hedged_days(hedged, edges),
        ),
        f"In bins of {money.plain(edges[1] - edges[0])}.{_beyond(hedged, edges, money)}",
    )


def hedge_error_chart(hedged: Floats, money: Money) -> Chart:
    """Return the share of days by hedged P&L, on the axis that the common days need."""
    size = np.abs(hedged)
    most = float(np.max(size, initial=0.0))
    edges = _edges(min(most, MARGIN * float(np.quantile(size, COMMON))) or most)
    return _histogram(
        "error",
        "Hedge error: daily P&L, hedged",
        edges,
        (_hedged_days(hedged, edges),),
        f"On its own axis, in bins of {money.plain(edges[1] - edges[0])}."
        f"{_beyond(hedged, edges, money)}",
    )


def _edges(reach: float) -> Floats:
    return np.linspace(-1.0, 1.0, BINS + 1) * (reach or 1.0)


def _hedged_days(hedged: Floats, edges: Floats) -> Line:
    share = _day_share(np.clip(hedged, edges[0], edges[-1]), edges)
    return Line(label="Hedged", values=share, role="hedged", style=Style.BARS)


def _beyond(daily: Floats, edges: Floats, money: Money) -> str:
    """Return how many days lie outside the axis, "" where none does."""
    size = np.abs(daily)
    far = int(np.sum(size > edges[-1]))
    if far == 0:
        return ""
    return (
        f" The outermost bins also hold {far:,} of {len(daily):,} hedged days that lie further "
        f"out, up to {money.plain(float(size.max()))}."
    )


def _histogram(
    name: str, heading: str, edges: Floats, lines: tuple[Line, ...], caption: str
) -> Chart:
    return Chart(
        name=name,
        title=heading,
        unit="% of days",
        decimals=2,
        lines=lines,
        amounts=(edges[1:] + edges[:-1]) / 2.0,
        zero=True,
        caption=caption,
    )


def _day_share(daily: Floats, edges: Floats) -> Floats:
    return PERCENT * np.histogram(daily, edges)[0] / max(len(daily), 1)
