"""What happens to one lane at one instant: fills, settlements, liquidations, transfers, interest.

Every function works on column `lane` of the state table and calls the same scalar kernels as
`engine.desk`. `slot` is the record to write events to, -1 for none.
"""

import math
from typing import NamedTuple

import numpy as np

from hedgerow.engine import layout as at
from hedgerow.engine.layout import Shape
from hedgerow.engine.tape import Fixed, Floats, Integers, Tape
from hedgerow.kernels.borrow import stripe
from hedgerow.kernels.collateral import cash_call, cash_release
from hedgerow.kernels.contract import after_fill, base_size, notional, position_pnl
from hedgerow.kernels.costs import fill_price, slippage_fraction
from hedgerow.kernels.jit import part, woven
from hedgerow.kernels.margin import (
    Positions,
    Schedule,
    affordable_notional,
    bracket,
    breach_fraction,
    first_to_close,
    lots_after_step_down,
    maintenance,
    price_along,
    surplus,
)
from hedgerow.kernels.sizing import order_lots


class Lanes(NamedTuple):
    """A block of lanes: what is given, what moves and where the recorded ones write.

    Attributes
    ----------
    shape
        The layout of both tables.
    numbers
        ``(number_rows, lanes)``.
    state
        ``(state_rows, lanes)``.
    events, count
        ``(slots, capacity, EVENT_COLUMNS)`` and how many were wanted, ``(slots,)``: more than the
        capacity if it was too small.
    series
        ``(slots, steps, columns)``.
    first
        Number of the block's first lane among all.
    work
        Room for the positions of one account, ``(5, legs)``.
    """

    shape: Shape
    numbers: Floats
    state: Floats
    events: Floats
    count: Integers  # type: ignore[assignment]  # a method of tuples that nobody needs here
    series: Floats
    first: int
    work: Floats


What = tuple[float, float, float, float, float, float, float]


@woven
def emit(
    lanes: Lanes, slot: int, when: tuple[int, int, int], whom: tuple[int, int], what: What
) -> None:
    """Write one event of a recorded lane.

    `when` is (step, phase, kind), `whom` (leg, pocket) and `what` (quantity, price, cash, fee,
    realised, worth, extra).
    """
    if slot >= 0:
        line = _next_line(lanes.events, lanes.count, slot)
        line[at.EVENT_STEP] = when[0]
        line[at.EVENT_PHASE] = when[1]
        line[at.EVENT_KIND] = when[2]
        line[at.EVENT_LEG] = whom[0]
        line[at.EVENT_POCKET] = whom[1]
        line[at.EVENT_QUANTITY] = what[0]
        line[at.EVENT_PRICE] = what[1]
        line[at.EVENT_CASH] = what[2]
        line[at.EVENT_FEE] = what[3]
        line[at.EVENT_REALISED] = what[4]
        line[at.EVENT_WORTH] = what[5]
        line[at.EVENT_EXTRA] = what[6]


@part
def _next_line(events: Floats, count: Integers, slot: int) -> Floats:
    """Return the next free line of a record; its last line, over and over, once it is full."""
    row = count[slot]
    count[slot] += 1
    return events[slot, min(row, events.shape[1] - 1)]


@woven
def column_of(tape: Tape, lanes: Lanes, lane: int) -> int:
    """Return the column of prices that a lane of this block reads."""
    return min(lane + lanes.first, tape.prices.shape[2] - 1)


@woven
def price_of(tape: Tape, step: int, leg: int, field: int, column: int) -> float:
    """Return one price of one instrument in one bar; `column` is 0 where lanes share prices."""
    return tape.prices[step, leg * at.PRICE_ROWS + field, column]


@woven
def worth_of(tape: Tape, step: int, asset: int, field: int, column: int) -> float:
    """Return the worth of one unit of an asset at a bar's open or close, in numeraire."""
    return tape.worth[step, asset * at.WORTH_ROWS + field, column]


@woven
def common(lanes: Lanes, number: int, lane: int) -> float:
    """Return one of the numbers that a lane has once."""
    return lanes.numbers[lanes.shape.common_numbers + number, lane]


@woven
def leg_number(lanes: Lanes, leg: int, number: int, lane: int) -> float:
    """Return one of the numbers given for a leg."""
    return lanes.numbers[leg * at.LEG_NUMBERS + number, lane]


@woven
def account_number(lanes: Lanes, account: int, number: int, lane: int) -> float:
    """Return one of the numbers given for an account."""
    row = lanes.shape.account_numbers + account * at.ACCOUNT_NUMBERS + number
    return lanes.numbers[row, lane]


@woven
def account_row(lanes: Lanes, account: int) -> int:
    """Return the first row of an account in the state table."""
    return lanes.shape.account_rows + account * at.ACCOUNT_ROWS


@woven
def asset_row(lanes: Lanes, asset: int) -> int:
    """Return the first row of an asset in the state table."""
    return lanes.shape.asset_rows + asset * at.ASSET_ROWS


@woven
def leg_size(fixed: Fixed, lanes: Lanes, leg: int, lane: int) -> float:
    """Return the position of a leg: base coin if linear, quote face if inverse."""
    return lanes.state[leg * at.LEG_ROWS + at.LOTS, lane] * fixed.contract[leg, at.LOT_SIZE]


