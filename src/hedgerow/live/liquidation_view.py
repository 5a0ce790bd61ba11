"""Where a position of the running desk would be liquidated, its whole account in view."""

import math

from hedgerow.engine.desk import Desk
from hedgerow.engine.desk_account import Holdings, pledges_of, positions_of, schedule_of
from hedgerow.kernels.contract import position_pnl
from hedgerow.kernels.margin import (
    equity,
    needed,
    of_position,
    price_of_liquidation,
    unit_of,
)


def liquidation_price(desk: Desk, leg: int) -> float | None:
    """Return the mark at which a leg's account falls below maintenance; None where none does.

    The other marks of the account stand still, and so does the worth of its pledges.
    """
    terms, books = desk.terms, desk.books
    if books.positions[leg].lots == 0.0:
        return None
    account = [given.name for given in terms.accounts].index(terms.legs[leg].account)
    marks = [quote.mark for quote in desk.market.quotes]
    held = Holdings(
        lots=[position.lots for position in books.positions],
        entry=[position.entry for position in books.positions],
        start=marks,
        worst=marks,
        pledges=books.purses[account].pledges,
        worth=desk.market.worth,
    )
    positions, pledges = positions_of(terms, account, held), pledges_of(terms, account, held)
    schedule = schedule_of(terms.legs)
    size, entry = float(positions.size[leg]), float(positions.entry[leg])
    inverse = terms.legs[leg].inverse
    unit = unit_of(leg, 1.0, positions, pledges)
    cash = equity(books.purses[account].wallet, 1.0, positions, pledges) / unit
    cash -= position_pnl(size, entry, marks[leg], inverse)
    for other in range(len(terms.legs)):
        if other != leg and positions.size[other] != 0.0:
            cash -= needed(other, 1.0, positions, schedule, pledges) / unit
    price = price_of_liquidation(size, entry, cash, inverse, of_position(schedule, leg))
    return float(price) if math.isfinite(price) and price > 0.0 else None
