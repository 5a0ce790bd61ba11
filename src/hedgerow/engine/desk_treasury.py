"""Where cash comes from: deposits at the opening, loans, sales, interest and staking.

Each function returns the moves that tell it; the books change only when they are written.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from hedgerow.engine.desk_books import DEBT, DECLARED, HOLDING, RESERVE, Books
from hedgerow.engine.desk_note import write_note
from hedgerow.engine.desk_scribe import Move, grown, loan
from hedgerow.engine.terms import Funds, Terms
from hedgerow.ledger import EntryKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Raise:
    """A wish for cash of an account: how much, by which way, and into which place."""

    account: int
    amount: float
    funds: Funds
    into: str


def declared(terms: Terms, worth: tuple[float, ...]) -> Iterator[Move]:
    """Yield what the book starts with: holdings, then owned deposits and reserves."""
    for asset, amount, value in zip(terms.assets, terms.holdings, worth, strict=True):
        yield _opening(HOLDING, asset, amount, value, DECLARED)
    for account in terms.accounts:
        value = worth[terms.assets.index(account.collateral)]
        deposit = account.deposit if account.deposit_from is Funds.OWNED else 0.0
        reserve = account.reserve if account.reserve_from is Funds.OWNED else 0.0
        unit = account.collateral
        if account.from_holding:
            yield _opening(HOLDING, unit, -(reserve + deposit), value, account.name)
        yield _opening(account.name, unit, deposit, value, account.name)
        yield _opening(RESERVE, unit, reserve, value, account.name)
        for pledge in account.pledges:
            coin = worth[terms.assets.index(pledge.asset)]
            if pledge.from_holding:
                yield _opening(HOLDING, pledge.asset, -pledge.amount, coin, account.name)
            yield _opening(account.name, pledge.asset, pledge.amount, coin, account.name)


def _opening(account: str, unit: str, cash: float, worth: float, note: str) -> Move:
    return Move(
        kind=EntryKind.OPENING,
        account=account,
        unit=unit,
        cash=cash,
        value=cash * worth,
        note=note,
        quantity=cash if account == HOLDING else 0.0,
    )


def raised(books: Books, worth: tuple[float, ...], wish: Raise) -> tuple[Move, ...]:
    """Return how a wish for cash is met: borrowed, or by selling coins as far as they go."""
    terms = books.terms
    account = terms.accounts[wish.account]
    unit = worth[terms.assets.index(account.collateral)]
    if wish.funds is Funds.BORROWED:
        return loan(books, wish.account, wish.amount, unit, wish.into)
    if account.sells is None:
        return ()
    coin = terms.assets.index(account.sells)
    spot = worth[coin] / unit
    net = spot * (1.0 - terms.half_spread) * (1.0 - terms.spot_fee)
    sold = min(wish.amount / net, max(books.stocks[coin].pocket, 0.0))
    if sold == 0.0:
        return ()
    return (
        Move(
            kind=EntryKind.SALE,
            account=HOLDING,
            unit=account.sells,
            cash=-sold,
            value=-sold * worth[coin],
            note=account.name,
            quantity=-sold,
            price=spot,
        ),
        Move(
            kind=EntryKind.SALE,
            account=wish.into,
            unit=account.collateral,
            cash=min(wish.amount, sold * net),
            value=min(wish.amount, sold * net) * unit,
            note=write_note(account.name, slipped=-sold * spot * terms.half_spread, worth=unit),
            price=spot,
            fee=-sold * spot * (1.0 - terms.half_spread) * terms.spot_fee,
        ),
    )


def interest(books: Books, worth: tuple[float, ...], years: float) -> Iterator[Move]:
    """Yield what idle cash and coins earn and what debts cost over so many years."""
    terms = books.terms
    for account, purse in zip(terms.accounts, books.purses, strict=True):
        unit = account.collateral
        value = worth[terms.assets.index(unit)]
        kind, rate = _idle(terms, unit)
        yield _grown(RESERVE, unit, kind, (purse.reserve * rate * years, value), account.name)
        owed = purse.debt * terms.borrow_rate * years
        yield _grown(DEBT, unit, EntryKind.INTEREST, (-owed, value), account.name)
    for asset, stock, value in zip(terms.assets, books.stocks, worth, strict=True):
        kind, rate = _idle(terms, asset)
        yield _grown(HOLDING, asset, kind, (stock.pocket * rate * years, value), "")


def _idle(terms: Terms, asset: str) -> tuple[EntryKind, float]:
    if asset in terms.cash:
        return EntryKind.INTEREST, terms.cash_rate
    return EntryKind.STAKING, terms.staking_rate


def _grown(account: str, unit: str, kind: EntryKind, amount: tuple[float, float], of: str) -> Move:
    cash, worth = amount
    return grown(account, unit, kind, cash, cash * worth, of)
