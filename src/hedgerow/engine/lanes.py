"""The loop over many books at once: steps outside, a block of lanes inside.

What every lane does in every bar (watch its margin, ask its policy) runs as plain loops over the
block that the compiler vectorises; what few lanes do (fill, be liquidated, call for cash) runs in
`lane_rules`, lane by lane.
"""

from collections.abc import Callable

import numpy as np
from numba import types

from hedgerow.engine import layout as at
from hedgerow.engine.lane_rules import (
    Lanes,
    account_row,
    arrive,
    asset_row,
    attribute,
    book_worth,
    collateral,
    column_of,
    decide,
    emit,
    fill,
    flow,
    held_beside_positions,
    interest,
    leg_size,
    liquidate,
    price_of,
    raise_cash,
    receive,
    schedule_of,
    settle,
    unhedged_pnl,
    worth_of,
)
from hedgerow.engine.tape import Fixed, Floats, Tape
from hedgerow.kernels.contract import base_size, notional, position_pnl
from hedgerow.kernels.jit import inlined, kernel
from hedgerow.kernels.margin import maintenance

Matrix = types.Array(types.float64, 2, "C")
Row = types.Array(types.float64, 1, "C")
BLOCK_RULE = types.FunctionType(types.void(Matrix, Matrix, Matrix, Row))
Rule = Callable[[Floats, Floats, Floats, Floats], None]


@kernel
def open_book(tape: Tape, fixed: Fixed, lanes: Lanes, lane: int, slot: int) -> None:
    """Put one lane's book in place at the first open: holdings, deposits, reserves, loans."""
    state = lanes.state
    column = column_of(tape, lanes, lane)
    total = lanes.shape.total_rows
    state[total + at.MIN_HEADROOM, lane] = at.FAR
    for leg in range(lanes.shape.legs):
        row = leg * at.LEG_ROWS
        state[row + at.ENTRY, lane] = 1.0
        state[row + at.REFERENCE, lane] = 1.0
        state[row + at.INDEX_ENTRY, lane] = 1.0
        state[row + at.LAST_TIME, lane] = -at.FAR
    for asset in range(lanes.shape.assets):
        row = asset_row(lanes, asset)
        amount = lanes.numbers[lanes.shape.holding_numbers + asset, lane]
        cost = amount * worth_of(tape, 0, asset, at.WORTH_OPEN, column)
        state[row + at.HOLDING, lane] = amount
        state[row + at.POCKET, lane] = amount
        state[row + at.HOLDING_COST, lane] = cost
        state[row + at.DECLARED, lane] = amount
        state[row + at.DECLARED_COST, lane] = cost
    for account in range(lanes.shape.accounts):
        _open_account(tape, fixed, lanes, account, lane)
    opening = 0.0
    for asset in range(lanes.shape.assets):
        worth = worth_of(tape, 0, asset, at.WORTH_OPEN, column)
        units = held_beside_positions(fixed, lanes, asset, lane)
        opening += units * worth
        row = asset_row(lanes, asset)
        state[row + at.BEYOND_COST, lane] = (units - state[row + at.HOLDING, lane]) * worth
    state[total + at.OPENING, lane] = opening
    for account in range(lanes.shape.accounts):
        _raise_deposit(tape, fixed, lanes, account, lane, slot)


@kernel
def _open_account(
    tape: Tape, fixed: Fixed, lanes: Lanes, account: int, lane: int
) -> None:
    state = lanes.state
    row = account_row(lanes, account)
    given = lanes.shape.account_numbers + account * at.ACCOUNT_NUMBERS
    deposit = lanes.numbers[given + at.DEPOSIT, lane]
    reserve = lanes.numbers[given + at.RESERVE, lane]
    state[row + at.CASH, lane] = reserve
    state[row + at.LINE, lane] = lanes.numbers[given + at.LIMIT, lane]
    state[row + at.HEADROOM, lane] = at.FAR
    owned = lanes.numbers[given + at.DEPOSIT_KIND, lane] == at.OWNED
    if owned:
        state[row + at.WALLET, lane] = deposit
    if lanes.numbers[given + at.FROM_HOLDING, lane] != 0.0:
        pocket = asset_row(lanes, fixed.collateral[account]) + at.POCKET
        state[pocket, lane] -= reserve + (deposit if owned else 0.0)


