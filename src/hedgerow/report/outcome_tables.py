"""Tables of what came out: hedged against unhedged, by part, horizon and month."""

from typing import Final

from hedgerow.report.cells import Cell, Table, amount, many, share, size, words
from hedgerow.report.verdict import Figures, headline_horizon
from hedgerow.report.wording import Money, clock, counted, percent

PARTS: Final = {
    "exposure": "The holding itself",
    "hedge_index": "Hedge, price",
    "hedge_basis": "Hedge, basis",
    "funding": "Funding",
    "fees": "Fees",
    "slippage": "Slippage",
    "financing": "Financing",
    "collateral": "Collateral",
    "liquidation": "Liquidation",
}
RISKS: Final = {
    "pnl": "P&L",
    "volatility": "Volatility, a year",
    "max_drawdown": "Deepest drawdown",
    "var_99": "Value at risk, 99 %, a day",
    "es_99": "Expected shortfall, 99 %, a day",
}


def key_figures(result: Figures, money: Money) -> Table:
    """Return hedged against unhedged."""
    rows = []
    for name, label in RISKS.items():
        hedged, alone = result["hedged"][name], result["unhedged"][name]
        moved = None if hedged is None or alone is None else hedged - alone
        show = amount if name == "pnl" else size
        rows.append(
            (
                words(label),
                show(hedged, money),
                show(alone, money),
                words(amount(moved, money).text),
            )
        )
    return Table(
        caption=f"In {money.unit}, of daily UTC P&L; losses are positive but in the first row.",
        head=("", "Hedged", "Unhedged", "Difference"),
        rows=tuple(rows),
        name="figures",
    )


def effectiveness(result: Figures) -> Table:
    """Return the variance reduction of each horizon with its interval."""
    rows = [
        (
            words(horizon.removesuffix("h") + " h"),
            share(one["variance_reduction"]),
            words(f"{percent(one['low'])} to {percent(one['high'])}"),
            share(one["without_carry"]["variance_reduction"]),
            share(one["without_liquidation_days"]["variance_reduction"]),
            many(one["changes"]),
        )
        for horizon, one in result["effectiveness"].items()
    ]
    return Table(
        caption="Share of the variance of P&L changes that the hedge took away, by horizon.",
        head=("Horizon", "Taken away", "95 % interval", "No carry", "No liq. days", "Changes"),
        rows=tuple(rows),
        name="effectiveness",
    )


def monthly(result: Figures, money: Money) -> Table:
    """Return every month with its parts."""
    columns = (
        "hedged",
        "unhedged",
        "exposure",
        "hedge",
        "funding",
        "costs",
        "financing",
        "collateral",
    )
    return Table(
        caption=f"In {money.unit}; costs are fees, slippage and liquidation.",
        head=("Month", *(column.capitalize() for column in columns)),
        rows=tuple(
            (words(row["month"]), *(amount(row[column], money) for column in columns))
            for row in result["monthly"]
        ),
        name="monthly",
    )


def tiles(result: Figures, money: Money) -> tuple[tuple[str, Cell, str, str], ...]:
    """Return the figures at the top: label, figure, unit and a note each."""
    hedged, alone, margin = result["hedged"], result["unhedged"], result["margin"]
    found = headline_horizon(result)
    events = margin["liquidation_events"]
    return (
        ("Hedged P&L", amount(hedged["pnl"], money), money.unit, "all costs included"),
        ("Unhedged P&L", amount(alone["pnl"], money), money.unit, "the holding alone"),
        (
            "Variance taken away",
            share(found[1]["variance_reduction"] if found else None),
            "",
            f"over {found[0].removesuffix('h')} h" if found else "too few days",
        ),
        (
            "Net funding",
            amount(result["funding"]["net"], money),
            money.unit,
            counted(result["funding"]["settlements"], "settlement"),
        ),
        (
            "Tightest headroom",
            share(margin["min_headroom"]),
            "",
            clock(margin["min_headroom_time"]) if margin["min_headroom_time"] else "no position",
        ),
        (
            "Liquidations",
            many(len(events)),
            "",
            _last_note(margin),
        ),
    )


def _last_note(margin: Figures) -> str:
    """Return what stands below the number of liquidations."""
    if margin["liquidation_events"]:
        return clock(margin["liquidation_events"][0]["time"])
    taken = len(margin["deleveragings"])
    return f"but {counted(taken, 'deleveraging')}" if taken else "the hedge survived"
