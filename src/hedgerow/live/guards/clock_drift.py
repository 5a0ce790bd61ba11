"""Our clock and a venue's agree: stamps, ages and settlements rest on it."""

from dataclasses import dataclass
from typing import ClassVar, Final

from hedgerow.execution.port import Failure, QuoteReport
from hedgerow.live.guards.base import FINE, Severity, Verdict
from hedgerow.live.guards.limits import GuardLimits
from hedgerow.live.guards.measures import Heard
from hedgerow.live.signals import CallFailed, Checked
from hedgerow.units import MINUTE, SECOND

WINDOW: Final = MINUTE  # over which every single quote must be off
TOLD: Final = 10 * MINUTE  # how long a measured offset, or a refused stamp, is remembered
ENOUGH: Final = 5  # quotes in a window


@dataclass(slots=True)
class _Venue:
    offset: float = 0.0  # seconds, the venue's clock less ours, as a preflight measured it
    offset_time: int = 0
    refused: int = 0  # when a time stamp of ours was refused last
    window: int = 0
    quotes: int = 0
    least: int = 0  # receipt less stamp, of the running window
    most: int = 0
    lag: int = 0  # the least of the last whole window; ahead of us: < 0


class ClockDrift:
    """Trips on a measured offset, a refused stamp, or quotes that all are late or ahead.

    One late quote is the network; a minute in which even the quickest is late is a clock, or a
    stream that lags. It resets on the next good measurement, or by itself after ten minutes in
    which stamps are well.
    """

    name: ClassVar[str] = "clock-drift"
    severity: ClassVar[Severity] = Severity.REDUCE_ONLY
    hears: ClassVar[tuple[type, ...]] = (QuoteReport, Checked, CallFailed)

    def __init__(self, limits: GuardLimits) -> None:
        self._limits = limits
        self._venues: dict[str, _Venue] = {}

    def observe(self, heard: Heard) -> None:
        """Take in stamps, offsets and refusals of stamps."""
        match heard:
            case QuoteReport(time=time, received=received) if time > 0:
                self._stamped(self._venue(heard.venue), time, received)
            case Checked(facts=facts, time=time):
                venue = self._venue(facts.venue)
                venue.offset, venue.offset_time = facts.clock_offset, time
                if abs(facts.clock_offset) * SECOND <= self._limits.clock_offset:
                    venue.refused = 0
            case CallFailed(failure=Failure.CLOCK, time=time):
                self._venue(heard.venue).refused = time

    def verdict(self, now: int) -> Verdict:
        """Return which clocks disagree."""
        found = {name: self._why(venue, now) for name, venue in self._venues.items()}
        texts = [f"{name}: {why}" for name, why in found.items() if why]
        if not texts:
            return FINE
        return Verdict(
            tripped=True,
            message=(
                "; ".join(texts) + ". Only orders that reduce risk are sent there. Check that this "
                "machine keeps its time (`timedatectl`, chrony or ntp); if it does, the venue or "
                "its stream lags."
            ),
            venues=frozenset(name for name, why in found.items() if why),
        )

    def _venue(self, name: str) -> _Venue:
        if name not in self._venues:
            self._venues[name] = _Venue()
        return self._venues[name]

    def _stamped(self, venue: _Venue, time: int, received: int) -> None:
        lag = received - time
        window = received // WINDOW
        if window != venue.window:
            if venue.quotes >= ENOUGH:
                venue.lag = venue.least if venue.least > 0 else min(venue.most, 0)
            venue.window, venue.quotes, venue.least, venue.most = window, 0, lag, lag
        venue.quotes += 1
        venue.least, venue.most = min(venue.least, lag), max(venue.most, lag)

    def _why(self, venue: _Venue, now: int) -> str:
        limit = self._limits.clock_offset
        measured = now - venue.offset_time <= TOLD
        if measured and abs(venue.offset) * SECOND > limit:
            return f"its clock is {venue.offset:+.3f} s from ours (limit {limit / SECOND:g} s)"
        if venue.refused and now - venue.refused <= TOLD:
            return "it refused a time stamp of ours"
        if venue.lag > self._limits.stamp_lag:
            return f"even its quickest quotes are {venue.lag / SECOND:.1f} s old when they come"
        if -venue.lag > limit:
            return f"its quotes are stamped {-venue.lag / SECOND:.3f} s ahead of our clock"
        return ""
