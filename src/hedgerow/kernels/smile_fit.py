"""The fit of one expiry's smile to quotes: SVI without butterfly or calendar arbitrage.

References
----------
Gatheral and Jacquier (2014). Zeliade Systems (2009). Quasi-explicit calibration of Gatheral's SVI
model. Lee, R. W. (2004). The moment formula for implied volatility at extreme strikes. Mathematical
Finance 14, 469-480.
"""

import math
from typing import Final

import numpy as np
import numpy.typing as npt

from hedgerow.kernels.jit import kernel, part
from hedgerow.kernels.smile import butterfly

Floats = npt.NDArray[np.float64]

PARAMETERS: Final = 5
MOST_SLOPE: Final = 1.98  # of a wing in total variance; above 2 moments are gone (Lee 2004)
LEAST_DENSITY: Final = 0.004  # what the fit keeps g above, so that between the points it stays > 0
ROUNDS: Final = 80
STARTS: Final = 2
CHOSEN: Final = 1e-7  # of the cost: a fall by less ends the search


@part
def _raw(x: Floats, out: Floats) -> None:
    """Write raw parameters from least variance, roots of the wings' slopes, m and ln sigma."""
    left, right = x[1] * x[1], x[2] * x[2]
    sigma = math.exp(x[4])
    b = 0.5 * (left + right)
    out[0] = x[0] - sigma * x[1] * x[2]
    out[1] = b
    out[2] = 0.5 * (right - left) / b if b > 0.0 else 0.0
    out[3] = x[3]
    out[4] = sigma


@part
def _clamp(x: Floats, low: Floats, high: Floats) -> None:
    for j in range(PARAMETERS):
        x[j] = min(max(x[j], low[j]), high[j])


@part
def _cost(
    x: Floats,
    quotes: Floats,
    years: float,
    edge: Floats,
    hard: Floats,
    normal: Floats,
    gradient: Floats,
    with_slopes: bool,
) -> float:
    """Return the cost at `x`; write its normal matrix and gradient if `with_slopes`.

    `quotes` are k, volatility, weight, ``(3, n)``. `edge` are the points at which arbitrage is
    looked for and the total variance that must not be fallen below there, ``(2, p)``; `hard` is
    the price of a butterfly, of a calendar arbitrage, and the residual from which on quotes pull
    with constant force.
    """
    sigma = math.exp(x[4])
    lr = x[1] * x[2]
    slope = 0.5 * (x[2] * x[2] - x[1] * x[1])
    b = 0.5 * (x[2] * x[2] + x[1] * x[1])
    cost = 0.0
    row = np.empty(PARAMETERS)
    if with_slopes:
        normal[:] = 0.0
        gradient[:] = 0.0
    count = quotes.shape[1]
    for i in range(count + edge.shape[1]):
        k = quotes[0, i] if i < count else edge[0, i - count]
        y = k - x[3]
        root = math.sqrt(y * y + sigma * sigma)
        w = max(x[0] + slope * y + b * root - sigma * lr, 1e-14)
        w1 = slope + b * y / root
        if i < count:
            volatility = math.sqrt(w / years)
            off = 100.0 * (volatility - quotes[1, i])
            weight = quotes[2, i]
            if abs(off) > hard[2]:
                cost += weight * hard[2] * (2.0 * abs(off) - hard[2])
                weight *= hard[2] / abs(off)
            else:
                cost += weight * off * off
            if with_slopes:
                _variance_slopes(x, y, root, sigma, b, w1, 50.0 / (volatility * years), row)
                _gather(row, off, weight, normal, gradient)
            continue
        short = edge[1, i - count] - w
        if short > 0.0:
            scale = 50.0 / math.sqrt(max(edge[1, i - count], 1e-14) * years)
            off = short * scale
            cost += hard[1] * off * off
            if with_slopes:
                _variance_slopes(x, y, root, sigma, b, w1, -scale, row)
                _gather(row, off, hard[1], normal, gradient)
        cube = root * root * root
        w2 = b * sigma * sigma / cube
        short = LEAST_DENSITY - butterfly(k, w, w1, w2)
        if short > 0.0:
            # By its square, less steep where the violation is gross, so that steps stay long.
            cost += hard[0] * short * short
            if with_slopes:
                lean = 1.0 - 0.5 * k * w1 / w
                by_w = lean * k * w1 / (w * w) + 0.25 * w1 * w1 / (w * w)
                by_w1 = -lean * k / w - 0.5 * w1 * (1.0 / w + 0.25)
                _variance_slopes(x, y, root, sigma, b, w1, -by_w, row)
                square = sigma * sigma
                row[1] -= by_w1 * x[1] * (y / root - 1.0) + 0.5 * x[1] * square / cube
                row[2] -= by_w1 * x[2] * (y / root + 1.0) + 0.5 * x[2] * square / cube
                fifth = cube * root * root
                row[3] -= -by_w1 * w2 + 1.5 * b * square * y / fifth
                row[4] -= (
                    -by_w1 * b * square * y / cube
                    + b * square / cube
                    - 1.5 * b * square * square / fifth
                )
                _gather(row, short, hard[0], normal, gradient)
    return cost


