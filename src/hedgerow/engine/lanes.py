"""The loop over many books at once: steps outside, a block of lanes inside.

What every lane does alike (watch its margin, ask its policy, take a settlement) is in `rows`;
what few lanes do (fill, be liquidated, call for cash) is in the `lane_` files, lane by lane.
"""

from collections.abc import Callable

import numpy as np
from numba import types

from hedgerow.engine import layout as at
from hedgerow.engine import rows
from hedgerow.engine.lane_cash import arrive, collateral, raise_cash
from hedgerow.engine.lane_margin import deleverage, liquidate
from hedgerow.engine.lane_orders import decide, fill
from hedgerow.engine.lane_positions import (
    attribute,
    held_beside_positions,
    pledges_of,
    positions_of,
    schedule_of,
)
from hedgerow.engine.lane_table import (
    Lanes,
    account_row,
    asset_row,
    column_of,
    emit,
    leg_size,
    wallet_row,
    worth_of,
)
from hedgerow.engine.tape import Fixed, Floats, Tape
from hedgerow.kernels.borrow import array_of, bare, lent, lines
from hedgerow.kernels.jit import kernel, part, woven
from hedgerow.kernels.margin import needed, open_profit, pledged_worth

_MATRIX = types.Array(types.float64, 2, "C")
_ROW = types.Array(types.float64, 1, "C")
BLOCK_RULE = types.FunctionType(types.void(_MATRIX, _MATRIX, _MATRIX, _ROW))
SCRATCH_ROWS = 10
Rule = Callable[[Floats, Floats, Floats, Floats], None]
Work = tuple[Floats, Floats, Floats]

# Where a state field comes from: a price row, or less than 0 for a row of the leg's own state.
_SHOWN = (
    0,
    -at.EXPOSURE,
    -at.GOAL,
    0,
    at.INDEX,
    at.MARK,
    at.MARK,
    -at.LAST_TIME,
    -at.LAST_PRICE,
    at.VOLATILITY,
    0,
    at.PREDICTED,
    at.INTERVAL,
    0,
    0,
    0,
    0,
)


@part
def open_book(tape: Tape, fixed: Fixed, lanes: Lanes, where: tuple[int, int, int]) -> None:
    """Put one lane's book in place at the first open: holdings, deposits, reserves, loans.

    `where` is (step, lane, slot) of the first bar.
    """
    step, lane, slot = where
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
        cost = amount * worth_of(tape, step, asset, at.WORTH_OPEN, column)
        state[row + at.HOLDING, lane] = amount
        state[row + at.POCKET, lane] = amount
        state[row + at.HOLDING_COST, lane] = cost
        state[row + at.DECLARED, lane] = amount
        state[row + at.DECLARED_COST, lane] = cost
    for account in range(lanes.shape.accounts):
        _place(fixed, lanes, account, lane)
        _pledge(fixed, lanes, account, lane)
    opening = 0.0
    for asset in range(lanes.shape.assets):
        worth = worth_of(tape, step, asset, at.WORTH_OPEN, column)
        units = held_beside_positions(fixed, lanes, asset, lane)
        opening += units * worth
        row = asset_row(lanes, asset)
        state[row + at.BEYOND_COST, lane] = (units - state[row + at.HOLDING, lane]) * worth
    state[total + at.OPENING, lane] = opening
    for account in range(lanes.shape.accounts):
        row = account_row(lanes, account)
        given = lanes.shape.account_numbers + account * at.ACCOUNT_NUMBERS
        deposit = lanes.numbers[given + at.DEPOSIT, lane]
        if lanes.numbers[given + at.DEPOSIT_KIND, lane] != at.OWNED and deposit > 0.0:
            got = raise_cash(tape, fixed, lanes, (step, account, lane, slot), deposit, 1.0)
            state[row + at.WALLET, lane] = got
        asset = int(fixed.accounts[account, at.COLLATERAL])
        worth = worth_of(tape, step, asset, at.WORTH_OPEN, column)
        placed = state[row + at.WALLET, lane]
        emit(
            lanes,
            slot,
            (step, 0, at.KIND_OPENING),
            (-1, account),
            (0.0, np.nan, placed, 0.0, 0.0, worth, state[row + at.CASH, lane]),
        )


