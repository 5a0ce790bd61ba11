"""How far an account is from maintenance, and how much it may open."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from hedgerow.engine.desk_books import Books
from hedgerow.engine.desk_market import Market
from hedgerow.engine.desk_worth import profit
from hedgerow.engine.terms import LegTerms
from hedgerow.kernels.contract import notional
from hedgerow.kernels.margin import affordable_notional, bracket, maintenance

FLAT: float = 1e30


class Room(NamedTuple):
    """Equity less maintenance, and notional, of one account; collateral."""

    surplus: float
    worth: float

    @property
    def headroom(self) -> float:
        """Surplus as a fraction of notional; 1e30 when flat."""
        return self.surplus / self.worth if self.worth > 0.0 else FLAT


def room(books: Books, account: int, prices: Sequence[float], wanted: Sequence[float] = ()) -> Room:
    """Return the room of an account at `prices`, one a leg.

    A leg of which more is `wanted`, a notional in settle asset, is held to that.
    """
    surplus, total = books.purses[account].wallet, 0.0
    name = books.terms.accounts[account].name
    for number, leg in enumerate(books.terms.legs):
        if leg.account != name:
            continue
        price = prices[number]
        surplus += profit(books, number, price)
        worth = notional(books.positions[number].lots * leg.lot_size, price, leg.inverse)
        if wanted:
            worth = max(worth, wanted[number])
        surplus -= maintenance(worth, leg.brackets.rate, leg.brackets.amount)
        total += worth
    return Room(surplus, total)


def most_lots(books: Books, market: Market, leg: int, waiting: Sequence[float]) -> float:
    """Return the largest position, in lots, that the account's equity may open in a leg.

    `waiting` are the lots on order, one a leg: an order that waits takes margin too.
    """
    terms = books.terms.legs[leg]
    free = books.purses[_account(books, terms)].wallet
    for number, other in enumerate(books.terms.legs):
        position, mark = books.positions[number], market.quotes[number].mark
        if other.account != terms.account:
            continue
        if position.lots != 0.0:
            free += profit(books, number, mark)
        if number != leg:
            size = position.lots * other.lot_size
            meant = size + waiting[number] * other.lot_size
            worth = max(notional(size, mark, other.inverse), notional(meant, mark, other.inverse))
            free -= worth / _leverage(other, worth)
    brackets = terms.brackets
    worth = affordable_notional(
        free, brackets.floor, brackets.cap, brackets.leverage, terms.max_leverage
    )
    mark = market.quotes[leg].mark
    return float(math.floor((worth * mark if terms.inverse else worth / mark) / terms.lot_size))


def _account(books: Books, leg: LegTerms) -> int:
    return next(
        at for at, account in enumerate(books.terms.accounts) if account.name == leg.account
    )


def _leverage(leg: LegTerms, worth: float) -> float:
    tier = bracket(worth, leg.brackets.floor, leg.brackets.cap)
    return min(float(leg.brackets.leverage[tier]), leg.max_leverage)