@kernel
def _raise_deposit(
    tape: Tape, fixed: Fixed, lanes: Lanes, account: int, lane: int, slot: int
) -> None:
    row = account_row(lanes, account)
    given = lanes.shape.account_numbers + account * at.ACCOUNT_NUMBERS
    deposit = lanes.numbers[given + at.DEPOSIT, lane]
    if lanes.numbers[given + at.DEPOSIT_KIND, lane] != at.OWNED and deposit > 0.0:
        got = raise_cash(tape, fixed, lanes, (0, account, lane, slot), deposit, True)
        lanes.state[row + at.WALLET, lane] = got
    asset = fixed.collateral[account]
    worth = worth_of(tape, 0, asset, at.WORTH_OPEN, column_of(tape, lanes, lane))
    emit(
        lanes,
        slot,
        (0, 0, at.KIND_OPENING),
        (-1, account),
        (
            0.0,
            np.nan,
            lanes.state[row + at.WALLET, lane],
            0.0,
            0.0,
            worth,
            lanes.state[row + at.CASH, lane],
        ),
    )


@inlined
def _spread(prices: Floats, first: int, out: Floats) -> None:
    """Copy one price to every lane of the block."""
    if prices.shape[0] == 1:
        price = prices[0]
        for lane in range(out.shape[0]):
            out[lane] = price
    else:
        for lane in range(out.shape[0]):
            out[lane] = prices[first + lane]


@inlined
def _add_profit(
    left: Floats, lots: Floats, entry: Floats, price: Floats, terms: tuple[float, bool]
) -> None:
    """Add a leg's unrealised profit to the equity of its account; `terms`: lot size, inverse."""
    lot_size, inverse = terms
    if inverse:
        for lane in range(left.shape[0]):
            left[lane] += lots[lane] * lot_size * (1.0 / entry[lane] - 1.0 / price[lane])
    else:
        for lane in range(left.shape[0]):
            left[lane] += lots[lane] * lot_size * (price[lane] - entry[lane])


@inlined
def _notionals(worth: Floats, lots: Floats, price: Floats, terms: tuple[float, bool]) -> None:
    """Write a leg's notional; `terms`: lot size, inverse."""
    lot_size, inverse = terms
    if inverse:
        for lane in range(worth.shape[0]):
            worth[lane] = abs(lots[lane] * lot_size) / price[lane]
    else:
        for lane in range(worth.shape[0]):
            worth[lane] = abs(lots[lane] * lot_size) * price[lane]


@inlined
def _maintenances(required: Floats, worth: Floats, rates: Floats, amounts: Floats) -> None:
    """Write the maintenance margin of each lane's notional: the largest of the brackets' lines."""
    for lane in range(required.shape[0]):
        required[lane] = 0.0
    for tier in range(rates.shape[0]):
        rate = rates[tier]
        amount = amounts[tier]
        if amount == np.inf:
            break
        for lane in range(required.shape[0]):
            required[lane] = max(required[lane], worth[lane] * rate - amount)


