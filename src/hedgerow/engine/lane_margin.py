"""What the venue does to one lane that falls below maintenance."""

import numpy as np

from hedgerow.engine import layout as at
from hedgerow.engine.lane_positions import positions_of, schedule_of, trade
from hedgerow.engine.lane_table import (
    Lanes,
    Where,
    account_number,
    account_row,
    add,
    column_of,
    emit,
    leg_number,
    leg_size,
    price_of,
    receive,
    worth_of,
)
from hedgerow.engine.tape import Fixed, Tape
from hedgerow.kernels.contract import notional, position_pnl
from hedgerow.kernels.jit import part
from hedgerow.kernels.margin import (
    Positions,
    bracket,
    breach_fraction,
    first_to_close,
    lots_after_step_down,
    price_along,
    surplus,
)


@part
def liquidate(tape: Tape, fixed: Fixed, lanes: Lanes, where: Where) -> None:
    """Close what the venue closes in an account that falls below maintenance inside the bar.

    `where` is (step, account, lane, slot). One position after another, largest maintenance first,
    until what is left survives the rest of the bar; a loss beyond the wallet is the venue's.
    """
    step, account, lane, slot = where
    state = lanes.state
    column = column_of(tape, lanes, lane)
    row = account_row(lanes, account)
    schedule = schedule_of(fixed)
    begin = 0.0
    for _ in range(64 * lanes.shape.legs):
        positions = positions_of(
            tape, fixed, lanes, where, (at.MARK_OPEN, at.MARK_HIGH, at.MARK_LOW)
        )
        leg = first_to_close(1.0, positions, schedule)
        if leg < 0 or surplus(state[row + at.WALLET, lane], 1.0, positions, schedule) >= 0.0:
            break
        begin = breach_fraction(state[row + at.WALLET, lane], begin, positions, schedule)
        leg = first_to_close(begin, positions, schedule)
        _force(tape, fixed, lanes, (step, leg, lane, slot), begin, positions)
    stay = account_number(lanes, account, at.STAY, lane) != 0.0
    if stay:
        state[row + at.STAYED, lane] = 1.0
    state[lanes.shape.total_rows + at.NAKED, lane] = 1.0
    open_left = False
    for leg in range(lanes.shape.legs):
        if int(fixed.contract[leg, at.ACCOUNT]) == account:
            state[leg * at.LEG_ROWS + at.PENDING, lane] = 0.0
            open_left = open_left or state[leg * at.LEG_ROWS + at.LOTS, lane] != 0.0
    wallet = state[row + at.WALLET, lane]
    if wallet < 0.0 and not open_left:
        asset = int(fixed.accounts[account, at.COLLATERAL])
        worth = worth_of(tape, step, asset, at.WORTH_OPEN, column)
        state[row + at.WALLET, lane] = 0.0
        add(lanes, at.LIQUIDATION, lane, -wallet * worth)
        receive(lanes, asset, lane, -wallet, worth)
        emit(
            lanes,
            slot,
            (step, 1, at.KIND_LIQUIDATION),
            (-1, account),
            (0.0, np.nan, -wallet, 0.0, 0.0, worth, -1.0),
        )


@part
def _force(
    tape: Tape, fixed: Fixed, lanes: Lanes, where: Where, fraction: float, positions: Positions
) -> None:
    """Close a position, or cut it to the next lower bracket; `where` is (step, leg, lane, slot)."""
    step, leg, lane, slot = where
    state = lanes.state
    column = column_of(tape, lanes, lane)
    inverse = fixed.contract[leg, at.INVERSE] != 0.0
    account = int(fixed.contract[leg, at.ACCOUNT])
    asset = int(fixed.contract[leg, at.SETTLE])
    price = price_along(positions.start[leg], positions.worst[leg], fraction)
    lots = state[leg * at.LEG_ROWS + at.LOTS, lane]
    left = 0.0
    if fixed.contract[leg, at.STEP_DOWN] != 0.0:
        worth = notional(positions.size[leg], price, inverse)
        tier = bracket(worth, fixed.brackets[leg, at.FLOOR], fixed.brackets[leg, at.CAP])
        left = lots_after_step_down(
            lots,
            fixed.contract[leg, at.LOT_SIZE],
            price,
            inverse,
            fixed.brackets[leg, at.FLOOR, tier],
        )
    moved = price / price_of(tape, step, leg, at.MARK_OPEN, column)
    index = price_of(tape, step, leg, at.INDEX_OPEN, column) * moved
    power = fixed.contract[leg, at.WORTH_POWER]
    worth = worth_of(tape, step, asset, at.WORTH_OPEN, column)
    if power > 0.0:
        worth *= moved
    elif power < 0.0:
        worth /= moved
    closed = left - lots
    size = closed * fixed.contract[leg, at.LOT_SIZE]
    realised = trade(fixed, lanes, where, (price, price, index), closed, worth)
    wallet = account_row(lanes, account) + at.WALLET
    room = state[wallet, lane]
    for other in range(lanes.shape.legs):
        if int(fixed.contract[other, at.ACCOUNT]) == account:
            held = leg_size(fixed, lanes, other, lane)
            now = price_along(positions.start[other], positions.worst[other], fraction)
            if held != 0.0:
                room += position_pnl(
                    held, positions.entry[other], now, positions.inverse[other] != 0.0
                )
    charge = leg_number(lanes, leg, at.LIQUIDATION_FEE, lane) * notional(size, price, inverse)
    charge = -min(charge, max(room, 0.0))
    state[wallet, lane] += charge
    add(lanes, at.LIQUIDATION, lane, charge * worth)
    receive(lanes, asset, lane, charge, worth)
    add(lanes, at.LIQUIDATIONS, lane, 1.0)
    if left != 0.0:
        add(lanes, at.PARTIAL, lane, 1.0)
    emit(
        lanes,
        slot,
        (step, 1, at.KIND_LIQUIDATION),
        (leg, account),
        (
            size,
            price,
            realised + charge,
            charge,
            realised,
            worth,
            tape.prices[step, leg * at.PRICE_ROWS + at.SOURCE, 0],
        ),
    )