@part
def _variance_slopes(
    x: Floats, y: float, root: float, sigma: float, b: float, w1: float, times: float, row: Floats
) -> None:
    """Write `times` the derivatives of total variance by the five unknowns."""
    row[0] = times
    row[1] = times * (x[1] * (root - y) - sigma * x[2])
    row[2] = times * (x[2] * (root + y) - sigma * x[1])
    row[3] = -times * w1
    row[4] = times * sigma * (b * sigma / root - x[1] * x[2])


@part
def _gather(row: Floats, off: float, weight: float, normal: Floats, gradient: Floats) -> None:
    for i in range(PARAMETERS):
        gradient[i] += weight * off * row[i]
        for j in range(i + 1):
            normal[i, j] += weight * row[i] * row[j]


@part
def _step(normal: Floats, gradient: Floats, damping: float, free: Floats, step: Floats) -> bool:
    """Write the damped step of the free unknowns by Cholesky; say whether there is one."""
    work = np.zeros((PARAMETERS, PARAMETERS))
    for i in range(PARAMETERS):
        for j in range(i + 1):
            total = normal[i, j] * free[i] * free[j]
            if i == j:
                total = total * (1.0 + damping) + 1e-30 if free[i] > 0.0 else 1.0
            for q in range(j):
                total -= work[i, q] * work[j, q]
            if i == j:
                if not total > 0.0:
                    return False
                work[i, i] = math.sqrt(total)
            else:
                work[i, j] = total / work[j, j]
    for i in range(PARAMETERS):
        total = -gradient[i] * free[i]
        for q in range(i):
            total -= work[i, q] * step[q]
        step[i] = total / work[i, i]
    for back in range(PARAMETERS):
        i = PARAMETERS - 1 - back
        total = step[i]
        for q in range(i + 1, PARAMETERS):
            total -= work[q, i] * step[q]
        step[i] = total / work[i, i]
    return True


@part
def _descend(
    x: Floats,
    quotes: Floats,
    years: float,
    edge: Floats,
    hard: Floats,
    low: Floats,
    high: Floats,
) -> float:
    """Walk `x` to a minimum inside the box by Levenberg and Marquardt; return its cost."""
    normal = np.empty((PARAMETERS, PARAMETERS))
    gradient = np.empty(PARAMETERS)
    free = np.empty(PARAMETERS)
    step = np.empty(PARAMETERS)
    trial = np.empty(PARAMETERS)
    damping = 1e-3
    cost = _cost(x, quotes, years, edge, hard, normal, gradient, True)
    small = 0
    for _ in range(ROUNDS):
        for j in range(PARAMETERS):
            stuck = (x[j] <= low[j] and gradient[j] > 0.0) or (
                x[j] >= high[j] and gradient[j] < 0.0
            )
            free[j] = 0.0 if stuck else 1.0
        if not _step(normal, gradient, damping, free, step):
            damping *= 10.0
            continue
        for j in range(PARAMETERS):
            trial[j] = x[j] + step[j]
        _clamp(trial, low, high)
        found = _cost(trial, quotes, years, edge, hard, normal, gradient, False)
        if found < cost:
            small = small + 1 if cost - found < CHOSEN * cost else 0
            x[:] = trial
            cost = _cost(x, quotes, years, edge, hard, normal, gradient, True)
            damping = max(damping * 0.2, 1e-12)
            if small >= 2:
                break
        else:
            damping *= 4.0
            if damping > 1e12:
                break
    return cost


