"""What can be seen of a desk at the close of a bar."""

from typing import NamedTuple

from hedgerow.engine.desk import Desk
from hedgerow.engine.desk_account import Holdings, pledges_of, positions_of, schedule_of
from hedgerow.engine.desk_worth import Parts, parts, unhedged, worth
from hedgerow.engine.pack import account_of
from hedgerow.kernels.margin import needed, open_profit, pledged_worth


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
    pledged: float


class BarLook(NamedTuple):
    """The whole book, numeraire; sums since the start."""

    parts: Parts
    worth: float
    flows: float
    unhedged: float
    legs: tuple[LegLook, ...]
    accounts: tuple[AccountLook, ...]
    amounts: tuple[tuple[float, ...], ...]  # of each asset in each account


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
        amounts=tuple(_amounts(desk, account) for account in range(len(desk.terms.accounts))),
    )


def _amounts(desk: Desk, account: int) -> tuple[float, ...]:
    purse, own = desk.books.purses[account], desk.terms.accounts[account].collateral
    return tuple(
        purse.wallet if asset == own else amount
        for asset, amount in zip(desk.terms.assets, purse.pledges, strict=True)
    )


def _leg(desk: Desk, leg: int) -> LegLook:
    plan, position = desk.plans[leg], desk.books.positions[leg]
    return LegLook(
        lots=position.lots,
        goal=plan.goal,
        exposure=plan.exposure,
        residual=plan.residual,
        headroom=desk.headroom[account_of(desk.terms, leg)],
        entry=position.entry,
    )


def _account(desk: Desk, account: int) -> AccountLook:
    purse, terms = desk.books.purses[account], desk.terms
    marks = [quote.mark for quote in desk.market.quotes]
    held = Holdings(
        lots=[position.lots for position in desk.books.positions],
        entry=[position.entry for position in desk.books.positions],
        start=marks,
        worst=marks,
        pledges=purse.pledges,
        worth=desk.market.worth,
    )
    positions, pledges = positions_of(terms, account, held), pledges_of(terms, account, held)
    schedule = schedule_of(terms.legs)
    required = sum(
        needed(leg, 1.0, positions, schedule, pledges)
        for leg in range(len(terms.legs))
        if positions.size[leg] != 0.0
    )
    return AccountLook(
        wallet=purse.wallet,
        unrealised=open_profit(positions, pledges),
        maintenance=required,
        cash=purse.reserve,
        line=purse.line,
        transit=purse.transit,
        debt=purse.debt,
        pledged=pledged_worth(1.0, positions, pledges),
    )
