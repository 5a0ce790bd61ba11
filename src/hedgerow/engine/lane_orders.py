"""The orders of one lane: from a policy's target to an order, and from an order to a fill."""

import math

import numpy as np

from hedgerow.engine import layout as at
from hedgerow.engine.lane_positions import pledges_of, positions_of, schedule_of, trade
from hedgerow.engine.lane_table import (
    Lanes,
    Where,
    account_row,
    add,
    column_of,
    common,
    emit,
    leg_number,
    price_of,
    receive,
    wallet_row,
    worth_of,
)
from hedgerow.engine.tape import Fixed, Tape
from hedgerow.kernels.contract import base_size, notional
from hedgerow.kernels.costs import fill_price, slippage_fraction
from hedgerow.kernels.jit import part, woven
from hedgerow.kernels.margin import (
    Opening,
    affordable_notional,
    equity,
    initial_margin,
    surplus,
    unit_of,
)
from hedgerow.kernels.sizing import order_lots


@part
def fill(
    tape: Tape, fixed: Fixed, lanes: Lanes, where: tuple[int, int, int, int], closing: float
) -> None:
    """Fill the order of a leg, if the bar lets it; `where` is (step, leg, lane, slot)."""
    step, leg, lane, slot = where
    state = lanes.state
    row = leg * at.LEG_ROWS
    lots = state[row + at.PENDING, lane]
    column = column_of(tape, lanes, lane)
    status = tape.prices[step, leg * at.PRICE_ROWS + at.STATUS, 0]
    if lots == 0.0 or status in (at.HOLE, at.DELAYING):
        return
    account = int(fixed.contract[leg, at.ACCOUNT])
    state[row + at.PENDING, lane] = 0.0
    if status == at.REJECTING:
        emit(
            lanes,
            slot,
            (step, 2 if closing != 0.0 else 0, at.KIND_REJECT),
            (leg, account),
            (lots * fixed.contract[leg, at.LOT_SIZE], np.nan, 0.0, 0.0, 0.0, 1.0, 0.0),
        )
        return
    if fixed.checked and closing == 0.0:
        opened = positions_of(
            tape,
            fixed,
            lanes,
            (step, account, lane, slot),
            (at.MARK_OPEN, at.MARK_OPEN, at.MARK_OPEN),
        )
        wallet = state[account_row(lanes, account) + at.WALLET, lane]
        pledges = pledges_of(tape, fixed, lanes, (step, account, lane, slot), 0.0)
        if surplus(wallet, 0.0, opened, schedule_of(fixed), pledges) < 0.0:
            # The venue is about to liquidate: it cancels what waits.
            emit(
                lanes,
                slot,
                (step, 0, at.KIND_REJECT),
                (leg, account),
                (lots * fixed.contract[leg, at.LOT_SIZE], np.nan, 0.0, 0.0, 0.0, 1.0, 1.0),
            )
            return
    inverse = fixed.contract[leg, at.INVERSE] != 0.0
    settle = int(fixed.contract[leg, at.SETTLE])
    field = at.CLOSE if closing != 0.0 else (at.MEAN if fixed.fill == at.NEXT_MEAN else at.OPEN)
    reference = price_of(tape, step, leg, field, column)
    index = price_of(tape, step, leg, at.INDEX if closing != 0.0 else at.INDEX_OPEN, column)
    worth = worth_of(tape, step, settle, at.WORTH if closing != 0.0 else at.WORTH_OPEN, column)
    if fixed.fill == at.NEXT_MEAN:
        index *= reference / price_of(tape, step, leg, at.OPEN, column)
    size = lots * fixed.contract[leg, at.LOT_SIZE]
    price = reference
    if fixed.maker:
        low = price_of(tape, step, leg, at.LOW, column)
        high = price_of(tape, step, leg, at.HIGH, column)
        if not (low < reference if lots > 0.0 else high > reference):
            return
    else:
        deviation = price_of(tape, step, leg, at.DEVIATION, column)
        drift = deviation * common(lanes, at.LATENCY, lane) / math.sqrt(tape.step / 1e9)
        price = fill_price(
            reference,
            lots,
            slippage_fraction(
                common(lanes, at.HALF_SPREAD, lane),
                common(lanes, at.IMPACT, lane),
                drift,
                deviation,
                abs(size) / price_of(tape, step, leg, at.VOLUME, column),
            ),
        )
    realised = trade(fixed, lanes, where, (price, reference, index), lots, worth)
    charge = -leg_number(lanes, leg, at.FEE, lane) * notional(size, price, inverse)
    state[wallet_row(fixed, lanes, account, settle), lane] += charge
    add(lanes, at.FEES, lane, charge * worth)
    receive(lanes, settle, lane, charge, worth)
    hour = (tape.clock[step, at.TIME] + (tape.step if closing != 0.0 else 0)) / 3.6e12
    state[row + at.LAST_TIME, lane] = hour
    state[row + at.LAST_PRICE, lane] = price
    total = lanes.shape.total_rows
    if state[total + at.NAKED, lane] != 0.0:
        state[total + at.NAKED, lane] = 0.0
        add(lanes, at.REHEDGES, lane, 1.0)
    emit(
        lanes,
        slot,
        (step, 2 if closing != 0.0 else 0, at.KIND_FILL),
        (leg, account),
        (size, price, realised + charge, charge, realised, worth, reference),
    )


