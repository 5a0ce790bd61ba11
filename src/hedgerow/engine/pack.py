"""From terms to the tables that the lane engine reads."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hedgerow.engine import layout as at
from hedgerow.engine.layout import Shape, shape
from hedgerow.engine.tape import Fixed
from hedgerow.engine.terms import (
    METHODS,
    AccountTerms,
    Fill,
    Funds,
    LegTerms,
    RuleChange,
    Terms,
)
from hedgerow.kernels.margin import BRACKETS
from hedgerow.units import Floats, Integers

_FILL = {Fill.NEXT_OPEN: at.NEXT_OPEN, Fill.NEXT_MEAN: at.NEXT_MEAN, Fill.CLOSE: at.AT_CLOSE}
_FUNDS = {Funds.OWNED: at.OWNED, Funds.BORROWED: at.BORROWED, Funds.SOLD: at.SOLD}


def shape_of(terms: Terms) -> Shape:
    """Return the layout of the tables for these terms."""
    return shape(len(terms.legs), len(terms.accounts), len(terms.assets))


def fixed_of(terms: Terms) -> Fixed:
    """Return what is the same in every lane."""
    tiers = max((len(leg.brackets.rate) for leg in terms.legs), default=1)
    brackets = np.zeros((len(terms.legs), at.BRACKET_ROWS, tiers))
    brackets[:, at.AMOUNT] = np.inf
    contract = np.zeros((len(terms.legs), at.CONTRACT_ROWS))
    for number, leg in enumerate(terms.legs):
        contract[number] = _contract(terms, leg)
        count = len(leg.brackets.rate)
        brackets[number, at.FLOOR, :count] = leg.brackets.floor
        brackets[number, at.CAP, :count] = leg.brackets.cap
        brackets[number, at.RATE, :count] = leg.brackets.rate
        brackets[number, at.AMOUNT, :count] = leg.brackets.amount
        brackets[number, at.LEVERAGE, :count] = leg.brackets.leverage
        brackets[number, at.KIND] = leg.brackets.kind
        brackets[number, at.SLOPE] = leg.brackets.slope
        brackets[number, at.OPENING_SLOPE] = leg.brackets.opening_slope
    accounts = np.array(
        [
            (
                terms.assets.index(account.collateral),
                -1 if account.sells is None else terms.assets.index(account.sells),
                int(is_shared(terms, account)),
            )
            for account in terms.accounts
        ],
        dtype=np.int64,
    ).reshape(-1, at.ACCOUNT_COLUMNS)
    money: Integers = np.array([asset in terms.cash for asset in terms.assets], dtype=np.int64)
    coin = terms.numeraire_coin
    return Fixed(
        contract=contract,
        brackets=brackets,
        accounts=accounts,
        pledges=_pledges(terms),
        is_cash=money,
        coin=-1 if coin is None else terms.assets.index(coin),
        fill=_FILL[terms.fill],
        maker=terms.maker,
        checked=terms.checked,
        needs=terms.rule.needs,
    )


def _contract(terms: Terms, leg: LegTerms) -> list[float]:
    names = [account.name for account in terms.accounts]
    return [
        float(leg.inverse),
        leg.lot_size,
        leg.minimum,
        float(names.index(leg.account)),
        float(terms.assets.index(leg.asset)),
        float(terms.assets.index(leg.settle)),
        float(METHODS[leg.method]),
        worth_power(terms, leg),
        leg.step,
        leg.step_above,
        leg.backstop,
    ]


def is_shared(terms: Terms, account: AccountTerms) -> bool:
    """Return whether an account may hold more than its own collateral."""
    if account.pledges:
        return True
    for leg in terms.legs:  # asked at every event: a generator would take twice as long
        if leg.account == account.name and leg.settle != account.collateral:
            return True
    return False


def account_of(terms: Terms, leg: int) -> int:
    """Return which account a leg is traded in."""
    name = terms.legs[leg].account
    for number, account in enumerate(terms.accounts):
        if account.name == name:
            return number
    raise LookupError(f"leg {leg}: no account is called {name!r}")


def is_plain(terms: Terms, account: AccountTerms) -> bool:
    """Return whether an account has brackets by notional only, and one currency only."""
    if account.pledges:
        return False
    for leg in terms.legs:
        if leg.account == account.name and (
            leg.settle != account.collateral or leg.brackets.kind != BRACKETS
        ):
            return False
    return True


def guide_of(terms: Terms, account: AccountTerms, asset: str) -> int:
    """Return the leg whose price an asset in an account moves with, the account's own first."""
    own = [n for n, leg in enumerate(terms.legs) if leg.asset == asset]
    mine = [n for n in own if terms.legs[n].account == account.name]
    return (mine or own or [-1])[0]


