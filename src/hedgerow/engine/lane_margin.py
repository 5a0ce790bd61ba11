"""What the venue does to one lane that falls below maintenance."""

import numpy as np

from hedgerow.engine import layout as at
from hedgerow.engine.lane_exchange import settle_pledges
from hedgerow.engine.lane_positions import pledges_of, positions_of, schedule_of, trade
from hedgerow.engine.lane_table import (
    Lanes,
    Where,
    account_number,
    account_row,
    add,
    column_of,
    emit,
    leg_number,
    price_of,
    receive,
    wallet_row,
    worth_of,
)
from hedgerow.engine.tape import Fixed, Tape
from hedgerow.kernels.contract import notional, position_pnl
from hedgerow.kernels.jit import part
from hedgerow.kernels.margin import (
    MOST_STEPS,
    SPENT,
    Pledges,
    Positions,
    Taking,
    breach_fraction,
    equity,
    first_to_close,
    liquidation_charge,
    lots_left,
    needed,
    of_position,
    price_along,
    surplus,
    unit_of,
)


@part
def liquidate(tape: Tape, fixed: Fixed, lanes: Lanes, where: Where) -> None:
    """Close what the venue closes in an account that falls below maintenance inside the bar.

    `where` is (step, account, lane, slot). One position after another, largest maintenance first,
    until what is left survives the rest of the bar; a loss beyond the wallet is the venue's. An
    account that holds more than its collateral may die on either side, so both are looked at.
    """
    _, account, lane, _ = where
    state = lanes.state
    row = account_row(lanes, account)
    if fixed.accounts[account, at.SHARED] == 0:
        _close_along(tape, fixed, lanes, where, (at.MARK_HIGH, at.MARK_LOW))
    else:
        _close_along(tape, fixed, lanes, where, (at.MARK_HIGH, at.MARK_HIGH))
        _close_along(tape, fixed, lanes, where, (at.MARK_LOW, at.MARK_LOW))
    stay = account_number(lanes, account, at.STAY, lane) != 0.0
    if stay:
        state[row + at.STAYED, lane] = 1.0
    state[lanes.shape.total_rows + at.NAKED, lane] = 1.0
    for leg in range(lanes.shape.legs):
        if int(fixed.contract[leg, at.ACCOUNT]) == account:
            state[leg * at.LEG_ROWS + at.PENDING, lane] = 0.0


@part
def _close_along(
    tape: Tape, fixed: Fixed, lanes: Lanes, where: Where, fields: tuple[int, int]
) -> None:
    """Close positions while the account dies on the way to these prices of the bar.

    `fields` are the price for a short and the one for a long.
    """
    step, account, lane, slot = where
    state = lanes.state
    wallet = account_row(lanes, account) + at.WALLET
    schedule = schedule_of(fixed)
    begin = 0.0
    closed = 0
    for _ in range(MOST_STEPS * lanes.shape.legs):
        positions = positions_of(tape, fixed, lanes, where, (at.MARK_OPEN, fields[0], fields[1]))
        pledges = pledges_of(tape, fixed, lanes, where, 0.0)
        leg = first_to_close(1.0, positions, schedule, pledges)
        if leg < 0 or surplus(state[wallet, lane], 1.0, positions, schedule, pledges) >= 0.0:
            break
        begin = breach_fraction(state[wallet, lane], begin, positions, schedule, pledges)
        leg = first_to_close(begin, positions, schedule, pledges)
        _force(tape, fixed, lanes, (step, leg, lane, slot), begin, positions, pledges)
        closed += 1
    if closed == 0:
        return
    open_left = False
    for leg in range(lanes.shape.legs):
        if int(fixed.contract[leg, at.ACCOUNT]) == account:
            open_left = open_left or state[leg * at.LEG_ROWS + at.LOTS, lane] != 0.0
    if fixed.accounts[account, at.SHARED] != 0:
        positions = positions_of(tape, fixed, lanes, where, (at.MARK_OPEN, fields[0], fields[1]))
        settle_pledges(tape, fixed, lanes, where, begin, positions)
    if state[wallet, lane] < 0.0 and not open_left:
        _cover(tape, fixed, lanes, where)


