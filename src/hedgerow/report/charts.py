"""Which charts a report draws, and from which series."""

import math

import numpy as np
import polars as pl

from hedgerow.analysis.funding import realised_rate
from hedgerow.analysis.risk import drawdown
from hedgerow.analysis.run import AccountRun, LegRun, Run
from hedgerow.ledger import EntryKind
from hedgerow.report.chart import Chart, Line, Mark, Style
from hedgerow.report.wording import Money
from hedgerow.units import Floats, Times

BASIS_POINTS = 1e4
PERCENT = 100.0
CEILING = 3.0  # liquidation prices above this many times the highest mark are left out
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
            Line(label="Hedged", values=_values(run.series, "hedged"), role="hedged"),
            Line(
                label="Unhedged",
                values=_values(run.series, "unhedged"),
                role="unhedged",
                style=Style.DASHED,
            ),
        ),
        times=_times(run.series),
        step=run.step,
        zero=True,
        marks=tuple(
            Mark(time=event.time, label=f"liquidated {event.instrument}")
            for event in run.liquidations
        ),
    )


def position_chart(run: Run, leg: LegRun, name: str) -> Chart:
    """Return what was held against what was aimed at, with the policy's band."""
    goal = _values(leg.series, "goal")
    lines = [
        Line(label="Position", values=_values(leg.series, "position"), role="hedged"),
        Line(label="Goal", values=goal, role="goal", style=Style.DASHED),
    ]
    caption = f"Long above zero, short below, in {leg.asset}."
    if math.isfinite(leg.half_width):
        width = leg.half_width * np.abs(_values(leg.series, "exposure"))
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
        times=_times(leg.series),
        step=run.step,
        caption=caption,
        marks=_liquidation_marks(run, leg),
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
    times, marks = _times(leg.series), _liquidation_marks(run, leg)
    level = _values(leg.series, "liquidation_price")
    worst = _values(leg.series, "worst_mark")
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
                    values=PERCENT * _values(leg.series, "headroom"),
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
            unit=run.numeraire,
            decimals=2,
            lines=(
                Line(label="Worst mark of the bar", values=worst, role="hedged"),
                Line(
                    label="Liquidation price", values=level, role="danger", style=Style.DASHED
                ),
            ),
            times=times,
            step=run.step,
            ceiling=ceiling,
            caption=f"Quote per {leg.asset}."
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
    basis = _values(leg.series, "basis") / _values(leg.series, "index")
    return Chart(
        name=name,
        title="Basis",
        unit="bps",
        decimals=1,
        lines=(Line(label="Basis", values=BASIS_POINTS * basis, role="calm"),),
        times=_times(leg.series),
        step=run.step,
        zero=True,
        caption="Mark less index, in basis points of the index.",
    )


def account_chart(run: Run, account: AccountRun, name: str) -> Chart:
    """Return what an account has, what the venue wants to see, and what is left behind it."""
    frame = account.series
    lines = [
        Line(
            label="Equity on the venue",
            values=_values(frame, "wallet") + _values(frame, "unrealised"),
            role="hedged",
        ),
        Line(
            label="Maintenance margin",
            values=_values(frame, "maintenance"),
            role="danger",
            style=Style.DASHED,
        ),
        Line(
            label="Reserve left",
            values=_values(frame, "reserve"),
            role="goal",
            style=Style.STAIRS,
        ),
    ]
    debt = _values(frame, "debt")
    if np.any(debt != 0.0):
        lines.append(Line(label="Debt", values=debt, role="unhedged", style=Style.STAIRS))
    money = Money.for_scale(account.collateral, account.deposit + account.reserve)
    return Chart(
        name=name,
        title="Account and reserve",
        unit=money.unit,
        decimals=money.decimals,
        lines=tuple(lines),
        times=_times(frame),
        step=run.step,
        zero=True,
        marks=tuple(Mark(time=time, label="call not met") for time, _ in account.unmet[:12]),
    )


def cash_call_chart(run: Run, money: Money) -> Chart | None:
    """Return the cash that was called, one bar a call, and what was posted in all."""
    entries = run.ledger.of(EntryKind.TOP_UP, EntryKind.WITHDRAWAL)
    if not any(entry.kind is EntryKind.TOP_UP for entry in entries):
        return None
    called = [
        abs(entry.value) * (1.0 if entry.kind is EntryKind.TOP_UP else -1.0) for entry in entries
    ]
    return Chart(
        name="cash-calls",
        title="Cash calls",
        unit=money.unit,
        decimals=money.decimals,
        lines=(
            Line(label="Called", values=np.array(called), role="danger", style=Style.BARS),
            Line(
                label="Posted in all",
                values=np.cumsum(called),
                role="goal",
                style=Style.STAIRS,
            ),
        ),
        times=np.array([entry.time for entry in entries], np.int64),
        zero=True,
        caption="Above zero: cash that went to the venue. Below zero: cash that came back.",
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
            Line(
                label="Unhedged", values=-drawdown(unhedged), role="unhedged", style=Style.DASHED
            ),
        ),
        times=times,
        zero=True,
        caption="Cumulative P&L at the end of each UTC day less its best until then.",
    )


def histogram_chart(daily: dict[str, Floats], money: Money) -> Chart:
    """Return the share of days by daily P&L, every series on one axis that holds every day."""
    reach = max(float(np.max(np.abs(values), initial=0.0)) for values in daily.values()) or 1.0
    edges = np.linspace(-reach, reach, BINS + 1)
    styles = {"Hedged": Style.BARS, "Unhedged": Style.DASHED}
    return _histogram(
        "histogram",
        "Daily P&L, hedged and unhedged",
        edges,
        tuple(
            Line(
                label=label,
                values=_day_share(values, edges),
                role=label.lower(),
                style=styles[label],
            )
            for label, values in daily.items()
        ),
        f"Daily P&L in {money.unit}, in bins of {money.plain(edges[1] - edges[0])}; every day is "
        "counted.",
    )


def hedge_error_chart(hedged: Floats, money: Money) -> Chart:
    """Return the share of days by hedged P&L, far days gathered in the outermost bins."""
    size = np.abs(hedged)
    most = float(np.max(size, initial=0.0))
    reach = min(most, MARGIN * float(np.quantile(size, COMMON))) if len(size) else 0.0
    edges = np.linspace(-1.0, 1.0, BINS + 1) * (reach or most or 1.0)
    far = int(np.sum(size > edges[-1]))
    beyond = (
        f" The two outermost bins also hold the {far} of {len(hedged)} days that lie further out, "
        f"up to {money.plain(most)}."
        if far
        else ""
    )
    return _histogram(
        "error",
        "Hedge error: daily P&L, hedged",
        edges,
        (
            Line(
                label="Hedged",
                values=_day_share(np.clip(hedged, edges[0], edges[-1]), edges),
                role="hedged",
                style=Style.BARS,
            ),
        ),
        f"On its own axis, in bins of {money.plain(edges[1] - edges[0])}.{beyond}",
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


def _values(frame: pl.DataFrame, column: str) -> Floats:
    """Return a column as float64, null as NaN."""
    return np.asarray(frame[column].cast(pl.Float64).fill_null(math.nan).to_numpy(), np.float64)


def _times(frame: pl.DataFrame) -> Times:
    return np.asarray(frame["time"].to_physical().to_numpy(), np.int64)


def _liquidation_marks(run: Run, leg: LegRun) -> tuple[Mark, ...]:
    return tuple(
        Mark(time=event.time, label="liquidated")
        for event in run.liquidations
        if event.instrument == leg.instrument and event.account == leg.account
    )
