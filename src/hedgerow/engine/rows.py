"""What all lanes of a block do alike, as plain loops over rows that the compiler vectorises.

Rows are ``(lanes,)``. Every formula is that of `kernels.contract`, `kernels.margin` or
`kernels.funding`, with the same operations in the same order.
"""

import numpy as np

from hedgerow.engine import layout as at
from hedgerow.engine.lane_rules import Lanes, account_row, asset_row
from hedgerow.engine.tape import Fixed, Floats, Tape
from hedgerow.kernels.contract import base_size, notional, position_pnl
from hedgerow.kernels.funding import funding_cash
from hedgerow.kernels.jit import part, rowwise
from hedgerow.kernels.sizing import is_lot_away


@rowwise
def spread(prices: Floats, first: int, out: Floats) -> None:
    """Copy one price to every lane of the block."""
    if prices.shape[0] == 1:
        price = prices[0]
        for lane in range(out.shape[0]):
            out[lane] = price
    else:
        for lane in range(out.shape[0]):
            out[lane] = prices[first + lane]


@rowwise
def fill_with(out: Floats, value: float) -> None:
    """Write one value to every lane."""
    for lane in range(out.shape[0]):
        out[lane] = value


@rowwise
def copy(out: Floats, row: Floats) -> None:
    """Copy a row."""
    for lane in range(out.shape[0]):
        out[lane] = row[lane]


@rowwise
def any_of(values: Floats) -> bool:
    """Return whether any value is not 0."""
    largest = 0.0
    for lane in range(values.shape[0]):
        largest = max(largest, abs(values[lane]))
    return largest != 0.0


@rowwise
def add_profit(
    left: Floats, lots: Floats, entry: Floats, price: Floats, lot_size: float, inverse: bool
) -> None:
    """Add the unrealised profit of a leg to `left`."""
    if inverse:
        for lane in range(left.shape[0]):
            left[lane] += position_pnl(lots[lane] * lot_size, entry[lane], price[lane], True)
    else:
        for lane in range(left.shape[0]):
            left[lane] += position_pnl(lots[lane] * lot_size, entry[lane], price[lane], False)


@rowwise
def profit(
    out: Floats, lots: Floats, entry: Floats, price: Floats, lot_size: float, inverse: bool
) -> None:
    """Write the unrealised profit of a leg."""
    if inverse:
        for lane in range(out.shape[0]):
            out[lane] = position_pnl(lots[lane] * lot_size, entry[lane], price[lane], True)
    else:
        for lane in range(out.shape[0]):
            out[lane] = position_pnl(lots[lane] * lot_size, entry[lane], price[lane], False)


@rowwise
def add_worth(total: Floats, units: Floats, worth: Floats) -> None:
    """Add what some units are worth."""
    for lane in range(total.shape[0]):
        total[lane] += units[lane] * worth[lane]


@rowwise
def notionals(worth: Floats, lots: Floats, price: Floats, lot_size: float, inverse: bool) -> None:
    """Write a leg's notional."""
    if inverse:
        for lane in range(worth.shape[0]):
            worth[lane] = notional(lots[lane] * lot_size, price[lane], True)
    else:
        for lane in range(worth.shape[0]):
            worth[lane] = notional(lots[lane] * lot_size, price[lane], False)


@rowwise
def worse_price(price: Floats, long: Floats, lots: Floats) -> None:
    """Replace the price for a short by the one for a long, where a lane is not short."""
    for lane in range(price.shape[0]):
        price[lane] = price[lane] if lots[lane] < 0.0 else long[lane]


@rowwise
def charge_maintenance(
    left: Floats, total: Floats, worth: Floats, required: Floats, brackets: Floats
) -> None:
    """Take each lane's maintenance, the largest of the brackets' lines, off its equity."""
    for lane in range(required.shape[0]):
        required[lane] = 0.0
    for tier in range(brackets.shape[1]):
        rate = brackets[at.RATE, tier]
        amount = brackets[at.AMOUNT, tier]
        if amount == np.inf:
            break
        for lane in range(required.shape[0]):
            required[lane] = max(required[lane], worth[lane] * rate - amount)
    for lane in range(left.shape[0]):
        left[lane] -= required[lane]
        total[lane] += worth[lane]


@rowwise
def add_account(units: Floats, wallet: Floats, cash: Floats, transit: Floats, debt: Floats) -> None:
    """Add all that an account has and owes."""
    for lane in range(units.shape[0]):
        units[lane] += wallet[lane] + cash[lane]
        units[lane] += abs(transit[lane]) - debt[lane]