@woven
def add(lanes: Lanes, number: int, lane: int, amount: float) -> None:
    """Add to one of the sums that a lane has once."""
    lanes.state[lanes.shape.total_rows + number, lane] += amount


@woven
def receive(lanes: Lanes, asset: int, lane: int, amount: float, worth: float) -> None:
    """Note that `amount` of an asset came to be held beyond what was declared."""
    lanes.state[asset_row(lanes, asset) + at.BEYOND_COST, lane] += amount * worth


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
    state[account_row(lanes, account) + at.WALLET, lane] += filled.realised
    add(lanes, at.REALISED_INDEX, lane, pure.realised * worth)
    add(lanes, at.REALISED_BASIS, lane, (plain.realised - pure.realised) * worth)
    add(lanes, at.SLIPPAGE, lane, slipped * worth)
    receive(lanes, settle, lane, plain.realised + slipped, worth)
    add(lanes, at.TURNOVER, lane, notional(traded, price, inverse) * worth)
    add(lanes, at.TRADES, lane, 1.0)
    return filled.realised


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
        if surplus(wallet, 0.0, opened, schedule_of(fixed)) < 0.0:
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
    state[account_row(lanes, account) + at.WALLET, lane] += charge
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


Where = tuple[int, int, int, int]


@part
def positions_of(
    tape: Tape, fixed: Fixed, lanes: Lanes, where: Where, fields: tuple[int, int, int]
) -> Positions:
    """Return the positions of an account; `where` is (step, account, lane, slot).

    `fields` are the prices that stand for start, worst for a short and worst for a long. A leg of
    another account has size 0.
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
        size[leg] = 0.0
        if int(fixed.contract[leg, at.ACCOUNT]) != account:
            continue
        size[leg] = leg_size(fixed, lanes, leg, lane)
        entry[leg] = lanes.state[leg * at.LEG_ROWS + at.ENTRY, lane]
        start[leg] = price_of(tape, step, leg, fields[0], column)
        worst[leg] = price_of(tape, step, leg, fields[1 if size[leg] < 0.0 else 2], column)
    return Positions(size, entry, start, worst, inverse)


@woven
def schedule_of(fixed: Fixed) -> Schedule:
    """Return the maintenance brackets of all legs."""
    return Schedule(stripe(fixed.brackets, at.RATE), stripe(fixed.brackets, at.AMOUNT))


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


@part
def _within_margin(tape: Tape, fixed: Fixed, lanes: Lanes, where: Where, order: float) -> float:
    """Return the order cut to what the account's equity may open; never to less than is held."""
    step, leg, lane, slot = where
    account = int(fixed.contract[leg, at.ACCOUNT])
    free = lanes.state[account_row(lanes, account) + at.WALLET, lane]
    positions = positions_of(
        tape, fixed, lanes, (step, account, lane, slot), (at.MARK, at.MARK, at.MARK)
    )
    for other in range(lanes.shape.legs):
        if int(fixed.contract[other, at.ACCOUNT]) != account:
            continue
        size = positions.size[other]
        mark = positions.start[other]
        inverse = positions.inverse[other] != 0.0
        if size != 0.0:
            free += position_pnl(size, positions.entry[other], mark, inverse)
        if other != leg:
            waiting = lanes.state[other * at.LEG_ROWS + at.PENDING, lane]
            meant = size + waiting * fixed.contract[other, at.LOT_SIZE]
            worth = max(notional(size, mark, inverse), notional(meant, mark, inverse))
            tier = bracket(worth, fixed.brackets[other, at.FLOOR], fixed.brackets[other, at.CAP])
            highest = leg_number(lanes, other, at.MAX_LEVERAGE, lane)
            free -= worth / min(fixed.brackets[other, at.LEVERAGE, tier], highest)
    mark = price_of(tape, step, leg, at.MARK, column_of(tape, lanes, lane))
    inverse = fixed.contract[leg, at.INVERSE] != 0.0
    lot_size = fixed.contract[leg, at.LOT_SIZE]
    most = affordable_notional(
        free,
        fixed.brackets[leg, at.FLOOR],
        fixed.brackets[leg, at.CAP],
        fixed.brackets[leg, at.LEVERAGE],
        leg_number(lanes, leg, at.MAX_LEVERAGE, lane),
    )
    lots = lanes.state[leg * at.LEG_ROWS + at.LOTS, lane]
    reach = np.floor((most * mark if inverse else most / mark) / lot_size)
    if abs(lots + order) <= reach:
        return order
    add(lanes, at.CAPPED, lane, 1.0)
    reach = max(reach, abs(lots)) if lots * order > 0.0 else reach
    return (reach if lots + order > 0.0 else -reach) - lots


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
    left = state[row + at.WALLET, lane]
    worth = 0.0
    for leg in range(lanes.shape.legs):
        if int(fixed.contract[leg, at.ACCOUNT]) != account:
            continue
        size = positions.size[leg]
        inverse = positions.inverse[leg] != 0.0
        left += position_pnl(size, positions.entry[leg], positions.start[leg], inverse)
        held = notional(size, positions.start[leg], inverse)
        meant = max(held, state[leg * at.LEG_ROWS + at.WANTED, lane])
        left -= maintenance(meant, fixed.brackets[leg, at.RATE], fixed.brackets[leg, at.AMOUNT])
        worth += meant
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