@woven
def _place(fixed: Fixed, lanes: Lanes, account: int, lane: int) -> None:
    """Put deposit and reserve where they belong before anything is raised."""
    state = lanes.state
    row = account_row(lanes, account)
    given = lanes.shape.account_numbers + account * at.ACCOUNT_NUMBERS
    reserve = lanes.numbers[given + at.RESERVE, lane]
    deposit = lanes.numbers[given + at.DEPOSIT, lane]
    if lanes.numbers[given + at.DEPOSIT_KIND, lane] != at.OWNED:
        deposit = 0.0
    state[row + at.CASH, lane] = reserve
    state[row + at.LINE, lane] = lanes.numbers[given + at.LIMIT, lane]
    state[row + at.HEADROOM, lane] = at.FAR
    state[row + at.WALLET, lane] = deposit
    if lanes.numbers[given + at.FROM_HOLDING, lane] != 0.0:
        asset = int(fixed.accounts[account, at.COLLATERAL])
        state[asset_row(lanes, asset) + at.POCKET, lane] -= reserve + deposit


@part
def _pledge(fixed: Fixed, lanes: Lanes, account: int, lane: int) -> None:
    """Put what else backs an account in place."""
    base = int(fixed.accounts[account, at.COLLATERAL])
    for asset in range(lanes.shape.assets):
        amount = fixed.pledges[account, at.PLEDGED, asset]
        if asset != base and amount != 0.0:
            lanes.state[wallet_row(fixed, lanes, account, asset), lane] = amount
            if fixed.pledges[account, at.PLEDGED_FROM_HOLDING, asset] != 0.0:
                lanes.state[asset_row(lanes, asset) + at.POCKET, lane] -= amount


@part
def _show(
    tape: Tape, fixed: Fixed, lanes: Lanes, where: tuple[int, int], fields: Floats, scratch: Floats
) -> None:
    """Fill in what the policy reads of one leg; `where` is (step, leg).

    Row 5 of `scratch` holds the mark, and afterwards too.
    """
    step, leg = where
    row = leg * at.LEG_ROWS
    needs = fixed.needs
    rows.positions(
        fields[3],
        lanes.state[row + at.LOTS],
        lanes.state[row + at.PENDING],
        scratch[5],
        fixed.contract[leg, at.LOT_SIZE],
        fixed.contract[leg, at.INVERSE] != 0.0,
    )
    if needs & 1:
        rows.fill_with(fields[0], (tape.clock[step, at.TIME] + tape.step) / 3.6e12)
    for field in range(1, at.FIELDS):
        if needs & (1 << field):
            source = _SHOWN[field]
            if source < 0:
                rows.copy(fields[field], lanes.state[row - source])
            elif source > 0:
                prices = tape.prices[step, leg * at.PRICE_ROWS + source]
                rows.spread(prices, lanes.first, fields[field])
    if needs & (1 << 6):
        rows.spread(tape.prices[step, leg * at.PRICE_ROWS + at.INDEX], lanes.first, scratch[4])
        rows.take(fields[6], scratch[4])
    if needs & (1 << 10):
        account = int(fixed.contract[leg, at.ACCOUNT])
        rows.surpluses(tape, fixed, lanes, (step, account), (at.MARK, at.MARK), scratch)
        rows.shown_room(fields[10], scratch[0], scratch[1])
        rows.spread(tape.prices[step, leg * at.PRICE_ROWS + at.MARK], lanes.first, scratch[5])