@kernel
def _watch(
    tape: Tape,
    fixed: Fixed,
    lanes: Lanes,
    where: tuple[int, int],
    fields: tuple[int, int],
    scratch: Floats,
) -> None:
    """Write surplus (row 0) and notional (row 1) of one account in every lane to `scratch`.

    `where` is (step, account); `fields` the price for a short and for a long.
    """
    step, account = where
    state = lanes.state
    left = scratch[0]
    sums = scratch[1]
    worth = scratch[2]
    required = scratch[3]
    price = scratch[4]
    other = scratch[5]
    wallet = state[account_row(lanes, account) + at.WALLET]
    for lane in range(left.shape[0]):
        left[lane] = wallet[lane]
        sums[lane] = 0.0
    for leg in range(lanes.shape.legs):
        if int(fixed.contract[leg, at.ACCOUNT]) != account:
            continue
        terms = (fixed.contract[leg, at.LOT_SIZE], fixed.contract[leg, at.INVERSE] != 0.0)
        lots = state[leg * at.LEG_ROWS + at.LOTS]
        entry = state[leg * at.LEG_ROWS + at.ENTRY]
        _spread(tape.prices[step, leg * at.PRICE_ROWS + fields[0]], lanes.first, price)
        if fields[1] != fields[0]:
            _spread(tape.prices[step, leg * at.PRICE_ROWS + fields[1]], lanes.first, other)
            for lane in range(left.shape[0]):
                price[lane] = price[lane] if lots[lane] < 0.0 else other[lane]
        _add_profit(left, lots, entry, price, terms)
        _notionals(worth, lots, price, terms)
        _maintenances(required, worth, fixed.rate[leg], fixed.amount[leg])
        for lane in range(left.shape[0]):
            left[lane] -= required[lane]
            sums[lane] += worth[lane]


@kernel
def _exposures(
    tape: Tape, fixed: Fixed, lanes: Lanes, where: tuple[int, int, int], scratch: Floats
) -> None:
    """Write exposure and goal of one leg in every lane; `where` is (step, leg, slots)."""
    step, leg, _ = where
    state = lanes.state
    row = leg * at.LEG_ROWS
    asset = int(fixed.contract[leg, at.ASSET])
    exposure = state[row + at.EXPOSURE]
    goal = state[row + at.GOAL]
    count = exposure.shape[0]
    pocket = state[asset_row(lanes, asset) + at.POCKET]
    if asset == fixed.coin:
        for lane in range(count):
            units = _coins(tape, fixed, lanes, (step, asset, lane, -1))
            exposure[lane] = units - book_worth(tape, fixed, lanes, (step, 0, lane, -1))
    else:
        for lane in range(count):
            exposure[lane] = pocket[lane]
        for account in range(lanes.shape.accounts):
            if fixed.collateral[account] != asset:
                continue
            first = account_row(lanes, account)
            wallet = state[first + at.WALLET]
            cash = state[first + at.CASH]
            transit = state[first + at.TRANSIT]
            debt = state[first + at.DEBT]
            for lane in range(count):
                exposure[lane] += wallet[lane] + cash[lane]
                exposure[lane] += abs(transit[lane]) - debt[lane]
        for other in range(lanes.shape.legs):
            if int(fixed.contract[other, at.SETTLE]) != asset:
                continue
            terms = (fixed.contract[other, at.LOT_SIZE], fixed.contract[other, at.INVERSE] != 0.0)
            _spread(
                tape.prices[step, other * at.PRICE_ROWS + at.MARK], lanes.first, scratch[4]
            )
            _add_profit(
                exposure,
                state[other * at.LEG_ROWS + at.LOTS],
                state[other * at.LEG_ROWS + at.ENTRY],
                scratch[4],
                terms,
            )
    ratio = lanes.numbers[leg * at.LEG_NUMBERS + at.RATIO]
    by_value = lanes.numbers[leg * at.LEG_NUMBERS + at.VALUE_MODE]
    valued = False
    for lane in range(count):
        goal[lane] = -ratio[lane] * exposure[lane]
        valued = valued or by_value[lane] != 0.0
    if valued:
        for lane in range(count):
            if by_value[lane] != 0.0:
                column = column_of(tape, lanes, lane)
                index = price_of(tape, step, leg, at.INDEX, column)
                goal[lane] *= index / price_of(tape, step, leg, at.MARK, column)


@kernel
def _coins(tape: Tape, fixed: Fixed, lanes: Lanes, where: tuple[int, int, int, int]) -> float:
    """Return all units of an asset, profit paid in it counted; `where`: step, asset, lane, slot."""
    step, asset, lane, _ = where
    units = held_beside_positions(fixed, lanes, asset, lane)
    for leg in range(lanes.shape.legs):
        if int(fixed.contract[leg, at.SETTLE]) == asset:
            units += position_pnl(
                leg_size(fixed, lanes, leg, lane),
                lanes.state[leg * at.LEG_ROWS + at.ENTRY, lane],
                price_of(tape, step, leg, at.MARK, column_of(tape, lanes, lane)),
                fixed.contract[leg, at.INVERSE] != 0.0,
            )
    return units


