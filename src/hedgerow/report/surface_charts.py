"""All expiries in one drawing: total variance, what the market thinks of prices, and the terms."""

import math
from typing import Final

import numpy as np

from hedgerow.pricing.surface.by_delta import places_of_delta
from hedgerow.pricing.surface.chances import REACH, chance_below, density
from hedgerow.report.drawing import (
    Axis,
    Drawing,
    amount,
    apart,
    log_ticks,
    pixels,
    shade,
    ticks,
)
from hedgerow.report.surface_figures import SliceFigures, SurfaceFigures
from hedgerow.report.surface_words import day, worth
from hedgerow.units import Floats

WIDTH: Final = 1060.0
POINTS: Final = 241
EDGES: Final = (0.98, 0.02)  # calls' deltas
WIDE: Final = (0.04, 0.985)  # chances that the axis of prices holds
FAR: Final = (0.0005, 0.9995)  # chances between which a density is drawn
DEEPEST: Final = 0.35  # of a row, for a density below 0
RIDGE: Final = 44.0  # height of a row of densities
TALL: Final = 1.55  # of a density, in rows


def variance_drawing(given: SurfaceFigures) -> str:
    """Return total variance over log-moneyness, all expiries: lines that cross are arbitrage."""
    there = _with_smiles(given)
    drawing = Drawing(
        width=WIDTH,
        height=520.0,
        spoken=f"Total variance of {len(there)} expiries over the logarithm of strike over forward",
    )
    ends = np.array([_ends(one, EDGES) for one in there])
    across = Axis(low=float(ends[:, 0].min()), high=float(ends[:, 1].max()), start=62.0, end=940.0)
    grids = [np.linspace(left, right, POINTS) for left, right in ends]
    lines = [_variance(one, k) for one, k in zip(there, grids, strict=True)]
    low, high = min(float(w.min()) for w in lines), max(float(w.max()) for w in lines)
    up = Axis(low=low / 1.15, high=high * 1.15, start=475.0, end=14.0, bend=math.log)
    drawing.across(across, 475.0, 14.0, ticks(across.low, across.high, 12), lambda k: f"{k:g}")
    drawing.upwards(up, 62.0, 940.0, log_ticks(up.low, up.high, 14), lambda w: f"{w:g}")
    drawing.text(501.0, 513.0, "ln(strike / forward)", kind="name")
    drawing.text(62.0, 513.0, "total variance, volatility² × years, log scale", kind="name",
                 anchor="start")  # fmt: skip
    for place, (one, k, w) in enumerate(zip(there, grids, lines, strict=True)):
        style = shade(_part(place, len(there)))
        for at, middle in _dots(given, one):
            if across.holds(at) and up.holds(middle):
                drawing.dot(across(at), up(middle), "seen", 1.5, style)
        drawing.curve(pixels(across, k), pixels(up, w), "line", style)
    wanted = [up(float(w[-1])) for w in lines]
    for place, y in enumerate(apart(wanted, 14.0, 22.0, 470.0)):
        one, x = there[place], across(float(grids[place][-1]))
        style = shade(_part(place, len(there)))
        drawing.curve(np.array([x, 944.0, 950.0]), np.array([wanted[place], y, y]), "lead", style)
        drawing.text(953.0, y + 4.0, f"{day(one)}", kind="label", anchor="start", style=style)
    for found in given.surface.violations:
        hit = [place for place, one in enumerate(there) if one.slice.expiry == found.expiry]
        if hit and across.holds(found.k):
            level = float(_variance(there[hit[0]], np.array([found.k]))[0])
            drawing.dot(across(found.k), up.clipped(level), "violation", 6.0)
    return drawing.svg()


