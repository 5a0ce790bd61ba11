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
    """What each position's contract asks for, one row a position, ``(positions, tiers)``.

    `kind` and `slope` are the same all along a row; see `Requirement`.
    """

    kind: Floats
    slope: Floats
    floor: Floats
    cap: Floats
    rate: Floats
    amount: Floats


class Pledges(NamedTuple):
    """What an account holds beside its own collateral, by asset: so many `assets`, then padding.

    `price` is that of one unit in the account's collateral at the start of the bar; it moves with
    the price of position `guide`, or not at all where that is -1; so does the collateral itself
    with that of position `base`. What lies there counts less `haircut`. `settle` is the asset a
    position pays in, -1 for the account's own collateral.
    """

    assets: int
    amount: Floats
    price: Floats
    haircut: Floats
    guide: Floats
    settle: Floats
    base: int


NO_PLEDGES = Pledges(0, np.zeros(1), np.zeros(1), np.zeros(1), np.zeros(1), np.full(1, -1.0), -1)


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
def of_position(schedule: Schedule, leg: int) -> Requirement:
    """Return what one position's contract asks for."""
    return Requirement(
        int(schedule.kind[leg][0]),
        schedule.slope[leg][0],
        schedule.floor[leg],
        schedule.cap[leg],
        schedule.rate[leg],
        schedule.amount[leg],
    )


@kernel
def moved_with(guide: int, fraction: float, positions: Positions) -> float:
    """Return how many times its start a price is, `fraction` of the way; 1 without a guide."""
    if guide < 0:
        return 1.0
    start = positions.start[guide]
    return price_along(start, positions.worst[guide], fraction) / start


@kernel
def pledge_price(asset: int, fraction: float, positions: Positions, pledges: Pledges) -> float:
    """Return the price of a pledged asset in collateral, `fraction` of the way."""
    price = pledges.price[asset] * moved_with(int(pledges.guide[asset]), fraction, positions)
    return price / moved_with(pledges.base, fraction, positions)


@kernel
def pledged_worth(fraction: float, positions: Positions, pledges: Pledges) -> float:
    """Return what counts of the pledges, open profit paid in them included, in collateral.

    The haircut is on what lies there, not on what is owed and not on open profit.
    """
    total = 0.0
    for asset in range(pledges.assets):
        units = pledges.amount[asset]
        if units > 0.0:
            units *= 1.0 - pledges.haircut[asset]
        for leg in range(positions.size.shape[0]):
            if positions.size[leg] != 0.0 and int(pledges.settle[leg]) == asset:
                price = price_along(positions.start[leg], positions.worst[leg], fraction)
                inverse = positions.inverse[leg] != 0.0
                units += position_pnl(positions.size[leg], positions.entry[leg], price, inverse)
        total += units * pledge_price(asset, fraction, positions, pledges)
    return total


@kernel
def unit_of(leg: int, fraction: float, positions: Positions, pledges: Pledges) -> float:
    """Return the worth in collateral of one unit of what a position pays in."""
    if pledges.assets == 0 or pledges.settle[leg] < 0.0:
        return 1.0
    return pledge_price(int(pledges.settle[leg]), fraction, positions, pledges)


@kernel
def equity(wallet: float, fraction: float, positions: Positions, pledges: Pledges) -> float:
    """Return what an account has, open profit counted, `fraction` of the way."""
    left = wallet
    for leg in range(positions.size.shape[0]):
        size = positions.size[leg]
        if size == 0.0 or (pledges.assets > 0 and pledges.settle[leg] >= 0.0):
            continue
        price = price_along(positions.start[leg], positions.worst[leg], fraction)
        left += position_pnl(size, positions.entry[leg], price, positions.inverse[leg] != 0.0)
    return left + pledged_worth(fraction, positions, pledges)


@kernel
def open_profit(positions: Positions, pledges: Pledges) -> float:
    """Return the open profit paid in the account's own collateral, at the worst prices."""
    profit = 0.0
    for leg in range(positions.size.shape[0]):
        size = positions.size[leg]
        if size == 0.0 or (pledges.assets > 0 and pledges.settle[leg] >= 0.0):
            continue
        inverse = positions.inverse[leg] != 0.0
        profit += position_pnl(size, positions.entry[leg], positions.worst[leg], inverse)
    return profit


@kernel
def needed(
    leg: int, fraction: float, positions: Positions, schedule: Schedule, pledges: Pledges
) -> float:
    """Return the maintenance margin of one position, `fraction` of the way, in collateral."""
    price = price_along(positions.start[leg], positions.worst[leg], fraction)
    inverse = positions.inverse[leg] != 0.0
    rule = of_position(schedule, leg)
    own = required(positions.size[leg], positions.entry[leg], price, inverse, rule)
    if pledges.assets > 0 and pledges.settle[leg] >= 0.0:
        return own * unit_of(leg, fraction, positions, pledges)
    return own


