"""What can be seen of a desk at the close of a bar."""

from typing import NamedTuple

from hedgerow.engine.desk import Desk
from hedgerow.engine.desk_worth import Parts, parts, profit, unhedged, worth
from hedgerow.kernels.contract import notional
from hedgerow.kernels.margin import maintenance


class LegLook(NamedTuple):
    """One leg: base coin, but for lots and prices."""

    lots: float
    goal: float
    exposure: float
    residual: float
    headroom: float  # worst of the bar
    entry: float


class AccountLook(NamedTuple):
    """One account, in its collateral."""

    wallet: float
    unrealised: float
    maintenance: float
    cash: float
    line: float
    transit: float
    debt: float


class BarLook(NamedTuple):
    """The whole book, numeraire; sums since the start."""

    parts: Parts
    worth: float
    flows: float
    unhedged: float
    legs: tuple[LegLook, ...]
    accounts: tuple[AccountLook, ...]


def look(desk: Desk) -> BarLook:
    """Return what can be seen of a desk after its last close."""
    books, market = desk.books, desk.market
    return BarLook(
        parts=parts(books, market),
        worth=worth(books, market),
        flows=books.sums.flows,
        unhedged=unhedged(books, market),
        legs=tuple(_leg(desk, leg) for leg in range(len(desk.terms.legs))),
        accounts=tuple(_account(desk, account) for account in range(len(desk.terms.accounts))),
    )


def _leg(desk: Desk, leg: int) -> LegLook:
    names = [account.name for account in desk.terms.accounts]
    plan, position = desk.plans[leg], desk.books.positions[leg]
    return LegLook(
        lots=position.lots,
        goal=plan.goal,
        exposure=plan.exposure,
        residual=plan.residual,
        headroom=desk.headroom[names.index(desk.terms.legs[leg].account)],
        entry=position.entry,
    )


def _account(desk: Desk, account: int) -> AccountLook:
    purse, name = desk.books.purses[account], desk.terms.accounts[account].name
    open_profit = required = 0.0
    for number, leg in enumerate(desk.terms.legs):
        if leg.account == name:
            mark = desk.market.quotes[number].mark
            open_profit += profit(desk.books, number, mark)
            size = desk.books.positions[number].lots * leg.lot_size
            worth_held = notional(size, mark, leg.inverse)
            required += maintenance(worth_held, leg.brackets.rate, leg.brackets.amount)
    return AccountLook(
        wallet=purse.wallet,
        unrealised=open_profit,
        maintenance=required,
        cash=purse.reserve,
        line=purse.line,
        transit=purse.transit,
        debt=purse.debt,
    )