def density_drawing(given: SurfaceFigures) -> str:
    """Return what each expiry's options say of the price: a ridge an expiry, on one price axis."""
    there = _with_smiles(given)
    top = 34.0 + TALL * RIDGE
    bottom = top + RIDGE * (len(there) - 1) + 6.0
    drawing = Drawing(
        width=WIDTH,
        height=bottom + 40.0,
        spoken=f"Density of the price at {len(there)} expiries, as their options price it",
    )
    ends = [one.slice.forward * np.exp(_quantiles(one, WIDE)) for one in there]
    low, high = min(float(end[0]) for end in ends), max(float(end[1]) for end in ends)
    across = Axis(low=low, high=high, start=132.0, end=800.0, bend=math.log)
    drawing.across(across, bottom, 22.0, log_ticks(low, high, 11), amount)
    drawing.text(466.0, bottom + 33.0, "price at expiry, log scale", kind="name")
    for x, word in ((862.0, "5 % below"), (942.0, "middle"), (1022.0, "5 % above")):
        drawing.text(x, 16.0, word, kind="small strong")
    for place, one in enumerate(there):
        base = top + RIDGE * place
        style = shade(_part(place, len(there)))
        _ridge(drawing, one, across, base, style)
        drawing.text(122.0, base - 1.0, day(one), kind="label", anchor="end", style=style)
        for x, tail in zip((862.0, 942.0, 1022.0), one.tails.tolist(), strict=True):
            beyond = "" if one.quoted[0] <= tail <= one.quoted[1] else " *"
            drawing.text(x, base - 1.0, f"{worth(tail)}{beyond}", kind="tick")
    return drawing.svg()


def _ridge(drawing: Drawing, one: SliceFigures, across: Axis, base: float, style: str) -> None:
    left, right = _quantiles(one, FAR)
    ends = np.log(np.array([across.low, across.high]) / one.slice.forward)
    k = np.linspace(max(left, ends[0]), min(right, ends[1]), POINTS)
    found = density(one.smile, k)
    x = pixels(across, np.clip(one.slice.forward * np.exp(k), across.low, across.high))
    y = base - RIDGE * np.maximum(TALL * found / float(found.max()), -DEEPEST)
    drawing.area(x, y, base, "ridge", style)
    low, high = one.quoted
    within = (k >= math.log(low / one.slice.forward)) & (k <= math.log(high / one.slice.forward))
    drawing.curve(x, y, "line beyond", style)
    drawing.curve(np.where(within, x, math.nan), y, "line", style)
    drawing.line((across.start, base, across.end, base), "zero")
    at = across(one.slice.forward)
    drawing.line((at, base, at, base - 5.0), "forward")


def money_drawing(given: SurfaceFigures) -> str:
    """Return volatility at the money by time to expiry."""
    there = _with_smiles(given)
    days = np.array([one.days for one in there])
    money = 100.0 * np.array([one.at_the_money for one in there])
    drawing = _terms("At the money volatility by days to expiry", days)
    across = _time(days)
    pad = max(0.12 * float(np.ptp(money)), 1.0)
    up = Axis(low=float(money.min()) - pad, high=float(money.max()) + pad, start=246.0, end=14.0)
    drawing.upwards(up, 46.0, 516.0, ticks(up.low, up.high, 7), lambda level: f"{level:g} %")
    _days_axis(drawing, across)
    drawing.curve(pixels(across, days), pixels(up, money), "fit")
    _marked(drawing, across, up, days, money)
    free = -math.inf
    around = np.concatenate([[-math.inf], money, [-math.inf]])
    for place, (time, level) in enumerate(zip(days.tolist(), money.tolist(), strict=True)):
        if across(time) - 16.0 > free:
            before, after = around[place], around[place + 2]
            valley = min(before, after) > level
            steep = place + 1 < days.size and up(level) - up(after) > 12.0  # the line rises on
            y = up(level) + 17.0 if valley else up(level) - 9.0
            drawing.text(
                min(across(time) + (3.0 if steep else 0.0), 500.0),
                y,
                f"{level:.1f}",
                kind="label fit-word",
                anchor="end" if steep and not valley else "middle",
            )
            free = across(time) + 18.0
    return drawing.svg()


