"""The forward, and the discount factor, that calls and puts of one expiry agree on."""

import math
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from hedgerow.errors import ConfigError, MarketDataError
from hedgerow.pricing import rows as given
from hedgerow.pricing.rows import Call, Column, Rows
from hedgerow.units import Floats

Unit = Literal["quote", "coin"]

TUKEY: Final = 4.685  # bisquare's reach in standard deviations: 95 % efficient on normal errors
TO_DEVIATION: Final = 1.4826  # median absolute deviation to standard deviation
ROUNDS: Final = 60
LEFT_OUT: Final = "far off the line of the other strikes"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParityForward:
    """What put-call parity says of one expiry.

    Attributes
    ----------
    forward, forward_error
        In quote per base, with its standard error; NaN error where nothing is left to judge by.
    discount, discount_error
        Of the unit that premiums are paid in; the error is 0 where the discount was given.
    used
        How many strikes carry weight.
    residual
        Standard deviation of what the line leaves, in the premiums' unit.
    rows
        Which strikes were used, and why the others were not.
    """

    forward: float
    forward_error: float
    discount: float
    discount_error: float
    used: int
    residual: float
    rows: Rows


@dataclass(frozen=True, slots=True)
class _Line:
    """``level - slope * strike`` with the covariance of the two, and each strike's weight."""

    level: float
    slope: float
    covariance: Floats
    weight: Floats
    deviation: float


def parity_forward(
    strike: Column,
    call: Column,
    put: Column,
    *,
    unit: Unit = "quote",
    half_spread: "Column | None" = None,
    discount: float | None = None,
) -> ParityForward:
    r"""Return the forward at which calls less puts of one expiry lie on parity's line.

    In quote :math:`C - P = D (F - K)`, in coin :math:`c - p = D (1 - K / F)`: a line in the strike
    either way, whose root is the forward. The line is fitted by Tukey's bisquare from the median
    of all pairs' slopes, so that a few stale or crossed quotes do not move it.

    Parameters
    ----------
    strike, call, put
        Columns of one expiry; the mid prices of both kinds at each strike.
    unit
        What premiums are paid in.
    half_spread
        Half of the two spreads together, in the premiums' unit: tight quotes count for more.
    discount
        The discount factor where it is known (1 on venues without a rate): one unknown less, and
        a single strike is then enough.

    Raises
    ------
    MarketDataError
        If too few strikes have both prices, or their line has no root above 0.

    Examples
    --------
    >>> found = parity_forward([90.0, 100.0, 110.0], [15.0, 8.0, 4.0], [2.75, 5.5, 11.25])
    >>> round(found.forward, 2), round(found.discount, 3)
    (102.56, 0.975)

    References
    ----------
    Stoll, H. R. (1969). The relationship between put and call option prices. Journal of Finance
    24, 801-824. Beaton, A. E. and Tukey, J. W. (1974). Technometrics 16, 147-185. Sen, P. K.
    (1968). Journal of the American Statistical Association 63, 1379-1389.
    """
    if unit not in {"quote", "coin"}:
        raise ConfigError(f"unit = {unit!r}: premiums are paid in quote or in coin")
    if discount is not None and not 0.0 < discount < math.inf:
        raise ConfigError(f"discount = {discount:g}: a discount factor is above 0, 1 without rate")
    asked = Call(
        given.strike(np.atleast_1d(np.asarray(strike, dtype=np.float64))),
        given.not_negative("call", np.atleast_1d(np.asarray(call, dtype=np.float64))),
        given.not_negative("put", np.atleast_1d(np.asarray(put, dtype=np.float64))),
        given.positive("half_spread", 1.0 if half_spread is None else half_spread),
    )
    strikes, calls, puts, spread = asked.full()
    good = np.flatnonzero(asked.rows.valid)
    at, gap, trust = strikes[good], (calls - puts)[good], 1.0 / spread[good] ** 2
    needed = 1 if discount is not None else 2
    if np.unique(at).size < needed:
        raise MarketDataError(
            f"{np.unique(at).size} strikes have a call's and a put's price, parity needs {needed}"
            + ("; give discount, and one is enough" if discount is None else "")
        )
    if discount is None:
        line = _free_line(at, gap, trust)
    elif unit == "quote":
        line = _line_of_slope(at, gap, trust, discount)
    else:
        line = _line_of_level(at, gap, trust, discount)
    return _found(asked, good, line, unit, discount)


