"""A payoff in words and tables, for the screen and for the page."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from hedgerow.report.cells import Cell, Table, amount, words
from hedgerow.report.payoff import Curve, Extreme, Payoff
from hedgerow.report.wording import Money, counted, percent

ROWS: Final = 11  # of the table of profits
LARGE: Final = 1e4  # prices of which five digits are whole
NONE: Final = "none in the range"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A figure with its label, and what it is read with."""

    label: str
    figure: str
    note: str = ""


def money_of(given: Payoff) -> Money:
    """Return how amounts of a payoff are written: all alike."""
    most = max(float(np.abs(curve.profit).max()) for curve in given.curves)
    return Money.for_scale(given.exposure.numeraire, most)


def price_of(value: float) -> str:
    """Return a price of the axis, to five digits.

    >>> price_of(60_000.0), price_of(3_021.554), price_of(3_000.0), price_of(0.25431)
    ('60,000', '3,021.6', '3,000', '0.25431')
    """
    if abs(value) >= LARGE:
        return f"{value:,.0f}"
    return f"{value:,.5g}"


def facts(given: Payoff) -> list[Fact]:
    """Return what a person wants to know first."""
    money = money_of(given)
    last, now = given.last, given.now
    ends = f"the end, {last.label}" if not given.ends else "expiry"
    return [
        Fact(
            label=f"Break-even at {ends}" if given.ends else f"Break-even {last.label}",
            figure=_prices(last),
            note=f"if it moves at once: {_prices(now)}",
        ),
        Fact(label="Most it makes", figure=_worst(last.highest, money), note=_where(last.highest)),
        Fact(label="Most it loses", figure=_worst(last.lowest, money), note=_where(last.lowest)),
        Fact(
            label="If the price stays",
            figure=money.signed(last.at(given.spot)),
            note=f"{last.label}, at {price_of(given.spot)}",
        ),
    ]


def counted_from(given: Payoff) -> str:
    """Return in words what profit is counted from."""
    money = money_of(given)
    if not given.entries:
        return "Profit counts from the marks of now."
    return (
        f"Profit counts from the entry of {counted(given.entries, 'position')} "
        f"({money.signed(given.gained)} so far) and from the marks of now for the rest."
    )


def assumptions(given: Payoff) -> list[str]:
    """Return what the curves rest on."""
    said = [
        counted_from(given),
        (
            "Each option keeps its volatility; forwards run to spot as their expiry comes nearer; "
            "funding and fees go on as they are now."
        ),
    ]
    others = [name for name in given.exposure.underlyings if name != given.underlying]
    if others:
        stand = "stands" if len(others) == 1 else "stand"
        said.append(f"{', '.join(others)} {stand} still.")
    ended = _expiries(given)
    if ended > 1:
        said.append(
            f"The book has {counted(ended, 'expiry', 'expiries')}: what ends earlier is settled "
            "at the same price."
        )
    return said


def profit_table(given: Payoff) -> Table:
    """Return profit at prices across the range, one column a time."""
    money = money_of(given)
    head = (
        f"{given.underlying} price",
        "from now",
        *(curve.label for curve in given.curves),
    )
    return Table(
        caption=f"Profit in {money.unit} by price and time",
        head=head,
        rows=tuple(_row(given, price, money) for price in levels(given)),
        name="profits",
    )


def levels(given: Payoff) -> list[float]:
    """Return round prices across the range, and the spot price."""
    low, high = float(given.prices[0]), float(given.prices[-1])
    step = _round((high - low) / ROWS)
    first = math.ceil(low / step)
    found = {step * place for place in range(first, math.floor(high / step) + 1)}
    near = {one for one in found if abs(one - given.spot) < 0.25 * step}
    return sorted((found - near) | {given.spot})


def position_table(given: Payoff) -> Table:
    """Return what is held, with what each position is worth and its delta."""
    money = money_of(given)
    rows = []
    for row in given.exposure.contributions().to_dicts():
        size = "–" if row["size"] is None else f"{row['size']:,.8g}"
        delta = row["delta"]
        rows.append(
            (
                words(row["position"]),
                words(row["kind"] or "unknown"),
                words(size),
                amount(_finite(row["worth"]), money),
                Cell(
                    text="–" if _finite(delta) is None else f"{delta:+,.4f}", value=_finite(delta)
                ),
                words(row["reason"]),
            )
        )
    return Table(
        caption="Positions now",
        head=("position", "kind", "size", f"worth, {money.unit}", "delta, coins", "not counted"),
        rows=tuple(rows),
        name="positions",
        words=(1, 5),
    )


def _row(given: Payoff, price: float, money: Money) -> tuple[Cell, ...]:
    moved = price / given.spot - 1.0
    name = f"{price_of(price)} (now)" if price == given.spot else price_of(price)
    return (
        Cell(text=name, value=price),
        Cell(text=percent(moved, 1, sign="+") if moved else "–", value=moved),
        *(amount(curve.at(price), money) for curve in given.curves),
    )


def _prices(curve: Curve) -> str:
    return " / ".join(price_of(one) for one in curve.break_evens) or NONE


def _worst(extreme: Extreme, money: Money) -> str:
    return money.signed(extreme.profit)


def _where(extreme: Extreme) -> str:
    if extreme.goes_on:
        return f"at {price_of(extreme.price)}, the end of the range: it goes on beyond"
    return f"at {price_of(extreme.price)}"


def _expiries(given: Payoff) -> int:
    return given.exposure.by_expiry()["expiry"].drop_nulls().n_unique()


def _round(value: float) -> float:
    """Return the next of 1, 2, 2.5, 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1.0, 2.0, 2.5, 5.0, 10.0) if step * power >= value)


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
