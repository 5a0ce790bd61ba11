"""Bounds of a funding rate that follow from the venue's margin rates, and its interest part."""

from decimal import Decimal
from typing import Final

from hedgerow.errors import ConfigError

BITMEX_SHARE: Final = Decimal("0.75")
DYDX_FACTOR: Final = Decimal(6)  # of the 8-hour rate


def margin_cap(initial: Decimal, maintenance: Decimal, factor: Decimal) -> Decimal:
    """Return the cap that is `factor` times the room between both margin rates.

    Parameters
    ----------
    initial, maintenance
        Fractions of notional at the highest leverage.

    Examples
    --------
    >>> margin_cap(Decimal("0.01"), Decimal("0.005"), BITMEX_SHARE)
    Decimal('0.00375')

    References
    ----------
    BitMEX blog, 2020-04-17, 75 % of the difference; dYdX v4-chain, x/perpetuals, six times the
    difference, on the 8-hour rate.
    """
    if not 0 <= maintenance < initial:
        raise ConfigError(
            f"initial = {initial}, maintenance = {maintenance}: the initial rate must be the "
            "larger one, or there is no room for funding"
        )
    return factor * (initial - maintenance)


def interest_part(quote_rate: Decimal, base_rate: Decimal, intervals_per_day: Decimal) -> Decimal:
    """Return the interest part of one interval from two daily rates.

    >>> interest_part(Decimal("0.0006"), Decimal("0.0003"), Decimal(3))
    Decimal('0.0001')
    """
    if intervals_per_day <= 0:
        raise ConfigError(f"intervals_per_day = {intervals_per_day}: write a number above zero")
    return (quote_rate - base_rate) / intervals_per_day
