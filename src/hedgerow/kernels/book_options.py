r"""All listed options of a book in one pass: volatility, worth, sensitivities and their sums.

An option on a forward :math:`F` is worth :math:`g V(F)` in money, with Black's undiscounted
:math:`V`, and :math:`g` the discount, or spot over forward where it settles in coin. A move of spot
takes the forward along and leaves :math:`g` as it is.
"""

import math
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from hedgerow.kernels import lognormal as block
from hedgerow.kernels.book_arrays import NANOSECONDS, WIDTH, Segments, Smiles
from hedgerow.kernels.book_smiles import has_slices, place_of
from hedgerow.kernels.jit import kernel, part, rowwise
from hedgerow.kernels.normal import log_of_ratio
from hedgerow.kernels.wide import wide

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

QUANTITIES: Final = 10  # worth, delta, gamma, vega, theta, rho, vanna, volga, carry, funding
MOST_PRICE: Final = 1e50
MOST_VOLATILITY: Final = 1e4
MOST_YEARS: Final = 1e4


class Terms(NamedTuple):
    """What is one number for each segment.

    Attributes
    ----------
    forward, lift
        Quote per base, and that over spot.
    factor
        What Black's undiscounted value is multiplied by to be money.
    years
        To expiry.
    inverse, discounted
        1 where it settles in coin; 1 where the value is discounted, by whatever.
    rate
        Of the discount of money.
    carry
        The forward's growth over spot a year.
    """

    forward: float
    lift: float
    factor: float
    years: float
    inverse: float
    discounted: float
    rate: float
    carry: float


@rowwise
def _read_smile(
    lanes: int,
    strike: Floats,
    forward: float,
    early: Floats,
    late: Floats,
    way: float,
    extra: float,
    years: float,
    out: Floats,
) -> None:
    """Write volatilities between two slices, given as raw parameters."""
    wide()
    a, b, rho, m, square = late[0], late[1], late[2], late[3], late[4] * late[4]
    a0, b0, rho0, m0, square0 = early[0], early[1], early[2], early[3], early[4] * early[4]
    rest = 1.0 - way
    over = 1.0 / years
    for lane in range(lanes):
        k = log_of_ratio(strike[lane], forward)
        y = k - m
        y0 = k - m0
        w = a + b * (rho * y + math.sqrt(y * y + square))
        w0 = a0 + b0 * (rho0 * y0 + math.sqrt(y0 * y0 + square0))
        out[lane] = math.sqrt((way * w + rest * w0 + extra) * over)


@rowwise
def _count_good(lanes: int, strike: Floats, volatility: Floats) -> int:
    wide()
    good = 0
    for lane in range(lanes):
        price_can = strike[lane] > 0.0 and strike[lane] < MOST_PRICE
        can = price_can and volatility[lane] >= 0.0 and volatility[lane] < MOST_VOLATILITY
        good += 1 if can else 0
    return good


@rowwise
def _sensitivities(
    lanes: int,
    terms: Terms,
    size: Floats,
    sign: Floats,
    volatility: Floats,
    value: Floats,
    first: Floats,
    second: Floats,
    height: Floats,
    chance: Floats,
    inverse: Floats,
    worth: Floats,
    delta: Floats,
    gamma: Floats,
    vega: Floats,
    theta: Floats,
    rho: Floats,
    vanna: Floats,
    volga: Floats,
    carry: Floats,
    funding: Floats,
) -> None:
    """Write worth and sensitivities by spot, times sizes, from a block worked out."""
    wide()
    root = math.sqrt(terms.years)
    bend = terms.lift * terms.lift / terms.forward
    fade = 0.5 * terms.forward / root
    for lane in range(lanes):
        held = size[lane] * terms.factor
        density = held * height[lane]
        money = held * value[lane]
        slope = held * sign[lane] * chance[lane]
        by_root = terms.forward * root * density
        worth[lane] = money
        delta[lane] = terms.lift * slope
        gamma[lane] = bend * density * inverse[lane]
        vega[lane] = by_root
        theta[lane] = terms.rate * money - fade * density * volatility[lane]
        rho[lane] = terms.years * (terms.forward * slope - terms.discounted * money)
        vanna[lane] = -terms.lift * root * density * second[lane] * inverse[lane]
        volga[lane] = by_root * root * first[lane] * second[lane] * inverse[lane]
        carry[lane] = -terms.carry * (terms.forward * slope - terms.inverse * money)
        funding[lane] = 0.0


@part
def add_up(table: Floats, start: int, end: int, cell: int, cells: Floats) -> None:
    """Add the rows' sums to a cell."""
    s0, s1, s2, s3, s4, s5, s6, s7, s8, s9 = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for row in range(start, end):
        s0 += table[0, row]
        s1 += table[1, row]
        s2 += table[2, row]
        s3 += table[3, row]
        s4 += table[4, row]
        s5 += table[5, row]
        s6 += table[6, row]
        s7 += table[7, row]
        s8 += table[8, row]
        s9 += table[9, row]
    cells[0, cell] += s0
    cells[1, cell] += s1
    cells[2, cell] += s2
    cells[3, cell] += s3
    cells[4, cell] += s4
    cells[5, cell] += s5
    cells[6, cell] += s6
    cells[7, cell] += s7
    cells[8, cell] += s8
    cells[9, cell] += s9