@kernel
def _show(
    tape: Tape, fixed: Fixed, lanes: Lanes, where: tuple[int, int], fields: Floats, scratch: Floats
) -> None:
    """Fill in what the policy reads of one leg; `where` is (step, leg)."""
    step, leg = where
    state = lanes.state
    row = leg * at.LEG_ROWS
    needs = fixed.needs
    count = fields.shape[1]
    lots = state[row + at.LOTS]
    pending = state[row + at.PENDING]
    lot_size = fixed.contract[leg, at.LOT_SIZE]
    prices = leg * at.PRICE_ROWS
    if needs & 1:
        hour = (tape.time[step] + tape.step) / 3.6e12
        for lane in range(count):
            fields[0, lane] = hour
    for lane in range(count):
        fields[1, lane] = state[row + at.EXPOSURE, lane]
        fields[2, lane] = state[row + at.GOAL, lane]
    held = fields[3]
    if fixed.contract[leg, at.INVERSE] != 0.0:
        _spread(tape.prices[step, prices + at.MARK], lanes.first, scratch[4])
        for lane in range(count):
            held[lane] = (lots[lane] + pending[lane]) * lot_size / scratch[4, lane]
    else:
        for lane in range(count):
            held[lane] = (lots[lane] + pending[lane]) * lot_size
    if needs & (1 << 4):
        _spread(tape.prices[step, prices + at.INDEX], lanes.first, fields[4])
    if needs & (1 << 5):
        _spread(tape.prices[step, prices + at.MARK], lanes.first, fields[5])
    if needs & (1 << 6):
        _spread(tape.prices[step, prices + at.MARK], lanes.first, fields[6])
        _spread(tape.prices[step, prices + at.INDEX], lanes.first, scratch[4])
        for lane in range(count):
            fields[6, lane] -= scratch[4, lane]
    if needs & (1 << 7):
        for lane in range(count):
            fields[7, lane] = state[row + at.LAST_TIME, lane]
    if needs & (1 << 8):
        for lane in range(count):
            fields[8, lane] = state[row + at.LAST_PRICE, lane]
    if needs & (1 << 9):
        _spread(tape.prices[step, prices + at.VOLATILITY], lanes.first, fields[9])
    if needs & (1 << 10):
        account = int(fixed.contract[leg, at.ACCOUNT])
        _watch(tape, fixed, lanes, (step, account), (at.MARK, at.MARK), scratch)
        for lane in range(count):
            worth = scratch[1, lane]
            fields[10, lane] = scratch[0, lane] / worth if worth > 0.0 else at.FAR
    if needs & (1 << 11):
        _spread(tape.prices[step, prices + at.PREDICTED], lanes.first, fields[11])
    if needs & (1 << 12):
        _spread(tape.prices[step, prices + at.INTERVAL], lanes.first, fields[12])


@kernel
def _margin_pass(
    tape: Tape, fixed: Fixed, lanes: Lanes, step: int, slots: Floats, scratch: Floats
) -> None:
    """Watch every account on the worst mark of the bar, and liquidate where it falls short."""
    state = lanes.state
    lowest = state[lanes.shape.total_rows + at.MIN_HEADROOM]
    for account in range(lanes.shape.accounts):
        _watch(tape, fixed, lanes, (step, account), (at.MARK_HIGH, at.MARK_LOW), scratch)
        left = scratch[0]
        worth = scratch[1]
        headroom = state[account_row(lanes, account) + at.HEADROOM]
        short = 0
        for lane in range(left.shape[0]):
            room = left[lane] / worth[lane] if worth[lane] > 0.0 else at.FAR
            headroom[lane] = room
            lowest[lane] = min(lowest[lane], room)
            short += 1 if left[lane] < 0.0 and worth[lane] > 0.0 else 0
        if short > 0:
            for lane in range(left.shape[0]):
                if left[lane] < 0.0 and worth[lane] > 0.0:
                    liquidate(tape, fixed, lanes, (step, account, lane, int(slots[lane])))


