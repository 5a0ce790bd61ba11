"""A funding interval that changes in flight is named, and believed only once it is confirmed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from hedgerow.execution.port import QuoteReport
from hedgerow.live.guards.base import FINE, Severity, Verdict
from hedgerow.live.guards.limits import GuardLimits
from hedgerow.live.guards.measures import Heard
from hedgerow.live.guards.places import Places
from hedgerow.live.signals import Checked

Key = tuple[str, str]


@dataclass(slots=True)
class _Interval:
    believed: float
    shown: float
    since: int  # when `shown` was first shown


class IntervalChanged:
    """Trips when a venue shows another interval than before.

    It resets when the venue goes back, when it has shown the new one for long enough, when a
    preflight says the same, or when an operator takes it as it is.
    """

    name: ClassVar[str] = "interval-changed"
    severity: ClassVar[Severity] = Severity.REDUCE_ONLY
    hears: ClassVar[tuple[type, ...]] = (QuoteReport, Checked)

    def __init__(self, places: Places, limits: GuardLimits) -> None:
        self._places = places
        self._limits = limits
        self._intervals: dict[Key, _Interval] = {}
        self._memory: dict[str, Any] = {}

    def observe(self, heard: Heard) -> None:
        """Take in an interval that a quote or a preflight shows."""
        match heard:
            case QuoteReport(interval_hours=float() | int()):
                key = heard.venue, heard.symbol
                if key in self._places.by_symbol:
                    self._shown(key, float(heard.interval_hours or 0.0), heard.received)
            case Checked(facts=facts, time=time):
                for symbol, hours in facts.interval_hours.items():
                    key = facts.venue, symbol
                    if key not in self._places.by_symbol:
                        continue
                    self._shown(key, hours, time)
                    interval = self._intervals[key]
                    if interval.shown == hours:
                        self._believe(key, interval)

    def verdict(self, now: int) -> Verdict:
        """Return which intervals are not what they were."""
        changed: dict[Key, _Interval] = {}
        for key, interval in self._intervals.items():
            if interval.shown == interval.believed:
                continue
            if now - interval.since >= self._limits.interval_confirmed:
                self._believe(key, interval)
            else:
                changed[key] = interval
        if not changed:
            return FINE
        texts = [
            f"{venue} {symbol}: funding every {interval.shown:g} h, {interval.believed:g} h before"
            for (venue, symbol), interval in changed.items()
        ]
        return Verdict(
            tripped=True,
            message=(
                "; ".join(texts) + ". Only orders that reduce risk are sent there until the venue "
                f"has shown it for {self._limits.interval_confirmed // 10**9} s. Look for the "
                "venue's notice; `hedgerow reset interval-changed` takes it as it is, and your own "
                "table of that venue, if you have one, needs the new interval."
            ),
            legs=frozenset[int]().union(*(self._places.at(*key) for key in changed)),
        )

    def pardon(self, now: int) -> None:  # noqa: ARG002 - it is taken whenever it was shown
        """Believe what is shown."""
        for key, interval in self._intervals.items():
            self._believe(key, interval)

    def memory(self) -> Mapping[str, Any]:
        """Return the intervals that are believed."""
        return self._memory

    def recall(self, memory: Mapping[str, Any]) -> None:
        """Take back the intervals that were believed."""
        self._memory = dict(memory)
        for text, hours in memory.items():
            venue, symbol = text.split(" ", 1)
            key = venue, symbol
            shown = self._intervals.get(key)
            if shown is None:
                self._intervals[key] = _Interval(hours, hours, 0)
            else:
                shown.believed = hours

    def _shown(self, key: Key, hours: float, now: int) -> None:
        interval = self._intervals.get(key)
        if interval is None:
            interval = _Interval(hours, hours, now)
            self._intervals[key] = interval
            self._believe(key, interval)
        elif hours != interval.shown:
            interval.shown, interval.since = hours, now

    def _believe(self, key: Key, interval: _Interval) -> None:
        interval.believed = interval.shown
        if self._memory.get(" ".join(key)) != interval.believed:
            self._memory = {**self._memory, " ".join(key): interval.believed}
