"""Funding that accrues at every instant instead of at settlements."""

from collections.abc import Iterable
from dataclasses import dataclass

from hedgerow.errors import MarketDataError
from hedgerow.funding.premiums import mark_premium
from hedgerow.funding.rules import settlement_rate
from hedgerow.kernels.funding import funding_cash
from hedgerow.market.venue import FundingRule


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A stretch of time in which premium and price stood still.

    Attributes
    ----------
    seconds
        How long, >= 0.
    premium
        Fraction of the index.
    price
        That the payment multiplies (or, if inverse, divides by), quote per base.
    """

    seconds: float
    premium: float
    price: float

    @classmethod
    def between(cls, seconds: float, mark: float, index: float) -> "Stretch":
        """Return the stretch in which mark and index were these, paid on the index."""
        return cls(seconds=seconds, premium=mark_premium(mark, index), price=index)


def accrued_funding(
    rule: FundingRule, size: float, stretches: Iterable[Stretch], *, inverse: bool = False
) -> float:
    r"""Return the cash received (> 0) or paid (< 0) over all stretches, in settlement currency.

    .. math:: -\sum_k q P_k F(p_k) \frac{\Delta t_k}{N}, \qquad
              \text{inverse: } -\sum_k \frac{Q}{P_k} F(p_k) \frac{\Delta t_k}{N}

    with :math:`N` the hours for which the rule quotes its rate.

    Parameters
    ----------
    size
        Signed: base coin if linear, quote face if inverse.

    References
    ----------
    Deribit support, article 31424939178397; Perpetual Protocol, Funding.sol.
    """
    total = 0.0
    for stretch in stretches:
        if not (stretch.seconds >= 0.0 and stretch.price > 0.0):
            raise MarketDataError(
                f"a stretch of {stretch.seconds} s at price {stretch.price}: time cannot run "
                "backwards and a price is above zero"
            )
        settled = settlement_rate(rule, stretch.premium)
        share = stretch.seconds / (settled.interval_hours * 3_600.0)
        total += funding_cash(size, stretch.price, settled.rate * share, inverse)
    return total
