"""The forwards and volatilities that a book's rows are read at, of all its underlyings at once."""

import math

import numpy as np
import numpy.typing as npt

from hedgerow.kernels.book_arrays import NANOSECONDS, Curves, Smiles
from hedgerow.kernels.jit import inlined, kernel, part

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


@part
def variance_at(raw: Floats, k: float) -> float:
    """Return the total variance of a slice at `k`."""
    y = k - raw[3]
    return raw[0] + raw[1] * (raw[2] * y + math.sqrt(y * y + raw[4] * raw[4]))


@part
def place_of(smiles: Smiles, code: int, years: float) -> tuple[int, float, float, float]:
    r"""Return where between two slices a time stands.

    The slice not before it, the part of the way to it from the one before (1 beyond the last), what
    is added to total variance, and the logarithm of the forward; see `smile.surface_rows`, whose
    rules these are.
    """
    low, high = smiles.first[code], smiles.first[code + 1]
    start, last = low, high - 1
    while low < high:
        middle = (low + high) >> 1
        if smiles.nodes[middle] < years:
            low = middle + 1
        else:
            high = middle
    end = smiles.nodes[last]
    if low > last:
        growth = variance_at(smiles.raws[last], 0.0) / end
        if last > start:
            step = variance_at(smiles.raws[last], 0.0) - variance_at(smiles.raws[last - 1], 0.0)
            growth = step / (end - smiles.nodes[last - 1])
        carry = (smiles.forwards[last] - smiles.today[code]) / end
        forward = smiles.forwards[last] + carry * (years - end)
        return last, 1.0, max(growth, 0.0) * (years - end), forward
    before = smiles.nodes[low - 1] if low > start else 0.0
    early = smiles.forwards[low - 1] if low > start else smiles.today[code]
    way = (years - before) / (smiles.nodes[low] - before)
    return low, way, 0.0, early + way * (smiles.forwards[low] - early)


@inlined
def has_slices(smiles: Smiles, code: int) -> bool:
    """Return whether an underlying's volatilities are read off a surface."""
    return smiles.first[code + 1] > smiles.first[code]


@kernel
def smile_rows(
    smiles: Smiles, codes: Integers, strikes: Floats, expiry: Integers, out: Floats
) -> None:
    """Write the volatility of each row, NaN where there is none.

    Parameters
    ----------
    codes, strikes, expiry
        The underlying's place, the strike, UTC nanoseconds, ``(n,)``.
    """
    last, when = -1, 0
    at, way, extra, forward, years = 0, 0.0, 0.0, 0.0, 0.0
    for row in range(codes.shape[0]):
        code = codes[row]
        out[row] = smiles.flat[code]
        if not has_slices(smiles, code):
            continue
        if code != last or expiry[row] != when:
            last, when = code, expiry[row]
            years = float(when - smiles.time[code]) / NANOSECONDS
            if years > 0.0:
                at, way, extra, forward = place_of(smiles, code, years)
        out[row] = math.nan
        if years > 0.0 and strikes[row] > 0.0:
            k = math.log(strikes[row]) - forward
            w = way * variance_at(smiles.raws[at], k) + extra
            if at > smiles.first[code] and way < 1.0:
                w += (1.0 - way) * variance_at(smiles.raws[at - 1], k)
            out[row] = math.sqrt(w / years)


@kernel
def forward_rows(
    curves: Curves, smiles: Smiles, codes: Integers, expiry: Integers, now: int, out: Floats
) -> None:
    """Write forwards: of the curve where it has the expiry, else the surface's; NaN if neither.

    Parameters
    ----------
    codes, expiry
        The underlying's place and UTC nanoseconds, ``(n,)``.
    """
    for row in range(codes.shape[0]):
        code = codes[row]
        low, high = curves.first[code], curves.first[code + 1]
        end = high
        while low < high:
            middle = (low + high) >> 1
            if curves.times[middle] < expiry[row]:
                low = middle + 1
            else:
                high = middle
        out[row] = math.nan
        if low < end and curves.times[low] == expiry[row]:
            out[row] = curves.prices[low]
        elif expiry[row] > now and has_slices(smiles, code):
            years = float(expiry[row] - smiles.time[code]) / NANOSECONDS
            if years > 0.0:
                out[row] = math.exp(place_of(smiles, code, years)[3])
