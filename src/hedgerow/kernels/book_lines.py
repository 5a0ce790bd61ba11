"""What a book's other lines are worth and how that moves: coins, futures, swaps, and held prices.

Each kernel writes worth, delta, gamma, vega, theta, rho, vanna, volga, carry and funding in money
into a table of ``(10, n)``, NaN in rows that cannot be meant; adds the sums over the others to
``cells``; and returns how many rows cannot be meant. Marks and rates are asked by `market`, the
place of each row's name.
"""

import math
from typing import Final

import numpy as np
import numpy.typing as npt

from hedgerow.kernels.book_arrays import NANOSECONDS, Segments
from hedgerow.kernels.book_options import add_up
from hedgerow.kernels.jit import kernel, part

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

WORTH, DELTA, GAMMA, VEGA, THETA, RHO, VANNA, VOLGA, CARRY, FUNDING = range(10)
HELD: Final = (WORTH, DELTA, GAMMA, VEGA, THETA, VANNA, VOLGA, CARRY)


@part
def _summed(table: Floats, start: int, end: int, good: int, cell: int, cells: Floats) -> int:
    """Add rows to a cell, but for those whose worth is NaN; return how many these are."""
    if good == end - start:
        add_up(table, start, end, cell, cells)
        return 0
    for row in range(start, end):
        if not math.isnan(table[WORTH, row]):
            add_up(table, row, row + 1, cell, cells)
    return end - start - good


@kernel
def coin_rows(
    segments: Segments,
    size: Floats,
    stays: Floats,
    spots: Floats,
    moves: Floats,
    now: int,
    table: Floats,
    cells: Floats,
) -> int:
    """Value coins and money, those to come too.

    Parameters
    ----------
    stays
        0 where it counts for nothing once its time has passed, ``(n,)``.
    spots, moves
        Of each underlying: its price, NaN where unknown, and 1 where that can move.
    """
    bad = 0
    for segment in range(segments.starts.shape[0]):
        start = segments.starts[segment]
        end = start + segments.counts[segment]
        code = segments.underlying[segment]
        past = segments.expiry[segment] <= now
        good = 0
        for row in range(start, end):
            count = 0.0 if past and stays[row] == 0.0 else size[row]
            table[:, row] = 0.0
            table[WORTH, row] = count * spots[code]
            table[DELTA, row] = count * moves[code]
            if math.isnan(spots[code]):
                table[:, row] = math.nan
            else:
                good += 1
        bad += _summed(table, start, end, good, segments.cell[segment], cells)
    return bad


@kernel
def future_rows(
    dated: bool,
    segments: Segments,
    columns: tuple[Floats, Floats, Floats],
    spots: Floats,
    marks: Floats,
    rates: Floats,
    now: int,
    table: Floats,
    cells: Floats,
) -> int:
    """Value perpetuals and dated futures: their unrealised profit.

    Of an inverse one of face Q from E the coins are Q/E long, at a price of spot.

    Parameters
    ----------
    dated
        Whether they have an expiry; then their carry is what the mark gives coming to spot, else
        the funding paid.
    columns
        Size, whether inverse, entry (NaN for the mark), ``(n,)`` each.
    marks, rates
        Of each row: its mark; yearly funding, NaN where unknown, which counts as none.
    """
    size_of, inverse_of, entry_of = columns
    bad = 0
    for segment in range(segments.starts.shape[0]):
        start = segments.starts[segment]
        end = start + segments.counts[segment]
        spot = spots[segments.underlying[segment]]
        years = float(segments.expiry[segment] - now) / NANOSECONDS if dated else 0.0
        good = 0
        for row in range(start, end):
            mark, size = marks[row], size_of[row]
            if not (spot > 0.0 and 0.0 < mark < math.inf) or (dated and years <= 0.0):
                table[:, row] = math.nan
                continue
            good += 1
            entry = mark if math.isnan(entry_of[row]) else entry_of[row]
            table[:, row] = 0.0
            if inverse_of[row] > 0.0:
                table[WORTH, row] = size * (1.0 / entry - 1.0 / mark) * spot
                table[DELTA, row] = size / entry
                held = size * spot / mark
            else:
                table[WORTH, row] = size * (mark - entry)
                table[DELTA, row] = size * mark / spot
                held = size * mark
            if dated:
                table[RHO, row] = held * years
                table[CARRY, row] = -held * math.log(mark / spot) / years
            elif not math.isnan(rates[row]):
                table[CARRY, row] = -held * rates[row]
        bad += _summed(table, start, end, good, segments.cell[segment], cells)
    return bad


