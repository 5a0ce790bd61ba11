"""Coins, futures, funding swaps and volatility futures: what they are worth is arithmetic."""

from typing import Final

import numpy as np

from hedgerow.exposure.columns import Group
from hedgerow.exposure.line import Kind
from hedgerow.exposure.valued import Place, Valued, checked, empty
from hedgerow.kernels.book_lines import coin_rows, future_rows, swap_rows, volatility_rows
from hedgerow.pricing.carry_edge import FundingOutlook
from hedgerow.pricing.rows import Rows
from hedgerow.units import Floats

NO_SPOT: Final = "spot is missing"
NO_MARK: Final = "mark is missing"
NO_FORWARD: Final = "neither mark nor forward"
NO_FUNDING: Final = "funding is missing"
NOT_CARRIED: Final = "funding is missing: its carry is not counted"
MARK: Final = "mark <= 0"
EXPIRED: Final = "expired"


def value_coins(group: Group, place: Place, cells: Floats) -> Valued:
    """Return what coins and money are worth, those to come too."""
    moves = np.array([place.view.moves(name) for name in place.underlyings], dtype=np.float64)
    table = empty(group)
    bad = coin_rows(
        group.segments,
        group["size"],
        group["paid"],
        place.spots,
        moves,
        place.view.now,
        table,
        cells,
    )
    rows = Rows((group.rows.size,))
    if bad:
        rows = rows.also(np.isnan(place.spot(group)), NO_SPOT)
    return Valued(group=group, table=table, rows=rows)


def coins(group: Group, place: Place) -> Floats:
    """Return how much of each asset counts: not what was to come, has come and is held now."""
    past = group.expiries <= place.view.now
    return np.where(past & (group["paid"] == 0.0), 0.0, group["size"])


def value_perps(group: Group, place: Place, cells: Floats) -> Valued:
    """Return what perpetuals are worth: their unrealised profit."""
    marks, rates = place.marks(group), place.funding(group)
    table = empty(group)
    bad = _future_rows(group, place, marks, rates, table, cells)
    rows = Rows((group.rows.size,))
    if bad:
        spot = place.spot(group)
        rows = checked(
            spot.size, (np.isnan(spot), NO_SPOT), (np.isnan(marks), NO_MARK), (marks <= 0.0, MARK)
        )
    return Valued(group=group, table=table, rows=rows, notes=_not_carried(rates, rows))


def value_futures(group: Group, place: Place, cells: Floats) -> Valued:
    """Return what dated futures are worth: their unrealised profit."""
    marks = future_marks(group, place)
    table = empty(group)
    bad = _future_rows(group, place, marks, marks, table, cells)
    rows = Rows((group.rows.size,))
    if bad:
        spot = place.spot(group)
        rows = checked(
            spot.size,
            (np.isnan(spot), NO_SPOT),
            (place.years(group) <= 0.0, EXPIRED),
            (np.isnan(marks), NO_FORWARD),
            (marks <= 0.0, MARK),
        )
    return Valued(group=group, table=table, rows=rows)


def future_marks(group: Group, place: Place) -> Floats:
    """Return the mark of each dated future, the forward where the market has none."""
    marks = place.marks(group)
    lacking = np.isnan(marks)
    if lacking.any():
        marks = np.where(lacking, group.along(place.forwards(group)), marks)
    return marks


def value_swaps(group: Group, place: Place, cells: Floats) -> Valued:
    """Return what funding swaps are worth: the rate expected less the rate fixed, undiscounted."""
    implied, rates = swap_rates(group, place), place.funding(group)
    table = empty(group)
    columns = (group["size"], group["rate"])
    now = place.view.now
    bad = swap_rows(group.segments, columns, place.spots, implied, rates, now, table, cells)
    rows = Rows((group.rows.size,))
    if bad:
        spot = place.spot(group)
        rows = checked(
            spot.size,
            (np.isnan(spot), NO_SPOT),
            (place.years(group) <= 0.0, EXPIRED),
            (np.isnan(implied), NO_FUNDING),
        )
    return Valued(group=group, table=table, rows=rows, notes=_not_carried(rates, rows))


def swap_rates(group: Group, place: Place) -> Floats:
    """Return the funding that each swap is marked at, a year on average until its end."""
    view = place.view
    found = place.funding(group)
    outlooks = [isinstance(view.funding.get(name), FundingOutlook) for name in group.markets]
    if any(outlooks):
        years = place.years(group)
        for row in np.flatnonzero(np.array(outlooks)[group.market]).tolist():
            symbol = group.markets[int(group.market[row])]
            found[row] = view.funding_until(symbol, float(years[row]))
    marks, names = view.marks, place.names
    for row, line in enumerate(group.rows.tolist()):
        if names[line] in marks:
            found[row] = marks[names[line]]
    return found


def value_volatilities(group: Group, place: Place, cells: Floats) -> Valued:
    """Return what volatility futures are worth: their unrealised profit."""
    marks = place.marks(group)
    table = empty(group)
    columns = (group["size"], group["entry"])
    bad = volatility_rows(group.segments, columns, marks, place.view.now, table, cells)
    rows = Rows((group.rows.size,))
    if bad:
        rows = checked(
            marks.size,
            (place.years(group) <= 0.0, EXPIRED),
            (np.isnan(marks), NO_MARK),
            (marks <= 0.0, MARK),
        )
    return Valued(group=group, table=table, rows=rows)


def _future_rows(
    group: Group, place: Place, marks: Floats, rates: Floats, table: Floats, cells: Floats
) -> int:
    """Write and sum worth and sensitivities; return how many rows cannot be meant."""
    return future_rows(
        group.kind is Kind.FUTURE,
        group.segments,
        (group["size"], group["inverse"], group["entry"]),
        place.spots,
        marks,
        rates,
        place.view.now,
        table,
        cells,
    )


def _not_carried(rates: Floats, rows: Rows) -> tuple[tuple[int, str], ...]:
    unknown = np.isnan(rates)
    if not unknown.any():
        return ()
    return tuple((int(row), NOT_CARRIED) for row in np.flatnonzero(unknown & rows.valid))
