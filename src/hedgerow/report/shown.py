"""A table as a page shows it: words for people, with the exact number behind each."""

from dataclasses import dataclass
from typing import Final

from hedgerow.report.verdict import Figures, headline_horizon
from hedgerow.report.wording import Money, clock, counted, number, percent, price


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What is read, and the number of the JSON result it was written from, if any."""

    text: str
    value: float | int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows under a head; the first cell of a row names it.

    `words` lists the columns that hold words rather than numbers, `total` marks the last row.
    """

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    name: str = ""
    words: tuple[int, ...] = ()
    total: bool = False


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
PRICE_SOURCES: Final = {
    "mark": "mark",
    "bounded": "last price within the mark's range",
    "last": "last price only",
}


def words(text: str) -> Cell:
    """Return a cell without a number behind it."""
    return Cell(text=text)


def amount(value: float | None, money: Money) -> Cell:
    """Return an amount with its sign and without its unit."""
    return Cell(text="–" if value is None else money.signed_number(value), value=value)


def size(value: float | None, money: Money) -> Cell:
    """Return an amount that has no direction, without its unit."""
    return Cell(text="–" if value is None else money.number(value), value=value)


def share(value: float | None, decimals: int = 1) -> Cell:
    """Return a fraction in percent."""
    return Cell(text=percent(value, decimals), value=value)


def many(value: int) -> Cell:
    """Return a number of things."""
    return Cell(text=f"{value:,}", value=value)


