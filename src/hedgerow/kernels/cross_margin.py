"""Where an account of many positions and collaterals meets its requirement.

A *row* is a position or a collateral as a function of its own price :math:`P`, in the account's
money: it is worth :math:`a + b P` and asks for :math:`\\max(0, \\max_k(u_k P + v_k)) + g / P`. A
linear contract has these shapes as it stands; an inverse one has them once its coins are valued
at :math:`P`. A collateral asks for its haircut. All rows are concave in the price, so an account
that is above its requirement leaves that region once in each direction.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from hedgerow.kernels.jit import kernel, part

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


@part
def surplus_after(rows: Rows, members: Integers, beta: Floats, rest: Value, move: float) -> Value:
    """Return equity less requirement after a `move` of the market, and its derivative by it.

    The price of member row ``r`` becomes ``price * (1 + beta[r] * move)``, never below 0; what
    is not a member is worth ``rest.level + rest.rate * move``.
    """
    # Taken apart once: an array looked up in a tuple inside a loop is counted each time.
    prices, constants, slopes, line_constants, line_slopes, curves = rows
    level = rest.level + rest.rate * move
    rate = rest.rate
    for member in range(members.shape[0]):
        row = members[member]
        pace = prices[row] * beta[row]
        price = prices[row] + pace * move
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
def exit_move(rows: Rows, members: Integers, beta: Floats, rest: Value, sign: float) -> float:
    r"""Return the move in the direction `sign` at which the surplus is 0; NaN if there is none.

    An account that is already below its requirement is followed in the direction in which it
    gets better, to the move at which it would be above again.

    Notes
    -----
    Newton's method: the surplus is concave, so the root of a tangent never lies on the inner side
    of the exit, the steps after the first come from outside, and on a straight line it is met.
    """
    here = surplus_after(rows, members, beta, rest, 0.0)
    if here.level < 0.0 and here.rate != 0.0:
        sign = 1.0 if here.rate > 0.0 else -1.0
    limit = FARTHEST
    for row in members:
        if beta[row] * sign < 0.0:
            limit = min(limit, 1.0 / abs(beta[row]))
    move = 0.0
    if here.level >= 0.0:
        pace = here.rate * sign
        move = min(-here.level / pace, limit) if pace < 0.0 else limit
        if move == limit and surplus_after(rows, members, beta, rest, sign * move).level >= 0.0:
            return np.nan
    for _ in range(STEPS):
        at = surplus_after(rows, members, beta, rest, sign * move)
        pace = at.rate * sign
        if pace == 0.0 or (pace < 0.0) != (here.level >= 0.0):
            return np.nan
        step = move - at.level / pace
        if not 0.0 <= step <= limit:
            return np.nan
        if abs(step - move) <= CLOSE * (1.0 + move):
            return sign * step
        move = step
    return sign * move


@kernel
def joint_exit(rows: Rows, beta: Floats, sign: float) -> float:
    """Return the move of the whole market in one direction at which the account dies.

    Parameters
    ----------
    rows
        All positions and collaterals.
    beta
        Of each row, ``(rows,)``: how far its price moves when the market moves by 1; 0 stands.
    sign
        +1 upwards, -1 downwards.

    Returns
    -------
    float
        The relative move, NaN where the account survives every price in that direction.
    """
    return exit_move(rows, np.arange(rows.price.shape[0]), beta, Value(0.0, 0.0), sign)


@kernel
def each_exit(
    rows: Rows, first: Integers, members: Integers, signs: Floats, rest_moves: Integers
) -> Floats:
    """Return, for each group of rows, the price move at which it takes the account down alone.

    Parameters
    ----------
    rows
        All positions and collaterals.
    first, members
        Group ``g`` is the rows ``members[first[g]:first[g + 1]]``: they move by the same fraction
        while every other row stands still.
    signs
        The direction of each group, ``(groups,)``.
    rest_moves
        1 where what stands still is counted in the coin that moves, so that its worth in money
        moves with it: an account in coin. ``(groups,)``.

    Returns
    -------
    Floats
        Relative moves, ``(groups,)``, NaN where there is none.
    """
    count = rows.price.shape[0]
    beta = np.ones(count)
    still = Value(0.0, 0.0)
    total = surplus_after(rows, np.arange(count), beta, still, 0.0).level
    found = np.empty(signs.shape[0])
    for group in range(signs.shape[0]):
        inside = members[first[group] : first[group + 1]]
        level = total - surplus_after(rows, inside, beta, still, 0.0).level
        rest = Value(level, level if rest_moves[group] else 0.0)
        found[group] = exit_move(rows, inside, beta, rest, signs[group])
    return found
