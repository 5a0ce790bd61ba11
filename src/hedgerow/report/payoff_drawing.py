"""A payoff as a drawing: profit over price, now and on the way to expiry."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from hedgerow.report.drawing import Axis, Drawing, apart, pixels, ticks
from hedgerow.report.payoff import Curve, Payoff
from hedgerow.report.payoff_words import money_of, price_of
from hedgerow.report.wording import Money

MILLION: Final = 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """The size of a drawing, in pixels at which its words are legible.

    Attributes
    ----------
    left, right, top, bottom
        Ends of what the axes hold; beside and below it stand words.
    marks
        Most values along the bottom, and along the left.
    bars
        How many say their figures when pointed at.
    """

    width: float
    height: float
    left: float
    right: float
    top: float
    bottom: float
    marks: tuple[int, int]
    bars: int


WIDE: Final = Sheet(
    width=1060.0, height=500.0, left=74.0, right=950.0, top=30.0, bottom=436.0, marks=(11, 9),
    bars=120,
)  # fmt: skip
NARROW: Final = Sheet(
    width=364.0, height=400.0, left=54.0, right=282.0, top=44.0, bottom=338.0, marks=(5, 7),
    bars=40,
)  # fmt: skip


def payoff_drawing(given: Payoff, sheet: Sheet = WIDE) -> str:
    """Return profit over the price at all times, with break-evens, strikes and spot."""
    money = money_of(given)
    drawing = Drawing(width=sheet.width, height=sheet.height, spoken=_spoken(given, money))
    across = Axis(
        low=float(given.prices[0]), high=float(given.prices[-1]), start=sheet.left, end=sheet.right
    )
    values = np.stack([curve.profit for curve in given.curves])
    low, high = min(float(values.min()), 0.0), max(float(values.max()), 0.0)
    room = 0.07 * ((high - low) or 1.0)
    up = Axis(low=low - room, high=high + room, start=sheet.bottom, end=sheet.top)
    drawing.across(
        across, sheet.bottom, sheet.top, ticks(across.low, across.high, sheet.marks[0]), price_of
    )
    drawing.upwards(up, sheet.left, sheet.right, ticks(up.low, up.high, sheet.marks[1]), _signed)
    drawing.text(
        0.5 * (sheet.left + sheet.right),
        sheet.height - 6.0,
        f"{given.underlying} price",
        kind="name",
    )
    drawing.text(sheet.left, 16.0, f"profit, {money.unit}", kind="name", anchor="start")
    x, zero = pixels(across, given.prices), up(0.0)
    y = pixels(up, given.last.profit)
    drawing.area(x, np.minimum(y, zero), zero, "gain")
    drawing.area(x, np.maximum(y, zero), zero, "loss")
    drawing.line((sheet.left, zero, sheet.right, zero), "zero")
    _verticals(drawing, given, across, sheet)
    for curve, kind in zip(given.curves, _kinds(given), strict=True):
        drawing.curve(x, pixels(up, curve.profit), kind)
    _labels(drawing, given, up, sheet)
    _break_evens(drawing, given.last, across, zero)
    _pointed(drawing, given, across, sheet)
    return drawing.svg()


def _kinds(given: Payoff) -> list[str]:
    return ["path now", *["path between"] * (len(given.curves) - 2), "path last"]


def _verticals(drawing: Drawing, given: Payoff, across: Axis, sheet: Sheet) -> None:
    """Draw the spot price, and a mark at each strike."""
    x = across(given.spot)
    drawing.line((x, sheet.top, x, sheet.bottom), "spot")
    drawing.text(x, sheet.top - 4.0, f"spot {price_of(given.spot)}", kind="label")
    free = sheet.left
    for strike in given.strikes:
        at = across(strike)
        drawing.line((at, sheet.bottom, at, sheet.bottom - 8.0), "strike")
        words = f"strike {price_of(strike)}"
        half = 3.1 * len(words)
        if at - half > free and at + half < sheet.right + 20.0:
            drawing.text(at, sheet.bottom + 30.0, words, kind="small")
            free = at + half + 6.0


def _labels(drawing: Drawing, given: Payoff, up: Axis, sheet: Sheet) -> None:
    """Write beside each curve's end which time it is."""
    ends = [up(float(curve.profit[-1])) for curve in given.curves]
    placed = apart(ends, 15.0, sheet.top, sheet.bottom)
    for curve, kind, end, y in zip(given.curves, _kinds(given), ends, placed, strict=True):
        drawing.curve(
            np.array([sheet.right, sheet.right + 5.0, sheet.right + 11.0]),
            np.array([end, y, y]),
            "leader",
        )
        word = f"label {kind.split()[1]}-word"
        drawing.text(sheet.right + 14.0, y + 4.0, curve.label, kind=word, anchor="start")


def _break_evens(drawing: Drawing, curve: Curve, across: Axis, zero: float) -> None:
    free = -1.0
    for place, price in enumerate(curve.break_evens):
        x = across(price)
        drawing.dot(x, zero, "even", 4.5)
        words = price_of(price)
        half = 3.4 * len(words) + 4.0
        below = place % 2 == 1 and x - half < free
        at = min(max(x, across.start + half), across.end - half)
        drawing.text(at, zero + 19.0 if below else zero - 10.0, words, kind="label even-word")
        free = x + half


def _pointed(drawing: Drawing, given: Payoff, across: Axis, sheet: Sheet) -> None:
    """Lay bars over the drawing that say the figures of their price."""
    money = money_of(given)
    for price in np.linspace(across.low, across.high, sheet.bars).tolist():
        moved = 100.0 * (price / given.spot - 1.0)
        figures = "\n".join(
            f"{curve.label}: {money.signed(curve.at(price))}" for curve in given.curves
        )
        words = f"{given.underlying} at {price_of(price)} ({moved:+.1f} %)\n{figures}"
        drawing.told(across(price), sheet.top, sheet.bottom, words)


def _spoken(given: Payoff, money: Money) -> str:
    last = given.last
    evens = ", ".join(price_of(one) for one in last.break_evens) or "none"
    return (
        f"Profit over the {given.underlying} price from {price_of(float(given.prices[0]))} to "
        f"{price_of(float(given.prices[-1]))}. {last.label}: lowest "
        f"{money.signed(last.lowest.profit)}, highest {money.signed(last.highest.profit)}, "
        f"break-even {evens}."
    )


def _signed(value: float) -> str:
    """Return a profit as the axis writes it: large ones in millions."""
    if abs(value) >= MILLION:
        return f"{value / MILLION:+,.6g}M"
    return f"{value:+,.6g}" if value else "0"