@part
def held_units(fixed: Fixed, lanes: Lanes, asset: int, units: Floats) -> None:
    """Write all units of an asset that the books have, unrealised profit not counted."""
    state = lanes.state
    copy(units, state[asset_row(lanes, asset) + at.POCKET])
    for account in range(lanes.shape.accounts):
        if int(fixed.accounts[account, at.COLLATERAL]) == asset:
            row = account_row(lanes, account)
            add_account(
                units,
                state[row + at.WALLET],
                state[row + at.CASH],
                state[row + at.TRANSIT],
                state[row + at.DEBT],
            )


@part
def worths(
    tape: Tape, fixed: Fixed, lanes: Lanes, step: int, total: Floats, scratch: Floats
) -> None:
    """Write what each book is worth at the close, positions at their marks."""
    state = lanes.state
    units = scratch[4]
    worth = scratch[5]
    gain = scratch[7]
    fill_with(total, 0.0)
    for asset in range(lanes.shape.assets):
        held_units(fixed, lanes, asset, units)
        spread(tape.worth[step, asset * at.WORTH_ROWS + at.WORTH], lanes.first, worth)
        add_worth(total, units, worth)
    for leg in range(lanes.shape.legs):
        settle = int(fixed.contract[leg, at.SETTLE])
        spread(tape.worth[step, settle * at.WORTH_ROWS + at.WORTH], lanes.first, worth)
        spread(tape.prices[step, leg * at.PRICE_ROWS + at.MARK], lanes.first, units)
        row = leg * at.LEG_ROWS
        profit(
            gain,
            state[row + at.LOTS],
            state[row + at.ENTRY],
            units,
            fixed.contract[leg, at.LOT_SIZE],
            fixed.contract[leg, at.INVERSE] != 0.0,
        )
        add_worth(total, gain, worth)


@rowwise
def take(total: Floats, cost: Floats) -> None:
    """Subtract a row."""
    for lane in range(total.shape[0]):
        total[lane] -= cost[lane]


@part
def unhedged(tape: Tape, lanes: Lanes, step: int, total: Floats, worth: Floats) -> None:
    """Write what each declared book alone has made since the start, staking included."""
    state = lanes.state
    copy(total, state[lanes.shape.total_rows + at.STAKING])
    for asset in range(lanes.shape.assets):
        row = asset_row(lanes, asset)
        spread(tape.worth[step, asset * at.WORTH_ROWS + at.WORTH], lanes.first, worth)
        add_worth(total, state[row + at.DECLARED], worth)
        take(total, state[row + at.DECLARED_COST])


@part
def surpluses(
    tape: Tape,
    fixed: Fixed,
    lanes: Lanes,
    where: tuple[int, int],
    fields: tuple[int, int],
    scratch: Floats,
) -> None:
    """Write surplus (row 0) and notional (row 1) of one account to `scratch`.

    `where` is (step, account); `fields` the price for a short and the one for a long.
    """
    step, account = where
    state = lanes.state
    left = scratch[0]
    total = scratch[1]
    worth = scratch[2]
    required = scratch[3]
    price = scratch[4]
    other = scratch[5]
    copy(left, state[account_row(lanes, account) + at.WALLET])
    fill_with(total, 0.0)
    for leg in range(lanes.shape.legs):
        if int(fixed.contract[leg, at.ACCOUNT]) != account:
            continue
        lot_size = fixed.contract[leg, at.LOT_SIZE]
        inverse = fixed.contract[leg, at.INVERSE] != 0.0
        lots = state[leg * at.LEG_ROWS + at.LOTS]
        entry = state[leg * at.LEG_ROWS + at.ENTRY]
        spread(tape.prices[step, leg * at.PRICE_ROWS + fields[0]], lanes.first, price)
        if fields[1] != fields[0]:
            spread(tape.prices[step, leg * at.PRICE_ROWS + fields[1]], lanes.first, other)
            worse_price(price, other, lots)
        add_profit(left, lots, entry, price, lot_size, inverse)
        notionals(worth, lots, price, lot_size, inverse)
        charge_maintenance(left, total, worth, required, fixed.brackets[leg])


@rowwise
def aim(
    goal: Floats, exposure: Floats, ratio: Floats, by_value: Floats, index: Floats, mark: Floats
) -> None:
    """Write the hedge that ratio and exposure ask for, in coins or in worth at the index."""
    for lane in range(goal.shape[0]):
        wanted = -ratio[lane] * exposure[lane]
        goal[lane] = wanted * (index[lane] / mark[lane]) if by_value[lane] != 0.0 else wanted


