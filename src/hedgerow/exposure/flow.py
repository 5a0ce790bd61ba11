"""A change of what is held that comes from outside the book."""

import math
from dataclasses import dataclass
from datetime import datetime

from hedgerow.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """A change of a holding from outside: mined, bought, sold or spent.

    `amount` is in units of the asset, received > 0; `time` is an aware datetime.
    """

    time: datetime
    amount: float

    def __post_init__(self) -> None:
        if self.time.tzinfo is None:
            raise ConfigError(f"flow at {self.time}: give the time a zone, such as UTC")
        if not math.isfinite(self.amount):
            raise ConfigError(f"flow at {self.time.isoformat()}: amount {self.amount} is no number")
