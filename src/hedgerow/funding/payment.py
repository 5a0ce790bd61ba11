"""The cash of a settlement: on the price that the venue's rule names, for a settled rate only."""

import math

from hedgerow.errors import MarketDataError, UnknownName
from hedgerow.funding.rates import PredictedFunding, RealisedFunding
from hedgerow.kernels.funding import funding_cash
from hedgerow.market.venue import FundingRule

PRICES = ("mark", "index", "oracle")


def payment_price(rule: FundingRule, prices: dict[str, float]) -> float:
    """Return the price that a payment multiplies, out of those known by kind.

    >>> from decimal import Decimal
    >>> rule = FundingRule(interval_hours=1, cap=Decimal(1), floor=Decimal(-1),
    ...                    interest=Decimal(0), clamp=Decimal(0), price="oracle")
    >>> payment_price(rule, {"mark": 60_010.0, "oracle": 60_000.0})
    60000.0
    """
    if rule.price not in PRICES:
        raise UnknownName("price", rule.price, PRICES)
    if rule.price not in prices:
        raise MarketDataError(
            f"funding is paid on the {rule.price} price, and only {', '.join(prices) or 'none'} "
            f"is given; give the {rule.price}, another one is never taken for it"
        )
    return prices[rule.price]


def position_payment(rate: float, size: float, price: float, *, inverse: bool = False) -> float:
    """Return what `rate` pays a position, received > 0: the arithmetic alone, of no settlement.

    Parameters
    ----------
    size, price
        As of `funding_payment`.
    """
    if not 0.0 < price < math.inf:
        raise MarketDataError(f"price = {price}: funding needs a price above zero")
    return funding_cash(size, price, rate, inverse)


def funding_payment(
    funding: RealisedFunding, size: float, price: float, *, inverse: bool = False
) -> float:
    """Return the cash received (> 0) or paid (< 0) at a settlement, in settlement currency.

    Parameters
    ----------
    size
        Signed, held at the settlement: base coin if linear, quote face if inverse.
    price
        See `payment_price`.

    Raises
    ------
    TypeError
        If `funding` is not realised: an expected rate moves no cash.

    Examples
    --------
    >>> settled = RealisedFunding(venue="bitmex", instrument="BTC/USD:BTC", time=0,
    ...                           rate=0.0025, interval_hours=8)
    >>> round(funding_payment(settled, 15_000.0, 750.0, inverse=True), 12)
    -0.05
    """
    if not isinstance(funding, RealisedFunding):
        raise TypeError(
            f"{type(funding).__name__} moves no cash: pay a RealisedFunding, and use "
            "expected_payment for what a predicted rate would pay"
        )
    return position_payment(funding.rate, size, price, inverse=inverse)


def expected_payment(
    funding: PredictedFunding, size: float, price: float, *, inverse: bool = False
) -> float:
    """Return what a predicted rate would pay if it came; parameters as `funding_payment`."""
    return position_payment(funding.rate, size, price, inverse=inverse)