def wings_drawing(given: SurfaceFigures) -> str:
    """Return risk reversals and butterflies of 25 delta by time to expiry."""
    there = _with_smiles(given)
    days = np.array([one.days for one in there])
    drawing = _terms("Risk reversal and butterfly of 25 delta by days to expiry", days)
    across = _time(days)
    sides = (
        ("risk reversal", 100.0 * np.array([one.risk_reversal for one in there]), "wing"),
        ("butterfly", 100.0 * np.array([one.butterfly for one in there]), "fit"),
    )
    every = np.concatenate([values for _, values, _ in sides])
    every = np.append(every[np.isfinite(every)], 0.0)
    pad = max(0.14 * float(np.ptp(every)), 0.5)
    up = Axis(low=float(every.min()) - pad, high=float(every.max()) + pad, start=246.0, end=14.0)
    drawing.upwards(up, 46.0, 516.0, ticks(up.low, up.high, 7), lambda level: f"{level:g}")
    _days_axis(drawing, across)
    drawing.line((46.0, up(0.0), 516.0, up(0.0)), "zero")
    for name, values, kind in sides:
        seen = np.isfinite(values)
        if not seen.any():
            continue
        drawing.curve(pixels(across, days), pixels(up, values), kind)
        _marked(drawing, across, up, days[seen], values[seen], kind)
        _name(drawing, pixels(across, days[seen]), pixels(up, values[seen]), name, kind)
    return drawing.svg()


def _name(drawing: Drawing, x: Floats, y: Floats, name: str, kind: str) -> None:
    """Write a line's name at its end, clear of the line: below it where it lies low."""
    start = float(x[-1]) - 6.6 * len(name)
    under = np.append(y[x >= start], np.interp(start, x, y))
    low = float(y[-1]) > 130.0
    place = float(under.max()) + 18.0 if low else float(under.min()) - 10.0
    drawing.text(float(x[-1]), place, name, kind=f"label {kind}-word", anchor="end")


def _terms(spoken: str, days: Floats) -> Drawing:
    drawing = Drawing(width=524.0, height=292.0, spoken=f"{spoken}, {days.size} expiries")
    drawing.text(281.0, 285.0, "days to expiry, square-root scale", kind="name")
    return drawing


def _time(days: Floats) -> Axis:
    high = max(float(days.max()) * 1.05, float(days.min()) + 0.5)
    return Axis(low=0.0, high=high, start=46.0, end=516.0, bend=math.sqrt)


def _days_axis(drawing: Drawing, across: Axis) -> None:
    marks = (1.0, 7.0, 14.0, 30.0, 60.0, 90.0, 120.0, 180.0, 270.0, 365.0, 545.0, 730.0, 1095.0)
    seen: list[float] = []
    for mark in marks:
        if mark <= across.high and (not seen or across(mark) - across(seen[-1]) > 26.0):
            seen.append(mark)
    if len(seen) < 2:
        seen = ticks(0.0, across.high, 5)
    drawing.across(across, 246.0, 14.0, seen, lambda mark: f"{mark:g}")


def _marked(
    drawing: Drawing, across: Axis, up: Axis, days: Floats, values: Floats, kind: str = "fit"
) -> None:
    for time, value in zip(days.tolist(), values.tolist(), strict=True):
        if math.isfinite(value):
            drawing.dot(across(time), up(value), f"{kind}-dot", 3.0)
            drawing.told(across(time), up(value) - 6.0, up(value) + 6.0,
                         f"{time:.1f} days: {value:.2f}")  # fmt: skip


def _with_smiles(given: SurfaceFigures) -> list[SliceFigures]:
    return [one for one in given.slices if one.slice.smile is not None]


def _ends(one: SliceFigures, deltas: tuple[float, float]) -> Floats:
    found = places_of_delta(one.smile, deltas)
    reach = 2.6 * math.sqrt(float(one.smile.variance(0.0)[0]))
    return np.where(np.isfinite(found), found, np.array([-reach, reach]))


def _quantiles(one: SliceFigures, chances: tuple[float, float]) -> Floats:
    """Return quantiles as exactly as a drawing needs them."""
    reach = REACH * math.sqrt(float(one.smile.variance(0.0)[0]))
    k = np.linspace(-reach, reach, 401)
    return np.interp(chances, np.maximum.accumulate(chance_below(one.smile, k)), k)


def _variance(one: SliceFigures, k: Floats) -> Floats:
    return np.maximum(one.smile.variance(k), 1e-12)


def _dots(given: SurfaceFigures, one: SliceFigures) -> list[tuple[float, float]]:
    quotes = given.surface.quotes
    rows = one.slice.rows[quotes.liquid[one.slice.rows]]
    w = quotes.middle[rows] ** 2 * one.slice.years
    return list(zip(quotes.k[rows].tolist(), w.tolist(), strict=True))


def _part(place: int, many: int) -> float:
    return place / (many - 1) if many > 1 else 0.0
