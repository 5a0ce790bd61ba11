"""How far an account is from maintenance, and how much it may open."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from hedgerow.engine.desk_account import Holdings, pledges_of, positions_of, schedule_of
from hedgerow.engine.desk_books import Books
from hedgerow.engine.desk_market import Market
from hedgerow.engine.desk_worth import profit
from hedgerow.engine.events import MarketRanged
from hedgerow.engine.pack import account_of, is_plain, is_shared
from hedgerow.kernels.contract import notional, position_pnl
from hedgerow.kernels.margin import (
    Pledges,
    Positions,
    affordable_notional,
    equity,
    initial_margin,
    maintenance,
    of_position,
    pledged_worth,
    required_when,
    surplus,
    unit_of,
)

FLAT: float = 1e30


class Room(NamedTuple):
    """Equity less maintenance, and notional, of one account; collateral."""

    surplus: float
    worth: float

    @property
    def headroom(self) -> float:
        """Surplus as a fraction of notional; 1e30 when flat."""
        return self.surplus / self.worth if self.worth > 0.0 else FLAT


def worst_room(books: Books, market: Market, account: int, ranged: MarketRanged) -> Room:
    """Return the least room of an account inside a bar.

    An account of one currency is at its worst where each position is. One that holds what moves
    with the price may die on either side: all marks at their highs, or all at their lows.
    """
    given = books.terms.accounts[account]
    if not is_shared(books.terms, given):
        worst = [
            high if position.lots < 0.0 else low
            for position, high, low in zip(books.positions, ranged.high, ranged.low, strict=True)
        ]
        if is_plain(books.terms, given):
            return _plain_room(books, account, worst)
        return _room(books, market, account, worst)
    top = _room(books, market, account, ranged.high)
    bottom = _room(books, market, account, ranged.low)
    return top if top.surplus * bottom.worth < bottom.surplus * top.worth else bottom


def room(books: Books, market: Market, account: int, wanted: Sequence[float] = ()) -> Room:
    """Return the room of an account at the last marks.

    A leg of which more is `wanted`, a notional in settle asset, is held to that.
    """
    marks = [quote.mark for quote in market.quotes]
    if is_plain(books.terms, books.terms.accounts[account]):
        return _plain_room(books, account, marks, wanted)
    if not wanted:
        return _room(books, market, account, marks, closing=True)
    positions, pledges = _held(books, account, marks, marks, market.worth)
    schedule = schedule_of(books.terms.legs)
    left, total = books.purses[account].wallet, 0.0
    name = books.terms.accounts[account].name
    for number, leg in enumerate(books.terms.legs):
        if leg.account != name:
            continue
        size, entry = float(positions.size[number]), float(positions.entry[number])
        rule = of_position(schedule, number)
        asked = required_when(size, wanted[number], entry, marks[number], leg.inverse, rule)
        if pledges.assets == 0 or pledges.settle[number] < 0.0:
            left += position_pnl(size, entry, marks[number], leg.inverse)
        unit = unit_of(number, 1.0, positions, pledges)
        left -= asked.margin * unit
        total += asked.worth * unit
    left += pledged_worth(1.0, positions, pledges)
    return Room(left, total)


def _room(
    books: Books,
    market: Market,
    account: int,
    worst: Sequence[float],
    *,
    closing: bool = False,
) -> Room:
    start = worst if closing else market.mark
    positions, pledges = _held(books, account, start, worst, market.worth)
    wallet = books.purses[account].wallet
    left = surplus(wallet, 1.0, positions, schedule_of(books.terms.legs), pledges)
    total = 0.0
    for number, leg in enumerate(books.terms.legs):
        size = float(positions.size[number])
        if size != 0.0:
            worth = notional(size, worst[number], leg.inverse)
            total += worth * unit_of(number, 1.0, positions, pledges)
    return Room(left, total)


def _held(
    books: Books,
    account: int,
    start: Sequence[float],
    worst: Sequence[float],
    worth: Sequence[float],
) -> tuple[Positions, Pledges]:
    held = Holdings(
        lots=[position.lots for position in books.positions],
        entry=[position.entry for position in books.positions],
        start=start,
        worst=worst,
        pledges=books.purses[account].pledges,
        worth=worth,
    )
    return positions_of(books.terms, account, held), pledges_of(books.terms, account, held)


def _plain_room(
    books: Books, account: int, prices: Sequence[float], wanted: Sequence[float] = ()
) -> Room:
    """Return the room of an account of brackets and one currency: no arrays are needed."""
    left, total = books.purses[account].wallet, 0.0
    name = books.terms.accounts[account].name
    for number, leg in enumerate(books.terms.legs):
        if leg.account != name:
            continue
        price = prices[number]
        left += profit(books, number, price)
        worth = notional(books.positions[number].lots * leg.lot_size, price, leg.inverse)
        if wanted:
            worth = max(worth, wanted[number])
        left -= maintenance(worth, leg.brackets.rate, leg.brackets.amount)
        total += worth
    return Room(left, total)


def most_lots(books: Books, market: Market, leg: int, waiting: Sequence[float]) -> float:
    """Return the largest position, in lots, that the account's equity may open in a leg.

    `waiting` are the lots on order, one a leg: an order that waits takes margin too.
    """
    terms = books.terms.legs[leg]
    account = account_of(books.terms, leg)
    marks = [quote.mark for quote in market.quotes]
    free, units = _equity(books, market, account, marks)
    for number, other in enumerate(books.terms.legs):
        if other.account != terms.account or number == leg:
            continue
        size = books.positions[number].lots * other.lot_size
        meant = size + waiting[number] * other.lot_size
        mark = marks[number]
        worth = max(notional(size, mark, other.inverse), notional(meant, mark, other.inverse))
        opening = other.brackets.opening(other.max_leverage)
        taken = initial_margin(worth, mark, other.inverse, opening)
        free -= taken * units[number]
    mark = marks[leg]
    own = free / units[leg]
    opening = terms.brackets.opening(terms.max_leverage)
    worth = affordable_notional(own, mark, terms.inverse, opening)
    return float(math.floor((worth * mark if terms.inverse else worth / mark) / terms.lot_size))


def _equity(
    books: Books, market: Market, account: int, marks: Sequence[float]
) -> tuple[float, Sequence[float]]:
    """Return what an account has, and the worth in its collateral of what each leg pays in."""
    purse, legs = books.purses[account], books.terms.legs
    if is_shared(books.terms, books.terms.accounts[account]):
        positions, pledges = _held(books, account, marks, marks, market.worth)
        units = [unit_of(number, 1.0, positions, pledges) for number in range(len(legs))]
        return equity(purse.wallet, 1.0, positions, pledges), units
    left, name = purse.wallet, books.terms.accounts[account].name
    for number, leg in enumerate(legs):  # of one currency: no arrays are needed
        if leg.account == name and books.positions[number].lots != 0.0:
            left += profit(books, number, marks[number])
    return left, (1.0,) * len(legs)