@part
def decide(tape: Tape, fixed: Fixed, lanes: Lanes, where: Where, target: float) -> None:
    """Turn a policy's absolute target into an order within the limits; at the close of a bar.

    `where` is (step, leg, lane, slot). The order replaces one that still waits.
    """
    step, leg, lane, _ = where
    state = lanes.state
    row = leg * at.LEG_ROWS
    account = int(fixed.contract[leg, at.ACCOUNT])
    column = column_of(tape, lanes, lane)
    inverse = fixed.contract[leg, at.INVERSE] != 0.0
    lot_size = fixed.contract[leg, at.LOT_SIZE]
    mark = price_of(tape, step, leg, at.MARK, column)
    lots = state[row + at.LOTS, lane]
    goal = state[row + at.GOAL, lane]
    state[row + at.WANTED, lane] = 0.0
    if state[account_row(lanes, account) + at.STAYED, lane] != 0.0:
        return
    held = base_size((lots + state[row + at.PENDING, lane]) * lot_size, mark, inverse)
    if abs(goal - held) * mark > leg_number(lanes, leg, at.NAKED_LIMIT, lane):
        target = goal
    else:
        hour = (tape.clock[step, at.TIME] + tape.step) / 3.6e12
        cooldown = leg_number(lanes, leg, at.COOLDOWN, lane)
        if hour - state[row + at.LAST_TIME, lane] < cooldown:
            return
    order = order_lots(target, lots, lot_size, mark, inverse)
    worth = notional(order * lot_size, mark, inverse)
    quote = worth * mark if inverse else worth
    least = max(fixed.contract[leg, at.MINIMUM], leg_number(lanes, leg, at.MINIMUM_TRADE, lane))
    if quote < least:
        order = 0.0
    state[row + at.WANTED, lane] = notional((lots + order) * lot_size, mark, inverse)
    if fixed.checked and abs(lots + order) > abs(lots):
        order = _within_margin(tape, fixed, lanes, where, order)
        worth = notional(order * lot_size, mark, inverse)
        if (worth * mark if inverse else worth) < least:
            order = 0.0
    state[row + at.PENDING, lane] = order
    state[row + at.RESIDUAL, lane] = target - base_size((lots + order) * lot_size, mark, inverse)


@woven
def _opening(fixed: Fixed, lanes: Lanes, leg: int, lane: int) -> Opening:
    """Return what a leg asks for to open."""
    return Opening(
        int(fixed.brackets[leg, at.KIND, 0]),
        fixed.brackets[leg, at.OPENING_SLOPE, 0],
        fixed.brackets[leg, at.FLOOR],
        fixed.brackets[leg, at.CAP],
        fixed.brackets[leg, at.LEVERAGE],
        leg_number(lanes, leg, at.MAX_LEVERAGE, lane),
    )


@part
def _within_margin(tape: Tape, fixed: Fixed, lanes: Lanes, where: Where, order: float) -> float:
    """Return the order cut to what the account's equity may open; never to less than is held."""
    step, leg, lane, slot = where
    account = int(fixed.contract[leg, at.ACCOUNT])
    place = (step, account, lane, slot)
    positions = positions_of(tape, fixed, lanes, place, (at.MARK, at.MARK, at.MARK))
    pledges = pledges_of(tape, fixed, lanes, place, 1.0)
    wallet = lanes.state[account_row(lanes, account) + at.WALLET, lane]
    free = equity(wallet, 1.0, positions, pledges)
    for other in range(lanes.shape.legs):
        if int(fixed.contract[other, at.ACCOUNT]) != account:
            continue
        size = positions.size[other]
        mark = positions.start[other]
        inverse = positions.inverse[other] != 0.0
        if other != leg:
            waiting = lanes.state[other * at.LEG_ROWS + at.PENDING, lane]
            meant = size + waiting * fixed.contract[other, at.LOT_SIZE]
            worth = max(notional(size, mark, inverse), notional(meant, mark, inverse))
            taken = initial_margin(worth, mark, inverse, _opening(fixed, lanes, other, lane))
            free -= taken * unit_of(other, 1.0, positions, pledges)
    mark = price_of(tape, step, leg, at.MARK, column_of(tape, lanes, lane))
    inverse = fixed.contract[leg, at.INVERSE] != 0.0
    lot_size = fixed.contract[leg, at.LOT_SIZE]
    own = free / unit_of(leg, 1.0, positions, pledges)
    most = affordable_notional(own, mark, inverse, _opening(fixed, lanes, leg, lane))
    lots = lanes.state[leg * at.LEG_ROWS + at.LOTS, lane]
    reach = np.floor((most * mark if inverse else most / mark) / lot_size)
    if abs(lots + order) <= reach:
        return order
    add(lanes, at.CAPPED, lane, 1.0)
    reach = max(reach, abs(lots)) if lots * order > 0.0 else reach
    return (reach if lots + order > 0.0 else -reach) - lots
