"""Maintenance amounts: what makes a schedule of rates continuous."""

import math
from collections.abc import Sequence
from decimal import Decimal

from hedgerow.errors import ConfigError
from hedgerow.market.venue import MarginTier


def maintenance_amounts(
    floors: Sequence[Decimal], rates: Sequence[Decimal], first: Decimal = Decimal(0)
) -> tuple[Decimal, ...]:
    """Return the amount of each bracket: ``floor * (rate - rate below) + amount below``.

    Parameters
    ----------
    floors, rates
        Of the brackets, from the lowest.
    first
        The amount of the first of them.

    References
    ----------
    Binance support, "Leverage and margin of USD-M futures": maintenance amount on level n.

    Examples
    --------
    >>> floors, rates = [Decimal(0), Decimal(50)], [Decimal("0.01"), Decimal("0.03")]
    >>> [str(amount) for amount in maintenance_amounts(floors, rates)]
    ['0', '1.00']
    """
    amounts = [first]
    for number in range(1, len(floors)):
        step = rates[number] - rates[number - 1]
        amounts.append(floors[number] * step + amounts[-1])
    return tuple(amounts)


def tiers_of(
    floors: Sequence[float], rates: Sequence[float], leverage: Sequence[float] | None = None
) -> tuple[MarginTier, ...]:
    """Return brackets from floors and rates: each rate holds for the part above its floor.

    Examples
    --------
    >>> [str(tier.amount) for tier in tiers_of([0, 1_000], [0.02, 0.025])]
    ['0', '5.000']
    """
    if len(floors) != len(rates) or not floors:
        raise ConfigError(
            f"{len(floors)} floors and {len(rates)} rates: one rate a floor is needed"
        )
    if any(not math.isfinite(value) for value in (*floors, *rates)):
        raise ConfigError("a floor or a rate is not a number; an unknown bracket is not guessed")
    exact = [Decimal(str(floor)) for floor in floors]
    shares = [Decimal(str(rate)) for rate in rates]
    caps = [*exact[1:], Decimal("Infinity")]
    levers = leverage or [1.0 / (2.0 * rate) for rate in rates]
    return tuple(
        MarginTier(floor=floor, cap=cap, rate=rate, amount=amount, max_leverage=Decimal(str(lever)))
        for floor, cap, rate, amount, lever in zip(
            exact, caps, shares, maintenance_amounts(exact, shares), levers, strict=True
        )
    )
