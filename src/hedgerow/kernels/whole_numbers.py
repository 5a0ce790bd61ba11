"""Division of whole numbers as fixed-point programs do it."""


def toward_zero(above: int, below: int) -> int:
    """Return the quotient of two whole numbers, cut towards zero.

    >>> toward_zero(-7, 2), toward_zero(7, 2)
    (-3, 3)
    """
    quotient = abs(above) // abs(below)
    return quotient if (above < 0) == (below < 0) else -quotient