@kernel
def _policy_pass(
    tape: Tape,
    fixed: Fixed,
    lanes: Lanes,
    work: tuple[Floats, Floats, Floats, Floats],
    step: int,
    memory: Floats,
    rule: Rule,
) -> None:
    """Ask the policy of every leg, and turn the answers that differ into orders."""
    slots, scratch, fields, target = work
    state = lanes.state
    for leg in range(lanes.shape.legs):
        _exposures(tape, fixed, lanes, (step, leg, 0), scratch)
        _show(tape, fixed, lanes, (step, leg), fields, scratch)
        first = leg * at.LEG_NUMBERS + at.RULE
        rule(fields, memory[leg], lanes.numbers[first : first + at.RULE_SIZE], target)
        wanted = state[leg * at.LEG_ROWS + at.WANTED]
        goal = state[leg * at.LEG_ROWS + at.GOAL]
        limit = lanes.numbers[leg * at.LEG_NUMBERS + at.NAKED_LIMIT]
        _spread(
            tape.prices[step, leg * at.PRICE_ROWS + at.MARK], lanes.first, scratch[4]
        )
        moved = 0
        for lane in range(target.shape[0]):
            wanted[lane] = 0.0
            naked = abs(goal[lane] - fields[3, lane]) * scratch[4, lane] > limit[lane]
            moved += 1 if naked or target[lane] != fields[3, lane] else 0
        if moved > 0:
            for lane in range(target.shape[0]):
                naked = abs(goal[lane] - fields[3, lane]) * scratch[4, lane] > limit[lane]
                if naked or target[lane] != fields[3, lane]:
                    where = (step, leg, lane, int(slots[lane]))
                    decide(tape, fixed, lanes, where, target[lane])
    if fixed.fill == at.AT_CLOSE:
        _fill_pass(tape, fixed, lanes, slots, step, True)


@kernel
def _fill_pass(
    tape: Tape, fixed: Fixed, lanes: Lanes, slots: Floats, step: int, closing: bool
) -> None:
    for leg in range(lanes.shape.legs):
        pending = lanes.state[leg * at.LEG_ROWS + at.PENDING]
        waiting = 0
        for lane in range(pending.shape[0]):
            waiting += 1 if pending[lane] != 0.0 else 0
        if waiting > 0:
            for lane in range(pending.shape[0]):
                if pending[lane] != 0.0:
                    fill(tape, fixed, lanes, (step, leg, lane, int(slots[lane])), closing)


@kernel
def _collateral_pass(
    tape: Tape, fixed: Fixed, lanes: Lanes, step: int, slots: Floats, scratch: Floats
) -> None:
    """Move cash where an account's headroom, at the close, is outside its bounds."""
    state = lanes.state
    for account in range(lanes.shape.accounts):
        given = lanes.shape.account_numbers + account * at.ACCOUNT_NUMBERS
        below = lanes.numbers[given + at.TOP_UP_BELOW]
        above = lanes.numbers[given + at.WITHDRAW_ABOVE]
        dry = state[account_row(lanes, account) + at.DRY]
        _watch(tape, fixed, lanes, (step, account), (at.MARK, at.MARK), scratch)
        left = scratch[0]
        worth = scratch[1]
        need = scratch[6]
        for lane in range(left.shape[0]):
            need[lane] = 0.0
        for leg in range(lanes.shape.legs):
            if int(fixed.contract[leg, at.ACCOUNT]) == account:
                wanted = state[leg * at.LEG_ROWS + at.WANTED]
                for lane in range(left.shape[0]):
                    need[lane] += wanted[lane]
        moved = 0
        for lane in range(left.shape[0]):
            low = left[lane] < below[lane] * worth[lane]
            high = left[lane] > above[lane] * worth[lane] and worth[lane] > 0.0
            odd = low or high or need[lane] > 0.0 or dry[lane] != 0.0
            need[lane] = 1.0 if odd else 0.0
            moved += 1 if odd else 0
        if moved > 0:
            for lane in range(left.shape[0]):
                if need[lane] != 0.0:
                    collateral(tape, fixed, lanes, (step, account, lane, int(slots[lane])))


