r"""The smile of one expiry: SVI's total variance, its density, and smiles between expiries.

.. math::
    w(k) = a + b\,[\rho (k - m) + \sqrt{(k - m)^2 + \sigma^2}], \qquad k = \ln(K / F)

References
----------
Gatheral, J. and Jacquier, A. (2014). Arbitrage-free SVI volatility surfaces. Quantitative Finance
14, 59-71.
"""

import math
from typing import Final

import numpy as np
import numpy.typing as npt

from hedgerow.kernels.jit import kernel, part

Floats = npt.NDArray[np.float64]

ROOT_HALF: Final = math.sqrt(0.5)
ZOOMS: Final = 6


@kernel
def svi_rows(raw: Floats, k: Floats, out: Floats) -> None:
    """Write total variance with its first two derivatives by `k`.

    Parameters
    ----------
    raw
        a, b, rho, m, sigma.
    k
        Logarithms of strike over forward, ``(n,)``.
    out
        ``(3, n)``.
    """
    a, b, rho, m, sigma = raw[0], raw[1], raw[2], raw[3], raw[4]
    for i in range(k.shape[0]):
        y = k[i] - m
        root = math.sqrt(y * y + sigma * sigma)
        out[0, i] = a + b * (rho * y + root)
        out[1, i] = b * (rho + y / root)
        out[2, i] = b * sigma * sigma / (root * root * root)


@part
def butterfly(k: float, w: float, slope: float, bend: float) -> float:
    """Return g, of the sign of the density; where there is no variance, a large negative number."""
    if w <= 0.0:
        return -1e6
    lean = 1.0 - 0.5 * k * slope / w
    return lean * lean - 0.25 * slope * slope * (1.0 / w + 0.25) + 0.5 * bend


@kernel
def butterfly_rows(raw: Floats, k: Floats, out: Floats) -> None:
    r"""Write :math:`g(k) = (1 - k w'/2w)^2 - (w'^2/4)(1/w + 1/4) + w''/2`.

    References
    ----------
    Gatheral and Jacquier (2014), equation 2.1.
    """
    rows = np.empty((3, k.shape[0]))
    svi_rows(raw, k, rows)
    for i in range(k.shape[0]):
        out[i] = butterfly(k[i], rows[0, i], rows[1, i], rows[2, i])


@kernel
def surface_rows(
    strikes: Floats, years: Floats, nodes: Floats, forwards: Floats, raws: Floats, out: Floats
) -> None:
    r"""Write forward, total variance and its derivative by `k` for strikes at any times.

    Between two slices total variance runs straight in time at equal `k`; before the first it
    shrinks with time, and beyond the last it grows, alike at all `k`, as it did at the money
    between the last two. Logarithms of forwards run straight too. None of this lets in a
    butterfly or calendar arbitrage that the slices do not have before the first and, but for the
    middle of widely different slices, between them.

    Parameters
    ----------
    strikes, years
        ``(n,)``; years above 0.
    nodes
        The slices' years, rising, ``(s,)``.
    forwards
        Logarithms of the forwards, that of today's price first, ``(s + 1,)``.
    raws
        Their parameters, ``(s, 5)``.
    out
        ``(3, n)``.
    """
    count = nodes.shape[0]
    last = count - 1
    growth = _at_the_money(raws[last]) / nodes[last]
    if count > 1:
        growth = (_at_the_money(raws[last]) - _at_the_money(raws[last - 1])) / (
            nodes[last] - nodes[last - 1]
        )
    growth = max(growth, 0.0)
    t, after, part_way, forward, price = math.nan, 0, 0.0, 0.0, 0.0
    for i in range(strikes.shape[0]):
        if years[i] != t:
            t = years[i]
            after, end = 0, count  # the first node not before t
            while after < end:
                middle = (after + end) >> 1
                if nodes[middle] < t:
                    after = middle + 1
                else:
                    end = middle
            if after == count:
                carry = (forwards[count] - forwards[0]) / nodes[last]
                forward = forwards[count] + carry * (t - nodes[last])
            else:
                before = nodes[after - 1] if after > 0 else 0.0
                part_way = (t - before) / (nodes[after] - before)
                forward = forwards[after] + part_way * (forwards[after + 1] - forwards[after])
            price = math.exp(forward)
        k = math.log(strikes[i]) - forward
        if after == count:
            w, slope = _variance(raws[last], k)
            w += growth * (t - nodes[last])
        else:
            w, slope = _variance(raws[after], k)
            w *= part_way
            slope *= part_way
            if after > 0 and part_way < 1.0:
                early, early_slope = _variance(raws[after - 1], k)
                w += (1.0 - part_way) * early
                slope += (1.0 - part_way) * early_slope
        out[0, i] = price
        out[1, i] = w
        out[2, i] = slope


@part
def _variance(raw: Floats, k: float) -> tuple[float, float]:
    y = k - raw[3]
    root = math.sqrt(y * y + raw[4] * raw[4])
    return raw[0] + raw[1] * (raw[2] * y + root), raw[1] * (raw[2] + y / root)


@part
def _at_the_money(raw: Floats) -> float:
    return raw[0] + raw[1] * (math.sqrt(raw[3] * raw[3] + raw[4] * raw[4]) - raw[2] * raw[3])


@kernel
def delta_rows(k: Floats, deviation: Floats, sign: Floats, out: Floats) -> None:
    """Write absolute Black deltas from ln(K/F) and total volatility; NaN stays NaN."""
    for i in range(k.shape[0]):
        d1 = -k[i] / deviation[i] + 0.5 * deviation[i]
        out[i] = 0.5 * math.erfc(-sign[i] * d1 * ROOT_HALF)


@part
def _g(raw: Floats, k: float) -> float:
    y = k - raw[3]
    root = math.sqrt(y * y + raw[4] * raw[4])
    w = raw[0] + raw[1] * (raw[2] * y + root)
    slope = raw[1] * (raw[2] + y / root)
    return butterfly(k, w, slope, raw[1] * raw[4] * raw[4] / (root * root * root))


@part
def _looked_at(early: Floats, late: Floats, k: float) -> float:
    """Return g of the later slice, or where there is an earlier one the variance between them."""
    if early.shape[0] == 0:
        return _g(late, k)
    return _variance(late, k)[0] - _variance(early, k)[0]


@kernel
def least_of(
    early: Floats, late: Floats, low: float, high: float, found: Floats
) -> tuple[float, float]:
    """Return where a slice's g, or its variance above an earlier slice's, is least, and the least.

    Points lie dense around the slices' middles too; about the worst of them the look narrows.

    Parameters
    ----------
    early
        Raw parameters of the earlier slice; empty to look at g.
    late
        Of the slice.
    low, high
        Where to look.
    found
        Room for the points, ``(n,)``.
    """
    count = found.shape[0]
    best, value = low, np.inf
    for round_ in range(3):
        left, right = low, high
        if round_ > 0:
            raw = late if round_ == 1 or early.shape[0] == 0 else early
            left = max(low, raw[3] - 8.0 * raw[4])
            right = min(high, raw[3] + 8.0 * raw[4])
            if not left < right:
                continue
        for _ in range(ZOOMS):
            worst = 0
            for i in range(count):
                k = left + (right - left) * i / (count - 1)
                found[i] = _looked_at(early, late, k)
                if found[i] < found[worst]:
                    worst = i
            step = (right - left) / (count - 1)
            if found[worst] < value:
                value = found[worst]
                best = left + step * worst
            centre = left + step * worst
            left, right = max(low, centre - step), min(high, centre + step)
            if right - left < 1e-9:
                break
    return best, value
