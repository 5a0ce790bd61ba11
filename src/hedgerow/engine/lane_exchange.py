"""What a venue does with the pledges of an account after it has closed positions."""

from hedgerow.engine import layout as at
from hedgerow.engine.lane_positions import pledges_of
from hedgerow.engine.lane_table import (
    Lanes,
    Where,
    account_row,
    add,
    asset_row,
    common,
    emit,
    receive,
    wallet_row,
    worth_of,
)
from hedgerow.engine.lane_table import column_of as column
from hedgerow.engine.tape import Fixed, Tape
from hedgerow.kernels.jit import part
from hedgerow.kernels.margin import Positions, moved_with, pledge_price


@part
def settle_pledges(
    tape: Tape, fixed: Fixed, lanes: Lanes, where: Where, fraction: float, positions: Positions
) -> None:
    """Buy back what is owed in other assets, then sell pledges until the wallet owes nothing.

    `where` is (step, account, lane, slot); prices are `fraction` of the way along the bar.
    """
    _, account, lane, _ = where
    wallet = account_row(lanes, account) + at.WALLET
    spread = common(lanes, at.HALF_SPREAD, lane)
    fee = common(lanes, at.SPOT_FEE, lane)
    base = int(fixed.accounts[account, at.COLLATERAL])
    for selling in range(2):
        for asset in range(lanes.shape.assets):
            if asset == base:
                continue
            pledges = pledges_of(tape, fixed, lanes, where, 0.0)
            price = pledge_price(asset, fraction, positions, pledges)
            moved = moved_with(pledges.base, fraction, positions)
            held = lanes.state[wallet_row(fixed, lanes, account, asset), lane]
            owed = -lanes.state[wallet, lane]
            if selling == 0 and held < 0.0:
                cost = held * price * (1.0 + spread) * (1.0 + fee)
                _exchange(tape, fixed, lanes, where, (asset, held, price, cost, moved))
            elif selling == 1 and held > 0.0 and owed > 0.0:
                net = price * (1.0 - spread) * (1.0 - fee)
                sold = min(held, owed / net)
                got = owed if sold < held else held * net
                _exchange(tape, fixed, lanes, where, (asset, sold, price, got, moved))


@part
def _exchange(
    tape: Tape,
    fixed: Fixed,
    lanes: Lanes,
    where: Where,
    deal: tuple[int, float, float, float, float],
) -> None:
    """Sell an asset of the account for collateral, or buy it where negative.

    `deal` is (asset, quantity sold, price in collateral, collateral got, how many times its worth
    at the open the collateral is worth).
    """
    step, account, lane, slot = where
    asset, sold, price, got, moved = deal
    state = lanes.state
    base = int(fixed.accounts[account, at.COLLATERAL])
    value = worth_of(tape, step, base, at.WORTH_OPEN, column(tape, lanes, lane))
    if base != fixed.coin:
        value *= moved
    worth = price * value
    if asset == fixed.coin:
        worth = worth_of(tape, step, asset, at.WORTH_OPEN, column(tape, lanes, lane))
        value = worth / price
    slipped = -abs(sold) * price * common(lanes, at.HALF_SPREAD, lane)
    charge = got - sold * price - slipped
    state[account_row(lanes, account) + at.WALLET, lane] += got
    state[wallet_row(fixed, lanes, account, asset), lane] -= sold
    if fixed.pledges[account, at.PLEDGED_FROM_HOLDING, asset] != 0.0 and sold > 0.0:
        state[asset_row(lanes, asset) + at.HOLDING, lane] -= sold
        state[asset_row(lanes, asset) + at.HOLDING_COST, lane] -= sold * worth
    else:
        receive(lanes, asset, lane, -sold, worth)
    add(lanes, at.SLIPPAGE, lane, slipped * value)
    add(lanes, at.FEES, lane, charge * value)
    receive(lanes, base, lane, got, value)
    emit(
        lanes,
        slot,
        (step, 1, at.KIND_CONVERSION),
        (-1, account),
        (-sold, price, got, charge, 0.0, value, float(asset)),
    )
