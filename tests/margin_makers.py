"""Makes accounts for tests, and finds their end the slow way."""

from decimal import Decimal

import numpy as np

from hedgerow.margin.bracket_table import tiers_of
from hedgerow.margin.collateral import Collateral
from hedgerow.margin.margin_account import MarginAccount
from hedgerow.margin.position import Position
from hedgerow.margin.terms import ClosingFee, MarginTerms
from hedgerow.market.venue import MarginRule

FLOORS = (0.0, 50_000.0, 600_000.0, 3_000_000.0, 12_000_000.0)
RATES = (0.004, 0.005, 0.0065, 0.01, 0.02)


def terms(
    asset: str = "BTC",
    method: str = "brackets",
    *,
    inverse: bool = False,
    fee: float = 0.0,
    closing_fee: ClosingFee = "none",
) -> MarginTerms:
    """Return five brackets under one of the venues' methods."""
    scale = 1.0 / 50_000.0 if inverse and method.endswith("brackets") else 1.0
    scale = 1.0 / 50_000.0 if method == "size_tiers" and not inverse else scale
    rule = MarginRule(method=method)
    tiers = tiers_of([floor * scale for floor in FLOORS], RATES)
    if method == "size_slope":
        rule = MarginRule(method=method, slope=Decimal("0.00001"))
        tiers = tiers_of([0.0], [0.01])
    settle = asset if inverse else "USDT"
    quote = "USD" if inverse else "USDT"
    return MarginTerms(
        symbol=f"{asset}/{quote}:{settle}",
        asset=asset,
        settle=settle,
        inverse=inverse,
        tiers=tiers,
        rule=rule,
        taker_fee=fee,
        closing_fee=closing_fee,
    )


def surplus(account: MarginAccount) -> float:
    """Return equity less maintenance at the account's marks."""
    return account.equity - account.maintenance


def moved(account: MarginAccount, symbol: str, price: float) -> MarginAccount:
    """Return the account with one contract, and the collateral in its coin, at another price."""
    asset = next(held.terms.asset for held in account.positions if held.terms.symbol == symbol)
    return account.marked({symbol: price}, {asset: price})


def found_by_bisection(account: MarginAccount, symbol: str, up: bool) -> float | None:
    """Return the price at which the account dies, by walking away from the mark and halving."""
    start = next(held.price for held in account.positions if held.terms.symbol == symbol)
    steps = np.geomspace(1e-3, 1e6, 120) if up else np.linspace(0.0, 1.0 - 1e-9, 101)[1:]
    safe = start
    for step in steps:
        price = float(start * (1.0 + step) if up else start * (1.0 - step))
        if surplus(moved(account, symbol, price)) < 0.0:
            failed = price
            break
        safe = price
    else:
        return None
    for _ in range(60):
        middle = 0.5 * (safe + failed)
        if surplus(moved(account, symbol, middle)) < 0.0:
            failed = middle
        else:
            safe = middle
    return failed


def cash(amount: float) -> Collateral:
    """Return so many dollars."""
    return Collateral(asset="USDT", amount=amount)


def short(size: float, entry: float = 50_000.0, **chosen: object) -> Position:
    """Return a short of the linear contract."""
    return Position(terms=terms(), size=-size, entry=entry, **chosen)  # type: ignore[arg-type]
