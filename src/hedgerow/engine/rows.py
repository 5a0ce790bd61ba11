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
from hedgerow.kernels.jit import woven


@woven
def spread(prices: Floats, first: int, out: Floats) -> None:
    """Copy one price to every lane of the block."""
    if prices.shape[0] == 1:
        price = prices[0]
        for lane in range(out.shape[0]):
            out[lane] = price
    else:
        for lane in range(out.shape[0]):
            out[lane] = prices[first + lane]


@woven
def add_profit(
    left: Floats, leg: tuple[Floats, Floats], price: Floats, lot_size: float, inverse: bool
) -> None:
    """Add the unrealised profit of a leg, (lots, entry), to `left`."""
    lots, entry = leg
    if inverse:
        for lane in range(left.shape[0]):
            left[lane] += position_pnl(lots[lane] * lot_size, entry[lane], price[lane], True)
    else:
        for lane in range(left.shape[0]):
            left[lane] += position_pnl(lots[lane] * lot_size, entry[lane], price[lane], False)


@woven
def add_profit_worth(
    total: Floats, leg: tuple[Floats, Floats], terms: tuple[Floats, Floats, float, bool]
) -> None:
    """Add what the profit of a leg is worth; `terms`: price, worth, lot size, inverse."""
    lots, entry = leg
    price, worth, lot_size, inverse = terms
    if inverse:
        for lane in range(total.shape[0]):
            profit = position_pnl(lots[lane] * lot_size, entry[lane], price[lane], True)
            total[lane] += profit * worth[lane]
    else:
        for lane in range(total.shape[0]):
            profit = position_pnl(lots[lane] * lot_size, entry[lane], price[lane], False)
            total[lane] += profit * worth[lane]


@woven
def notionals(worth: Floats, lots: Floats, price: Floats, lot_size: float, inverse: bool) -> None:
    """Write a leg's notional."""
    if inverse:
        for lane in range(worth.shape[0]):
            worth[lane] = notional(lots[lane] * lot_size, price[lane], True)
    else:
        for lane in range(worth.shape[0]):
            worth[lane] = notional(lots[lane] * lot_size, price[lane], False)


@woven
def charge_maintenance(left: Floats, worth: Floats, required: Floats, brackets: Floats) -> None:
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


@woven
def held_units(fixed: Fixed, lanes: Lanes, asset: int, units: Floats) -> None:
    """Write all units of an asset that the books have, unrealised profit not counted."""
    state = lanes.state
    pocket = state[asset_row(lanes, asset) + at.POCKET]
    for lane in range(units.shape[0]):
        units[lane] = pocket[lane]
    for account in range(lanes.shape.accounts):
        if int(fixed.accounts[account, at.COLLATERAL]) != asset:
            continue
        row = account_row(lanes, account)
        wallet = state[row + at.WALLET]
        cash = state[row + at.CASH]
        transit = state[row + at.TRANSIT]
        debt = state[row + at.DEBT]
        for lane in range(units.shape[0]):
            units[lane] += wallet[lane] + cash[lane]
            units[lane] += abs(transit[lane]) - debt[lane]


@woven
def worths(
    tape: Tape, fixed: Fixed, lanes: Lanes, step: int, total: Floats, scratch: Floats
) -> None:
    """Write what each book is worth at the close, positions at their marks."""
    state = lanes.state
    units = scratch[4]
    worth = scratch[5]
    for lane in range(total.shape[0]):
        total[lane] = 0.0
    for asset in range(lanes.shape.assets):
        held_units(fixed, lanes, asset, units)
        spread(tape.worth[step, asset * at.WORTH_ROWS + at.WORTH], lanes.first, worth)
        for lane in range(total.shape[0]):
            total[lane] += units[lane] * worth[lane]
    for leg in range(lanes.shape.legs):
        settle = int(fixed.contract[leg, at.SETTLE])
        spread(tape.worth[step, settle * at.WORTH_ROWS + at.WORTH], lanes.first, worth)
        spread(tape.prices[step, leg * at.PRICE_ROWS + at.MARK], lanes.first, units)
        row = leg * at.LEG_ROWS
        add_profit_worth(
            total,
            (state[row + at.LOTS], state[row + at.ENTRY]),
            (
                units,
                worth,
                fixed.contract[leg, at.LOT_SIZE],
                fixed.contract[leg, at.INVERSE] != 0.0,
            ),
        )