@part
def _is_good(strike: float, volatility: float) -> bool:
    return 0.0 < strike < MOST_PRICE and 0.0 <= volatility < MOST_VOLATILITY


@part
def terms_of(
    forward: float, spot: float, years: float, inverse: float, rate: float, discounts: float
) -> Terms:
    """Return a segment's terms."""
    lift = forward / spot
    if inverse > 0.0:
        return Terms(forward, lift, spot / forward, years, 1.0, 1.0, 0.0, math.log(lift) / years)
    factor = math.exp(-rate * years)
    return Terms(forward, lift, factor, years, 0.0, discounts, rate, math.log(lift) / years)


@kernel
def option_rows(
    segments: Segments,
    columns: tuple[Floats, Floats, Floats, Floats],
    forwards: Floats,
    spots: Floats,
    now: int,
    rate: float,
    discounts: float,
    smiles: Smiles,
    given: Floats,
    volatilities: Floats,
    table: Floats,
    cells: Floats,
) -> int:
    """Write what options are worth and how that moves; return how many rows could not be meant.

    Parameters
    ----------
    columns
        Size, strike, sign (1 call, -1 put) and whether it settles in coin, ``(n + 8,)`` each:
        what stands in the last 8 is read, and leads to nothing.
    forwards
        Of each segment, NaN where unknown.
    spots
        Of each underlying, NaN where unknown.
    now
        UTC nanoseconds.
    rate, discounts
        Of money a year, and 1 if options that settle in money are discounted by it.
    given
        Volatilities that go before those of `smiles`, NaN where they do not; ``(n,)`` or empty.
    volatilities
        Written: what each row was valued at, ``(n + 8,)``.
    table
        Written: worth, delta, gamma, vega, theta, rho, vanna, volga, carry and funding in money,
        ``(10, n + 8)``; NaN in the rows that cannot be meant. The last 8 columns are void.
    cells
        Added to: sums over the rows that can, ``(10, cells)``.
    """
    wide()
    size_of, strike_of, sign_of, inverse_of = columns
    work = np.empty((block.LANES, block.BLOCK))
    none = np.zeros(5)
    none[4] = 1.0
    bad = 0
    for segment in range(segments.starts.shape[0]):
        start = segments.starts[segment]
        end = start + segments.counts[segment]
        code = segments.underlying[segment]
        years = float(segments.expiry[segment] - now) / NANOSECONDS
        forward = forwards[segment]
        if not (
            0.0 < forward < MOST_PRICE
            and 0.0 < spots[code] < MOST_PRICE
            and 0.0 < years < MOST_YEARS
        ):
            table[:, start:end] = math.nan
            volatilities[start:end] = math.nan
            bad += end - start
            continue
        terms = terms_of(forward, spots[code], years, inverse_of[start], rate, discounts)
        from_slices = has_slices(smiles, code)
        late, way, extra, centre, age = 0, 1.0, 0.0, 0.0, 0.0
        if from_slices:
            age = float(segments.expiry[segment] - smiles.time[code]) / NANOSECONDS
            if age > 0.0:
                late, way, extra, centre = place_of(smiles, code, age)
        between = from_slices and late > smiles.first[code] and way < 1.0
        for begin in range(start, end, block.BLOCK):
            lanes = min(block.BLOCK, end - begin)
            stop = begin + (lanes + WIDTH - 1) // WIDTH * WIDTH
            padded = stop - begin
            strike = strike_of[begin:stop]
            sign = sign_of[begin:stop]
            volatility = volatilities[begin:stop]
            work[block.FORWARD, :padded] = forward
            work[block.YEARS, :padded] = years
            if from_slices and age > 0.0:
                _read_smile(
                    padded,
                    strike,
                    math.exp(centre),
                    smiles.raws[late - 1] if between else none,
                    smiles.raws[late],
                    way,
                    extra,
                    age,
                    volatility,
                )
            else:
                volatility[:] = math.nan if from_slices else smiles.flat[code]
            if given.shape[0] > 0:
                for lane in range(lanes):
                    if not math.isnan(given[begin + lane]):
                        volatility[lane] = given[begin + lane]
            prices, times = work[block.FORWARD, :padded], work[block.YEARS, :padded]
            small, wild = block.approach(prices, strike, volatility, times, sign, work)
            block.arrive(prices, strike, sign, work, small)
            good = lanes if wild == 0 else _count_good(lanes, strike, volatility)
            _sensitivities(
                padded,
                terms,
                size_of[begin:stop],
                sign,
                volatility,
                work[block.VALUE],
                work[block.D1],
                work[block.D2],
                work[block.DENSITY],
                work[block.CHANCE1],
                work[block.INVERSE],
                table[0, begin:stop],
                table[1, begin:stop],
                table[2, begin:stop],
                table[3, begin:stop],
                table[4, begin:stop],
                table[5, begin:stop],
                table[6, begin:stop],
                table[7, begin:stop],
                table[8, begin:stop],
                table[9, begin:stop],
            )
            last = begin + lanes
            if good < lanes:
                for row in range(begin, last):
                    if not _is_good(strike_of[row], volatilities[row]):
                        table[:, row] = 0.0
            add_up(table, begin, last, segments.cell[segment], cells)
            if good < lanes:
                bad += lanes - good
                for row in range(begin, last):
                    if not _is_good(strike_of[row], volatilities[row]):
                        table[:, row] = math.nan
    return bad