def key_figures(result: Figures, money: Money) -> Table:
    """Return hedged against unhedged."""
    rows = []
    for name, label in RISKS.items():
        hedged, alone = result["hedged"][name], result["unhedged"][name]
        moved = None if hedged is None or alone is None else hedged - alone
        show = amount if name == "pnl" else size
        rows.append(
            (words(label), show(hedged, money), show(alone, money), words(amount(moved, money).text))
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


def funding_of_leg(leg: Figures, money: Money) -> Table:
    """Return what funding brought and took on one leg."""
    worst = leg["worst_30_days"]
    return Table(
        caption=f"Amounts in {money.unit}, valued when paid.",
        head=("", "", ""),
        rows=(
            (words("Received"), amount(leg["received"], money), words("")),
            (words("Paid"), amount(-leg["paid"], money), words("")),
            (
                words("Net"),
                amount(leg["net"], money),
                words(f"{counted(leg['settlements'], 'settlement')} while a position was held"),
            ),
            (
                words("Mean rate of a settlement"),
                share(leg["mean_rate"], 4),
                words("of notional; above zero longs pay shorts"),
            ),
            (
                words("That is, a year"),
                share(leg["annual_rate"], 2),
                words("simple, from each rate's own interval"),
            ),
            (words("Time the book paid"), share(leg["paid_share"]), words("")),
            (
                words("Worst 30 days"),
                amount(worst["net"], money),
                words(f"{worst['first']} to {worst['last']}"),
            ),
        ),
        words=(2,),
    )


def liquidations(result: Figures, money: Money) -> Table:
    """Return every forced close: when, where, at what price and what it cost."""
    events = result["margin"]["liquidations"]
    return Table(
        caption=f"Loss and fee in {money.unit}; quantity in coins, as the position changed.",
        head=("Bar", "Instrument", "Account", "Price", "Quantity", "Loss", "of it fee", "Price from"),
        rows=tuple(
            (
                words(clock(event["time"])),
                words(event["instrument"]),
                words(event["account"]),
                Cell(text=price(event["price"]), value=event["price"]),
                Cell(text=number(event["quantity"], 4, sign="+"), value=event["quantity"]),
                size(event["loss"], money),
                size(event["fee"], money),
                words(PRICE_SOURCES.get(event["price_source"], event["price_source"])),
            )
            for event in events
        ),
        name="liquidations",
        words=(1, 2, 7),
    )


def account(one: Figures) -> Table:
    """Return what an account started with and what it would have needed."""
    money = Money.for_scale(one["collateral"], max(one["deposit"], one["reserve"], 1.0))
    return Table(
        caption=f"In {money.unit}; {one['mode']} margin, reserve {one['reserve_from']}.",
        head=("Deposit", "Reserve", "Reserve that meets every call", "Top-ups", "Withdrawals"),
        rows=(
            (
                size(one["deposit"], money),
                size(one["reserve"], money),
                size(one["needed_reserve"], money),
                many(one["top_ups"]),
                many(one["withdrawals"]),
            ),
        ),
    )


def cash_and_capital(result: Figures, money: Money) -> Table:
    """Return the worst stretches of cash, and what the capital earned."""
    margin, capital = result["margin"], result["capital"]
    rows: list[tuple[Cell, ...]] = []
    for calls in margin["cash_calls"]:
        worst = max((one["amount"] for one in calls["worst"]), default=0.0)
        called = Money.for_scale(calls["unit"], worst)
        rows += [
            (
                words(f"Cash called, worst {counted(one['days'], 'day')}"),
                size(one["amount"], called),
                words(called.unit),
                words(_stretch(one)),
            )
            for one in calls["worst"]
        ]
    rows += [
        (
            words(f"Cash the hedge used, worst {counted(one['days'], 'day')}"),
            size(one["amount"], money),
            words(money.unit),
            words(_stretch(one)),
        )
        for one in margin["cash_drain"]["worst"]
    ]
    unit = words(money.unit)
    rows += [
        (words("Worth of the book at the start"), size(capital["book"], money), unit, words("")),
        (
            words("Margin capital"),
            size(capital["margin"], money),
            unit,
            words("deposits and reserve"),
        ),
        (
            words("Carry"),
            amount(capital["carry"], money),
            unit,
            words("funding, fees, slippage and financing"),
        ),
        (
            words("Carry on margin capital"),
            share(capital["carry_return"], 2),
            words("a year"),
            words("simple; the reserve counts"),
        ),
        (
            words("Return on the book"),
            share(capital["annual_return"], 2),
            words("a year"),
            words(f"simple; {percent(capital['total_return'], 2)} in all"),
        ),
    ]
    return Table(
        caption="Cash called is what moved to the venue; cash used is the hedge's daily loss.",
        head=("", "Amount", "Unit", ""),
        rows=tuple(rows),
        name="capital",
        words=(2, 3),
    )


def trades(result: Figures, money: Money) -> Table:
    """Return what trading came to and cost."""
    done, parts = result["trades"], result["pnl"]
    turnover = done["turnover"]

    def of_turnover(cost: float) -> Cell:
        return words(f"{number(1e4 * cost / turnover, 2)} bps of turnover" if turnover else "")

    return Table(
        caption=f"In {money.unit}.",
        head=("", "", ""),
        rows=(
            (words("Trades, liquidations included"), many(done["count"]), words("")),
            (
                words("Turnover"),
                size(turnover, money),
                words(f"{number(result['capital']['turnover_a_year'], 2)} times the book a year"),
            ),
            (words("Fees"), amount(parts["fees"], money), of_turnover(parts["fees"])),
            (words("Slippage"), amount(parts["slippage"], money), of_turnover(parts["slippage"])),
            (
                words("Unwinding at the end would cost"),
                size(result["exit_cost"], money),
                words("not part of the P&L: the hedge is marked, not unwound"),
            ),
        ),
        name="trades",
        words=(2,),
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


def coverage(result: Figures) -> Table:
    """Return how much of the data was there."""
    counts = result["coverage"]
    rows = []
    for kind in ("bars", "settlements"):
        there, wanted = counts[f"{kind}_present"], counts[f"{kind}_expected"]
        rows.append(
            (
                words(kind.capitalize()),
                many(there),
                many(wanted),
                many(wanted - there),
                words(percent(there / wanted, 2) if wanted else "–"),
            )
        )
    return Table(
        caption=f"From {clock(result['start'])} to {clock(result['end'])}.",
        head=("", "Present", "Expected", "Missing", "Coverage"),
        rows=tuple(rows),
        name="coverage",
    )


def provenance(result: Figures) -> Table:
    """Return what it takes to get the same run again."""
    origin = result["provenance"]
    seed = "none: nothing was drawn" if origin["seed"] is None else str(origin["seed"])
    return Table(
        caption="The same version, config and data give the same figures.",
        head=(),
        rows=tuple(
            (words(label), words(text))
            for label, text in (
                ("hedgerow", origin["version"]),
                ("World", result["world"] + (", SIMULATED" if result["simulated"] else "")),
                ("Policy", origin["policy"]),
                ("Seed", seed),
                ("Config hash", origin["config_hash"]),
                ("Data hash", origin["data_hash"]),
                ("Schema", result["schema"]),
            )
        ),
        name="provenance",
        words=(1,),
    )


def tiles(result: Figures, money: Money) -> tuple[tuple[str, Cell, str, str], ...]:
    """Return the figures at the top: label, figure, unit and a note each."""
    hedged, alone, margin = result["hedged"], result["unhedged"], result["margin"]
    found = headline_horizon(result)
    events = len(margin["liquidations"])
    return (
        ("Hedged P&L", amount(hedged["pnl"], money), money.unit, "all costs included"),
        ("Unhedged P&L", amount(alone["pnl"], money), money.unit, "the holding alone"),
        (
            "Variance taken away",
            share(found[1]["variance_reduction"] if found else None),
            "",
            f"over {found[0]}" if found else "too few days",
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
            many(events),
            "",
            "the hedge survived" if events == 0 else clock(margin["liquidations"][0]["time"]),
        ),
    )


def _stretch(one: Figures) -> str:
    first, last = str(one["first"]), str(one["last"])
    return first if first == last else f"{first} to {last}"
