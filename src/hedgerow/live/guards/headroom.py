"""Every account keeps a distance from its maintenance margin."""

import math
from typing import ClassVar, Final

from hedgerow.live.guards.base import FINE, Severity, Verdict
from hedgerow.live.guards.limits import GuardLimits
from hedgerow.live.guards.measures import Headroom, Heard
from hedgerow.live.guards.places import Places

CALM: Final = 1.25  # times the limit: above it an account is well again


class LeastHeadroom:
    """Trips below the limit, and resets at 1.25 times the limit."""

    name: ClassVar[str] = "headroom"
    severity: ClassVar[Severity] = Severity.REDUCE_ONLY
    hears: ClassVar[tuple[type, ...]] = (Headroom,)

    def __init__(self, places: Places, limits: GuardLimits) -> None:
        self._places = places
        self._limit = limits.headroom
        self._low: dict[str, float] = {}

    def observe(self, heard: Heard) -> None:
        """Take in the headroom of an account."""
        if not isinstance(heard, Headroom):
            return
        account, fraction = heard.account, heard.fraction
        if math.isnan(fraction):
            raise ValueError(f"the headroom of {account} is not a number")
        if fraction < (self._limit * CALM if account in self._low else self._limit):
            self._low[account] = fraction
        else:
            self._low.pop(account, None)

    def verdict(self, now: int) -> Verdict:  # noqa: ARG002 - it is measured at every decision
        """Return which accounts are too near to their maintenance margin."""
        if not self._low:
            return FINE
        texts = [f"{account}: headroom {fraction:.2%}" for account, fraction in self._low.items()]
        return Verdict(
            tripped=True,
            message=(
                "; ".join(texts) + f" of notional (limit {self._limit:.2%}, over at "
                f"{self._limit * CALM:.2%}). Only orders that reduce risk are sent there. Add "
                "collateral to the account, or reduce its hedge; at 0 % the venue liquidates."
            ),
            legs=self._places.legs(lambda place: place.account in self._low),
        )