@part
def _start(
    quotes: Floats, years: float, middle: float, sigma: float, low: Floats, x: Floats
) -> bool:
    """Write the unknowns that fit best, given `middle` and `sigma`: a linear problem of three."""
    s = np.zeros((3, 4))
    for i in range(quotes.shape[1]):
        y = quotes[0, i] - middle
        root = math.sqrt(y * y + sigma * sigma)
        w = quotes[1, i] * quotes[1, i] * years
        weight = quotes[2, i] / max(w, 1e-14)
        terms = (1.0, y, root)
        for p in range(3):
            for q in range(3):
                s[p, q] += weight * terms[p] * terms[q]
            s[p, 3] += weight * terms[p] * w
    for p in range(3):
        s[p, p] *= 1.0 + 1e-10
        if not s[p, p] > 0.0:
            return False
        for q in range(p + 1, 3):
            times = s[q, p] / s[p, p]
            for r in range(p, 4):
                s[q, r] -= times * s[p, r]
    b = s[2, 3] / s[2, 2]
    slope = (s[1, 3] - s[1, 2] * b) / s[1, 1]
    x[1] = math.sqrt(max(b - slope, 1e-10))
    x[2] = math.sqrt(max(b + slope, 1e-10))
    x[1], x[2] = max(x[1], low[1]), max(x[2], low[2])
    slope = 0.5 * (x[2] * x[2] - x[1] * x[1])
    b = 0.5 * (x[2] * x[2] + x[1] * x[1])
    above, below = 0.0, 0.0
    for i in range(quotes.shape[1]):
        y = quotes[0, i] - middle
        w = quotes[1, i] * quotes[1, i] * years
        weight = quotes[2, i] / max(w, 1e-14)
        above += weight * (w - slope * y - b * math.sqrt(y * y + sigma * sigma))
        below += weight
    x[0] = above / below + sigma * x[1] * x[2]
    x[3] = middle
    x[4] = math.log(sigma)
    return True


@kernel
def fit_svi(
    quotes: Floats, years: float, edge: Floats, hard: Floats, slopes: Floats, raw: Floats
) -> float:
    """Fit one slice to volatilities; write its raw parameters and return the cost.

    For each of a few middles and widths the other three parameters are the answer of a linear
    problem; from the best of those starts all five descend together, the wings' slopes inside
    their bounds and each butterfly or calendar arbitrage at its price.

    Parameters
    ----------
    quotes
        k, volatility and weight, ``(3, n)``; weights sum to 1.
    years
        To expiry.
    edge
        Points at which arbitrage is looked for, and the earlier slice's total variance there,
        ``(2, p)``.
    hard
        Price of a butterfly, of a calendar arbitrage, and the residual, in volatility points, from
        which on a quote pulls with constant force.
    slopes
        The least slopes of the left and the right wing: those of the earlier slice.
    raw
        Where the parameters go; ``raw[1] > 0`` on entry makes them the only start.
    """
    low = np.array([1e-12, math.sqrt(slopes[0]), math.sqrt(slopes[1]), -3.0, math.log(1e-4)])
    high = np.array([50.0, math.sqrt(MOST_SLOPE), math.sqrt(MOST_SLOPE), 3.0, math.log(10.0)])
    high[1] = max(high[1], low[1])
    high[2] = max(high[2], low[2])
    starts = np.empty((STARTS, PARAMETERS))
    costs = np.full(STARTS, np.inf)
    x = np.empty(PARAMETERS)
    normal = np.empty((PARAMETERS, PARAMETERS))
    gradient = np.empty(PARAMETERS)
    if raw[1] > 0.0:
        x[0] = raw[0] + raw[1] * raw[4] * math.sqrt(max(1.0 - raw[2] * raw[2], 0.0))
        x[1] = math.sqrt(raw[1] * max(1.0 - raw[2], 0.0))
        x[2] = math.sqrt(raw[1] * max(1.0 + raw[2], 0.0))
        x[3] = raw[3]
        x[4] = math.log(raw[4])
        _clamp(x, low, high)
        starts[0] = x
        costs[0] = 0.0
    else:
        level = 0.0
        for i in range(quotes.shape[1]):
            level += quotes[2, i] * quotes[1, i]
        scale = level * math.sqrt(years)
        for p in range(7):
            middle = scale * (-1.5, -0.75, -0.25, 0.0, 0.25, 0.75, 1.5)[p]
            for q in range(5):
                sigma = scale * (0.15, 0.4, 0.9, 1.8, 4.0)[q]
                if not _start(quotes, years, middle, sigma, low, x):
                    continue
                _clamp(x, low, high)
                cost = _cost(x, quotes, years, edge, hard, normal, gradient, False)
                for place in range(STARTS):
                    if cost < costs[place]:
                        for later in range(STARTS - 1, place, -1):
                            costs[later] = costs[later - 1]
                            starts[later] = starts[later - 1]
                        costs[place] = cost
                        starts[place] = x
                        break
    best = np.inf
    for place in range(STARTS):
        if costs[place] == np.inf:
            continue
        cost = _descend(starts[place], quotes, years, edge, hard, low, high)
        if cost < best:
            best = cost
            _raw(starts[place], raw)
    return best
