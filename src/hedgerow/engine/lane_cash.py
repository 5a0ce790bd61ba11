"""The cash of one lane: calls, top-ups, withdrawals, loans and sales."""

import numpy as np

from hedgerow.engine import layout as at
from hedgerow.engine.lane_positions import pledges_of, positions_of, schedule_of
from hedgerow.engine.lane_table import (
    Lanes,
    Where,
    account_number,
    account_row,
    add,
    asset_row,
    column_of,
    common,
    emit,
    receive,
    worth_of,
)
from hedgerow.engine.tape import Fixed, Tape
from hedgerow.kernels.collateral import cash_call, cash_release
from hedgerow.kernels.contract import position_pnl
from hedgerow.kernels.jit import part
from hedgerow.kernels.margin import of_position, pledged_worth, required_when, unit_of


@part
def collateral(tape: Tape, fixed: Fixed, lanes: Lanes, where: Where) -> None:
    """Call for cash or give it back at the close; `where` is (step, account, lane, slot).

    The need is that of the position wanted where that is larger than the one held. Nothing moves
    while a transfer is on its way.
    """
    step, account, lane, slot = where
    state = lanes.state
    row = account_row(lanes, account)
    if state[row + at.TRANSIT, lane] != 0.0:
        return
    positions = positions_of(tape, fixed, lanes, where, (at.MARK, at.MARK, at.MARK))
    pledges = pledges_of(tape, fixed, lanes, where, 1.0)
    schedule = schedule_of(fixed)
    left = state[row + at.WALLET, lane]
    worth = 0.0
    for leg in range(lanes.shape.legs):
        if int(fixed.contract[leg, at.ACCOUNT]) != account:
            continue
        size = positions.size[leg]
        entry = positions.entry[leg]
        mark = positions.start[leg]
        inverse = positions.inverse[leg] != 0.0
        wanted = state[leg * at.LEG_ROWS + at.WANTED, lane]
        asked = required_when(size, wanted, entry, mark, inverse, of_position(schedule, leg))
        if pledges.assets == 0 or pledges.settle[leg] < 0.0:
            left += position_pnl(size, entry, mark, inverse)
        unit = unit_of(leg, 1.0, positions, pledges)
        left -= asked.margin * unit
        worth += asked.worth * unit
    left += pledged_worth(1.0, positions, pledges)
    below = account_number(lanes, account, at.TOP_UP_BELOW, lane)
    upto = account_number(lanes, account, at.TOP_UP_TO, lane)
    above = account_number(lanes, account, at.WITHDRAW_ABOVE, lane)
    downto = account_number(lanes, account, at.WITHDRAW_TO, lane)
    call = cash_call(left, worth, below, upto)
    if call > 0.0:
        _top_up(tape, fixed, lanes, where, call)
        return
    state[row + at.DRY, lane] = 0.0
    release = cash_release(left, worth, above, downto, state[row + at.WALLET, lane])
    if release > 0.0:
        asset = int(fixed.accounts[account, at.COLLATERAL])
        state[row + at.WALLET, lane] -= release
        _send(tape, lanes, where, -release)
        add(lanes, at.WITHDRAWALS, lane, 1.0)
        value = worth_of(tape, step, asset, at.WORTH, column_of(tape, lanes, lane))
        emit(
            lanes,
            slot,
            (step, 2, at.KIND_WITHDRAWAL),
            (-1, account),
            (0.0, np.nan, -release, 0.0, 0.0, value, 0.0),
        )


@part
def _send(tape: Tape, lanes: Lanes, where: Where, amount: float) -> None:
    """Put `amount` on its way: to the account if positive, from it if negative."""
    step, account, lane, _ = where
    row = account_row(lanes, account)
    seconds = (tape.clock[step, at.TIME] + tape.step) // 1_000_000_000
    lanes.state[row + at.TRANSIT, lane] = amount
    lanes.state[row + at.ARRIVAL, lane] = seconds + account_number(lanes, account, at.DELAY, lane)


@part
def _top_up(tape: Tape, fixed: Fixed, lanes: Lanes, where: Where, call: float) -> None:
    """Meet a call from the reserve, then from the line; note what stays unmet."""
    step, account, lane, slot = where
    state = lanes.state
    row = account_row(lanes, account)
    asset = int(fixed.accounts[account, at.COLLATERAL])
    value = worth_of(tape, step, asset, at.WORTH, column_of(tape, lanes, lane))
    own = min(call, state[row + at.CASH, lane])
    state[row + at.CASH, lane] -= own
    raised = 0.0
    wanted = min(call - own, state[row + at.LINE, lane])
    if wanted > 0.0:
        raised = raise_cash(tape, fixed, lanes, where, wanted, 0.0)
        state[row + at.LINE, lane] -= raised
    sent = own + raised
    if sent > 0.0:
        _send(tape, lanes, where, sent)
        add(lanes, at.TOP_UPS, lane, 1.0)
        emit(
            lanes,
            slot,
            (step, 2, at.KIND_TOP_UP),
            (-1, account),
            (0.0, np.nan, -sent, 0.0, 0.0, value, 0.0),
        )
    short = call - sent
    if short > 1e-9 * call and state[row + at.DRY, lane] == 0.0:
        state[row + at.DRY, lane] = 1.0
        add(lanes, at.UNMET, lane, 1.0)
        emit(
            lanes,
            slot,
            (step, 2, at.KIND_UNMET),
            (-1, account),
            (0.0, np.nan, short, 0.0, 0.0, value, 0.0),
        )


