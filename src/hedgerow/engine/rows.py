"""What all lanes of a block do alike, as plain loops over rows that the compiler vectorises.

Rows are ``(lanes,)``. Every formula is that of `kernels.contract`, `kernels.margin` or
`kernels.funding`, with the same operations in the same order.
"""
# ruff: noqa: FURB136 - numba's max looks out for NaN, which takes more time than all the rest

import numpy as np

from hedgerow.engine import layout as at
from hedgerow.engine.lane_positions import room_of
from hedgerow.engine.lane_table import Lanes, account_row, asset_row, wallet_row
from hedgerow.engine.tape import Fixed, Floats, Tape
from hedgerow.kernels.collateral import LEAST_RELEASE
from hedgerow.kernels.contract import base_size, notional, position_pnl
from hedgerow.kernels.funding import funding_cash
from hedgerow.kernels.jit import part, rowwise
from hedgerow.kernels.margin import ENTRY_BRACKETS, SIZE_SLOPE, SIZE_TIERS
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
    some = 0
    for lane in range(values.shape[0]):
        some += 1 if values[lane] != 0.0 else 0
    return some != 0


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
def begin(left: Floats, total: Floats, wallet: Floats) -> None:
    """Begin an account's surplus with its wallet, and its notional with nothing."""
    for lane in range(left.shape[0]):
        left[lane] = wallet[lane]
        total[lane] = 0.0


@rowwise
def weigh(
    left: Floats,
    total: Floats,
    worth: Floats,
    leg: tuple[Floats, Floats],
    prices: tuple[Floats, Floats],
    lot_size: float,
    inverse: bool,
) -> None:
    """Add a leg's profit to `left` and its notional to `total`; leave the notional in `worth`.

    `leg` are lots and entry, `prices` the price for a short and the one for a long.
    """
    lots, entry = leg
    short, long = prices
    if inverse:
        for lane in range(left.shape[0]):
            size = lots[lane] * lot_size
            price = short[lane] if lots[lane] < 0.0 else long[lane]
            left[lane] += position_pnl(size, entry[lane], price, True)
            worth[lane] = notional(size, price, True)
            total[lane] += worth[lane]
    else:
        for lane in range(left.shape[0]):
            size = lots[lane] * lot_size
            price = short[lane] if lots[lane] < 0.0 else long[lane]
            left[lane] += position_pnl(size, entry[lane], price, False)
            worth[lane] = notional(size, price, False)
            total[lane] += worth[lane]


@part
def line_of(brackets: Floats, tier: int) -> tuple[float, float]:
    """Return rate and amount of a bracket, or of none: its line is below every other."""
    if tier < brackets.shape[1]:
        return brackets[at.RATE, tier], brackets[at.AMOUNT, tier]
    return 0.0, np.inf


@rowwise
def charge_maintenance(left: Floats, worth: Floats, required: Floats, brackets: Floats) -> None:
    """Take each lane's maintenance, the largest of the brackets' lines, off its equity.

    Five lines at a time, which halves the traffic to and from the cache.
    """
    for lane in range(required.shape[0]):
        required[lane] = 0.0
    for tier in range(0, brackets.shape[1], 5):
        rate0, amount0 = line_of(brackets, tier)
        rate1, amount1 = line_of(brackets, tier + 1)
        rate2, amount2 = line_of(brackets, tier + 2)
        rate3, amount3 = line_of(brackets, tier + 3)
        rate4, amount4 = line_of(brackets, tier + 4)
        if amount0 == np.inf:
            break
        for lane in range(required.shape[0]):
            most = required[lane]
            line = worth[lane] * rate0 - amount0
            most = line if line > most else most
            line = worth[lane] * rate1 - amount1
            most = line if line > most else most
            line = worth[lane] * rate2 - amount2
            most = line if line > most else most
            line = worth[lane] * rate3 - amount3
            most = line if line > most else most
            line = worth[lane] * rate4 - amount4
            most = line if line > most else most
            required[lane] = most
    for lane in range(left.shape[0]):
        left[lane] -= required[lane]


@rowwise
def at_entry(worth: Floats, lots: Floats, entry: Floats, lot_size: float, inverse: bool) -> None:
    """Write each lane's notional at its entry: what a requirement that stands still goes by."""
    for lane in range(worth.shape[0]):
        worth[lane] = notional(lots[lane] * lot_size, entry[lane], inverse)


@rowwise
def charge_slope(
    left: Floats,
    worth: Floats,
    lots: Floats,
    prices: tuple[Floats, Floats],
    rates: tuple[float, float],
    lot_size: float,
    inverse: bool,
) -> None:
    """Take a maintenance whose rate rises with the coins off each lane's equity.

    `prices` are those for a short and for a long, `rates` the rate and its slope.
    """
    short, long = prices
    rate, slope = rates
    for lane in range(left.shape[0]):
        price = short[lane] if lots[lane] < 0.0 else long[lane]
        coins = abs(base_size(lots[lane] * lot_size, price, inverse))
        left[lane] -= worth[lane] * (rate + slope * coins)


