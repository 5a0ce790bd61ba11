"""The rule that moves cash between reserve and account."""

from collections.abc import Sequence
from typing import NamedTuple

from hedgerow.engine.desk_books import Books
from hedgerow.engine.desk_margin import room
from hedgerow.engine.desk_market import Market
from hedgerow.kernels.collateral import cash_call, cash_release


class Call(NamedTuple):
    """What an account asks for (> 0) or gives back (< 0), collateral; 0 where all is well."""

    account: int
    amount: float


def call_of(books: Books, market: Market, account: int, wanted: Sequence[float]) -> Call | None:
    """Return the call of an account; None while a transfer is under way.

    `wanted` are the notionals asked for at this close, one a leg, whether ordered or not.
    """
    purse, terms = books.purses[account], books.terms.accounts[account]
    if purse.transit != 0.0:
        return None
    surplus, worth = room(books, market, account, wanted)
    call = cash_call(surplus, worth, terms.top_up_below, terms.top_up_to)
    if call > 0.0:
        return Call(account=account, amount=call)
    release = cash_release(surplus, worth, terms.withdraw_above, terms.withdraw_to, purse.wallet)
    return Call(account=account, amount=-release)
