"""Margin that rises with realised volatility, and never falls below the venue's own."""

import math

from hedgerow.errors import ConfigError


def volatility_multiplier(
    realised: float, reference: float, power: float = 1.0, ceiling: float = math.inf
) -> float:
    r"""Return what to multiply a requirement with: :math:`\max(1, (\sigma/\sigma_0)^p)`.

    Parameters
    ----------
    realised, reference
        Annualised volatilities: of late, and the one that the requirement was made for.
    power
        1 keeps the odds of a move beyond the margin as they were, for moves that scale with
        volatility.
    ceiling
        Highest multiplier.

    Notes
    -----
    No venue of the shipped tables publishes such a rule: this one is for stress tests and for
    venues that follow the practice of central counterparties.

    References
    ----------
    Figlewski, S. (1984). Margins and market integrity: margin setting for stock index futures
    and options. Journal of Futures Markets 4, 385-416. The floor is that of Commission Delegated
    Regulation (EU) 153/2013, article 28(1)(c): never below the margin at long-run volatility.

    Examples
    --------
    >>> volatility_multiplier(0.9, 0.6), volatility_multiplier(0.3, 0.6)
    (1.5, 1.0)
    """
    for name, value in (("realised", realised), ("reference", reference), ("power", power)):
        if not (math.isfinite(value) and value > 0.0):
            raise ConfigError(f"{name} = {value}: it must be a number > 0")
    return min(max(1.0, math.pow(realised / reference, power)), ceiling)