@rowwise
def charge_by_size(
    left: Floats, worth: Floats, rates: Floats, lots: Floats, lot_size: float, brackets: Floats
) -> None:
    """Take a maintenance by the tier that holds the size off each lane's equity."""
    rate = brackets[at.RATE, 0]
    for lane in range(left.shape[0]):
        rates[lane] = rate
    for tier in range(1, brackets.shape[1]):
        floor = brackets[at.FLOOR, tier]
        rate = brackets[at.RATE, tier]
        if brackets[at.CAP, tier] <= 0.0:
            break
        for lane in range(left.shape[0]):
            rates[lane] = rate if abs(lots[lane] * lot_size) > floor else rates[lane]
    for lane in range(left.shape[0]):
        left[lane] -= worth[lane] * rates[lane]


@rowwise
def add_account(units: Floats, wallet: Floats, cash: Floats, transit: Floats, debt: Floats) -> None:
    """Add all that an account has and owes."""
    for lane in range(units.shape[0]):
        units[lane] += wallet[lane] + cash[lane]
        units[lane] += abs(transit[lane]) - debt[lane]


@rowwise
def add_row(total: Floats, more: Floats) -> None:
    """Add a row."""
    for lane in range(total.shape[0]):
        total[lane] += more[lane]


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
        elif fixed.accounts[account, at.SHARED] != 0:
            add_row(units, state[wallet_row(fixed, lanes, account, asset)])


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
    if fixed.accounts[account, at.SHARED] != 0:
        for lane in range(left.shape[0]):
            left[lane], total[lane] = room_of(tape, fixed, lanes, (step, account, lane, -1), fields)
        return
    worth = scratch[2]
    required = scratch[3]
    price = scratch[4]
    other = scratch[5]
    begin(left, total, state[account_row(lanes, account) + at.WALLET])
    for leg in range(lanes.shape.legs):
        if int(fixed.contract[leg, at.ACCOUNT]) != account:
            continue
        first = leg * at.PRICE_ROWS
        spread(tape.prices[step, first + fields[0]], lanes.first, price)
        if fields[1] != fields[0]:
            spread(tape.prices[step, first + fields[1]], lanes.first, other)
        else:
            other = price
        row = leg * at.LEG_ROWS
        weigh(
            left,
            total,
            worth,
            (state[row + at.LOTS], state[row + at.ENTRY]),
            (price, other),
            fixed.contract[leg, at.LOT_SIZE],
            fixed.contract[leg, at.INVERSE] != 0.0,
        )
        kind = int(fixed.brackets[leg, at.KIND, 0])
        lot_size = fixed.contract[leg, at.LOT_SIZE]
        inverse = fixed.contract[leg, at.INVERSE] != 0.0
        if kind == SIZE_SLOPE:
            charge_slope(
                left,
                worth,
                state[row + at.LOTS],
                (price, other),
                (fixed.brackets[leg, at.RATE, 0], fixed.brackets[leg, at.SLOPE, 0]),
                lot_size,
                inverse,
            )
        elif kind == SIZE_TIERS:
            charge_by_size(
                left, worth, required, state[row + at.LOTS], lot_size, fixed.brackets[leg]
            )
        else:
            if kind == ENTRY_BRACKETS:
                at_entry(worth, state[row + at.LOTS], state[row + at.ENTRY], lot_size, inverse)
            charge_maintenance(left, worth, required, fixed.brackets[leg])


@part
def worst_surpluses(
    tape: Tape, fixed: Fixed, lanes: Lanes, where: tuple[int, int], scratch: Floats
) -> None:
    """Write the lower surplus of marks all at their highs and all at their lows, and its notional.

    For accounts that hold what moves with the price, and so may die on either side. Rows 8 and 9
    of `scratch` are used.
    """
    surpluses(tape, fixed, lanes, where, (at.MARK_HIGH, at.MARK_HIGH), scratch)
    copy(scratch[8], scratch[0])
    copy(scratch[9], scratch[1])
    surpluses(tape, fixed, lanes, where, (at.MARK_LOW, at.MARK_LOW), scratch)
    keep_lower(scratch[0], scratch[1], scratch[8], scratch[9])


@rowwise
def keep_lower(left: Floats, total: Floats, other: Floats, other_total: Floats) -> None:
    """Keep of two accounts the one with less headroom."""
    for lane in range(left.shape[0]):
        if other[lane] * total[lane] < left[lane] * other_total[lane]:
            left[lane] = other[lane]
            total[lane] = other_total[lane]


@rowwise
def overdraw(
    pot: Floats,
    amounts: Floats,
    booked: tuple[Floats, Floats],
    terms: tuple[Floats, Floats, float],
) -> None:
    """Let what is owed grow; the (negative) amount stays in `amounts`.

    `booked` are financing and the cost of what is held beyond; `terms`: yearly rate, worth, years.
    """
    financing, beyond = booked
    rate, worth, years = terms
    for lane in range(pot.shape[0]):
        owed = pot[lane] if pot[lane] < 0.0 else 0.0
        amount = owed * rate[lane] * years
        amounts[lane] = amount
        pot[lane] += amount
        financing[lane] += amount * worth[lane]
        beyond[lane] += amount * worth[lane]


