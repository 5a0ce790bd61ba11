"""A rate per interval as a rate per year."""

import math
from typing import Final

HOURS_PER_YEAR: Final = 8_760.0  # 365 days


def annualised(rate: float, intervals: float) -> float:
    """Return `rate` a year if what is earned is taken out, with `intervals` in a year.

    >>> round(annualised(0.0001, 1095), 6)
    0.1095
    """
    return rate * intervals


def compounded(rate: float, intervals: float) -> float:
    r"""Return `rate` a year if what is earned is left in: :math:`(1 + F)^n - 1`.

    >>> round(compounded(0.0001, 1095), 6)
    0.115714
    """
    return math.expm1(intervals * math.log1p(rate))
