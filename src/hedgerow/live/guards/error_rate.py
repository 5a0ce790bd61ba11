"""A venue that fails too often gets no orders that add risk."""

from collections import deque
from typing import ClassVar

from hedgerow.execution.port import Failure
from hedgerow.live.guards.base import FINE, Severity, Verdict
from hedgerow.live.guards.limits import GuardLimits
from hedgerow.live.guards.measures import Heard
from hedgerow.live.signals import CallFailed


class ErrorRate:
    """Trips on too many failed requests within the window, and resets at half as many.

    A refusal is an answer: the breaker on rejects counts those.
    """

    name: ClassVar[str] = "error-rate"
    severity: ClassVar[Severity] = Severity.REDUCE_ONLY
    hears: ClassVar[tuple[type, ...]] = (CallFailed,)

    def __init__(self, limits: GuardLimits) -> None:
        self._limits = limits
        self._failed: dict[str, deque[CallFailed]] = {}
        self._tripped: set[str] = set()

    def observe(self, heard: Heard) -> None:
        """Take in a request that failed."""
        if not isinstance(heard, CallFailed) or heard.failure is Failure.REFUSED:
            return
        failed = self._failed.setdefault(heard.venue, deque())
        failed.append(heard)
        if len(failed) > self._limits.errors:
            self._forget(failed, heard.time)
            if len(failed) > self._limits.errors:
                self._tripped.add(heard.venue)
                failed.popleft()  # the newest are enough to know that there are too many

    def verdict(self, now: int) -> Verdict:
        """Return which venues fail too often."""
        for venue, failed in self._failed.items():
            self._forget(failed, now)
            if venue in self._tripped and len(failed) <= self._limits.errors // 2:
                self._tripped.discard(venue)
        if not self._tripped:
            return FINE
        seconds = self._limits.errors_window / 1e9
        texts = [
            f"{venue}: {len(self._failed[venue])} or more failed requests within {seconds:g} s, "
            f"the last one {self._failed[venue][-1].call} ({self._failed[venue][-1].failure}: "
            f"{self._failed[venue][-1].reason})"
            for venue in sorted(self._tripped)
        ]
        return Verdict(
            tripped=True,
            message=(
                "; ".join(texts) + f" (limit {self._limits.errors}). Only orders that reduce risk "
                "are sent there. Look at the venue's status page and at this machine's network; it "
                "resets by itself when half as many fail."
            ),
            venues=frozenset(self._tripped),
        )

    def _forget(self, failed: "deque[CallFailed]", now: int) -> None:
        while failed and now - failed[0].time > self._limits.errors_window:
            failed.popleft()
