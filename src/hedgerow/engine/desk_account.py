"""One account as the arrays that the margin kernels read."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from hedgerow.engine.pack import guide_of, is_shared
from hedgerow.engine.terms import LegTerms, Terms
from hedgerow.kernels.margin import Pledges, Positions, Schedule


class Holdings(NamedTuple):
    """What an account has, as its keeper says: one number a leg, or an asset for `pledges`.

    `start` and `worst` are prices of the legs, `worth` that of one unit of each asset at `start`.
    """

    lots: Sequence[float]
    entry: Sequence[float]
    start: Sequence[float]
    worst: Sequence[float]
    pledges: Sequence[float]
    worth: Sequence[float]


def schedule_of(legs: tuple[LegTerms, ...]) -> Schedule:
    """Return what all legs ask for, padded to one number of tiers."""
    tiers = max((len(leg.brackets.rate) for leg in legs), default=1)
    shape = (len(legs), tiers)
    kind, slope = np.zeros(shape), np.zeros(shape)
    floor, cap, rate = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    amount = np.full(shape, np.inf)
    for number, leg in enumerate(legs):
        count = len(leg.brackets.rate)
        kind[number] = leg.brackets.kind
        slope[number] = leg.brackets.slope
        floor[number, :count] = leg.brackets.floor
        cap[number, :count] = leg.brackets.cap
        rate[number, :count] = leg.brackets.rate
        amount[number, :count] = leg.brackets.amount
    return Schedule(kind, slope, floor, cap, rate, amount)


def positions_of(terms: Terms, account: int, held: Holdings) -> Positions:
    """Return the positions of an account; a leg of another account has size 0."""
    name = terms.accounts[account].name
    table = np.ones((5, len(terms.legs)))
    for number, leg in enumerate(terms.legs):
        size = held.lots[number] * leg.lot_size if leg.account == name else 0.0
        table[:, number] = (
            size,
            held.entry[number],
            held.start[number],
            held.worst[number],
            float(leg.inverse),
        )
    return Positions(*table)


def pledges_of(terms: Terms, account: int, held: Holdings) -> Pledges:
    """Return what an account holds beside its collateral; nothing unless it is shared."""
    given = terms.accounts[account]
    count = len(terms.assets)
    amount, price, haircut, guide = (np.zeros(count) for _ in range(4))
    settle = np.full(len(terms.legs), -1.0)
    if not is_shared(terms, given):
        return Pledges(0, amount, price, haircut, guide, settle, -1)
    base = terms.assets.index(given.collateral)
    for number, asset in enumerate(terms.assets):
        amount[number] = 0.0 if number == base else held.pledges[number]
        price[number] = held.worth[number] / held.worth[base]
        guide[number] = guide_of(terms, given, asset)
    for pledge in given.pledges:
        haircut[terms.assets.index(pledge.asset)] = pledge.haircut
    for number, leg in enumerate(terms.legs):
        if leg.settle != given.collateral:
            settle[number] = terms.assets.index(leg.settle)
    moves = guide_of(terms, given, given.collateral)
    return Pledges(count, amount, price, haircut, guide, settle, moves)