def _found(
    asked: Call, good: "np.typing.NDArray[np.int64]", line: _Line, unit: Unit, known: float | None
) -> ParityForward:
    if not (line.slope > 0.0 and line.level > 0.0):
        raise MarketDataError(
            "calls less puts do not fall with the strike as parity says: check that calls and puts "
            f"are not exchanged, and that premiums are in {unit}"
        )
    forward = line.level / line.slope
    # The root's error from those of level and slope, to first order.
    pull = np.array([1.0 / line.slope, -forward / line.slope])
    variance = float(pull @ line.covariance @ pull)
    place = 1 if unit == "quote" else 0
    factor = (line.level, line.slope)[place]
    far = np.zeros(asked.size, dtype=np.bool_)
    far[good[line.weight == 0.0]] = True
    return ParityForward(
        forward=forward,
        forward_error=math.sqrt(max(variance, 0.0)) if not math.isnan(variance) else math.nan,
        discount=factor if known is None else known,
        discount_error=math.sqrt(line.covariance[place, place]) if known is None else 0.0,
        used=int(np.count_nonzero(line.weight)),
        residual=line.deviation,
        rows=asked.rows.also(far, LEFT_OUT),
    )


def _free_line(at: Floats, gap: Floats, trust: Floats) -> _Line:
    first, second = np.triu_indices(at.size, 1)
    apart = at[first] != at[second]
    first, second = first[apart], second[apart]
    slope = float(np.median((gap[first] - gap[second]) / (at[second] - at[first])))
    level = float(np.median(gap + slope * at))
    design = np.column_stack([np.ones_like(at), -at])
    return _settle(design, gap, trust, np.array([level, slope]))


def _line_of_slope(at: Floats, gap: Floats, trust: Floats, slope: float) -> _Line:
    level = gap + slope * at
    fitted = _settle(np.ones((at.size, 1)), level, trust, np.array([np.median(level)]))
    covariance = np.array([[fitted.covariance[0, 0], 0.0], [0.0, 0.0]])
    return _Line(fitted.level, slope, covariance, fitted.weight, fitted.deviation)


def _line_of_level(at: Floats, gap: Floats, trust: Floats, level: float) -> _Line:
    start = np.array([np.median((level - gap) / at)])
    fitted = _settle(-at[:, None], gap - level, trust, start)
    covariance = np.array([[0.0, 0.0], [0.0, fitted.covariance[0, 0]]])
    return _Line(level, fitted.level, covariance, fitted.weight, fitted.deviation)


def _settle(design: Floats, target: Floats, trust: Floats, start: Floats) -> _Line:
    """Return the fit of ``design @ x = target`` by bisquare weights, from `start`."""
    found: Floats = start
    trust = trust / trust.max()
    root = np.sqrt(trust)
    size = float(np.abs(target).max(initial=0.0) + np.abs(design).max() * np.abs(start).max())
    dust = 64.0 * np.finfo(np.float64).eps * size
    weight = trust
    for _ in range(ROUNDS):
        off = (target - design @ found) * root
        deviation = max(TO_DEVIATION * float(np.median(np.abs(off))), dust)
        reach = np.clip(1.0 - (off / (TUKEY * deviation)) ** 2, 0.0, None)
        weight = trust * reach**2
        if np.count_nonzero(weight) < found.size:
            weight = trust
        before = found
        shift = np.sqrt(weight)
        found = np.asarray(
            np.linalg.lstsq(design * shift[:, None], target * shift, rcond=None)[0], np.float64
        )
        if np.all(np.abs(found - before) <= 1e-12 * np.abs(found)):
            break
    held = weight > 0.0
    off = target - design @ found
    covariance = _covariance(design, off * root, trust, held)
    slope = float(found[1]) if found.size > 1 else math.nan
    deviation = math.sqrt(float(np.mean(off[held] ** 2)))
    return _Line(float(found[0]), slope, covariance, weight, deviation)


def _covariance(
    design: Floats, off: Floats, trust: Floats, held: "np.typing.NDArray[np.bool_]"
) -> Floats:
    """Return the covariance of a bisquare fit from its weighted residuals.

    References
    ----------
    Huber, P. J. (1981). Robust statistics, equation 7.6.13 with the correction of 7.6.10.
    """
    count, unknowns = design.shape
    if int(np.count_nonzero(held)) <= unknowns:
        return np.full((unknowns, unknowns), np.nan)
    deviation = TO_DEVIATION * float(np.median(np.abs(off)))
    if deviation == 0.0:
        return np.zeros((unknowns, unknowns))
    inside = np.clip(1.0 - (off / (TUKEY * deviation)) ** 2, 0.0, None)
    pull = off * inside**2
    slope = np.where(inside > 0.0, inside * (5.0 * inside - 4.0), 0.0)
    mean = float(slope.mean())
    correction = 1.0 + unknowns / count * float(slope.var()) / mean**2
    spread = correction**2 * float(np.sum(pull**2)) / (count - unknowns) / mean**2
    normal = design.T @ (design * trust[:, None])
    return np.asarray(np.linalg.pinv(normal) * spread, np.float64)