@part
def _margin_pass(
    tape: Tape, fixed: Fixed, lanes: Lanes, step: int, slots: Floats, scratch: Floats
) -> None:
    """Watch every account on the worst mark of the bar, and liquidate where it falls short."""
    state = lanes.state
    lowest = state[lanes.shape.total_rows + at.MIN_HEADROOM]
    shown = lanes.events.shape[0] > 0 or step + 1 == tape.prices.shape[0]
    for account in range(lanes.shape.accounts):
        if fixed.accounts[account, at.SHARED] == 0:
            fields = (at.MARK_HIGH, at.MARK_LOW)
            rows.surpluses(tape, fixed, lanes, (step, account), fields, scratch)
        else:
            rows.worst_surpluses(tape, fixed, lanes, (step, account), scratch)
        if not shown and not rows.may_matter(lowest, scratch[0], scratch[1]):
            continue
        headroom = state[account_row(lanes, account) + at.HEADROOM]
        if rows.rooms(headroom, lowest, scratch[0], scratch[1]):
            for lane in range(headroom.shape[0]):
                if headroom[lane] < 0.0:
                    liquidate(tape, fixed, lanes, (step, account, lane, int(slots[lane])))


@part
def _deleverage_pass(tape: Tape, fixed: Fixed, lanes: Lanes, step: int, slots: Floats) -> None:
    """Take parts of winning positions away where the tape says that a venue does."""
    for leg in range(lanes.shape.legs):
        shares = tape.prices[step, leg * at.PRICE_ROWS + at.TAKEN]
        if shares.shape[0] == 1 and shares[0] == 0.0:
            continue
        for lane in range(slots.shape[0]):
            if shares[column_of(tape, lanes, lane)] != 0.0:
                deleverage(tape, fixed, lanes, (step, leg, lane, int(slots[lane])))


@part
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
        rows.exposures(tape, fixed, lanes, step, leg, scratch)
        _show(tape, fixed, lanes, (step, leg), fields, scratch)
        first = leg * at.LEG_NUMBERS + at.RULE
        rule(
            array_of(fields),
            array_of(memory[leg]),
            array_of(lines(lanes.numbers, first, at.RULE_SIZE)),
            array_of(target),
        )
        moves = scratch[4]
        if rows.answers(
            moves,
            target,
            fields[3],
            (
                state[leg * at.LEG_ROWS + at.WANTED],
                state[leg * at.LEG_ROWS + at.RESIDUAL],
                state[leg * at.LEG_ROWS + at.GOAL],
                scratch[5],
                lanes.numbers[leg * at.LEG_NUMBERS + at.NAKED_LIMIT],
            ),
            fixed.contract[leg, at.LOT_SIZE],
            fixed.contract[leg, at.INVERSE] != 0.0,
        ):
            for lane in range(target.shape[0]):
                if moves[lane] != 0.0:
                    decide(tape, fixed, lanes, (step, leg, lane, int(slots[lane])), target[lane])


@woven
def _fill_pass(
    tape: Tape, fixed: Fixed, lanes: Lanes, slots: Floats, step: int, closing: float
) -> None:
    for leg in range(lanes.shape.legs):
        pending = lanes.state[leg * at.LEG_ROWS + at.PENDING]
        if rows.any_of(pending):
            for lane in range(pending.shape[0]):
                if pending[lane] != 0.0:
                    fill(tape, fixed, lanes, (step, leg, lane, int(slots[lane])), closing)


@woven
def _arrival_pass(tape: Tape, fixed: Fixed, lanes: Lanes, slots: Floats, step: int) -> None:
    for account in range(lanes.shape.accounts):
        transit = lanes.state[account_row(lanes, account) + at.TRANSIT]
        if rows.any_of(transit):
            for lane in range(transit.shape[0]):
                if transit[lane] != 0.0:
                    arrive(tape, fixed, lanes, (step, account, lane, int(slots[lane])))


@part
def _collateral_pass(
    tape: Tape, fixed: Fixed, lanes: Lanes, step: int, slots: Floats, scratch: Floats
) -> None:
    """Move cash where an account's headroom, at the close, is outside its bounds."""
    state = lanes.state
    for account in range(lanes.shape.accounts):
        given = lanes.shape.account_numbers + account * at.ACCOUNT_NUMBERS
        row = account_row(lanes, account)
        rows.surpluses(tape, fixed, lanes, (step, account), (at.MARK, at.MARK), scratch)
        need = scratch[6]
        rows.fill_with(need, 0.0)
        for leg in range(lanes.shape.legs):
            if int(fixed.contract[leg, at.ACCOUNT]) == account:
                rows.at_least(need, state[leg * at.LEG_ROWS + at.WANTED])
        if rows.calls(
            need,
            (
                scratch[0],
                scratch[1],
                state[row + at.WALLET],
                state[row + at.DRY],
                lanes.numbers[given + at.TOP_UP_BELOW],
                lanes.numbers[given + at.WITHDRAW_ABOVE],
            ),
        ):
            for lane in range(need.shape[0]):
                if need[lane] != 0.0:
                    collateral(tape, fixed, lanes, (step, account, lane, int(slots[lane])))