@kernel
def surplus(
    wallet: float, fraction: float, positions: Positions, schedule: Schedule, pledges: Pledges
) -> float:
    """Return equity less maintenance when prices are `fraction` of the way to their worst."""
    left = wallet
    for leg in range(positions.size.shape[0]):
        size = positions.size[leg]
        if size == 0.0:
            continue
        if pledges.assets == 0 or pledges.settle[leg] < 0.0:
            price = price_along(positions.start[leg], positions.worst[leg], fraction)
            left += position_pnl(size, positions.entry[leg], price, positions.inverse[leg] != 0.0)
        left -= needed(leg, fraction, positions, schedule, pledges)
    if pledges.assets == 0:
        return left
    return left + pledged_worth(fraction, positions, pledges)


@kernel
def breach_fraction(
    wallet: float, begin: float, positions: Positions, schedule: Schedule, pledges: Pledges
) -> float:
    """Return how far along the bar the account first falls below maintenance.

    All prices move together on straight lines from `start` to `worst`. The caller knows that
    `surplus` is negative at 1; if it already is at `begin` (a gap), `begin` is returned. Found by
    bisection to the last bit, so no formula per contract type is needed.
    """
    if surplus(wallet, begin, positions, schedule, pledges) < 0.0:
        return begin
    safe = begin
    breached = 1.0
    for _ in range(60):
        middle = 0.5 * (safe + breached)
        if surplus(wallet, middle, positions, schedule, pledges) < 0.0:
            breached = middle
        else:
            safe = middle
    return breached


@kernel
def first_to_close(
    fraction: float, positions: Positions, schedule: Schedule, pledges: Pledges
) -> int:
    """Return the position with the largest maintenance margin, the first of equals."""
    chosen = -1
    largest = -1.0
    for leg in range(positions.size.shape[0]):
        if positions.size[leg] == 0.0:
            continue
        need = needed(leg, fraction, positions, schedule, pledges)
        if need > largest:
            largest = need
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


FULL = 0
STEP_DOWN = 1
BANKRUPTCY = 2
PARTIAL = 3


MOST_STEPS = 512  # of a liquidation, for each position of the account
SPENT = (
    1e-9  # fraction of maintenance: below it an account has nothing left, whatever rounding says
)


class Taking(NamedTuple):
    """What a venue does with a position of an account below maintenance."""

    method: int  # FULL, STEP_DOWN, BANKRUPTCY or PARTIAL
    fee: float  # fraction of the notional closed
    step: float  # PARTIAL: part of the position closed at a time
    step_above: float  # PARTIAL: worth, quote, below which all is closed
    backstop: float  # fraction of maintenance below which equity goes with the position


@kernel
def lots_left(
    lots: float,
    lot_size: float,
    entry: float,
    price: float,
    inverse: bool,
    rule: Requirement,
    taking: Taking,
) -> float:
    """Return the signed lots that one step of a liquidation leaves; fewer than before."""
    size = abs(lots) * lot_size
    if taking.method == PARTIAL:
        quote = size if inverse else size * price
        left = np.floor(abs(lots) * (1.0 - taking.step))
        if quote < taking.step_above or left >= abs(lots):
            return 0.0
        return left if lots > 0.0 else -left
    if taking.method != STEP_DOWN or rule.kind == SIZE_SLOPE:
        return 0.0
    if rule.kind == SIZE_TIERS:
        left = np.floor(rule.floor[bracket(size, rule.floor, rule.cap)] / lot_size)
        return left if lots > 0.0 else -left
    at = entry if rule.kind == ENTRY_BRACKETS else price
    tier = bracket(notional(size, at, inverse), rule.floor, rule.cap)
    return lots_after_step_down(lots, lot_size, at, inverse, rule.floor[tier])


@kernel
def liquidation_charge(worth: float, margin: float, solvency: float, taking: Taking) -> float:
    """Return what a venue charges for closing `worth`, before what the account can pay.

    `margin` is the maintenance of what is closed; `solvency` the account's equity over its
    maintenance before. At the bankruptcy price the margin is lost, and so it is to a backstop.
    """
    if taking.method == BANKRUPTCY or solvency < taking.backstop:
        return margin
    return taking.fee * worth


class Asked(NamedTuple):
    """Maintenance and notional of the larger of what is held and what is wanted."""

    margin: float
    worth: float


