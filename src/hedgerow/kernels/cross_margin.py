r"""Where an account of many positions and collaterals meets its requirement.

A *row* is a position or a collateral as a function of its own price :math:`P`, in the account's
money: it is worth :math:`a + b P` and asks for :math:`\max(0, \max_k(u_k P + v_k)) + g / P`. A
linear contract has these shapes as it stands; an inverse one has them once its coins are valued
at :math:`P`. A collateral asks for its haircut. All rows are concave in the price, so an account
that is above its requirement leaves that region once in each direction.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from hedgerow.kernels.jit import inlined, kernel, part

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

STEPS = 200
FARTHEST = 1e12  # times the price of now
LEAST = 1e-9  # the same
CLOSE = 4e-16


class Rows(NamedTuple):
    """Positions and collaterals, ``(rows,)``; the lines are ``(rows, lines)``, padded with 0."""

    price: Floats
    constant: Floats
    slope: Floats
    line_constant: Floats
    line_slope: Floats
    curve: Floats


class Value(NamedTuple):
    """Something at a price, and how fast it changes there."""

    level: float
    rate: float


@inlined
def surplus_at(rows: Rows, members: Integers, beta: Floats, rest: Value, factor: float) -> Value:
    """Return equity less requirement where the market is `factor` of now, and its derivative.

    The price of member row ``r`` becomes ``price * (1 - beta[r] + beta[r] * factor)``; what is
    not a member is worth ``rest.level + rest.rate * (factor - 1)``.
    """
    # Taken apart once: an array looked up in a tuple inside a loop is counted each time.
    prices, constants, slopes, line_constants, line_slopes, curves = rows
    level = rest.level + rest.rate * (factor - 1.0)
    rate = rest.rate
    for member in range(members.shape[0]):
        row = members[member]
        pace = prices[row] * beta[row]
        price = prices[row] * ((1.0 - beta[row]) + beta[row] * factor)
        least = prices[row] * LEAST
        if price < least:
            price = least
            pace = 0.0
        asked = 0.0
        steepness = 0.0
        for line in range(line_slopes.shape[1]):
            height = line_constants[row, line] + line_slopes[row, line] * price
            if height > asked:
                asked = height
                steepness = line_slopes[row, line]
        level += constants[row] + slopes[row] * price - asked
        rate += pace * (slopes[row] - steepness)
        if curves[row] != 0.0:
            level -= curves[row] / price
            rate += pace * curves[row] / (price * price)
    return Value(level, rate)


@part
def exit_factor(rows: Rows, members: Integers, beta: Floats, rest: Value, sign: float) -> float:
    r"""Return the factor of the market at which the surplus is 0; NaN if there is none.

    An account that is already below its requirement is followed in the direction in which it
    gets better, to where it would be above again.

    Notes
    -----
    Newton's method: the surplus is concave, so the root of a tangent never lies on the inner side
    of the exit, the steps after the first come from outside, and on a straight line it is met.
    """
    here = surplus_at(rows, members, beta, rest, 1.0)
    if here.level < 0.0 and here.rate != 0.0:
        sign = 1.0 if here.rate > 0.0 else -1.0
    limit = FARTHEST if sign > 0.0 else LEAST
    for row in members:
        if beta[row] * sign < 0.0:
            edge = 1.0 - (1.0 - 2.0 * LEAST) / beta[row]
            limit = min(limit, edge) if sign > 0.0 else max(limit, edge)
    factor = 1.0
    if here.level >= 0.0:
        factor = limit
        if here.rate * sign < 0.0:
            factor = 1.0 - here.level / here.rate
            factor = min(factor, limit) if sign > 0.0 else max(factor, limit)
        if factor == limit and surplus_at(rows, members, beta, rest, factor).level >= 0.0:
            return np.nan
    for _ in range(STEPS):
        at = surplus_at(rows, members, beta, rest, factor)
        pace = at.rate * sign
        if pace == 0.0 or (pace < 0.0) != (here.level >= 0.0):
            return np.nan
        step = factor - at.level / at.rate
        if not 0.0 <= (step - 1.0) * sign <= (limit - 1.0) * sign:
            return np.nan
        onward = (step - factor) * sign
        if (onward >= 0.0) == (here.level >= 0.0) or abs(onward) <= CLOSE * step:
            return step  # what is left is rounding
        factor = step
    return factor


@kernel
def joint_exit(rows: Rows, beta: Floats, sign: float) -> float:
    """Return the factor of the whole market in one direction at which the account dies.

    Parameters
    ----------
    rows
        All positions and collaterals.
    beta
        Of each row, ``(rows,)``: how much further than the market its price moves; 0 stands.
    sign
        +1 upwards, -1 downwards.

    Returns
    -------
    float
        Price over the price of now, NaN where the account survives every price in that direction.
    """
    return exit_factor(rows, np.arange(rows.price.shape[0]), beta, Value(0.0, 0.0), sign)


class Groups(NamedTuple):
    """Sets of rows, one after the other: set ``g`` is ``rows[first[g]:first[g + 1]]``."""

    first: Integers
    rows: Integers


@kernel
def each_exit(rows: Rows, moving: Groups, carried: Groups, signs: Floats) -> Floats:
    """Return, for each set of rows, the price factor at which it takes the account down alone.

    Parameters
    ----------
    rows
        All positions and collaterals.
    moving
        The rows of each set move by the same fraction; every other row stands still.
    carried
        Rows that stand still in the coin whose price the set is: their worth in money goes with
        it. A set may be empty.
    signs
        The direction of each set, ``(sets,)``.

    Returns
    -------
    Floats
        Price over the price of now, ``(sets,)``, NaN where there is none.
    """
    count = rows.price.shape[0]
    beta = np.ones(count)
    still = Value(0.0, 0.0)
    total = surplus_at(rows, np.arange(count), beta, still, 1.0).level
    found = np.empty(signs.shape[0])
    for group in range(signs.shape[0]):
        inside = moving.rows[moving.first[group] : moving.first[group + 1]]
        along = carried.rows[carried.first[group] : carried.first[group + 1]]
        level = total - surplus_at(rows, inside, beta, still, 1.0).level
        rate = 0.0
        if along.shape[0] > 0:
            rate = surplus_at(rows, along, beta, still, 1.0).level
        found[group] = exit_factor(rows, inside, beta, Value(level, rate), signs[group])
    return found
