"""Charts of one hedging leg: position, funding, margin and basis."""

import math

import numpy as np

from hedgerow.analysis.funding import realised_rate
from hedgerow.analysis.periods import instants
from hedgerow.analysis.run import LegRun, Run
from hedgerow.ledger import EntryKind
from hedgerow.market.instrument import parse_symbol
from hedgerow.report.chart import Chart, Line, Style
from hedgerow.report.column import column
from hedgerow.report.event_marks import leg_marks
from hedgerow.report.wording import Money

BASIS_POINTS = 1e4
PERCENT = 100.0
CEILING = 3.0  # liquidation prices above this many times the highest mark are left out


def position_chart(run: Run, leg: LegRun, name: str) -> Chart:
    """Return what was held against what was aimed at, with the policy's band."""
    goal = column(leg.series, "goal")
    lines = [
        Line(label="Position", values=column(leg.series, "position"), role="hedged"),
        Line(label="Goal", values=goal, role="goal", style=Style.DASHED),
    ]
    caption = f"Long above zero, short below, in {leg.asset}."
    if math.isfinite(leg.half_width):
        width = leg.half_width * np.abs(column(leg.series, "exposure"))
        lines += [
            Line(label="Band, upper", values=goal + width, role="goal", style=Style.EDGE),
            Line(label="Band, lower", values=goal - width, role="goal", style=Style.EDGE),
        ]
        caption += (
            f" The shade is the policy's band, {leg.half_width:.2%} of the exposure either side "
            "of the goal; a position inside it is left alone."
        )
    return Chart(
        name=name,
        title="Position and goal",
        unit=leg.asset,
        decimals=4,
        lines=tuple(lines),
        times=instants(leg.series),
        step=run.step,
        caption=caption,
        marks=leg_marks(run, leg),
    )


def funding_charts(run: Run, leg: LegRun, name: str, money: Money) -> list[Chart]:
    """Return the leg's funding added up, and the rate of each settlement."""
    entries = [
        entry
        for entry in run.ledger.of(EntryKind.FUNDING)
        if entry.instrument == leg.instrument and entry.account == leg.account
    ]
    if not entries:
        return []
    times = np.array([entry.time for entry in entries], np.int64)
    rates = np.array([realised_rate(entry) for entry in entries])
    total = np.cumsum([entry.value for entry in entries])
    return [
        Chart(
            name=f"{name}-total",
            title="Cumulative funding",
            unit=money.unit,
            decimals=money.decimals,
            lines=(Line(label="Funding", values=total, role="hedged", style=Style.AREA),),
            times=times,
            zero=True,
            caption="Rising: the hedge is being paid. Falling: the hedge is paying.",
        ),
        Chart(
            name=f"{name}-rate",
            title="Funding rate of each settlement",
            unit="%",
            decimals=4,
            lines=(Line(label="Rate", values=PERCENT * rates, role="calm", style=Style.BARS),),
            times=times,
            zero=True,
            caption="Percent of notional per settlement. Above zero, longs pay shorts.",
        ),
    ]


def margin_charts(run: Run, leg: LegRun, name: str) -> list[Chart]:
    """Return the headroom, and the mark against the price that would liquidate."""
    times, marks = instants(leg.series), leg_marks(run, leg)
    level = column(leg.series, "liquidation_price")
    worst = column(leg.series, "worst_mark")
    ceiling = CEILING * float(np.nanmax(worst, initial=0.0))
    hidden = bool(np.nanmax(level, initial=0.0) > ceiling)
    return [
        Chart(
            name=f"{name}-headroom",
            title="Margin headroom",
            unit="%",
            decimals=2,
            lines=(
                Line(
                    label="Headroom",
                    values=PERCENT * column(leg.series, "headroom"),
                    role="hedged",
                    style=Style.AREA,
                ),
            ),
            times=times,
            step=run.step,
            zero=True,
            caption="Equity above maintenance at the worst mark of each bar, in percent of "
            "notional. At zero the venue liquidates. No line while there is no position.",
            marks=marks,
        ),
        Chart(
            name=f"{name}-liquidation",
            title="Mark and liquidation price",
            unit=parse_symbol(leg.instrument).quote,
            decimals=2,
            lines=(
                Line(label="Worst mark of the bar", values=worst, role="hedged"),
                Line(label="Liquidation price", values=level, role="danger", style=Style.DASHED),
            ),
            times=times,
            step=run.step,
            ceiling=ceiling,
            caption=f"Per {leg.asset}."
            + (
                f" Liquidation prices above {CEILING:g} times the highest mark are left out."
                if hidden
                else ""
            ),
            marks=marks,
        ),
    ]


def basis_chart(run: Run, leg: LegRun, name: str) -> Chart:
    """Return how far the perpetual stood from its index."""
    basis = column(leg.series, "basis") / column(leg.series, "index")
    return Chart(
        name=name,
        title="Basis",
        unit="bps",
        decimals=1,
        lines=(Line(label="Basis", values=BASIS_POINTS * basis, role="calm"),),
        times=instants(leg.series),
        step=run.step,
        zero=True,
        caption="Mark less index, in basis points of the index.",
    )