@kernel
def _settlement_pass(
    tape: Tape, fixed: Fixed, lanes: Lanes, slots: Floats, step: int, inside: int
) -> None:
    for number in range(tape.settlement_offset[step], tape.settlement_offset[step + 1]):
        if tape.settlement_inside[number] == inside:
            leg = tape.settlement_leg[number]
            for lane in range(slots.shape[0]):
                settle(tape, fixed, lanes, (step, leg, lane, int(slots[lane])), number)


@kernel
def _arrival_pass(tape: Tape, fixed: Fixed, lanes: Lanes, slots: Floats, step: int) -> None:
    for account in range(lanes.shape.accounts):
        transit = lanes.state[account_row(lanes, account) + at.TRANSIT]
        moving = 0
        for lane in range(transit.shape[0]):
            moving += 1 if transit[lane] != 0.0 else 0
        if moving > 0:
            for lane in range(transit.shape[0]):
                if transit[lane] != 0.0:
                    arrive(tape, fixed, lanes, (step, account, lane, int(slots[lane])))


@kernel
def _day(tape: Tape, fixed: Fixed, lanes: Lanes, step: int, lane: int) -> None:
    """Bring the running figures of one lane up to date at a day's end."""
    state = lanes.state
    total = lanes.shape.total_rows
    worth = book_worth(tape, fixed, lanes, (step, 0, lane, -1))
    hedged = worth - state[total + at.OPENING, lane] - state[total + at.FLOWS, lane]
    unhedged = unhedged_pnl(tape, lanes, step, lane)
    state[total + at.DAYS, lane] += 1.0
    days = state[total + at.DAYS, lane]
    _welford(state, total + at.HEDGED_MEAN, lane, days, hedged - state[total + at.HEDGED, lane])
    _welford(
        state, total + at.UNHEDGED_MEAN, lane, days, unhedged - state[total + at.UNHEDGED, lane]
    )
    state[total + at.HEDGED, lane] = hedged
    state[total + at.UNHEDGED, lane] = unhedged
    _drawdown(state, total + at.HEDGED_PEAK, lane, hedged)
    _drawdown(state, total + at.UNHEDGED_PEAK, lane, unhedged)


@kernel
def _welford(state: Floats, row: int, lane: int, count: float, value: float) -> None:
    """Update a running mean (`row`) and sum of squared deviations (the next row)."""
    gap = value - state[row, lane]
    state[row, lane] += gap / count
    state[row + 1, lane] += gap * (value - state[row, lane])


@kernel
def _drawdown(state: Floats, row: int, lane: int, value: float) -> None:
    """Update a running peak (`row`) and the deepest fall from it (the next row)."""
    state[row, lane] = max(state[row, lane], value)
    state[row + 1, lane] = max(state[row + 1, lane], state[row, lane] - value)