@part
def _cover(tape: Tape, fixed: Fixed, lanes: Lanes, where: Where) -> None:
    """Let the venue bear what the account cannot; `where` is (step, account, lane, slot)."""
    step, account, lane, slot = where
    row = account_row(lanes, account) + at.WALLET
    wallet = lanes.state[row, lane]
    asset = int(fixed.accounts[account, at.COLLATERAL])
    worth = worth_of(tape, step, asset, at.WORTH_OPEN, column_of(tape, lanes, lane))
    lanes.state[row, lane] = 0.0
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
    tape: Tape,
    fixed: Fixed,
    lanes: Lanes,
    where: Where,
    fraction: float,
    positions: Positions,
    pledges: Pledges,
) -> None:
    """Close a position or a part of it, by the venue's rule; `where` is (step, leg, lane, slot)."""
    step, leg, lane, slot = where
    state = lanes.state
    inverse = fixed.contract[leg, at.INVERSE] != 0.0
    account = int(fixed.contract[leg, at.ACCOUNT])
    asset = int(fixed.contract[leg, at.SETTLE])
    lot_size = fixed.contract[leg, at.LOT_SIZE]
    base = account_row(lanes, account) + at.WALLET
    price = price_along(positions.start[leg], positions.worst[leg], fraction)
    schedule = schedule_of(fixed)
    taking = Taking(
        int(fixed.contract[leg, at.METHOD]),
        leg_number(lanes, leg, at.LIQUIDATION_FEE, lane),
        fixed.contract[leg, at.STEP],
        fixed.contract[leg, at.STEP_ABOVE],
        fixed.contract[leg, at.BACKSTOP],
    )
    unit = unit_of(leg, fraction, positions, pledges)
    margin = needed(leg, fraction, positions, schedule, pledges) / unit
    total = 0.0
    for other in range(lanes.shape.legs):
        if positions.size[other] != 0.0:
            total += needed(other, fraction, positions, schedule, pledges)
    solvency = equity(state[base, lane], fraction, positions, pledges) / total
    lots = state[leg * at.LEG_ROWS + at.LOTS, lane]
    left = lots_left(
        lots, lot_size, positions.entry[leg], price, inverse, of_position(schedule, leg), taking
    )
    if solvency < max(taking.backstop, SPENT):
        left = 0.0
    index, worth = inside_bar(tape, fixed, lanes, where, price)
    closed = left - lots
    size = closed * lot_size
    realised = trade(fixed, lanes, where, (price, price, index), closed, worth)
    positions.size[leg] = left * lot_size
    wallet = wallet_row(fixed, lanes, account, asset)
    if pledges.assets > 0 and pledges.settle[leg] >= 0.0:
        pledges.amount[asset] = state[wallet, lane]
    room = equity(state[base, lane], fraction, positions, pledges) / unit
    charge = liquidation_charge(
        notional(size, price, inverse), margin * (abs(closed) / abs(lots)), solvency, taking
    )
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


@part
def inside_bar(
    tape: Tape, fixed: Fixed, lanes: Lanes, where: Where, price: float
) -> tuple[float, float]:
    """Return the index, and the worth of what a leg pays in, when its mark is at `price`.

    `where` is (step, leg, lane, slot); both move with the mark from the open of the bar.
    """
    step, leg, lane, _ = where
    column = column_of(tape, lanes, lane)
    moved = price / price_of(tape, step, leg, at.MARK_OPEN, column)
    index = price_of(tape, step, leg, at.INDEX_OPEN, column) * moved
    worth = worth_of(tape, step, int(fixed.contract[leg, at.SETTLE]), at.WORTH_OPEN, column)
    power = fixed.contract[leg, at.WORTH_POWER]
    if power > 0.0:
        worth *= moved
    elif power < 0.0:
        worth /= moved
    return index, worth


@part
def deleverage(tape: Tape, fixed: Fixed, lanes: Lanes, where: Where) -> None:
    """Take a part of a winning position away, at the price of the bankrupt other side.

    `where` is (step, leg, lane, slot). The market is at its worst for those who lose: the mark's
    low if the winner is short, its high if it is long. What the price is worse than that is the
    cost, and counts as liquidation.
    """
    step, leg, lane, slot = where
    column = column_of(tape, lanes, lane)
    share = price_of(tape, step, leg, at.TAKEN, column)
    lots = lanes.state[leg * at.LEG_ROWS + at.LOTS, lane]
    taken = np.floor(share * abs(lots))
    if taken == 0.0:
        return
    short = lots < 0.0
    market = price_of(tape, step, leg, at.MARK_LOW if short else at.MARK_HIGH, column)
    price = price_of(tape, step, leg, at.TAKEN_PRICE, column)
    entry = lanes.state[leg * at.LEG_ROWS + at.ENTRY, lane]
    if not (price < entry if short else price > entry):
        return  # only winners are deleveraged
    closed = taken if short else -taken
    index, worth = inside_bar(tape, fixed, lanes, where, market)
    inverse = fixed.contract[leg, at.INVERSE] != 0.0
    size = closed * fixed.contract[leg, at.LOT_SIZE]
    realised = trade(fixed, lanes, where, (price, market, index), closed, worth)
    cost = position_pnl(size, price, market, inverse) * worth
    add(lanes, at.SLIPPAGE, lane, -cost)
    add(lanes, at.LIQUIDATION, lane, cost)
    add(lanes, at.DELEVERAGED, lane, 1.0)
    lanes.state[lanes.shape.total_rows + at.NAKED, lane] = 1.0
    emit(
        lanes,
        slot,
        (step, 1, at.KIND_DELEVERAGING),
        (leg, int(fixed.contract[leg, at.ACCOUNT])),
        (size, price, realised, 0.0, realised, worth, market),
    )