@rowwise
def spread_ratio(over: Floats, under: Floats, first: int, out: Floats) -> None:
    """Write the ratio of two prices to every lane of the block."""
    if over.shape[0] == 1:
        ratio = over[0] / under[0]
        for lane in range(out.shape[0]):
            out[lane] = ratio
    else:
        for lane in range(out.shape[0]):
            out[lane] = over[first + lane] / under[first + lane]


@rowwise
def aim(goal: Floats, exposure: Floats, ratio: Floats, by_value: Floats, relative: Floats) -> None:
    """Write the hedge that ratio and exposure ask for, in coins or in worth at the index."""
    for lane in range(goal.shape[0]):
        wanted = -ratio[lane] * exposure[lane]
        goal[lane] = wanted * relative[lane] if by_value[lane] != 0.0 else wanted


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
    first = leg * at.PRICE_ROWS
    index = tape.prices[step, first + at.INDEX]
    mark = tape.prices[step, first + at.MARK]
    spread_ratio(index, mark, lanes.first, scratch[4])
    spread(mark, lanes.first, scratch[5])
    aim(
        state[row + at.GOAL],
        exposure,
        lanes.numbers[leg * at.LEG_NUMBERS + at.RATIO],
        lanes.numbers[leg * at.LEG_NUMBERS + at.VALUE_MODE],
        scratch[4],
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
        state[wallet_row(fixed, lanes, account, asset)],
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
def may_matter(lowest: Floats, left: Floats, worth: Floats) -> bool:
    """Return whether any headroom may be below 0 or the lowest yet: far cheaper than to know.

    ``left / worth < bound`` without the division, and with slack for its rounding.
    """
    some = 0
    for lane in range(left.shape[0]):
        bound = lowest[lane] if lowest[lane] > 0.0 else 0.0
        bound = bound * (1.0 + 1e-9) + 1e-12
        some += 1 if left[lane] <= bound * worth[lane] else 0
    return some != 0


@rowwise
def rooms(headroom: Floats, lowest: Floats, left: Floats, worth: Floats) -> bool:
    """Write headroom, note the lowest yet; return whether any is below 0."""
    some = 0
    for lane in range(left.shape[0]):
        room = left[lane] / worth[lane] if worth[lane] > 0.0 else at.FAR
        headroom[lane] = room
        lowest[lane] = room if room < lowest[lane] else lowest[lane]
        some += 1 if room < 0.0 else 0
    return some != 0


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
    some = 0
    for lane in range(target.shape[0]):
        wanted[lane] = 0.0
        residual[lane] = target[lane] - held[lane]
        naked = 1.0 if abs(goal[lane] - held[lane]) * mark[lane] > limit[lane] else 0.0
        away = is_lot_away(target[lane], held[lane], lot_size, mark[lane], inverse)
        moves[lane] = 1.0 if away else naked
        some += 1 if moves[lane] != 0.0 else 0
    return some != 0


@rowwise
def calls(
    need: Floats,
    rows: tuple[Floats, Floats, Floats, Floats, Floats, Floats],
) -> bool:
    """Mark which accounts may have to move cash, beside those marked; return whether any is.

    `rows`: surplus, notional, wallet, whether a call stands unmet, and the two bounds.
    """
    left, worth, wallet, dry, below, above = rows
    some = 0
    for lane in range(need.shape[0]):
        low = 1.0 if left[lane] < below[lane] * worth[lane] else dry[lane]
        high = 1.0 if worth[lane] > 0.0 and wallet[lane] >= LEAST_RELEASE * worth[lane] else 0.0
        high = high if left[lane] > above[lane] * worth[lane] else 0.0
        mark = low if low > high else high
        need[lane] = mark if mark > need[lane] else need[lane]
        some += 1 if need[lane] != 0.0 else 0
    return some != 0


@rowwise
def at_least(need: Floats, other: Floats) -> None:
    """Raise each value to that of another row."""
    for lane in range(need.shape[0]):
        need[lane] = other[lane] if other[lane] > need[lane] else need[lane]


@rowwise
def flow_in(
    amount: float,
    worth: Floats,
    coins: tuple[Floats, Floats, Floats],
    costs: tuple[Floats, Floats, Floats],
) -> None:
    """Book what comes into every holding: `coins` it adds to, and `costs` its worth adds to."""
    holding, pocket, declared = coins
    holding_cost, declared_cost, flows = costs
    for lane in range(worth.shape[0]):
        value = amount * worth[lane]
        holding[lane] += amount
        pocket[lane] += amount
        holding_cost[lane] += value
        declared[lane] += amount
        declared_cost[lane] += value
        flows[lane] += value
