"""Predicted funding stays within what a hedge was meant to cost."""

from dataclasses import dataclass
from typing import ClassVar, Final

from hedgerow.execution.port import QuoteReport
from hedgerow.live.guards.base import FINE, Severity, Verdict
from hedgerow.live.guards.limits import GuardLimits
from hedgerow.live.guards.measures import Heard
from hedgerow.live.guards.places import Places

YEAR_HOURS: Final = 8760.0
CALM: Final = 0.8  # of a limit: below it a spike is over


@dataclass(slots=True)
class _Rate:
    rate: float
    hours: float | None
    tripped: bool = False


class FundingSpike:
    """Trips above a limit per interval or per year, either way, and resets below 0.8 of both.

    It only tells a person: to stop a hedge is not cheaper than to pay for it, and a policy knows
    the rate.
    """

    name: ClassVar[str] = "funding-spike"
    severity: ClassVar[Severity] = Severity.NOTE
    hears: ClassVar[tuple[type, ...]] = (QuoteReport,)

    def __init__(self, places: Places, limits: GuardLimits) -> None:
        self._places = places
        self._limits = limits
        self._rates: dict[tuple[str, str], _Rate] = {}

    def observe(self, heard: Heard) -> None:
        """Take in a predicted rate."""
        if not isinstance(heard, QuoteReport) or heard.funding is None:
            return
        key = heard.venue, heard.symbol
        if key not in self._places.by_symbol:
            return
        if key not in self._rates:
            self._rates[key] = _Rate(0.0, None)
        rate = self._rates[key]
        rate.rate = heard.funding
        if heard.interval_hours is not None:
            rate.hours = heard.interval_hours
        used = max(
            abs(rate.rate) / self._limits.funding_per_interval,
            abs(_yearly(rate)) / self._limits.funding_per_year,
        )
        rate.tripped = used > (CALM if rate.tripped else 1.0)

    def verdict(self, now: int) -> Verdict:  # noqa: ARG002 - a rate is as old as its stream
        """Return where funding is beyond a limit."""
        over = {key: rate for key, rate in self._rates.items() if rate.tripped}
        if not over:
            return FINE
        texts = [
            f"{venue} {symbol}: {rate.rate:+.4%} per "
            + (f"{rate.hours:g} h ({_yearly(rate):+.0%} a year)" if rate.hours else "interval")
            + f", {'longs' if rate.rate > 0.0 else 'shorts'} pay"
            for (venue, symbol), rate in over.items()
        ]
        limits = self._limits
        return Verdict(
            tripped=True,
            message=(
                "; ".join(texts) + f" (limits {limits.funding_per_interval:.2%} and "
                f"{limits.funding_per_year:.0%} a year). The hedge is kept. If your side pays, "
                "compare the cost with other venues or contracts and with a smaller ratio; if your "
                "side receives, watch headroom: such rates come with squeezes."
            ),
            legs=frozenset[int]().union(*(self._places.at(*key) for key in over)),
        )


def _yearly(rate: _Rate) -> float:
    return rate.rate * YEAR_HOURS / rate.hours if rate.hours else 0.0
