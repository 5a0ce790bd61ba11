"""The budget of requests to each venue: one purse for all callers, closing orders first."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from hedgerow.errors import ConfigError
from hedgerow.units import MINUTE, SECOND


class Priority(IntEnum):
    """Who goes first."""

    CLOSE = 0  # closing orders and cancels
    ASK = 1  # what became of an order
    OPEN = 2  # orders that add risk
    LOOK = 3  # everything else: snapshots, histories, quotes by request


# Fraction of the purse that a caller must leave to those who go before it.
_LEAVES: Final = {Priority.CLOSE: 0.0, Priority.ASK: 0.1, Priority.OPEN: 0.2, Priority.LOOK: 0.4}
_PATIENCE: Final = SECOND  # who was told to wait and does not come back has no claim any more


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """What a venue takes: `weight` within any `window`, nanoseconds."""

    weight: float
    window: int

    def __post_init__(self) -> None:
        if not (math.isfinite(self.weight) and self.weight > 0.0 and self.window > 0):
            raise ConfigError(
                f"a rate of {self.weight} within {self.window} ns: both must be positive"
            )


@dataclass(slots=True)
class _Purse:
    rate: Rate
    level: float
    at: int
    banned: int = 0
    claims: dict[Priority, tuple[int, float]] | None = None


class RateBudget:
    """Who may ask a venue now, and who must wait how long.

    Half of what a venue allows within a window may be spent at once, the other half flows back
    over the window; so no window holds more than the venue allows.

    Parameters
    ----------
    rates
        By venue.
    otherwise
        Of a venue that is not among them.
    """

    __slots__ = ("_otherwise", "_purses", "_rates")

    def __init__(self, rates: Mapping[str, Rate], otherwise: Rate | None = None) -> None:
        self._rates = dict(rates)
        self._otherwise = otherwise or Rate(weight=600.0, window=MINUTE)
        self._purses: dict[str, _Purse] = {}

    def ask(self, venue: str, weight: float, priority: Priority, now: int) -> int:
        """Return 0 and take `weight`, or return how long to wait before asking again.

        Nanoseconds; nothing is taken then.
        """
        purse = self._purse(venue, now)
        if now < purse.banned:
            return purse.banned - now
        claims = purse.claims or {}
        ahead = sum(
            claimed
            for before, (due, claimed) in claims.items()
            if before < priority and now <= due + _PATIENCE
        )
        most = _burst(purse.rate)
        need = min(weight + ahead + _LEAVES[priority] * most, most)
        if purse.level >= need - 1e-9:
            purse.level -= weight
            claims.pop(priority, None)
            return 0
        wait = math.ceil((need - purse.level) / _flow(purse.rate))
        purse.claims = {**claims, priority: (now + wait, weight)}
        return wait

    def banned(self, venue: str, until: int) -> None:
        """Take in that a venue answers nobody before `until`, nanoseconds; then it does again.

        What it asks to wait for is the end of its window: half of a burst may go out after it.
        """
        purse = self._purse(venue, until)
        purse.banned = max(purse.banned, until)
        purse.level = min(purse.level, _burst(purse.rate) / 2.0)

    def used(self, venue: str, weight: float, now: int) -> None:
        """Take in what a venue says was used within its window: others may share the purse."""
        purse = self._purse(venue, now)
        purse.level = min(purse.level, purse.rate.weight - weight)

    def _purse(self, venue: str, now: int) -> _Purse:
        purse = self._purses.get(venue)
        if purse is None:
            rate = self._rates.get(venue, self._otherwise)
            purse = self._purses[venue] = _Purse(rate, _burst(rate), now)
        most, flow = _burst(purse.rate), _flow(purse.rate)
        purse.level = min(purse.level + max(now - purse.at, 0) * flow, most)
        purse.at = max(purse.at, now)
        return purse


def _burst(rate: Rate) -> float:
    return rate.weight / 2.0


def _flow(rate: Rate) -> float:
    return rate.weight / 2.0 / rate.window
