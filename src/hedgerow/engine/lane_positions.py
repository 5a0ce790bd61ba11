"""The positions of one lane: how a trade changes them, and what the book made of it."""

from hedgerow.engine import layout as at
from hedgerow.engine.lane_table import (
    Lanes,
    Where,
    account_row,
    add,
    asset_row,
    column_of,
    leg_size,
    price_of,
    receive,
    wallet_row,
    worth_of,
)
from hedgerow.engine.tape import Fixed, Floats, Tape
from hedgerow.kernels.borrow import stripe
from hedgerow.kernels.contract import after_fill, notional, position_pnl
from hedgerow.kernels.jit import part, woven
from hedgerow.kernels.margin import Pledges, Positions, Schedule, surplus, unit_of


@part
def trade(
    fixed: Fixed,
    lanes: Lanes,
    where: tuple[int, int, int, int],
    prices: tuple[float, float, float],
    lots: float,
    worth: float,
) -> float:
    """Change a position by `lots`; return the realised profit paid into the wallet.

    `where` is (step, leg, lane, slot) and `prices` (fill, reference, index). The three averages
    move by one rule, so the realised profit splits into index, basis and slippage, each on its
    own.
    """
    _, leg, lane, _ = where
    price, reference, index = prices
    inverse = fixed.contract[leg, at.INVERSE] != 0.0
    settle = int(fixed.contract[leg, at.SETTLE])
    row = leg * at.LEG_ROWS
    state = lanes.state
    size = leg_size(fixed, lanes, leg, lane)
    traded = lots * fixed.contract[leg, at.LOT_SIZE]
    filled = after_fill(size, state[row + at.ENTRY, lane], traded, price, inverse)
    plain = after_fill(size, state[row + at.REFERENCE, lane], traded, reference, inverse)
    pure = after_fill(size, state[row + at.INDEX_ENTRY, lane], traded, index, inverse)
    slipped = position_pnl(traded, price, reference, inverse)
    state[row + at.ENTRY, lane] = filled.entry
    state[row + at.REFERENCE, lane] = plain.entry
    state[row + at.INDEX_ENTRY, lane] = pure.entry
    state[row + at.LOTS, lane] += lots
    account = int(fixed.contract[leg, at.ACCOUNT])
    state[wallet_row(fixed, lanes, account, settle), lane] += filled.realised
    add(lanes, at.REALISED_INDEX, lane, pure.realised * worth)
    add(lanes, at.REALISED_BASIS, lane, (plain.realised - pure.realised) * worth)
    add(lanes, at.SLIPPAGE, lane, slipped * worth)
    receive(lanes, settle, lane, plain.realised + slipped, worth)
    add(lanes, at.TURNOVER, lane, notional(traded, price, inverse) * worth)
    add(lanes, at.TRADES, lane, 1.0)
    return filled.realised


@part
def positions_of(
    tape: Tape, fixed: Fixed, lanes: Lanes, where: Where, fields: tuple[int, int, int]
) -> Positions:
    """Return the positions of an account; `where` is (step, account, lane, slot).

    `fields` are the prices that stand for start, worst for a short and worst for a long. A leg of
    another account has size 0; its prices may still move what is pledged here.
    """
    step, account, lane, _ = where
    column = column_of(tape, lanes, lane)
    size = lanes.work[0]
    entry = lanes.work[1]
    start = lanes.work[2]
    worst = lanes.work[3]
    inverse = lanes.work[4]
    for leg in range(lanes.shape.legs):
        inverse[leg] = fixed.contract[leg, at.INVERSE]
        held = leg_size(fixed, lanes, leg, lane)
        size[leg] = held if int(fixed.contract[leg, at.ACCOUNT]) == account else 0.0
        entry[leg] = lanes.state[leg * at.LEG_ROWS + at.ENTRY, lane]
        start[leg] = price_of(tape, step, leg, fields[0], column)
        worst[leg] = price_of(tape, step, leg, fields[1 if held < 0.0 else 2], column)
    return Positions(size, entry, start, worst, inverse)


@woven
def schedule_of(fixed: Fixed) -> Schedule:
    """Return what all legs ask for."""
    return Schedule(
        stripe(fixed.brackets, at.KIND),
        stripe(fixed.brackets, at.SLOPE),
        stripe(fixed.brackets, at.FLOOR),
        stripe(fixed.brackets, at.CAP),
        stripe(fixed.brackets, at.RATE),
        stripe(fixed.brackets, at.AMOUNT),
    )


@part
def pledges_of(tape: Tape, fixed: Fixed, lanes: Lanes, where: Where, closing: float) -> Pledges:
    """Return what an account holds beside its collateral; `where` is (step, account, lane, slot).

    At open prices, or at those of the close. Accounts that are not shared hold nothing else.
    """
    step, account, lane, _ = where
    amount = lanes.work[5]
    price = lanes.work[6]
    haircut = lanes.work[7]
    guide = lanes.work[8]
    settle = lanes.work[9]
    if fixed.accounts[account, at.SHARED] == 0:
        return Pledges(0, amount, price, haircut, guide, settle, -1)
    column = column_of(tape, lanes, lane)
    base = int(fixed.accounts[account, at.COLLATERAL])
    field = at.WORTH if closing != 0.0 else at.WORTH_OPEN
    unit = worth_of(tape, step, base, field, column)
    for asset in range(lanes.shape.assets):
        amount[asset] = 0.0
        if asset != base:
            amount[asset] = lanes.state[wallet_row(fixed, lanes, account, asset), lane]
        price[asset] = worth_of(tape, step, asset, field, column) / unit
        haircut[asset] = fixed.pledges[account, at.HAIRCUT, asset]
        guide[asset] = fixed.pledges[account, at.GUIDE, asset]
    for leg in range(lanes.shape.legs):
        paid = int(fixed.contract[leg, at.SETTLE])
        settle[leg] = float(paid) if paid != base else -1.0
    moves = int(fixed.pledges[account, at.GUIDE, base])
    return Pledges(lanes.shape.assets, amount, price, haircut, guide, settle, moves)