@kernel
def _record(
    tape: Tape, fixed: Fixed, lanes: Lanes, step: int, lane: int, slot: int
) -> None:
    """Write one bar of a recorded lane; see `layout` for the columns."""
    state = lanes.state
    total = lanes.shape.total_rows
    line = lanes.records.series[slot, step]
    attribute(tape, fixed, lanes, (step, 0, lane, slot), line[: len(at.PARTS)])
    line[at.SERIES_WORTH] = book_worth(tape, fixed, lanes, (step, 0, lane, slot))
    line[at.SERIES_FLOWS] = state[total + at.FLOWS, lane]
    line[at.SERIES_UNHEDGED] = unhedged_pnl(tape, lanes, step, lane)
    cell = at.SERIES_HEAD
    column = column_of(tape, lanes, lane)
    for leg in range(lanes.shape.legs):
        row = leg * at.LEG_ROWS
        account = int(fixed.contract[leg, at.ACCOUNT])
        line[cell] = state[row + at.LOTS, lane]
        line[cell + 1] = state[row + at.GOAL, lane]
        line[cell + 2] = state[row + at.EXPOSURE, lane]
        line[cell + 3] = state[row + at.RESIDUAL, lane]
        line[cell + 4] = state[account_row(lanes, account) + at.HEADROOM, lane]
        line[cell + 5] = state[row + at.ENTRY, lane]
        cell += len(at.LEG_SERIES)
    for account in range(lanes.shape.accounts):
        row = account_row(lanes, account)
        profit = 0.0
        required = 0.0
        for leg in range(lanes.shape.legs):
            if int(fixed.contract[leg, at.ACCOUNT]) == account:
                size = leg_size(fixed, lanes, leg, lane)
                mark = price_of(tape, step, leg, at.MARK, column)
                inverse = fixed.contract[leg, at.INVERSE] != 0.0
                entry = state[leg * at.LEG_ROWS + at.ENTRY, lane]
                profit += position_pnl(size, entry, mark, inverse)
                worth = notional(size, mark, inverse)
                required += maintenance(worth, fixed.rate[leg], fixed.amount[leg])
        line[cell] = state[row + at.WALLET, lane]
        line[cell + 1] = profit
        line[cell + 2] = required
        line[cell + 3] = state[row + at.CASH, lane]
        line[cell + 4] = state[row + at.LINE, lane]
        line[cell + 5] = state[row + at.TRANSIT, lane]
        line[cell + 6] = state[row + at.DEBT, lane]
        cell += len(at.ACCOUNT_SERIES)


def run_block(
    tape: Tape,
    fixed: Fixed,
    lanes: Lanes,
    memory: Floats,
    slots: Floats,
    span: tuple[int, int],
    rule: Rule,
) -> None:
    """Run a block of lanes from step ``span[0]`` up to ``span[1]``, in the normative order.

    `slots` is the record of each lane, -1 for none, ``(lanes,)``; `memory` is
    ``(legs, MEMORY_SLOTS, lanes)``. The first step opens the books, so a run may be cut into
    spans (to show progress, or to stop) without changing a bit.
    """
    count = slots.shape[0]
    scratch = np.empty((8, count))
    fields = np.zeros((at.FIELDS, count))
    fields[8] = 0.0
    fields[10] = at.FAR
    fields[13] = at.FAR
    target = np.empty(count)
    recorded = 0
    for lane in range(count):
        recorded += 1 if slots[lane] >= 0.0 else 0
        if span[0] == 0:
            open_book(tape, fixed, lanes, lane, int(slots[lane]))
    for step in range(span[0], span[1]):
        _arrival_pass(tape, fixed, lanes, slots, step)
        for number in range(tape.flow_offset[step], tape.flow_offset[step + 1]):
            for lane in range(count):
                flow(tape, lanes, (step, tape.flow_asset[number], lane, int(slots[lane])), number)
        _settlement_pass(tape, fixed, lanes, slots, step, 0)
        if fixed.fill != at.AT_CLOSE:
            _fill_pass(tape, fixed, lanes, slots, step, False)
        _settlement_pass(tape, fixed, lanes, slots, step, 1)
        if fixed.checked:
            _margin_pass(tape, fixed, lanes, step, slots, scratch)
        if tape.day_end[step] != 0:
            first = step
            while first > 0 and tape.day_end[first - 1] == 0:
                first -= 1
            years = (step + 1 - first) * (tape.step / 3.1536e16)
            for lane in range(count):
                interest(tape, fixed, lanes, (step, 0, lane, int(slots[lane])), years)
        _policy_pass(tape, fixed, lanes, (slots, scratch, fields, target), step, memory, rule)
        if fixed.checked:
            _collateral_pass(tape, fixed, lanes, step, slots, scratch)
        if tape.day_end[step] != 0:
            for lane in range(count):
                _day(tape, fixed, lanes, step, lane)
        if recorded > 0:
            for lane in range(count):
                if slots[lane] >= 0.0:
                    _record(tape, fixed, lanes, step, lane, int(slots[lane]))
