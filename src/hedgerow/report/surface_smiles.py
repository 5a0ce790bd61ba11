"""The smile of one expiry: quotes with their spreads, marks, the fitted line and what it misses."""

import math
from typing import Final

import numpy as np

from hedgerow.pricing.surface import Slice, Surface
from hedgerow.pricing.surface.arbitrage import Smile
from hedgerow.pricing.surface.by_delta import places_of_delta
from hedgerow.pricing.surface.fitting import GOOD_FIT
from hedgerow.report.drawing import Axis, Drawing, amount, log_ticks, pixels, ticks
from hedgerow.units import Bools, Floats, Integers, iso

WIDTH: Final = 352.0
LEFT: Final = 40.0
RIGHT: Final = 344.0
TOP: Final = 22.0
BOTTOM: Final = 190.0
MISS_TOP: Final = 206.0  # of the strip of errors
MISS_BOTTOM: Final = 266.0
HEIGHT: Final = 302.0
POINTS: Final = 161
DELTAS: Final = (0.9, 0.75, 0.5, 0.25, 0.1)
NAMES: Final = ("10P", "25P", "money", "25C", "10C")
FIRST: Final = (2, 0, 4, 1, 3)  # whose names are written where there is no room for all
EDGES: Final = (0.98, 0.02)  # calls' deltas between which a smile is drawn


def smile_drawing(surface: Surface, one: Slice, fit: Floats) -> str:
    """Return one expiry's smile with its errors below, as SVG; `fit` as `fitted` gives it."""
    smile = one.smile
    if smile is None:
        return ""
    drawing = Drawing(width=WIDTH, height=HEIGHT, spoken=_spoken(surface, one))
    low, high = one.forward * np.exp(_ends(surface, one, smile))
    across = Axis(low=low, high=high, start=LEFT, end=RIGHT, bend=math.log)
    rows = one.rows[_in_sight(surface, one.rows, low, high)]
    strikes = np.exp(np.linspace(math.log(low), math.log(high), POINTS))
    w = smile.variance(np.log(strikes / one.forward))
    curve = 100.0 * np.sqrt(np.maximum(w, 0.0) / one.years)
    upwards = _levels(surface, rows, curve)
    _frame(drawing, one.forward, smile, across, upwards)
    for row in rows.tolist():
        _quote(drawing, surface, row, across, upwards)
    drawing.curve(pixels(across, strikes), pixels(upwards, curve), "fit")
    _misses(drawing, surface, rows, fit, across)
    for row in rows.tolist():
        _tell(drawing, surface, row, float(fit[row]), across)
    return drawing.svg()


def _ends(surface: Surface, one: Slice, smile: Smile) -> Floats:
    """Return the ends of the drawing by ln(K/F): where options have hardly any delta left."""
    left, right = places_of_delta(smile, EDGES)
    reach = 2.5 * math.sqrt(float(smile.variance(0.0)[0]))
    left = left if math.isfinite(left) else -reach
    right = right if math.isfinite(right) else reach
    used = surface.quotes.k[one.rows[surface.quotes.rows.valid[one.rows]]]
    if used.size:  # no further than quotes reach, but for a little
        pad = 0.04 * (right - left)
        left, right = max(left, used.min() - pad), min(right, used.max() + pad)
    return np.array([min(left, -0.3 * reach), max(right, 0.3 * reach)])


def _in_sight(surface: Surface, rows: Integers, low: float, high: float) -> Bools:
    strike = surface.quotes.chain.strike[rows]
    there = np.isfinite(surface.quotes.middle[rows]) & (strike >= low) & (strike <= high)
    return np.asarray(there, np.bool_)


def _outside(surface: Surface, rows: Integers) -> Bools:
    """Return which options are out of the money or at it."""
    k, sign = surface.quotes.k[rows], surface.quotes.chain.sign[rows]
    return np.asarray(k * sign >= 0.0, np.bool_)


def _levels(surface: Surface, rows: Integers, curve: Floats) -> Axis:
    """Return the axis of volatility: the line and nearly all of the used quotes' spreads."""
    valid = rows[surface.quotes.rows.valid[rows]]
    low, high = float(curve.min()), float(curve.max())
    if valid.size:
        middles = 100.0 * surface.quotes.middle[valid][_outside(surface, valid)]
        if middles.size:
            low, high = min(low, float(middles.min())), max(high, float(middles.max()))
        span = high - low
        bids, asks = 100.0 * surface.quotes.bid[valid], 100.0 * surface.quotes.ask[valid]
        low = min(low, max(float(np.quantile(bids, 0.08)), low - max(span, 2.0)))
        high = max(high, min(float(np.quantile(asks, 0.92)), high + max(span, 2.0)))
    pad = max(0.08 * (high - low), 0.5)
    return Axis(low=max(low - pad, 0.0), high=high + pad, start=BOTTOM, end=TOP)


