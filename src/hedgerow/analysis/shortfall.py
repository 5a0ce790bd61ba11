"""When the reserve ran dry: how much would have been enough, and what raising it would cost."""

import tomllib
from dataclasses import dataclass
from typing import Final

import numpy as np

from hedgerow.analysis.periods import instants
from hedgerow.analysis.run import AccountRun, Run

ILLUSTRATIVE_RATE: Final = 0.10  # a year; used, and said so, where the config names no rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortfall:
    """One account whose reserve could not meet a call; amounts in its collateral, `unit`.

    Attributes
    ----------
    time
        Of the first unmet call, UTC nanoseconds.
    calls, largest
        How many calls were unmet, and by how much at most.
    needed, missing
        The reserve that would have met every call, and how much more than the real one that is.
    borrow_rate, rate_is_illustrative
        Yearly; the config's, or 10 % as an illustration where the config's is 0.
    borrowing_cost
        Interest on the missing part for as long as it was missing.
    price, coins_to_sell
        Index at the first unmet call (quote per base), and the coins whose sale there raises the
        missing part.
    """

    account: str
    unit: str
    time: int
    calls: int
    largest: float
    reserve: float
    needed: float
    missing: float
    borrow_rate: float
    rate_is_illustrative: bool
    borrowing_cost: float
    asset: str
    price: float
    coins_to_sell: float


def shortfalls(run: Run) -> tuple[Shortfall, ...]:
    """Return one value for each account with an unmet call."""
    rate = borrow_rate(run)
    return tuple(_of_account(run, account, rate) for account in run.accounts if account.unmet)


def borrow_rate(run: Run) -> float:
    """Return the yearly rate on borrowed cash that `run` was configured with, 0 without one."""
    try:
        config = tomllib.loads(run.provenance.config)
        return float(config["financing"]["borrow"])
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError):
        return 0.0


def _of_account(run: Run, account: AccountRun, rate: float) -> Shortfall:
    leg = next((leg for leg in run.legs if leg.account == account.name), run.legs[0])
    time = account.unmet[0][0]
    row = min(int(np.searchsorted(instants(leg.series), time)), leg.series.height - 1)
    price = float(leg.series["index"][row])
    missing = max(account.needed_reserve - account.reserve, 0.0)
    used = rate if rate > 0.0 else ILLUSTRATIVE_RATE
    return Shortfall(
        account=account.name,
        unit=account.collateral,
        time=time,
        calls=len(account.unmet),
        largest=max(amount for _, amount in account.unmet),
        reserve=account.reserve,
        needed=account.needed_reserve,
        missing=missing,
        borrow_rate=used,
        rate_is_illustrative=not rate > 0.0,
        borrowing_cost=account.needed_balance_years * used,
        asset=leg.asset,
        price=price,
        coins_to_sell=missing if account.collateral == leg.asset else missing / price,
    )
