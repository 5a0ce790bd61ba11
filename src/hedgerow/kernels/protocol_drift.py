"""Funding as the Drift program books it: whole numbers, and a pool of fees that pays its share."""

from typing import Final, NamedTuple

from hedgerow.kernels.whole_numbers import toward_zero

PRICE: Final = 1_000_000  # one quote
BUFFER: Final = 1_000  # extra digits of a rate
QUOTE_RATIO: Final = 1_000  # base digits (9) beyond quote digits (6)
LIMIT_SCALE: Final = PRICE * BUFFER * QUOTE_RATIO
OFFSET: Final = 5_000  # the oracle's price over this is added to the spread
POOL_SHARE: Final = 3  # a settlement may take one third of the pool of fees
# How far the spread may go, as the oracle's price over a number, by the contract's tier.
DIVERGENCE: Final = {"A": 33, "B": 33, "C": 20}
WIDEST: Final = 10  # the number of every other tier


def maximum_spread(oracle_twap: int, tier: str) -> int:
    """Return how far mark and oracle may differ for funding, by the contract's tier.

    >>> maximum_spread(49_000_000, "B")
    1484848
    """
    return toward_zero(oracle_twap, DIVERGENCE.get(tier, WIDEST))


def raw_rate(mark_twap: int, oracle_twap: int, widest: int, parts: int, offset: int) -> int:
    """Return the rate of one settlement, quote per base with nine digits, cut towards zero.

    Parameters
    ----------
    mark_twap, oracle_twap
        Prices with six digits.
    widest
        Bound of the spread, see `maximum_spread`.
    parts
        Settlements in a day.
    offset
        Added to the spread: the oracle's price over 5000, or 0.

    References
    ----------
    drift protocol-v2, controller/funding.rs.
    """
    spread = min(max(mark_twap - oracle_twap + offset, -widest), widest)
    return toward_zero(spread * BUFFER, parts)


def payment(rate: int, base: int) -> int:
    """Return what `base` coins (nine digits) get (> 0) or pay (< 0), quote with six digits.

    References
    ----------
    drift protocol-v2, math/funding.rs, calculate_funding_payment_in_quote_precision.
    """
    size = abs(rate) * abs(base) // PRICE // BUFFER
    size //= QUOTE_RATIO
    return size if (rate > 0) == (base < 0) else -size


def pool_of_fees(fees: int, total_fees: int) -> int:
    """Return what may be given away of `fees`, those not distributed: all above half of the total.

    References
    ----------
    drift protocol-v2, math/repeg.rs, calculate_fee_pool.
    """
    return max(fees - total_fees // 2, 0)


def fees_after(fees: int, total_fees: int) -> int:
    """Return the fees left when a settlement takes all that it may.

    >>> fees_after(500_000, 500_000)
    416667
    """
    return fees - pool_of_fees(fees, total_fees) // POOL_SHARE


class SidedRates(NamedTuple):
    """The rates of both sides, and what the pool of fees gets (> 0) or gives (< 0)."""

    long: int
    short: int
    pool: int


def sided_rates(rate: int, base_long: int, base_short: int, pool: int) -> SidedRates:
    """Return the rates of both sides when users do not hold as much long as short.

    The side that pays, pays the rate. Where the other side would get more than that and a third
    of the pool, its rate is cut to what is there.

    Parameters
    ----------
    rate
        Quote per base, nine digits; > 0: longs pay.
    base_long, base_short
        Coins held by users, nine digits, the latter <= 0.
    pool
        Of fees, quote with six digits, see `pool_of_fees`.

    Notes
    -----
    The program adds 1 to a negative limit before it divides, so that the receiving side gets a
    little less than the division alone would give.

    References
    ----------
    drift protocol-v2, math/funding.rs, calculate_funding_rate_long_short.
    """
    surplus = -payment(rate, base_long + base_short)
    if surplus >= 0:
        return SidedRates(rate, rate, surplus)
    limit = -(pool // POOL_SHARE)
    if surplus >= limit:
        return SidedRates(rate, rate, surplus)
    paying, receiving = (base_long, base_short) if rate > 0 else (base_short, base_long)
    most = limit - abs(payment(rate, paying))
    if most < 0:
        most += 1
    cut = toward_zero(most * LIMIT_SCALE, receiving) if receiving else 0
    return SidedRates(cut, rate, limit) if rate < 0 else SidedRates(rate, cut, limit)