@woven
def unhedged(tape: Tape, lanes: Lanes, step: int, total: Floats, worth: Floats) -> None:
    """Write what each declared book alone has made since the start, staking included."""
    state = lanes.state
    staking = state[lanes.shape.total_rows + at.STAKING]
    for lane in range(total.shape[0]):
        total[lane] = staking[lane]
    for asset in range(lanes.shape.assets):
        row = asset_row(lanes, asset)
        declared = state[row + at.DECLARED]
        cost = state[row + at.DECLARED_COST]
        spread(tape.worth[step, asset * at.WORTH_ROWS + at.WORTH], lanes.first, worth)
        for lane in range(total.shape[0]):
            total[lane] += declared[lane] * worth[lane]
            total[lane] -= cost[lane]


@woven
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
    wallet = state[account_row(lanes, account) + at.WALLET]
    for lane in range(left.shape[0]):
        left[lane] = wallet[lane]
        total[lane] = 0.0
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
            for lane in range(left.shape[0]):
                price[lane] = price[lane] if lots[lane] < 0.0 else other[lane]
        add_profit(left, (lots, entry), price, lot_size, inverse)
        notionals(worth, lots, price, lot_size, inverse)
        charge_maintenance(left, worth, required, fixed.brackets[leg])
        for lane in range(left.shape[0]):
            total[lane] += worth[lane]


@woven
def exposures(
    tape: Tape, fixed: Fixed, lanes: Lanes, step: int, leg: int, scratch: Floats
) -> None:
    """Write exposure and goal of one leg.

    In money: all coins of the asset, profit paid in it counted. In that coin as numeraire: what
    the book is worth beyond its coins, which is short the coin.
    """
    state = lanes.state
    row = leg * at.LEG_ROWS
    asset = int(fixed.contract[leg, at.ASSET])
    exposure = state[row + at.EXPOSURE]
    goal = state[row + at.GOAL]
    held_units(fixed, lanes, asset, exposure)
    for other in range(lanes.shape.legs):
        if int(fixed.contract[other, at.SETTLE]) == asset:
            spread(tape.prices[step, other * at.PRICE_ROWS + at.MARK], lanes.first, scratch[4])
            add_profit(
                exposure,
                (state[other * at.LEG_ROWS + at.LOTS], state[other * at.LEG_ROWS + at.ENTRY]),
                scratch[4],
                fixed.contract[other, at.LOT_SIZE],
                fixed.contract[other, at.INVERSE] != 0.0,
            )
    if asset == fixed.coin:
        worths(tape, fixed, lanes, step, scratch[6], scratch)
        for lane in range(exposure.shape[0]):
            exposure[lane] -= scratch[6, lane]
    ratio = lanes.numbers[leg * at.LEG_NUMBERS + at.RATIO]
    by_value = lanes.numbers[leg * at.LEG_NUMBERS + at.VALUE_MODE]
    index = scratch[4]
    mark = scratch[5]
    spread(tape.prices[step, leg * at.PRICE_ROWS + at.INDEX], lanes.first, index)
    spread(tape.prices[step, leg * at.PRICE_ROWS + at.MARK], lanes.first, mark)
    for lane in range(exposure.shape[0]):
        wanted = -ratio[lane] * exposure[lane]
        goal[lane] = wanted * (index[lane] / mark[lane]) if by_value[lane] != 0.0 else wanted


@woven
def positions(
    tape: Tape, fixed: Fixed, lanes: Lanes, step: int, leg: int, work: tuple[Floats, Floats]
) -> None:
    """Write what a leg holds with its waiting order, in base coin, to the second of `work`."""
    price, held = work
    state = lanes.state
    lots = state[leg * at.LEG_ROWS + at.LOTS]
    pending = state[leg * at.LEG_ROWS + at.PENDING]
    lot_size = fixed.contract[leg, at.LOT_SIZE]
    if fixed.contract[leg, at.INVERSE] != 0.0:
        spread(tape.prices[step, leg * at.PRICE_ROWS + at.MARK], lanes.first, price)
        for lane in range(held.shape[0]):
            held[lane] = base_size((lots[lane] + pending[lane]) * lot_size, price[lane], True)
    else:
        for lane in range(held.shape[0]):
            held[lane] = (lots[lane] + pending[lane]) * lot_size


