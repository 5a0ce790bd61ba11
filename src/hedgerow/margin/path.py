"""The liquidation price through time."""

import numpy as np

from hedgerow.kernels.jit import kernel
from hedgerow.kernels.margin import (
    Pledges,
    Positions,
    Requirement,
    Schedule,
    breach_fraction,
    price_along,
    price_of_liquidation,
    surplus,
)
from hedgerow.units import Floats

_FAR = 1024.0  # times the price: further up nobody looks
_NEAR_NOTHING = 1e-6


@kernel
def liquidation_path(
    size: Floats, entry: Floats, cash: Floats, inverse: bool, rule: Requirement
) -> Floats:
    """Return the liquidation price of one position in each bar, NaN where flat or none.

    `size`, `entry` and `cash` are ``(steps,)``; see `kernels.margin.price_of_liquidation`.
    """
    path = np.empty(size.shape[0])
    for step in range(size.shape[0]):
        path[step] = price_of_liquidation(size[step], entry[step], cash[step], inverse, rule)
    return path


@kernel
def shared_liquidation_path(
    leg: int,
    held: tuple[Floats, Floats, Floats, Floats],
    prices: tuple[Floats, Floats],
    moves: tuple[Floats, Floats],
    schedule: Schedule,
    pledges: Pledges,
) -> Floats:
    """Return the liquidation price of a position whose account holds several assets, by bar.

    All positions and pledges of the same coin move with it, the rest stands still. The side
    against the position comes first; where the account cannot die there, the other.

    Parameters
    ----------
    leg
        Which position.
    held
        Size and entry ``(steps, legs)``, wallet ``(steps,)``, pledges ``(steps, assets)``.
    prices
        Marks ``(steps, legs)``, assets in collateral ``(steps, assets)``.
    moves
        1 for positions of the same coin ``(legs,)``; 1 where inverse ``(legs,)``.
    schedule, pledges
        As in `kernels.margin`; `amount` and `price` of the pledges are written over.
    """
    size, entry, wallet, amounts = held
    mark, worth = prices
    same, inverse = moves
    path = np.full(wallet.shape[0], np.nan)
    far = np.empty(mark.shape[1])
    for step in range(wallet.shape[0]):
        if size[step, leg] == 0.0:
            continue
        pledges.amount[:] = amounts[step]
        pledges.price[:] = worth[step]
        up = size[step, leg] < 0.0
        for _ in range(2):
            factor = 2.0 if up else _NEAR_NOTHING
            while factor <= _FAR and np.isnan(path[step]):
                for other in range(far.shape[0]):
                    far[other] = mark[step, other] * (factor if same[other] != 0.0 else 1.0)
                positions = Positions(size[step], entry[step], mark[step], far, inverse)
                if surplus(wallet[step], 1.0, positions, schedule, pledges) < 0.0:
                    found = breach_fraction(wallet[step], 0.0, positions, schedule, pledges)
                    path[step] = price_along(mark[step, leg], far[leg], found)
                factor = factor * 2.0 if up else 2.0 * _FAR
            up = not up
    return path
