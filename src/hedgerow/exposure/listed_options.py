"""Listed options of a book: one pass over all of them, whatever they settle in."""

from typing import Final

import numpy as np

from hedgerow.exposure.columns import NUMBERS, Group
from hedgerow.exposure.futures import EXPIRED, NO_SPOT
from hedgerow.exposure.greeks import COUNT, WORTH
from hedgerow.exposure.valued import Place, Valued
from hedgerow.kernels.book_arrays import WIDTH
from hedgerow.kernels.book_options import option_rows
from hedgerow.pricing import rows as given
from hedgerow.pricing.rows import Call, Reason, Rows
from hedgerow.pricing.surface.window import SECONDS, WINDOW
from hedgerow.units import Floats

IN_WINDOW: Final = "settles in less than 30 minutes: if on an average, its delta is smaller"

_SIZE, _STRIKE, _SIGN, _INVERSE = (
    NUMBERS.index(name) for name in ("size", "strike", "sign", "inverse")
)


def value_options(group: Group, place: Place, cells: Floats) -> Valued:
    """Return what listed options are worth and how that moves."""
    count = group.rows.size
    table, volatilities = np.empty((COUNT, count + WIDTH)), np.empty(count + WIDTH)
    rate, filled = place.view.rate, group.filled
    bad = option_rows(
        group.segments,
        (filled[_SIZE], filled[_STRIKE], filled[_SIGN], filled[_INVERSE]),
        place.forwards(group),
        place.spots,
        place.view.now,
        0.0 if rate is None else rate,
        0.0 if rate is None else 1.0,
        place.smiles,
        place.given(group, group["strike"], group.expiries),
        volatilities,
        table,
        cells,
    )
    rows = Rows((count,))
    if bad:
        rows = option_call(group, place, option_terms(group, place)).rows
        rows = rows.also(np.isnan(table[WORTH, :count]), Reason.OVERFLOW)
    notes = _in_window(group, place, rows)
    return Valued(group=group, table=table[:, :count], rows=rows, notes=notes)


def _in_window(group: Group, place: Place, rows: Rows) -> tuple[tuple[int, str], ...]:
    """Return a note for each option whose settlement average may have begun."""
    years = place.view.years_to(group.expiry)
    late = (years > 0.0) & (years < WINDOW / SECONDS)
    if not late.any():
        return ()
    here = np.repeat(late, group.counts) & rows.valid
    return tuple((int(row), IN_WINDOW) for row in np.flatnonzero(here))


def option_terms(group: Group, place: Place) -> Floats:
    """Return what is one number for each segment, ``(5, segments)``.

    Forward; the factor that Black's undiscounted value is money by; years; 1 where it settles in
    coin; the discount rate.
    """
    spot = place.spots[group.underlying]
    forward = place.forwards(group)
    years = place.view.years_to(group.expiry)
    inverse = group["inverse"][group.starts] > 0.0
    rate = 0.0 if place.view.rate is None else place.view.rate
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        factor = np.where(inverse, spot / forward, np.exp(-rate * years))
    return np.stack([forward, factor, years, inverse * 1.0, np.where(inverse, 0.0, rate)])


def option_call(group: Group, place: Place, terms: Floats) -> Call:
    """Return the arguments of the options' kernel, with the bad rows marked."""
    strike = group["strike"]
    call = Call(
        given.forward(group.along(terms[0])),
        given.strike(strike),
        given.volatility(place.volatilities(group, strike, group.expiries)),
        given.years(group.along(terms[2])),
        given.Argument(name="kind", given=group["sign"]),
    )
    call.rows = _named_first(call.rows, group, place, terms)
    return call


def _named_first(rows: Rows, group: Group, place: Place, terms: Floats) -> Rows:
    """Return rows in which expired options, and those without a spot, are called just that."""
    expired = terms[2] <= 0.0
    unknown = np.isnan(place.spots[group.underlying])
    if not (expired.any() or unknown.any()):
        return rows
    first = Rows(rows.shape)
    first = first.also(np.repeat(unknown, group.counts), NO_SPOT)
    first = first.also(np.repeat(expired, group.counts), EXPIRED)
    if rows.codes is None:
        return first
    for code, word in enumerate(rows.words, start=1):
        first = first.also(rows.codes == code, word)
    return first