@part
def exposures(tape: Tape, fixed: Fixed, lanes: Lanes, step: int, leg: int, scratch: Floats) -> None:
    """Write exposure and goal of one leg; leave its mark in row 5 of `scratch`.

    In money: all coins of the asset, profit paid in it counted. In that coin as numeraire: what
    the book is worth beyond its coins, which is short the coin.
    """
    state = lanes.state
    row = leg * at.LEG_ROWS
    asset = int(fixed.contract[leg, at.ASSET])
    exposure = state[row + at.EXPOSURE]
    held_units(fixed, lanes, asset, exposure)
    for other in range(lanes.shape.legs):
        if int(fixed.contract[other, at.SETTLE]) == asset:
            spread(tape.prices[step, other * at.PRICE_ROWS + at.MARK], lanes.first, scratch[4])
            add_profit(
                exposure,
                state[other * at.LEG_ROWS + at.LOTS],
                state[other * at.LEG_ROWS + at.ENTRY],
                scratch[4],
                fixed.contract[other, at.LOT_SIZE],
                fixed.contract[other, at.INVERSE] != 0.0,
            )
    if asset == fixed.coin:
        worths(tape, fixed, lanes, step, scratch[6], scratch)
        take(exposure, scratch[6])
    spread(tape.prices[step, leg * at.PRICE_ROWS + at.INDEX], lanes.first, scratch[4])
    spread(tape.prices[step, leg * at.PRICE_ROWS + at.MARK], lanes.first, scratch[5])
    aim(
        state[row + at.GOAL],
        exposure,
        lanes.numbers[leg * at.LEG_NUMBERS + at.RATIO],
        lanes.numbers[leg * at.LEG_NUMBERS + at.VALUE_MODE],
        scratch[4],
        scratch[5],
    )


@rowwise
def positions(
    held: Floats, lots: Floats, pending: Floats, price: Floats, lot_size: float, inverse: bool
) -> None:
    """Write what a leg holds with its waiting order, in base coin."""
    if inverse:
        for lane in range(held.shape[0]):
            held[lane] = base_size((lots[lane] + pending[lane]) * lot_size, price[lane], True)
    else:
        for lane in range(held.shape[0]):
            held[lane] = (lots[lane] + pending[lane]) * lot_size


@rowwise
def _pay(
    cash: Floats, lots: Floats, price: Floats, rate: Floats, lot_size: float, inverse: bool
) -> None:
    if inverse:
        for lane in range(cash.shape[0]):
            cash[lane] = funding_cash(lots[lane] * lot_size, price[lane], rate[lane], True)
    else:
        for lane in range(cash.shape[0]):
            cash[lane] = funding_cash(lots[lane] * lot_size, price[lane], rate[lane], False)


@rowwise
def _book(
    cash: Floats,
    worth: Floats,
    wallet: Floats,
    beyond: Floats,
    lots: Floats,
    sums: tuple[Floats, Floats, Floats, Floats],
) -> None:
    """Book a settlement; `sums`: funding, settlements, received, paid."""
    funding, settled, received, paid = sums
    for lane in range(cash.shape[0]):
        wallet[lane] += cash[lane]
        value = cash[lane] * worth[lane]
        funding[lane] += value
        beyond[lane] += value
        settled[lane] += 1.0 if lots[lane] != 0.0 else 0.0
        received[lane] += max(value, 0.0)
        paid[lane] += max(-value, 0.0)


@part
def settle_all(
    tape: Tape, fixed: Fixed, lanes: Lanes, where: tuple[int, int], scratch: Floats
) -> None:
    """Pay one settlement on what every lane holds; `where` is (step, number); cash in row 0."""
    step, number = where
    state = lanes.state
    leg = int(tape.settlements[number, at.SETTLEMENT_LEG, 0])
    asset = int(fixed.contract[leg, at.SETTLE])
    account = int(fixed.contract[leg, at.ACCOUNT])
    total = lanes.shape.total_rows
    cash = scratch[0]
    spread(tape.settlements[number, at.SETTLEMENT_RATE], lanes.first, scratch[1])
    spread(tape.settlements[number, at.SETTLEMENT_PRICE], lanes.first, scratch[2])
    spread(tape.worth[step, asset * at.WORTH_ROWS + at.WORTH_OPEN], lanes.first, scratch[3])
    lots = state[leg * at.LEG_ROWS + at.LOTS]
    _pay(
        cash,
        lots,
        scratch[2],
        scratch[1],
        fixed.contract[leg, at.LOT_SIZE],
        fixed.contract[leg, at.INVERSE] != 0.0,
    )
    _book(
        cash,
        scratch[3],
        state[account_row(lanes, account) + at.WALLET],
        state[asset_row(lanes, asset) + at.BEYOND_COST],
        lots,
        (
            state[total + at.FUNDING],
            state[total + at.SETTLEMENTS],
            state[total + at.RECEIVED],
            state[total + at.PAID],
        ),
    )


