"""How far the price may move before a portfolio-margined book is liquidated."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from hedgerow.margin.portfolio.account import PortfolioAccount, ScenarioAccount
from hedgerow.margin.portfolio.book import PortfolioBook
from hedgerow.margin.portfolio.requirement import ScenarioRule

_STEP: Final = 0.01  # of the log price, between the points that are looked at
_FARTHEST: Final = math.log(20.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Frontier:
    """The nearest index prices at which equity no longer covers maintenance margin.

    Attributes
    ----------
    below, above
        Quote per base; None where a move by a factor of 20 does not reach one. Both are today's
        index if the book is under water already.
    """

    below: float | None
    above: float | None


def liquidation_frontier(book: PortfolioBook, rule: ScenarioRule) -> Frontier:
    """Return the index prices below and above at which a book dies, all else equal.

    All marks and forwards move with the index, volatilities and time stand still. Margin of
    options is no straight line, so the price is searched step by step of 1 % and then bisected.

    Examples
    --------
    >>> from hedgerow.margin.portfolio.requirement import deribit
    >>> from hedgerow.margin.portfolio.book import FuturePosition
    >>> short = FuturePosition(size=-1.0, mark=100.0)
    >>> book = PortfolioBook(index=100.0, cash=50.0, futures=[short])
    >>> frontier = liquidation_frontier(book, deribit(numeraire="quote"))
    >>> frontier.below, round(frontier.above, 6)  # 150 - P = 0.16 P
    (None, 129.310345)
    """
    return account_frontier(ScenarioAccount(book=book, rule=rule))


def account_frontier(account: PortfolioAccount) -> Frontier:
    """Return the same for an account under any rule.

    Examples
    --------
    >>> from hedgerow.margin.portfolio.account import DeriveAccount
    >>> from hedgerow.margin.portfolio.derive import DeriveBook
    >>> book = DeriveBook(spot=100.0, perps=-1.0, cash=50.0)
    >>> round(account_frontier(DeriveAccount(book=book)).above, 6)  # 150 - P = 0.17 P
    128.205128
    """
    index = account.index

    def headroom(log_move: float) -> float:
        return account.moved(math.exp(log_move)).requirement().headroom

    if headroom(0.0) < 0.0:
        return Frontier(below=index, above=index)
    below, above = (_first_breach(headroom, sign) for sign in (-1.0, 1.0))
    return Frontier(
        below=None if below is None else index * math.exp(below),
        above=None if above is None else index * math.exp(above),
    )


def _first_breach(headroom: Callable[[float], float], sign: float) -> float | None:
    safe = 0.0
    while abs(safe) < _FARTHEST:
        breached = safe + sign * _STEP
        if headroom(breached) < 0.0:
            for _ in range(60):
                middle = 0.5 * (safe + breached)
                if headroom(middle) < 0.0:
                    breached = middle
                else:
                    safe = middle
            return safe
        safe = breached
    return None