def _frame(drawing: Drawing, forward: float, smile: Smile, across: Axis, upwards: Axis) -> None:
    drawing.upwards(upwards, LEFT, RIGHT, ticks(upwards.low, upwards.high, 6), _level)
    strikes = log_ticks(across.low, across.high, 5)
    drawing.across(across, MISS_BOTTOM, TOP, strikes, amount)
    places = places_of_delta(smile, DELTAS)
    places[DELTAS.index(0.5)] = 0.0
    named: list[tuple[float, float]] = []
    for which in FIRST:
        place = float(forward * np.exp(places[which]))
        if not across.holds(place):
            continue
        x = across(place)
        drawing.line((x, BOTTOM, x, TOP), "delta")
        half = 2.9 * len(NAMES[which]) + 3.0
        middle = min(max(x, LEFT + half), RIGHT - half)
        if all(abs(middle - other) >= half + room for other, room in named):
            drawing.text(middle, TOP - 8.0, NAMES[which], kind="small")
            named.append((middle, half))
    drawing.line((LEFT, BOTTOM, RIGHT, BOTTOM), "axis")
    drawing.text(RIGHT, HEIGHT - 5.0, "strike, log scale", kind="small", anchor="end")
    drawing.text(LEFT, HEIGHT - 5.0, "volatility %; below, error in points", kind="small",
                 anchor="start")  # fmt: skip


def _quote(drawing: Drawing, surface: Surface, row: int, across: Axis, upwards: Axis) -> None:
    quotes = surface.quotes
    x = across(float(quotes.chain.strike[row]))
    used = bool(quotes.rows.valid[row])
    bid, middle, ask = (
        100.0 * float(column[row]) for column in (quotes.bid, quotes.middle, quotes.ask)
    )
    if not used:
        if upwards.holds(middle):
            drawing.dot(x, upwards(middle), "out", 2.2)
        return
    kind = "whisker" if _outside(surface, np.array([row]))[0] else "whisker in"
    bottom = upwards.clipped(bid if math.isfinite(bid) else middle)
    top = upwards.clipped(ask if math.isfinite(ask) else middle)
    if abs(bottom - top) > 0.5:
        drawing.line((x, bottom, x, top), kind)
        for end in (bid, ask):
            if math.isfinite(end) and upwards.holds(end):
                drawing.line((x - 2.0, upwards(end), x + 2.0, upwards(end)), kind)
    mark = 100.0 * float(quotes.chain.mark_volatility[row])
    if math.isfinite(mark) and upwards.holds(mark):
        drawing.dot(x, upwards(mark), "mark", 1.9)


def _misses(drawing: Drawing, surface: Surface, rows: Integers, fit: Floats, across: Axis) -> None:
    """Draw the strip of errors: fitted less the quotes' middles, in points."""
    found = 100.0 * (fit - surface.quotes.middle)[rows]
    used = surface.quotes.rows.valid[rows]
    seen = np.abs(found[used & np.isfinite(found)])
    reach = max(1.0, float(np.ceil(np.quantile(seen, 0.9)))) if seen.size else 1.0
    up = Axis(low=-reach, high=reach, start=MISS_BOTTOM - 4.0, end=MISS_TOP)
    drawing.box((LEFT, up(-GOOD_FIT), RIGHT, up(GOOD_FIT)), "good")
    drawing.line((LEFT, up(0.0), RIGHT, up(0.0)), "zero")
    for level in (-reach, 0.0, reach):
        word = "0" if level == 0.0 else f"{level:+.0f}".replace("-", "−")
        drawing.text(LEFT - 6.0, up(level) + 4.0, word, anchor="end")
    strikes = surface.quotes.chain.strike[rows]
    for strike, off, counts in zip(strikes.tolist(), found.tolist(), used.tolist(), strict=True):
        if not counts or not math.isfinite(off):
            continue
        x, y = across(strike), up.clipped(off)
        drawing.line((x, up(0.0), x, y), "stem")
        drawing.dot(x, y, "miss" if abs(off) <= reach else "miss far", 2.0)


def _tell(drawing: Drawing, surface: Surface, row: int, fit: float, across: Axis) -> None:
    quotes, chain = surface.quotes, surface.quotes.chain
    bid, ask, mark = (
        f"{100.0 * float(value):.1f}" if math.isfinite(value) else "–"
        for value in (quotes.bid[row], quotes.ask[row], chain.mark_volatility[row])
    )
    words = f"{chain.symbol[row]}: bid {bid}, ask {ask}, mark {mark}, fit {100.0 * fit:.1f} %"
    reason = str(quotes.rows.reasons[row])
    drawing.told(across(float(chain.strike[row])), TOP, MISS_BOTTOM,
                 f"{words}; left out: {reason}" if reason else words)  # fmt: skip


def _spoken(surface: Surface, one: Slice) -> str:
    return (
        f"Smile of {surface.underlying} for {iso(one.expiry)[:10]}: bid and ask volatilities by "
        f"strike, with the fitted line and its errors; median error {one.quality.median:.2f} points"
    )


def _level(value: float) -> str:
    return f"{value:g}"