@part
def raise_cash(
    tape: Tape, fixed: Fixed, lanes: Lanes, where: Where, wanted: float, opening: float
) -> float:
    """Borrow `wanted`, or sell coins for it as far as they go; return what was raised.

    `where` is (step, account, lane, slot). At the opening the deposit is raised at open prices by
    the way the deposit names, later the reserve by the way the reserve names.
    """
    step, account, lane, slot = where
    state = lanes.state
    row = account_row(lanes, account)
    number = at.DEPOSIT_KIND if opening != 0.0 else at.LINE_KIND
    kind = account_number(lanes, account, number, lane)
    asset = int(fixed.accounts[account, at.COLLATERAL])
    column = column_of(tape, lanes, lane)
    field = at.WORTH_OPEN if opening != 0.0 else at.WORTH
    phase = 0 if opening != 0.0 else 2
    value = worth_of(tape, step, asset, field, column)
    if kind == at.BORROWED:
        state[row + at.DEBT, lane] += wanted
        emit(
            lanes,
            slot,
            (step, phase, at.KIND_LOAN),
            (-1, account),
            (0.0, np.nan, wanted, 0.0, 0.0, value, 0.0),
        )
        return wanted
    coin = int(fixed.accounts[account, at.SELLS])
    coins = asset_row(lanes, coin)
    spread = common(lanes, at.HALF_SPREAD, lane)
    fee = common(lanes, at.SPOT_FEE, lane)
    worth = worth_of(tape, step, coin, field, column)
    spot = worth / value
    net = spot * (1.0 - spread) * (1.0 - fee)
    sold = min(wanted / net, max(state[coins + at.POCKET, lane], 0.0))
    if sold == 0.0:
        return 0.0
    got = min(sold * net, wanted)
    slipped = -sold * spot * spread
    charge = -sold * spot * (1.0 - spread) * fee
    state[coins + at.POCKET, lane] -= sold
    state[coins + at.HOLDING, lane] -= sold
    state[coins + at.HOLDING_COST, lane] -= sold * worth
    add(lanes, at.SLIPPAGE, lane, slipped * value)
    add(lanes, at.FEES, lane, charge * value)
    receive(lanes, asset, lane, got, value)
    emit(
        lanes,
        slot,
        (step, phase, at.KIND_SALE),
        (-1, account),
        (-sold, spot, got, charge, 0.0, value, float(coin)),
    )
    return got


@part
def arrive(tape: Tape, fixed: Fixed, lanes: Lanes, where: Where) -> None:
    """Book a transfer that has arrived by the open; `where` is (step, account, lane, slot)."""
    step, account, lane, slot = where
    state = lanes.state
    row = account_row(lanes, account)
    amount = state[row + at.TRANSIT, lane]
    if amount == 0.0 or state[row + at.ARRIVAL, lane] > tape.clock[step, at.TIME] // 1_000_000_000:
        return
    asset = int(fixed.accounts[account, at.COLLATERAL])
    value = worth_of(tape, step, asset, at.WORTH_OPEN, column_of(tape, lanes, lane))
    state[row + at.TRANSIT, lane] = 0.0
    emit(
        lanes,
        slot,
        (step, 0, at.KIND_ARRIVAL),
        (-1, account),
        (0.0, np.nan, abs(amount), 0.0, 0.0, value, 1.0 if amount > 0.0 else -1.0),
    )
    if amount > 0.0:
        state[row + at.WALLET, lane] += amount
        return
    repaid = min(-amount, state[row + at.DEBT, lane])
    state[row + at.CASH, lane] += -amount - repaid
    if repaid > 0.0:
        state[row + at.DEBT, lane] -= repaid
        if account_number(lanes, account, at.LINE_KIND, lane) == at.BORROWED:
            limit = account_number(lanes, account, at.LIMIT, lane)
            state[row + at.LINE, lane] = min(state[row + at.LINE, lane] + repaid, limit)
        emit(
            lanes,
            slot,
            (step, 0, at.KIND_LOAN),
            (-1, account),
            (0.0, np.nan, -repaid, 0.0, 0.0, value, 0.0),
        )