@woven
def settle_all(
    tape: Tape, fixed: Fixed, lanes: Lanes, where: tuple[int, int], scratch: Floats
) -> None:
    """Pay one settlement on what every lane holds; `where` is (step, number); cash in row 0."""
    step, number = where
    state = lanes.state
    leg = int(tape.settlements[number, at.SETTLEMENT_LEG, 0])
    asset = int(fixed.contract[leg, at.SETTLE])
    account = int(fixed.contract[leg, at.ACCOUNT])
    lot_size = fixed.contract[leg, at.LOT_SIZE]
    inverse = fixed.contract[leg, at.INVERSE] != 0.0
    total = lanes.shape.total_rows
    cash = scratch[0]
    rate = scratch[1]
    price = scratch[2]
    worth = scratch[3]
    spread(tape.settlements[number, at.SETTLEMENT_RATE], lanes.first, rate)
    spread(tape.settlements[number, at.SETTLEMENT_PRICE], lanes.first, price)
    spread(tape.worth[step, asset * at.WORTH_ROWS + at.WORTH_OPEN], lanes.first, worth)
    lots = state[leg * at.LEG_ROWS + at.LOTS]
    wallet = state[account_row(lanes, account) + at.WALLET]
    beyond = state[asset_row(lanes, asset) + at.BEYOND_COST]
    funding = state[total + at.FUNDING]
    settled = state[total + at.SETTLEMENTS]
    received = state[total + at.RECEIVED]
    paid = state[total + at.PAID]
    if inverse:
        for lane in range(cash.shape[0]):
            cash[lane] = funding_cash(lots[lane] * lot_size, price[lane], rate[lane], True)
    else:
        for lane in range(cash.shape[0]):
            cash[lane] = funding_cash(lots[lane] * lot_size, price[lane], rate[lane], False)
    for lane in range(cash.shape[0]):
        wallet[lane] += cash[lane]
        value = cash[lane] * worth[lane]
        funding[lane] += value
        beyond[lane] += value
        settled[lane] += 1.0 if lots[lane] != 0.0 else 0.0
        received[lane] += max(value, 0.0)
        paid[lane] += max(-value, 0.0)


@woven
def grow(
    lanes: Lanes, asset: int, pot: Floats, terms: tuple[Floats, Floats, float], earned: Floats
) -> None:
    """Let a pot earn for some years; `terms`: yearly rate, worth, years. Earned units are kept."""
    rate, worth, years = terms
    total = lanes.shape.total_rows
    financing = lanes.state[total + at.FINANCING]
    beyond = lanes.state[asset_row(lanes, asset) + at.BEYOND_COST]
    for lane in range(pot.shape[0]):
        amount = pot[lane] * rate[lane] * years
        earned[lane] = amount
        pot[lane] += amount
        financing[lane] += amount * worth[lane]
        beyond[lane] += amount * worth[lane]


@woven
def owe(
    lanes: Lanes, asset: int, debt: Floats, terms: tuple[Floats, Floats, float], owed: Floats
) -> None:
    """Let a debt grow for some years; `terms`: yearly rate, worth, years."""
    rate, worth, years = terms
    total = lanes.shape.total_rows
    financing = lanes.state[total + at.FINANCING]
    beyond = lanes.state[asset_row(lanes, asset) + at.BEYOND_COST]
    for lane in range(debt.shape[0]):
        amount = debt[lane] * rate[lane] * years
        owed[lane] = amount
        debt[lane] += amount
        financing[lane] -= amount * worth[lane]
        beyond[lane] -= amount * worth[lane]


@woven
def welford(mean: Floats, squares: Floats, count: float, change: Floats) -> None:
    """Update running means and sums of squared deviations with one more value a lane."""
    for lane in range(mean.shape[0]):
        gap = change[lane] - mean[lane]
        mean[lane] += gap / count
        squares[lane] += gap * (change[lane] - mean[lane])


@woven
def drawdown(peak: Floats, deepest: Floats, value: Floats) -> None:
    """Update running peaks and the deepest falls from them."""
    for lane in range(peak.shape[0]):
        peak[lane] = max(peak[lane], value[lane])
        deepest[lane] = max(deepest[lane], peak[lane] - value[lane])
