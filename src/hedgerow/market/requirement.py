"""The venue's margin rules as the numbers that the kernels take."""

from decimal import Decimal
from typing import Final

import numpy as np

from hedgerow.kernels.margin import (
    BRACKETS,
    ENTRY_BRACKETS,
    SIZE_SLOPE,
    SIZE_TIERS,
    Requirement,
)
from hedgerow.market.venue import ContractRules, MarginTier
from hedgerow.units import Floats

KINDS: Final = {
    "brackets": BRACKETS,
    "entry_brackets": ENTRY_BRACKETS,
    "size_tiers": SIZE_TIERS,
    "size_slope": SIZE_SLOPE,
}


def requirement_of(
    rules: ContractRules, taker_fee: float | None = None, *, cross: bool = False
) -> Requirement:
    """Return what the contract asks for as maintenance, for `hedgerow.kernels.margin.required`.

    Parameters
    ----------
    taker_fee
        Fraction of notional paid to close; counted only where the venue counts it in its
        requirement. That of the first fee tier by default.
    cross
        Whether the account is a cross one, where the venue asks for something else there.

    Examples
    --------
    >>> from datetime import date
    >>> from hedgerow.kernels.margin import required
    >>> from hedgerow.market.tables import contract_rules
    >>> rules = contract_rules("binance", "BTC/USDT:USDT", date(2026, 8, 1))
    >>> required(-120.0, 50_000.0, 50_000.0, False, requirement_of(rules))
    48550.0
    """
    fee = 0.0
    margin = rules.margin.in_cross() if cross else rules.margin
    if rules.margin.closing_fee:
        fee = float(rules.fees[0].taker) if taker_fee is None else taker_fee
    return Requirement(
        kind=KINDS[margin.method],
        slope=float(rules.margin.slope),
        floor=_column(rules, "floor"),
        cap=_column(rules, "cap"),
        rate=_column(rules, "rate") + fee,
        amount=_column(rules, "amount"),
    )


def initial_rate(
    rules: ContractRules, size: float, price: float, open_interest: float | None = None
) -> float:
    r"""Return the least margin, as a fraction of notional, at which the position may be opened.

    Parameters
    ----------
    size
        Base coin if linear, quote face if inverse; either sign.
    price
        Quote per base.
    open_interest
        Of the whole contract, in quote; needed only by rules that look at it, and then, where it
        is not known, taken to be below their lower bound.

    Raises
    ------
    ConfigError
        If the position is larger than the venue's last bracket.

    Notes
    -----
    With open interest :math:`O` between :math:`l` and :math:`u` and base rate :math:`b`:
    :math:`\min(1, b + (1 - b)\max(0, (O - l)/(u - l)))`.

    References
    ----------
    dYdX v4-chain, ``protocol/x/perpetuals/types/liquidity_tier.go``.

    Examples
    --------
    >>> from datetime import date
    >>> from hedgerow.market.tables import contract_rules
    >>> rules = contract_rules("binance", "BTC/USDT:USDT", date(2026, 8, 1))
    >>> initial_rate(rules, -120.0, 50_000.0)
    0.02
    """
    margin = rules.margin
    tier = tier_of(rules, size, price)
    rate = 1.0 / float(tier.max_leverage)
    if margin.method == "size_slope":
        rate += float(margin.initial_slope) * coins(rules, size, price)
    lower, upper = margin.open_interest_lower, margin.open_interest_upper
    if lower is not None and upper is not None and open_interest is not None:
        share = (open_interest - float(lower)) / float(upper - lower)
        rate += (1.0 - rate) * max(share, 0.0)
    return min(rate, 1.0)


def tier_of(rules: ContractRules, size: float, price: float) -> MarginTier:
    """Return the bracket of a position, whatever the venue's brackets go by.

    Raises
    ------
    ConfigError
        If the position is larger than the venue's last bracket.
    """
    method = rules.margin.method
    if method == "size_slope":
        return rules.tier(_exact(coins(rules, size, price)))
    if method == "size_tiers":
        return rules.tier(_exact(abs(size)))
    return rules.tier(_exact(worth(rules, size, price)))


def coins(rules: ContractRules, size: float, price: float) -> float:
    """Return the position's size in base coin, always >= 0."""
    return abs(size) / price if rules.perpetual.inverse else abs(size)


def worth(rules: ContractRules, size: float, price: float) -> float:
    """Return the position's notional in its settlement currency, always >= 0."""
    return abs(size) / price if rules.perpetual.inverse else abs(size) * price


def _column(rules: ContractRules, name: str) -> Floats:
    return np.array([float(getattr(tier, name)) for tier in rules.tiers])


def _exact(number: float) -> Decimal:
    return Decimal(repr(number))
