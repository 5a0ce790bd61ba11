"""The margin that opening takes: leverage, brackets, size and open interest."""

import math

from hedgerow.errors import ConfigError
from hedgerow.margin.position import Position
from hedgerow.margin.terms import MarginTerms
from hedgerow.market.venue import MarginRule


def open_interest_rate(base: float, open_interest: float, lower: float, upper: float) -> float:
    r"""Return the initial rate of a contract in which too much is open.

    .. math:: \min\left(1,\ b + (1 - b)\max\left(0, \frac{O - l}{u - l}\right)\right)

    Parameters
    ----------
    base
        The rate :math:`b` up to an open interest of `lower`.
    open_interest, lower, upper
        Notional, in quote. At `upper` the rate is 1; an `upper` of 0 switches the rule off.

    References
    ----------
    dYdX v4 chain, ``x/perpetuals/types/liquidity_tier.go``, GetInitialMarginQuoteQuantums.

    Examples
    --------
    >>> open_interest_rate(0.05, 60e6, 20e6, 100e6)
    0.525
    """
    if upper == 0.0:
        return base
    if open_interest >= upper:
        return 1.0
    share = max((open_interest - lower) / (upper - lower), 0.0)
    return min(base + (1.0 - base) * share, 1.0)


def least_rate(
    terms: MarginTerms, size: float, price: float, open_interest: float | None = None
) -> float:
    """Return the least margin, as a fraction of notional, at which a position may be opened.

    Raises
    ------
    ConfigError
        If the venue has no bracket for it.
    """
    terms.check(size, price)
    rule = terms.rule
    rate = 1.0 / float(terms.tier_at(terms.measure(size, price)).max_leverage)
    if rule.method == "size_slope":
        rate += float(rule.initial_slope) * terms.measure(size, price)
    return min(_crowded(rate, rule, open_interest), 1.0)


def _crowded(rate: float, rule: MarginRule, open_interest: float | None) -> float:
    """Return an initial rate, higher where the venue looks at open interest and it is known."""
    lower, upper = rule.open_interest_lower, rule.open_interest_upper
    if lower is None or upper is None or open_interest is None:
        return rate
    return open_interest_rate(rate, open_interest, float(lower), float(upper))


def initial_margin(
    position: Position, price: float | None = None, open_interest: float | None = None
) -> float:
    """Return the initial margin of a position, in its settlement currency.

    By the leverage that the trader chose, or by the highest that the venue allows at this size.

    Raises
    ------
    ConfigError
        If the chosen leverage is higher than the venue allows at this size.
    """
    if position.size == 0.0:
        return 0.0
    at = position.price if price is None else price
    least = least_rate(position.terms, position.size, at, open_interest)
    if position.leverage is None:
        return position.notional(at) * least
    check_leverage(position, position.leverage, at, open_interest)
    return position.notional(at) / position.leverage


def check_leverage(
    position: Position, leverage: float, price: float, open_interest: float | None = None
) -> None:
    """Raise `ConfigError` if `leverage` is beyond the bracket's highest."""
    if not (math.isfinite(leverage) and leverage > 0.0):
        raise ConfigError(f"leverage = {leverage}: it must be a number > 0")
    least = least_rate(position.terms, position.size, price, open_interest)
    if leverage * least > 1.0 + 1e-9:
        raise ConfigError(
            f"{position.terms.symbol}: leverage {leverage:g} is beyond the {1.0 / least:.4g} that "
            f"the venue allows for a position of {position.notional(price):,.6g} "
            f"{position.terms.settle}; take less leverage or a smaller position"
        )


def largest_size(
    terms: MarginTerms,
    equity: float,
    price: float,
    leverage: float = math.inf,
    open_interest: float | None = None,
) -> float:
    """Return the largest size, > 0, that `equity` may open at a price.

    Base coin if linear, quote face if inverse; `leverage` is the trader's own limit. No venue
    known here has both a rate that rises with the size and one that looks at open interest.

    Examples
    --------
    >>> from hedgerow.margin.terms import flat_terms
    >>> largest_size(flat_terms(0.005, initial=0.1), 1_000.0, 50_000.0)
    0.2
    """
    if equity <= 0.0:
        return 0.0
    worth = 1.0 / price if terms.inverse else price  # of a size of 1, in settlement currency
    if terms.rule.method == "size_slope":
        return _largest_on_slope(terms, equity, price, leverage)
    per_size = 1.0 if terms.rule.method == "size_tiers" else worth  # of what brackets go by
    best = 0.0
    for tier in terms.tiers:
        rate = _crowded(1.0 / float(tier.max_leverage), terms.rule, open_interest)
        reach = equity * min(1.0 / rate, leverage) / worth
        size = min(reach, float(tier.cap) / per_size)
        if size > float(tier.floor) / per_size:
            best = max(best, size)
    return best


def _largest_on_slope(terms: MarginTerms, equity: float, price: float, leverage: float) -> float:
    """Solve ``notional * (rate + slope * coins) = equity`` for the size."""
    rate = 1.0 / float(terms.tiers[0].max_leverage)
    slope = float(terms.rule.initial_slope)
    # In coins q: linear q P (r + s q) = equity; inverse q (r + s q) = equity.
    scale = equity if terms.inverse else equity / price
    coins = scale / rate
    if slope > 0.0:
        coins = 2.0 * scale / (rate + math.sqrt(rate * rate + 4.0 * slope * scale))
    coins = min(
        coins,
        scale * leverage,
        float(terms.tiers[-1].cap),
        (1.0 - rate) / slope if slope > 0.0 else math.inf,
    )
    return coins * price if terms.inverse else coins
