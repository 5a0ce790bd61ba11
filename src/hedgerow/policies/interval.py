"""Rebalance by the clock."""

import math
from dataclasses import dataclass
from typing import ClassVar

from hedgerow.errors import ConfigError
from hedgerow.policies.rule import Rule


def interval(
    time: float, goal: float, held: float, memory: float, *, hours: float
) -> tuple[float, float]:
    """Return the goal in the first bar of each interval, and what is held in all others.

    Intervals are counted from 1970-01-01 UTC, so 24 hours means midnight.
    """
    tick = math.floor(time / hours) + 1.0
    if tick > memory:
        return goal, tick
    return held, memory


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """Bring the hedge to its goal every `hours`, on the UTC clock.

    Attributes
    ----------
    hours
        Time between rebalances, > 0; below the bar it means every bar.
    """

    hours: float = 24.0

    name: ClassVar[str] = "interval"
    rule: ClassVar[Rule] = Rule("interval", interval)

    def __post_init__(self) -> None:
        if not self.hours > 0.0 or not math.isfinite(self.hours):
            raise ConfigError(f"hours = {self.hours}: must be a positive number of hours")

    def numbers(self) -> tuple[float, ...]:
        """Return ``(hours,)``."""
        return (self.hours,)
