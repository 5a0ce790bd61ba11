"""Prices on the venue's grid, on the side that is safer for whom they concern."""

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal


def liquidation_tick(price: float, tick: Decimal, side: float) -> float:
    """Return a liquidation or bankruptcy price on the tick grid: a long's up, a short's down.

    So the shown price is reached before the true one is. A `tick` of 0 leaves it as it is.

    Examples
    --------
    >>> [liquidation_tick(5739.083, Decimal("0.5"), side) for side in (1.0, -1.0)]
    [5739.5, 5739.0]
    """
    if not tick:
        return price
    way = ROUND_CEILING if side > 0.0 else ROUND_FLOOR
    return float((Decimal(repr(price)) / tick).to_integral_value(way) * tick)