@part
def _flow_pass(
    tape: Tape, lanes: Lanes, slots: Floats, where: tuple[int, int], scratch: Floats
) -> None:
    """Take a flow into every holding at the open; `where` is (step, number)."""
    step, number = where
    state = lanes.state
    asset = int(tape.flows[number, 0])
    amount = tape.flows[number, 1]
    row = asset_row(lanes, asset)
    worth = scratch[0]
    rows.spread(tape.worth[step, asset * at.WORTH_ROWS + at.WORTH_OPEN], lanes.first, worth)
    rows.flow_in(
        amount,
        worth,
        (state[row + at.HOLDING], state[row + at.POCKET], state[row + at.DECLARED]),
        (
            state[row + at.HOLDING_COST],
            state[row + at.DECLARED_COST],
            state[lanes.shape.total_rows + at.FLOWS],
        ),
    )
    if lanes.events.shape[0] > 0:
        for lane in range(slots.shape[0]):
            emit(
                lanes,
                int(slots[lane]),
                (step, 0, at.KIND_FLOW),
                (-1, -1),
                (amount, np.nan, amount, 0.0, 0.0, worth[lane], float(asset)),
            )


@part
def _settlement_pass(
    tape: Tape,
    fixed: Fixed,
    lanes: Lanes,
    slots: Floats,
    where: tuple[int, float],
    scratch: Floats,
) -> None:
    """Pay the settlements at the open (0) or inside the bar (1); `where` is (step, which)."""
    step, inside = where
    for number in range(tape.clock[step, at.SETTLEMENT], tape.clock[step + 1, at.SETTLEMENT]):
        if tape.settlements[number, at.SETTLEMENT_INSIDE, 0] != inside:
            continue
        rows.settle_all(tape, fixed, lanes, (step, number), scratch)
        if lanes.events.shape[0] > 0:
            leg = int(tape.settlements[number, at.SETTLEMENT_LEG, 0])
            for lane in range(slots.shape[0]):
                if slots[lane] >= 0.0:
                    _note_settlement(
                        fixed, lanes, (step, leg, lane, int(slots[lane])), number, scratch
                    )


@part
def _note_settlement(
    fixed: Fixed, lanes: Lanes, where: tuple[int, int, int, int], number: int, scratch: Floats
) -> None:
    """Write a settlement to a lane's record; `scratch` as `rows.settle_all` leaves it."""
    step, leg, lane, slot = where
    size = leg_size(fixed, lanes, leg, lane)
    if size != 0.0:
        emit(
            lanes,
            slot,
            (step, 0, at.KIND_FUNDING),
            (leg, int(fixed.contract[leg, at.ACCOUNT])),
            (
                size,
                scratch[2, lane],
                scratch[0, lane],
                0.0,
                0.0,
                scratch[3, lane],
                float(number),
            ),
        )


