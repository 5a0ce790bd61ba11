"""Tables of cash: funding, margin, capital and the cost of trading."""

from hedgerow.report.cells import Cell, Table, amount, many, share, size, words
from hedgerow.report.verdict import Figures
from hedgerow.report.wording import Money, counted, number, percent


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


def pledges(one: Figures) -> Table | None:
    """Return what backed an account beside its collateral, or None where nothing did."""
    if not one["pledges"]:
        return None
    return Table(
        caption="What else backs the account; its worth counts less the haircut.",
        head=("Pledged", "Amount", "Haircut", "Taken from"),
        rows=tuple(
            (
                words(pledge["asset"]),
                Cell(text=number(pledge["amount"], 4), value=pledge["amount"]),
                share(pledge["haircut"]),
                words("held beside the holding" if pledge["extra"] else "the holding"),
            )
            for pledge in one["pledges"]
        ),
        words=(3,),
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
            words("deposits, pledges and reserve"),
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
            (words("Trades, forced ones included"), many(done["count"]), words("")),
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


def _stretch(one: Figures) -> str:
    first, last = str(one["first"]), str(one["last"])
    return first if first == last else f"{first} to {last}"
