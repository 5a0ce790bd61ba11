"""Maintenance margin, headroom and forced reduction of one account of many positions.

Arrays of positions are ``(positions,)``; tiers are ``(positions, tiers)``, padded with rate 0 and
amount +inf, so that the maintenance margin is the largest of the lines ``notional * rate -
amount``: with amounts that make the schedule continuous and rates that rise, that is the line of
the bracket the notional lies in.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from hedgerow.kernels.contract import base_size, notional, position_pnl
from hedgerow.kernels.jit import kernel

Floats = npt.NDArray[np.float64]


class Positions(NamedTuple):
    """The positions of one account over one bar: from `start` prices to `worst` prices."""

    size: Floats
    entry: Floats
    start: Floats
    worst: Floats
    inverse: Floats  # 1 where inverse


class Schedule(NamedTuple):
    """Maintenance brackets, one row a position, ``(positions, tiers)``."""

    rate: Floats
    amount: Floats


@kernel
def maintenance(worth: float, rate: Floats, amount: Floats) -> float:
    """Return the maintenance margin of a notional `worth`; shapes ``(tiers,)``."""
    required = 0.0
    for tier in range(rate.shape[0]):
        required = max(required, worth * rate[tier] - amount[tier])
    return required


@kernel
def bracket(worth: float, floor: Floats, cap: Floats) -> int:
    """Return the index of the bracket that holds `worth`: ``floor < worth <= cap``."""
    found = 0
    for tier in range(floor.shape[0]):
        if cap[tier] > 0.0 and worth > floor[tier]:
            found = tier
    return found


BRACKETS = 0  # by the notional at the price asked about
ENTRY_BRACKETS = 1  # by the notional at the entry: it stands still while the price moves
SIZE_TIERS = 2  # by the size: base coin if linear, quote face if inverse
SIZE_SLOPE = 3  # the rate rises with the size in base coin


class Requirement(NamedTuple):
    """What one contract asks for; arrays are ``(tiers,)``, padded as a `Schedule` is."""

    kind: int
    slope: float  # of the rate, per base coin
    floor: Floats
    cap: Floats
    rate: Floats
    amount: Floats


@kernel
def required(size: float, entry: float, price: float, inverse: bool, rule: Requirement) -> float:
    r"""Return the maintenance margin of a position, in settlement currency, under any rule.

    With notional :math:`N`, coins :math:`q` and the tier of rate :math:`m` and amount :math:`c`:
    :math:`N m - c` at the price or at the entry, :math:`N m` by size, :math:`N (m + s q)`.

    References
    ----------
    Binance (brackets by notional), BitMEX (frozen at the entry), OKX (tiers by size) and Deribit
    (a rate that rises with size), in their pages on margin.
    """
    if size == 0.0:
        return 0.0
    if rule.kind == SIZE_TIERS:
        return notional(size, price, inverse) * rule.rate[bracket(abs(size), rule.floor, rule.cap)]
    if rule.kind == SIZE_SLOPE:
        coins = abs(base_size(size, price, inverse))
        return notional(size, price, inverse) * (rule.rate[0] + rule.slope * coins)
    at = entry if rule.kind == ENTRY_BRACKETS else price
    return maintenance(notional(size, at, inverse), rule.rate, rule.amount)


@kernel
def price_along(start: float, worst: float, fraction: float) -> float:
    """Return the price `fraction` of the way from `start` to `worst`, exact at the end."""
    if fraction >= 1.0:
        return worst
    return start + fraction * (worst - start)


@kernel
def surplus(wallet: float, fraction: float, positions: Positions, schedule: Schedule) -> float:
    """Return equity less maintenance when prices are `fraction` of the way to their worst."""
    left = wallet
    for leg in range(positions.size.shape[0]):
        size = positions.size[leg]
        if size == 0.0:
            continue
        price = price_along(positions.start[leg], positions.worst[leg], fraction)
        inverse = positions.inverse[leg] != 0.0
        left += position_pnl(size, positions.entry[leg], price, inverse)
        left -= maintenance(
            notional(size, price, inverse), schedule.rate[leg], schedule.amount[leg]
        )
    return left


@kernel
def breach_fraction(wallet: float, begin: float, positions: Positions, schedule: Schedule) -> float:
    """Return how far along the bar the account first falls below maintenance.

    All prices move together on straight lines from `start` to `worst`. The caller knows that
    `surplus` is negative at 1; if it already is at `begin` (a gap), `begin` is returned. Found by
    bisection to the last bit, so no formula per contract type is needed.
    """
    if surplus(wallet, begin, positions, schedule) < 0.0:
        return begin
    safe = begin
    breached = 1.0
    for _ in range(60):
        middle = 0.5 * (safe + breached)
        if surplus(wallet, middle, positions, schedule) < 0.0:
            breached = middle
        else:
            safe = middle
    return breached


@kernel
def first_to_close(fraction: float, positions: Positions, schedule: Schedule) -> int:
    """Return the position with the largest maintenance margin, the first of equals."""
    chosen = -1
    largest = -1.0
    for leg in range(positions.size.shape[0]):
        size = positions.size[leg]
        if size == 0.0:
            continue
        price = price_along(positions.start[leg], positions.worst[leg], fraction)
        worth = notional(size, price, positions.inverse[leg] != 0.0)
        required = maintenance(worth, schedule.rate[leg], schedule.amount[leg])
        if required > largest:
            largest = required
            chosen = leg
    return chosen


@kernel
def lots_after_step_down(
    lots: float, lot_size: float, price: float, inverse: bool, lower: float
) -> float:
    """Return the signed lots left when a position is cut to a notional of at most `lower`.

    `lower` is the top of the next lower bracket, 0 in the lowest: then nothing is left.
    """
    if lower <= 0.0:
        return 0.0
    size = lower * price if inverse else lower / price
    left = np.floor(size / lot_size)
    if left >= abs(lots):
        return 0.0
    return left if lots > 0.0 else -left


@kernel
def affordable_notional(
    equity: float, floor: Floats, cap: Floats, leverage: Floats, limit: float
) -> float:
    """Return the largest notional that `equity` may open under the brackets' leverage.

    `limit` is our own highest leverage. The largest over brackets of ``min(cap, equity *
    leverage)`` that still lies in its bracket.
    """
    if equity <= 0.0:
        return 0.0
    best = 0.0
    for tier in range(cap.shape[0]):
        reach = min(cap[tier], equity * min(leverage[tier], limit))
        if reach > floor[tier]:
            best = max(best, reach)
    return best


@kernel
def liquidation_price(
    size: float, entry: float, cash: float, inverse: bool, schedule: tuple[Floats, Floats]
) -> float:
    r"""Return the price at which one position takes its account to maintenance; NaN if none.

    `cash` is all the rest of the account: wallet, and profit less maintenance of every other
    position. `schedule` is (rate, amount), each ``(tiers,)``. On the bracket of rate
    :math:`m` and amount :math:`c` the price solves ``cash + pnl(P) = notional(P) m - c``:

    .. math::
        P = \frac{W + c - qE}{|q| m - q} \quad\text{(linear)}, \qquad
        P = \frac{|Q| m + Q}{W + c + Q/E} \quad\text{(inverse)}

    The bracket is the one that holds at the solution: as maintenance is the largest of its lines,
    the first price reached from the entry is the extreme over brackets.

    References
    ----------
    Binance support, "How to calculate liquidation price of USD-M futures contracts".
    """
    if size == 0.0:
        return np.nan
    rate, amount = schedule
    found = np.nan
    for tier in range(rate.shape[0]):
        if not np.isfinite(amount[tier]):
            continue
        if inverse:
            below = cash + amount[tier] + size / entry
            above = abs(size) * rate[tier] + size
        else:
            above = cash + amount[tier] - size * entry
            below = abs(size) * rate[tier] - size
        if below == 0.0:
            continue
        price = above / below
        if not price > 0.0:
            continue
        nearer = price > found if size > 0.0 else price < found
        if nearer or np.isnan(found):
            found = price
    return found