@kernel
def swap_rows(
    segments: Segments,
    columns: tuple[Floats, Floats],
    spots: Floats,
    implied: Floats,
    rates: Floats,
    now: int,
    table: Floats,
    cells: Floats,
) -> int:
    """Value funding swaps: the rate expected less the rate fixed, undiscounted.

    Parameters
    ----------
    columns
        Size and fixed rate, ``(n,)`` each.
    implied, rates
        Of each row: the average rate until its end, and the rate now, NaN where unknown.
    """
    size_of, fixed_of = columns
    bad = 0
    for segment in range(segments.starts.shape[0]):
        start = segments.starts[segment]
        end = start + segments.counts[segment]
        spot = spots[segments.underlying[segment]]
        years = float(segments.expiry[segment] - now) / NANOSECONDS
        good = 0
        for row in range(start, end):
            if not (spot > 0.0 and years > 0.0) or math.isnan(implied[row]):
                table[:, row] = math.nan
                continue
            good += 1
            notional = size_of[row] * spot
            above = implied[row] - fixed_of[row]
            table[:, row] = 0.0
            table[WORTH, row] = notional * above * years
            table[DELTA, row] = size_of[row] * above * years
            table[THETA, row] = -notional * above
            table[FUNDING, row] = notional * years
            if not math.isnan(rates[row]):
                table[CARRY, row] = notional * (rates[row] - fixed_of[row])
        bad += _summed(table, start, end, good, segments.cell[segment], cells)
    return bad


@kernel
def volatility_rows(
    segments: Segments,
    columns: tuple[Floats, Floats],
    marks: Floats,
    now: int,
    table: Floats,
    cells: Floats,
) -> int:
    """Value volatility futures: their unrealised profit.

    Parameters
    ----------
    columns
        Size and entry (NaN for the mark), ``(n,)`` each.
    marks
        Of each row.
    """
    size_of, entry_of = columns
    bad = 0
    for segment in range(segments.starts.shape[0]):
        start = segments.starts[segment]
        end = start + segments.counts[segment]
        good = 0
        for row in range(start, end):
            mark = marks[row]
            if not (0.0 < mark < math.inf and segments.expiry[segment] > now):
                table[:, row] = math.nan
                continue
            good += 1
            entry = mark if math.isnan(entry_of[row]) else entry_of[row]
            table[:, row] = 0.0
            table[WORTH, row] = size_of[row] * (mark - entry)
            table[VEGA, row] = size_of[row]
        bad += _summed(table, start, end, good, segments.cell[segment], cells)
    return bad


@kernel
def held_rows(
    segments: Segments,
    columns: tuple[Floats, Floats, Floats],
    found: Floats,
    table: Floats,
    cells: Floats,
) -> int:
    """Value contracts whose price and sensitivities are known, each times its size.

    Parameters
    ----------
    columns
        Size, whether paid for, entry (NaN for the price), ``(n,)`` each. What is not paid for is
        worth what its price has gained.
    found
        Price, delta, gamma, vega, theta, vanna, volga and what its holder pays a year,
        ``(8, n)``; NaN where there is none.
    """
    size_of, paid_of, entry_of = columns
    bad = 0
    for segment in range(segments.starts.shape[0]):
        start = segments.starts[segment]
        end = start + segments.counts[segment]
        good = 0
        for row in range(start, end):
            price = found[0, row]
            if math.isnan(price):
                table[:, row] = math.nan
                continue
            good += 1
            size = size_of[row]
            entry = price if math.isnan(entry_of[row]) else entry_of[row]
            table[WORTH, row] = size * (price if paid_of[row] > 0.0 else price - entry)
            table[DELTA, row] = size * found[1, row]
            table[GAMMA, row] = size * found[2, row]
            table[VEGA, row] = size * found[3, row]
            table[THETA, row] = size * found[4, row]
            table[RHO, row] = 0.0
            table[VANNA, row] = size * found[5, row]
            table[VOLGA, row] = size * found[6, row]
            table[CARRY, row] = -size * found[7, row]
            table[FUNDING, row] = 0.0
        bad += _summed(table, start, end, good, segments.cell[segment], cells)
    return bad