@part
def _interest_pass(
    tape: Tape,
    fixed: Fixed,
    lanes: Lanes,
    slots: Floats,
    where: tuple[int, float],
    scratch: Floats,
) -> None:
    """Pay interest and staking on what lies idle, charge it on debts; `where`: step, years."""
    step, years = where
    state = lanes.state
    rate = lanes.shape.common_numbers
    total = lanes.shape.total_rows
    worth = scratch[3]
    earned = scratch[2]
    financing = state[total + at.FINANCING]
    lent_at = lanes.numbers[rate + at.BORROW_RATE]
    for account in range(lanes.shape.accounts):
        row = account_row(lanes, account)
        asset = int(fixed.accounts[account, at.COLLATERAL])
        rows.spread(tape.worth[step, asset * at.WORTH_ROWS + at.WORTH], lanes.first, worth)
        money = fixed.is_cash[asset] != 0
        idle = lanes.numbers[rate + (at.CASH_RATE if money else at.STAKING_RATE)]
        booked = (financing, state[asset_row(lanes, asset) + at.BEYOND_COST])
        rows.accrue(state[row + at.CASH], earned, booked, (idle, worth, years, 1.0))
        if not money:
            rows.add_worth(state[total + at.STAKING], earned, worth)
        _note_interest(lanes, slots, (step, account, asset, 0 if money else 1), scratch)
        rows.accrue(state[row + at.DEBT], earned, booked, (lent_at, worth, years, -1.0))
        _note_interest(lanes, slots, (step, account, asset, 2), scratch)
    for asset in range(lanes.shape.assets):
        rows.spread(tape.worth[step, asset * at.WORTH_ROWS + at.WORTH], lanes.first, worth)
        money = fixed.is_cash[asset] != 0
        idle = lanes.numbers[rate + (at.CASH_RATE if money else at.STAKING_RATE)]
        pocket = state[asset_row(lanes, asset) + at.POCKET]
        booked = (financing, state[asset_row(lanes, asset) + at.BEYOND_COST])
        rows.accrue(pocket, earned, booked, (idle, worth, years, 1.0))
        rows.add_worth(state[total + at.STAKING], earned, worth)
        _note_interest(lanes, slots, (step, -1, asset, 0 if money else 1), scratch)
    for account in range(lanes.shape.accounts):
        if fixed.accounts[account, at.SHARED] != 0:
            _overdraft_pass(tape, fixed, lanes, slots, (step, account, years), scratch)


@part
def _overdraft_pass(
    tape: Tape,
    fixed: Fixed,
    lanes: Lanes,
    slots: Floats,
    where: tuple[int, int, float],
    scratch: Floats,
) -> None:
    """Charge interest on what an account owes inside; `where` is (step, account, years)."""
    step, account, years = where
    state = lanes.state
    rate = lanes.numbers[lanes.shape.common_numbers + at.BORROW_RATE]
    for asset in range(lanes.shape.assets):
        pot = state[wallet_row(fixed, lanes, account, asset)]
        rows.spread(tape.worth[step, asset * at.WORTH_ROWS + at.WORTH], lanes.first, scratch[3])
        booked = (
            state[lanes.shape.total_rows + at.FINANCING],
            state[asset_row(lanes, asset) + at.BEYOND_COST],
        )
        rows.overdraw(pot, scratch[2], booked, (rate, scratch[3], years))
        for lane in range(slots.shape[0]):
            if slots[lane] >= 0.0 and scratch[2, lane] != 0.0:
                emit(
                    lanes,
                    int(slots[lane]),
                    (step, 2, at.KIND_INTEREST),
                    (-1, account),
                    (
                        0.0,
                        np.nan,
                        scratch[2, lane],
                        0.0,
                        0.0,
                        scratch[3, lane],
                        at.OVERDRAWN + asset,
                    ),
                )


@part
def _note_interest(
    lanes: Lanes, slots: Floats, what: tuple[int, int, int, int], scratch: Floats
) -> None:
    """Write earned (0), staked (1) or owed (2) units; `what` is (step, pocket, asset, which)."""
    step, pocket, asset, which = what
    for lane in range(slots.shape[0]):
        amount = scratch[2, lane]
        if slots[lane] >= 0.0 and amount != 0.0:
            emit(
                lanes,
                int(slots[lane]),
                (step, 2, at.KIND_STAKING if which == 1 else at.KIND_INTEREST),
                (-1, pocket),
                (
                    amount if pocket < 0 else 0.0,
                    np.nan,
                    -amount if which == 2 else amount,
                    0.0,
                    0.0,
                    scratch[3, lane],
                    float(asset) if pocket < 0 else (1.0 if which == 2 else 0.0),
                ),
            )


