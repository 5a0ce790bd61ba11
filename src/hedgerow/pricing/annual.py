"""A rate per interval as a rate per year."""

import math
from typing import Final

from hedgerow.errors import ConfigError
from hedgerow.pricing.arguments import Argument, finite

HOURS_PER_YEAR: Final = 8_760.0  # 365 days


def annualised(rate: float, intervals: float) -> float:
    """Return `rate` a year if what is earned is taken out, with `intervals` in a year.

    >>> round(annualised(0.0001, 1095), 6)
    0.1095
    """
    return finite("rate", rate).number() * finite("intervals", intervals).number()


def compounded(rate: float, intervals: float) -> float:
    r"""Return `rate` a year if what is earned is left in: :math:`(1 + F)^n - 1`.

    >>> round(compounded(0.0001, 1095), 6)
    0.115714
    """
    lost = "a rate of -1 loses all in one interval; a rate is above that"
    rate = Argument(name="rate", given=rate, above=-1.0, mend=lost).number()
    try:
        return math.expm1(finite("intervals", intervals).number() * math.log1p(rate))
    except OverflowError:
        raise ConfigError(
            f"rate = {rate:g}: {intervals:g} times a year it grows beyond what a double can hold; "
            "write the rate of one interval as a fraction"
        ) from None
