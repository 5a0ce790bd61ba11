"""What idle cash and held coins earn, and what borrowed cash costs."""

import math
from dataclasses import dataclass

from hedgerow.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class Financing:
    """Yearly rates as fractions, simple, paid at the end of each UTC day.

    Attributes
    ----------
    cash
        On idle money: the reserve and declared money, not margin in accounts.
    borrow
        On cash borrowed against the coins, >= 0.
    staking
        On coins held off the venues, paid in kind, >= 0.
    """

    cash: float = 0.0
    borrow: float = 0.0
    staking: float = 0.0

    def __post_init__(self) -> None:
        for key, least in (("cash", -1.0), ("borrow", 0.0), ("staking", 0.0)):
            value = getattr(self, key)
            if not math.isfinite(value) or not least <= value <= 10.0:
                raise ConfigError(
                    f"[financing] {key} = {value}: a yearly rate as a fraction, "
                    f"from {least:g} to 10"
                )