def _pledges(terms: Terms) -> Floats:
    table = np.zeros((len(terms.accounts), at.PLEDGE_ROWS, len(terms.assets)))
    for number, account in enumerate(terms.accounts):
        for place, asset in enumerate(terms.assets):
            table[number, at.GUIDE, place] = guide_of(terms, account, asset)
        for pledge in account.pledges:
            place = terms.assets.index(pledge.asset)
            table[number, at.PLEDGED, place] = pledge.amount
            table[number, at.HAIRCUT, place] = pledge.haircut
            table[number, at.PLEDGED_FROM_HOLDING, place] = float(pledge.from_holding)
    return table


def worth_power(terms: Terms, leg: LegTerms) -> float:
    """Return how the worth of a leg's settle asset moves with its price inside a bar.

    +1 for a coin counted in money, -1 for money counted in that coin, 0 where it stands still.
    """
    if leg.inverse:
        return 0.0 if leg.settle == terms.numeraire_coin else 1.0
    return -1.0 if leg.asset == terms.numeraire_coin else 0.0


def numbers_of(terms: Terms) -> Floats:
    """Return the given numbers of one lane, ``(number_rows,)``."""
    rows = shape_of(terms)
    column = np.zeros(rows.number_rows)
    for number, leg in enumerate(terms.legs):
        first = number * at.LEG_NUMBERS
        column[first : first + at.RULE] = (
            leg.ratio,
            float(leg.by_value),
            leg.cooldown_hours,
            leg.minimum_trade,
            leg.naked_limit,
            leg.max_leverage,
            leg.fee,
            leg.liquidation_fee,
        )
        column[first + at.RULE : first + at.RULE + len(leg.numbers)] = leg.numbers
    for number, account in enumerate(terms.accounts):
        first = rows.account_numbers + number * at.ACCOUNT_NUMBERS
        column[first : first + at.ACCOUNT_NUMBERS] = _account(account)
    column[rows.holding_numbers : rows.holding_numbers + rows.assets] = terms.holdings
    column[rows.common_numbers :] = (
        terms.half_spread,
        terms.impact,
        math.sqrt(terms.latency_seconds),
        terms.spot_fee,
        terms.cash_rate,
        terms.borrow_rate,
        terms.staking_rate,
    )
    return column


def _account(account: AccountTerms) -> tuple[float, ...]:
    owned = account.reserve_from is Funds.OWNED
    return (
        account.deposit,
        account.reserve if owned else 0.0,
        0.0 if owned else account.reserve,
        _FUNDS[account.reserve_from],
        account.top_up_below,
        account.top_up_to,
        account.withdraw_above,
        account.withdraw_to,
        account.delay_seconds,
        float(account.stay),
        float(account.from_holding),
        _FUNDS[account.deposit_from],
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Change:
    """Other rules from a step on: what is fixed, and rows of the numbers that all lanes take."""

    step: int
    fixed: Fixed
    numbers: tuple[tuple[int, float], ...]


def changes_of(terms: Terms, changes: Sequence[RuleChange]) -> tuple[Change, ...]:
    """Return rule changes as the lane engine takes them.

    A fee that a change leaves as it was is left alone, so that lanes may have their own.
    """
    found = []
    before = terms
    for change in changes:
        rows = [
            (leg * at.LEG_NUMBERS + row, getattr(new, name))
            for leg, (old, new) in enumerate(zip(before.legs, change.terms.legs, strict=True))
            for row, name in ((at.FEE, "fee"), (at.LIQUIDATION_FEE, "liquidation_fee"))
            if getattr(old, name) != getattr(new, name)
        ]
        fixed = fixed_of(change.terms)
        found.append(Change(step=change.step, fixed=fixed, numbers=tuple(rows)))
        before = change.terms
    return tuple(found)


def table_of(columns: Sequence[Floats]) -> Floats:
    """Return lanes side by side, ``(number_rows, lanes)``, lanes contiguous."""
    return np.ascontiguousarray(np.stack(columns, axis=1))
