"""Which alerts go out, when, and in how many words: levels, quiet hours and repeats, no IO."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from enum import IntEnum
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from hedgerow.units import MINUTE, iso, moment

MOST_HELD: Final = 500  # alerts kept for a digest; beyond it they are only counted

# What an alert can be about; each has a page in the runbook.
TOPICS: Final = (
    "balance-differs",
    "breaker-order-size",
    "breaker-orders",
    "breaker-rejects",
    "breaker-turnover",
    "clock-drift",
    "config-changed",
    "deleveraged",
    "error-rate",
    "failover",
    "flattened",
    "funding-spike",
    "headroom",
    "interval-changed",
    "journal",
    "killed",
    "lease-lost",
    "liquidated",
    "loss",
    "manual-trade",
    "margin-reduce",
    "margin-top-up",
    "margin-unmet",
    "naked",
    "not-ours",
    "order-rejected",
    "order-unknown",
    "position-differs",
    "preflight",
    "price-divergence",
    "settlement-missing",
    "stablecoin-peg",
    "stale-stream",
    "started",
    "stopped",
    "symbol-gone",
    "venue-down",
)


class Level(IntEnum):
    """How much it matters."""

    INFO = 0
    WARNING = 1
    CRITICAL = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietHours:
    """A span of the day, perhaps over midnight, in a time zone; `end` is no part of it."""

    start: time
    end: time
    zone: str = "UTC"

    def cover(self, now: int) -> bool:
        """Return whether `now`, UTC nanoseconds, is one of them.

        >>> night = QuietHours(start=time(22), end=time(7))
        >>> night.cover(0), night.cover(12 * 60 * MINUTE)
        (True, False)
        """
        here = moment(now).astimezone(ZoneInfo(self.zone)).time()
        if self.start <= self.end:
            return self.start <= here < self.end
        return here >= self.start or here < self.end


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRules:
    """What is sent, and when.

    Attributes
    ----------
    level
        The least that is sent at all.
    quiet, quiet_level
        Hours in which only that level and above comes through; the rest comes afterwards.
    repeat, repeats
        Least time between two alerts of one topic, nanoseconds; and by topic.
    """

    level: Level = Level.WARNING
    quiet: QuietHours | None = None
    quiet_level: Level = Level.CRITICAL
    repeat: int = 10 * MINUTE
    repeats: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What goes out to people: a line, and what stands below it."""

    level: Level
    title: str
    text: str


class Carrier(Protocol):
    """Whoever carries a message to people."""

    name: str

    async def send(self, level: str, title: str, text: str) -> str:
        """Deliver once; return "" or, in words without a secret, what went wrong."""
        ...


@dataclass(slots=True)
class _Topic:
    """When a topic last went out, and what came since."""

    sent: int
    since: int = 0
    level: Level = Level.INFO
    last: str = ""


class AlertBox:
    """Takes in alerts as they come up and gives out what is to be sent.

    Parameters
    ----------
    rules
        What is sent, and when.
    desk
        Name and mode that every title carries, such as ``treasury (paper)``.
    """

    def __init__(self, rules: AlertRules, desk: str) -> None:
        self._rules = rules
        self._desk = desk
        self._topics: dict[str, _Topic] = {}
        self._held: list[tuple[int, Level, str, str]] = []
        self._uncounted = 0

    def take(self, level: str, topic: str, text: str, now: int) -> tuple[Message, ...]:
        """Return what to send because of an alert at `now`, UTC nanoseconds."""
        grade = Level[level.upper()]
        due = self.due(now)
        if grade < self._rules.level:
            return due
        if self._is_quiet(now) and grade < self._rules.quiet_level:
            self._hold(now, grade, topic, text)
            return due
        known = self._topics.get(topic)
        louder = known is not None and grade > known.level
        if known is not None and not louder and now < known.sent + self._pause(topic):
            known.since += 1
            known.last = text
            return due
        more = "" if known is None else _more(known.since, now - known.sent)
        self._topics[topic] = _Topic(sent=now, level=grade)
        return (*due, self._message(grade, topic, text + more))

    def due(self, now: int) -> tuple[Message, ...]:
        """Return what time alone makes due: repeats that were counted, and the night's digest."""
        found = []
        for topic, known in list(self._topics.items()):
            if now < known.sent + self._pause(topic):
                continue
            if not known.since:
                del self._topics[topic]
            elif not (self._is_quiet(now) and known.level < self._rules.quiet_level):
                text = known.last + _more(known.since - 1, now - known.sent)
                found.append(self._message(known.level, topic, text))
                self._topics[topic] = _Topic(sent=now, level=known.level)
        if self._held and not self._is_quiet(now):
            found.append(self._digest())
        return tuple(found)

    def rest(self, now: int) -> tuple[Message, ...]:
        """Return all that was kept back, quiet hours or not: the desk ends, and nobody could."""
        found = []
        for topic, known in self._topics.items():
            if known.since:
                text = known.last + _more(known.since - 1, now - known.sent)
                found.append(self._message(known.level, topic, text))
        self._topics.clear()
        if self._held:
            found.append(self._digest())
        return tuple(found)

    def _hold(self, now: int, level: Level, topic: str, text: str) -> None:
        if len(self._held) < MOST_HELD:
            self._held.append((now, level, topic, text))
        else:
            self._uncounted += 1

    def _digest(self) -> Message:
        lines: dict[str, list[tuple[int, Level, str]]] = {}
        for time_, level, topic, text in self._held:
            lines.setdefault(topic, []).append((time_, level, text))
        parts = []
        for topic, found in lines.items():
            first, (_, _, text) = found[0][0], found[-1]
            times = "" if len(found) == 1 else f", {len(found)} times"
            parts.append(f"{topic} (since {iso(first)}{times}): {text}")
        if self._uncounted:
            parts.append(f"and {self._uncounted} more")
        count = len(self._held) + self._uncounted
        level = max(level for _, level, _, _ in self._held)
        self._held, self._uncounted = [], 0
        title = f"{self._desk}: {count} alert{'s' if count > 1 else ''} from the quiet hours"
        return Message(level=level, title=title, text="\n\n".join(parts))

    def _is_quiet(self, now: int) -> bool:
        return self._rules.quiet is not None and self._rules.quiet.cover(now)

    def _pause(self, topic: str) -> int:
        return self._rules.repeats.get(topic, self._rules.repeat)

    def _message(self, level: Level, topic: str, text: str) -> Message:
        return Message(
            level=level, title=f"{self._desk}: {topic} ({level.name.lower()})", text=text
        )


def _more(count: int, span: int) -> str:
    """Return how many alike were left out."""
    if not count:
        return ""
    minutes = max(1, round(span / MINUTE))
    return f" ({count} more in {minutes} minute{'s' if minutes > 1 else ''})"