@part
def room_of(
    tape: Tape, fixed: Fixed, lanes: Lanes, where: Where, fields: tuple[int, int]
) -> tuple[float, float]:
    """Return surplus and notional of any account; `where` is (step, account, lane, slot).

    `fields` are the price for a short and the one for a long.
    """
    _, account, lane, _ = where
    closing = 1.0 if fields[0] == at.MARK else 0.0
    start = at.MARK if fields[0] == at.MARK else at.MARK_OPEN
    positions = positions_of(tape, fixed, lanes, where, (start, fields[0], fields[1]))
    pledges = pledges_of(tape, fixed, lanes, where, closing)
    wallet = lanes.state[account_row(lanes, account) + at.WALLET, lane]
    left = surplus(wallet, 1.0, positions, schedule_of(fixed), pledges)
    total = 0.0
    for leg in range(lanes.shape.legs):
        if positions.size[leg] != 0.0:
            inverse = positions.inverse[leg] != 0.0
            worth = notional(positions.size[leg], positions.worst[leg], inverse)
            total += worth * unit_of(leg, 1.0, positions, pledges)
    return left, total


@part
def held_beside_positions(fixed: Fixed, lanes: Lanes, asset: int, lane: int) -> float:
    """Return all units of an asset the book has, unrealised profit not counted."""
    state = lanes.state
    units = state[asset_row(lanes, asset) + at.POCKET, lane]
    for account in range(lanes.shape.accounts):
        if int(fixed.accounts[account, at.COLLATERAL]) == asset:
            row = account_row(lanes, account)
            units += state[row + at.WALLET, lane] + state[row + at.CASH, lane]
            units += abs(state[row + at.TRANSIT, lane]) - state[row + at.DEBT, lane]
        elif fixed.accounts[account, at.SHARED] != 0:
            units += state[wallet_row(fixed, lanes, account, asset), lane]
    return units


@part
def attribute(tape: Tape, fixed: Fixed, lanes: Lanes, where: Where, out: Floats) -> None:
    """Write the parts of the P&L since the start to `out`; each is computed on its own.

    `where` is (step, 0, lane, slot); `out` is ``(9,)`` in the order of `layout.PARTS`.
    """
    step, _, lane, _ = where
    state = lanes.state
    column = column_of(tape, lanes, lane)
    total = lanes.shape.total_rows
    exposure = 0.0
    beyond = 0.0
    for asset in range(lanes.shape.assets):
        row = asset_row(lanes, asset)
        worth = worth_of(tape, step, asset, at.WORTH, column)
        holding = state[row + at.HOLDING, lane]
        exposure += holding * worth - state[row + at.HOLDING_COST, lane]
        units = held_beside_positions(fixed, lanes, asset, lane) - holding
        for leg in range(lanes.shape.legs):
            if int(fixed.contract[leg, at.SETTLE]) == asset:
                size = leg_size(fixed, lanes, leg, lane)
                inverse = fixed.contract[leg, at.INVERSE] != 0.0
                entry = state[leg * at.LEG_ROWS + at.ENTRY, lane]
                reference = state[leg * at.LEG_ROWS + at.REFERENCE, lane]
                units += position_pnl(size, entry, reference, inverse)
        beyond += units * worth - state[row + at.BEYOND_COST, lane]
    pure = state[total + at.REALISED_INDEX, lane]
    basis = state[total + at.REALISED_BASIS, lane]
    for leg in range(lanes.shape.legs):
        row = leg * at.LEG_ROWS
        size = leg_size(fixed, lanes, leg, lane)
        inverse = fixed.contract[leg, at.INVERSE] != 0.0
        mark = price_of(tape, step, leg, at.MARK, column)
        index = price_of(tape, step, leg, at.INDEX, column)
        worth = worth_of(tape, step, int(fixed.contract[leg, at.SETTLE]), at.WORTH, column)
        by_index = position_pnl(size, state[row + at.INDEX_ENTRY, lane], index, inverse)
        by_mark = position_pnl(size, state[row + at.REFERENCE, lane], mark, inverse)
        pure += by_index * worth
        basis += (by_mark - by_index) * worth
    out[0] = exposure
    out[1] = pure
    out[2] = basis
    out[3] = state[total + at.FUNDING, lane]
    out[4] = state[total + at.FEES, lane]
    out[5] = state[total + at.SLIPPAGE, lane]
    out[6] = state[total + at.FINANCING, lane]
    out[7] = beyond
    out[8] = state[total + at.LIQUIDATION, lane]