@part
def _day_pass(tape: Tape, fixed: Fixed, lanes: Lanes, step: int, scratch: Floats) -> None:
    """Bring the running figures up to date at a day's end."""
    state = lanes.state
    total = lanes.shape.total_rows
    hedged = scratch[0]
    change = scratch[1]
    alone = scratch[2]
    rows.worths(tape, fixed, lanes, step, hedged, scratch)
    rows.unhedged(tape, lanes, step, alone, scratch[4])
    rows.take(hedged, state[total + at.OPENING])
    rows.take(hedged, state[total + at.FLOWS])
    days = state[total + at.DAYS]
    rows.fill_with(days, days[0] + 1.0)
    rows.difference(change, hedged, state[total + at.HEDGED])
    rows.welford(state[total + at.HEDGED_MEAN], state[total + at.HEDGED_SQUARES], days[0], change)
    rows.drawdown(state[total + at.HEDGED_PEAK], state[total + at.HEDGED_DRAWDOWN], hedged)
    rows.difference(change, alone, state[total + at.UNHEDGED])
    rows.welford(
        state[total + at.UNHEDGED_MEAN], state[total + at.UNHEDGED_SQUARES], days[0], change
    )
    rows.drawdown(state[total + at.UNHEDGED_PEAK], state[total + at.UNHEDGED_DRAWDOWN], alone)


@part
def _record(
    tape: Tape, fixed: Fixed, lanes: Lanes, where: tuple[int, int, int], scratch: Floats
) -> None:
    """Write one bar of a recorded lane; `where` is (step, lane, slot); see `layout`."""
    step, lane, slot = where
    state = lanes.state
    line = lanes.series[slot, step]
    attribute(tape, fixed, lanes, (step, 0, lane, slot), line)
    line[at.SERIES_WORTH] = scratch[0, lane]
    line[at.SERIES_FLOWS] = state[lanes.shape.total_rows + at.FLOWS, lane]
    line[at.SERIES_UNHEDGED] = scratch[2, lane]
    cell = at.SERIES_HEAD
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
        place = (step, account, lane, slot)
        positions = positions_of(tape, fixed, lanes, place, (at.MARK, at.MARK, at.MARK))
        pledges = pledges_of(tape, fixed, lanes, place, 1.0)
        required = 0.0
        for leg in range(lanes.shape.legs):
            if positions.size[leg] != 0.0:
                required += needed(leg, 1.0, positions, schedule_of(fixed), pledges)
        line[cell] = state[row + at.WALLET, lane]
        line[cell + 1] = open_profit(positions, pledges)
        line[cell + 2] = required
        line[cell + 3] = state[row + at.CASH, lane]
        line[cell + 4] = state[row + at.LINE, lane]
        line[cell + 5] = state[row + at.TRANSIT, lane]
        line[cell + 6] = state[row + at.DEBT, lane]
        line[cell + 7] = pledged_worth(1.0, positions, pledges)
        cell += len(at.ACCOUNT_SERIES)
    for account in range(lanes.shape.accounts):
        for asset in range(lanes.shape.assets):
            line[cell] = state[wallet_row(fixed, lanes, account, asset), lane]
            cell += 1


@woven
def _bare_tape(tape: Tape) -> Tape:
    return Tape(
        bare(tape.clock),
        tape.step,
        bare(tape.prices),
        bare(tape.worth),
        bare(tape.settlements),
        bare(tape.flows),
    )


@woven
def _bare_fixed(fixed: Fixed) -> Fixed:
    return Fixed(
        bare(fixed.contract),
        bare(fixed.brackets),
        bare(fixed.accounts),
        bare(fixed.pledges),
        bare(fixed.is_cash),
        fixed.coin,
        fixed.fill,
        fixed.maker,
        fixed.checked,
        fixed.needs,
    )


@woven
def _bare_lanes(lanes: Lanes) -> Lanes:
    return Lanes(
        lanes.shape,
        bare(lanes.numbers),
        bare(lanes.state),
        bare(lanes.events),
        bare(lanes.count),
        bare(lanes.series),
        lanes.first,
        bare(lanes.work),
    )