@rowwise
def accrue(
    pot: Floats,
    amounts: Floats,
    booked: tuple[Floats, Floats],
    terms: tuple[Floats, Floats, float, float],
) -> None:
    """Let a pot, or a debt, grow; the amount stays in `amounts`.

    `booked` are financing and the cost of what is held beyond; `terms`: yearly rate, worth, years
    and the sign with which it is booked.
    """
    financing, beyond = booked
    rate, worth, years, sign = terms
    for lane in range(pot.shape[0]):
        amount = pot[lane] * rate[lane] * years
        amounts[lane] = amount
        pot[lane] += amount
        financing[lane] += sign * (amount * worth[lane])
        beyond[lane] += sign * (amount * worth[lane])


@rowwise
def welford(mean: Floats, squares: Floats, count: float, change: Floats) -> None:
    """Update running means and sums of squared deviations with one more value a lane."""
    for lane in range(mean.shape[0]):
        gap = change[lane] - mean[lane]
        mean[lane] += gap / count
        squares[lane] += gap * (change[lane] - mean[lane])


@rowwise
def drawdown(peak: Floats, deepest: Floats, value: Floats) -> None:
    """Update running peaks and the deepest falls from them."""
    for lane in range(peak.shape[0]):
        peak[lane] = max(peak[lane], value[lane])
        deepest[lane] = max(deepest[lane], peak[lane] - value[lane])


@rowwise
def difference(change: Floats, value: Floats, before: Floats) -> None:
    """Write by how much a figure changed, and remember it."""
    for lane in range(change.shape[0]):
        change[lane] = value[lane] - before[lane]
        before[lane] = value[lane]


@rowwise
def rooms(headroom: Floats, lowest: Floats, left: Floats, worth: Floats) -> bool:
    """Write headroom, note the lowest yet; return whether any is below 0."""
    worst = at.FAR
    for lane in range(left.shape[0]):
        room = left[lane] / worth[lane] if worth[lane] > 0.0 else at.FAR
        headroom[lane] = room
        lowest[lane] = min(lowest[lane], room)
        worst = min(worst, room)
    return worst < 0.0


@rowwise
def shown_room(out: Floats, left: Floats, worth: Floats) -> None:
    """Write headroom."""
    for lane in range(out.shape[0]):
        out[lane] = left[lane] / worth[lane] if worth[lane] > 0.0 else at.FAR


@rowwise
def answers(
    moves: Floats,
    target: Floats,
    held: Floats,
    rows: tuple[Floats, Floats, Floats, Floats, Floats],
    lot_size: float,
    inverse: bool,
) -> bool:
    """Note what the policy wants beyond what is held, and mark in `moves` who has to decide.

    `rows`: wanted, residual, goal, mark and the limit of naked exposure.
    """
    wanted, residual, goal, mark, limit = rows
    some = 0.0
    for lane in range(target.shape[0]):
        wanted[lane] = 0.0
        residual[lane] = target[lane] - held[lane]
        naked = 1.0 if abs(goal[lane] - held[lane]) * mark[lane] > limit[lane] else 0.0
        away = is_lot_away(target[lane], held[lane], lot_size, mark[lane], inverse)
        moves[lane] = 1.0 if away else naked
        some = max(some, moves[lane])
    return some != 0.0


@rowwise
def calls(
    need: Floats,
    rows: tuple[Floats, Floats, Floats, Floats, Floats, Floats],
) -> None:
    """Mark which accounts may have to move cash; `rows`: surplus, notional, wallet, and so on."""
    left, worth, wallet, dry, below, above = rows
    for lane in range(need.shape[0]):
        low = 1.0 if left[lane] < below[lane] * worth[lane] else dry[lane]
        high = 1.0 if worth[lane] > 0.0 and wallet[lane] > 0.0 else 0.0
        high = high if left[lane] > above[lane] * worth[lane] else 0.0
        need[lane] = max(low, high)


@rowwise
def at_least(need: Floats, other: Floats) -> None:
    """Raise each value to that of another row."""
    for lane in range(need.shape[0]):
        need[lane] = max(need[lane], other[lane])