@kernel
def required_when(
    size: float, wanted: float, entry: float, price: float, inverse: bool, rule: Requirement
) -> Asked:
    """Return what a position asks for, or one of notional `wanted` at `price` where that is more.

    What is wanted beyond what is held would be entered at `price`.
    """
    held = notional(size, price, inverse)
    if not wanted > held:
        return Asked(required(size, entry, price, inverse, rule), held)
    meant = wanted * price if inverse else wanted / price
    if rule.kind in (BRACKETS, ENTRY_BRACKETS):
        return Asked(maintenance(wanted, rule.rate, rule.amount), wanted)
    return Asked(required(meant, price, price, inverse, rule), wanted)


class Opening(NamedTuple):
    """What one contract asks for to open; arrays are ``(tiers,)``, see `Requirement`."""

    kind: int
    slope: float  # of the initial rate, per base coin
    floor: Floats
    cap: Floats
    leverage: Floats
    limit: float  # our own highest leverage


@kernel
def initial_margin(worth: float, price: float, inverse: bool, rule: Opening) -> float:
    """Return the margin that a position of notional `worth` takes at `price`."""
    if rule.kind == SIZE_SLOPE:
        coins = worth if inverse else worth / price
        rate = 1.0 / min(rule.leverage[0], rule.limit) + rule.slope * coins
        return worth * rate
    measured = worth
    if rule.kind == SIZE_TIERS:
        measured = worth * price if inverse else worth / price
    tier = bracket(measured, rule.floor, rule.cap)
    return worth / min(rule.leverage[tier], rule.limit)


@kernel
def affordable_notional(equity: float, price: float, inverse: bool, rule: Opening) -> float:
    r"""Return the largest notional that `equity` may open at `price`.

    The largest over tiers of ``min(cap, equity * leverage)`` that still lies in its tier. Where
    the rate rises with the coins, :math:`N (1/L + s N / P) = E` (without :math:`P` if inverse).
    """
    if equity <= 0.0:
        return 0.0
    if rule.kind == SIZE_SLOPE:
        base = 1.0 / min(rule.leverage[0], rule.limit)
        slope = rule.slope if inverse else rule.slope / price
        most = rule.cap[0] if inverse else rule.cap[0] * price
        if slope == 0.0:
            return min(equity / base, most)
        return min(2.0 * equity / (base + np.sqrt(base * base + 4.0 * slope * equity)), most)
    scale = 1.0
    if rule.kind == SIZE_TIERS:
        scale = 1.0 / price if inverse else price
    best = 0.0
    for tier in range(rule.cap.shape[0]):
        reach = min(rule.cap[tier] * scale, equity * min(rule.leverage[tier], rule.limit))
        if reach > rule.floor[tier] * scale:
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


@kernel
def price_of_liquidation(
    size: float, entry: float, cash: float, inverse: bool, rule: Requirement
) -> float:
    r"""Return the price at which one position takes its account to maintenance, under any rule.

    As `liquidation_price`; a requirement that stands still is taken off `cash`, one by size is a
    single bracket, and one that rises with the coins of an inverse contract is a quadratic in
    :math:`1/P`: :math:`W + Q/E - u (Q + |Q| m) - u^2 s Q^2 = 0`.
    """
    if size == 0.0:
        return np.nan
    if rule.kind == BRACKETS:
        return liquidation_price(size, entry, cash, inverse, (rule.rate, rule.amount))
    if rule.kind == ENTRY_BRACKETS:
        cash -= required(size, entry, entry, inverse, rule)
        rate = 0.0
    elif rule.kind == SIZE_TIERS:
        rate = rule.rate[bracket(abs(size), rule.floor, rule.cap)]
    else:
        rate = rule.rate[0]
        if inverse and rule.slope > 0.0:
            first = size + abs(size) * rate
            second = rule.slope * size * size
            third = cash + size / entry
            root = first * first + 4.0 * second * third
            if root < 0.0:
                return np.nan
            # Of the two roots in 1/P, the one that the price reaches first from the entry.
            if size > 0.0:
                inverse_price = 2.0 * third / (np.sqrt(root) + first)
            else:
                inverse_price = -2.0 * third / (np.sqrt(root) - first)
            return 1.0 / inverse_price if inverse_price > 0.0 else np.nan
        rate += 0.0 if inverse else rule.slope * abs(size)
    if inverse:
        above = abs(size) * rate + size
        below = cash + size / entry
    else:
        above = cash - size * entry
        below = abs(size) * rate - size
    if below == 0.0 or not above / below > 0.0:
        return np.nan
    return above / below
