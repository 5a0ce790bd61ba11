"""What the hedge tied up, and what was earned on it.

*Margin capital* is the opening worth of the accounts' deposits and of the reserve; coins deposited
as collateral count in it. *Book* is the opening worth of everything, those and the coins. Years
have 365 days and returns are annualised without compounding.
"""

import math
from dataclasses import dataclass
from typing import Final

from hedgerow.analysis.run import Run
from hedgerow.ledger import EntryKind
from hedgerow.units import YEAR

OUTSIDE_MARGIN: Final = ("holding", "debt")


@dataclass(frozen=True, slots=True, kw_only=True)
class Capital:
    """Capital and returns; amounts in numeraire, returns as fractions, NaN where nothing is used.

    Attributes
    ----------
    margin, book
        See the module.
    total_return, annual_return
        Total P&L over `book`, for the span and a year.
    carry
        Funding, fees, slippage and financing together: what holding the hedge paid.
    carry_return
        `carry` over `margin`, a year.
    turnover_a_year
        Turnover over `book`, a year.
    """

    margin: float
    book: float
    total_return: float
    annual_return: float
    carry: float
    carry_return: float
    turnover_a_year: float


def capital(run: Run) -> Capital:
    """Return capital used by `run` and the returns on it."""
    margin = sum(
        entry.value
        for entry in run.ledger.of(EntryKind.OPENING)
        if entry.account not in OUTSIDE_MARGIN
    )
    years = (run.end - run.start) / YEAR
    carry = run.pnl.funding + run.pnl.fees + run.pnl.slippage + run.pnl.financing
    return Capital(
        margin=margin,
        book=run.opening_worth,
        total_return=_over(run.pnl.total, run.opening_worth),
        annual_return=_over(run.pnl.total, run.opening_worth * years),
        carry=carry,
        carry_return=_over(carry, margin * years),
        turnover_a_year=_over(run.turnover, run.opening_worth * years),
    )


def _over(amount: float, base: float) -> float:
    return amount / base if base > 0.0 else math.nan