def run_block(
    tape: Tape,
    fixed: Fixed,
    lanes: Lanes,
    memory: Floats,
    slots: Floats,
    work: Work,
    span: tuple[int, int],
    rule: Rule,
) -> None:
    """Run a block of lanes from step ``span[0]`` up to ``span[1]``, in the normative order.

    `slots` is the record of each lane, -1 for none, ``(lanes,)``; `memory` is
    ``(legs, MEMORY_SLOTS, lanes)``; `work` is room for scratch, state fields and targets. The
    first step opens the books, so a run may be cut into spans (to show progress, or to stop)
    without changing a bit.
    """
    count = slots.shape[0]
    tape = lent(_bare_tape(tape))
    fixed = lent(_bare_fixed(fixed))
    lanes = lent(_bare_lanes(lanes))
    memory = bare(memory)
    slots = bare(slots)
    scratch = bare(work[0])
    fields = bare(work[1])
    target = bare(work[2])
    if span[0] == 0:
        for lane in range(count):
            open_book(tape, fixed, lanes, (span[0], lane, int(slots[lane])))
    for step in range(span[0], span[1]):
        _arrival_pass(tape, fixed, lanes, slots, step)
        for number in range(tape.clock[step, at.FLOW], tape.clock[step + 1, at.FLOW]):
            _flow_pass(tape, lanes, slots, (step, number), scratch)
        settled = tape.clock[step + 1, at.SETTLEMENT] > tape.clock[step, at.SETTLEMENT]
        if settled:
            _settlement_pass(tape, fixed, lanes, slots, (step, 0.0), scratch)
        if fixed.fill != at.AT_CLOSE:
            _fill_pass(tape, fixed, lanes, slots, step, 0.0)
        if settled:
            _settlement_pass(tape, fixed, lanes, slots, (step, 1.0), scratch)
        if fixed.checked:
            _margin_pass(tape, fixed, lanes, step, slots, scratch)
            _deleverage_pass(tape, fixed, lanes, step, slots)
        day_end = tape.clock[step, at.DAY_END] != 0
        if day_end:
            first = step
            while first > 0 and tape.clock[first - 1, at.DAY_END] == 0:
                first -= 1
            years = (step + 1 - first) * (tape.step / 3.1536e16)
            _interest_pass(tape, fixed, lanes, slots, (step, years), scratch)
        _policy_pass(tape, fixed, lanes, (slots, scratch, fields, target), step, memory, rule)
        if fixed.fill == at.AT_CLOSE:
            _fill_pass(tape, fixed, lanes, slots, step, 1.0)
        if fixed.checked:
            _collateral_pass(tape, fixed, lanes, step, slots, scratch)
        if day_end:
            _day_pass(tape, fixed, lanes, step, scratch)
        if lanes.events.shape[0] > 0:
            rows.worths(tape, fixed, lanes, step, scratch[0], scratch)
            rows.unhedged(tape, lanes, step, scratch[2], scratch[4])
            for lane in range(count):
                if slots[lane] >= 0.0:
                    _record(tape, fixed, lanes, (step, lane, int(slots[lane])), scratch)


@kernel
def attribute_all(
    tape: Tape, fixed: Fixed, lanes: Lanes, out: tuple[Floats, Floats], scratch: Floats
) -> None:
    """Write the parts of every lane's P&L, and what its book is worth, after the last bar.

    `out` is ``(9, lanes)`` in the order of `layout.PARTS` and ``(lanes,)``.
    """
    parts, worth = out
    step = tape.prices.shape[0] - 1
    line = np.empty(parts.shape[0])
    tape = lent(_bare_tape(tape))
    fixed = lent(_bare_fixed(fixed))
    lanes = lent(_bare_lanes(lanes))
    rows.worths(tape, fixed, lanes, step, bare(worth), bare(scratch))
    for lane in range(worth.shape[0]):
        attribute(tape, fixed, lanes, (step, 0, lane, -1), bare(line))
        for number in range(parts.shape[0]):
            parts[number, lane] = line[number]
