"""The book may lose so much, and no more, before a person has a look."""

import math
from collections import deque
from collections.abc import Mapping
from typing import Any, ClassVar, Final

from hedgerow.live.guards.base import FINE, Severity, Verdict
from hedgerow.live.guards.limits import GuardLimits
from hedgerow.live.guards.measures import Equity, Heard

PARTS: Final = 24  # a window's highest is kept in so many parts


class Loss:
    """Trips on the fall from the window's highest equity, or from the start.

    An operator's reset counts anew from the equity of that moment.
    """

    name: ClassVar[str] = "loss"
    severity: ClassVar[Severity] = Severity.PAUSE
    hears: ClassVar[tuple[type, ...]] = (Equity,)

    def __init__(self, limits: GuardLimits) -> None:
        self._limits = limits
        self._part = max(1, limits.loss_window // PARTS)
        self._start: float | None = None
        self._now = 0.0
        self._highest: deque[tuple[int, float]] = deque()  # part of the window and its highest
        self._memory: dict[str, Any] = {}

    def observe(self, heard: Heard) -> None:
        """Take in the worth of the book."""
        if not isinstance(heard, Equity):
            return
        if math.isnan(heard.amount):
            raise ValueError("the equity of the book is not a number")
        self._now = heard.amount
        if self._start is None:
            self._start = heard.amount
        part = heard.time // self._part
        if not self._highest or part > self._highest[-1][0]:
            self._highest.append((part, heard.amount))
            self._forget(part)
            self._remember()
        elif heard.amount > self._highest[-1][1]:
            self._highest[-1] = (self._highest[-1][0], heard.amount)

    def verdict(self, now: int) -> Verdict:
        """Return whether the book has lost too much."""
        if self._start is None:
            return FINE
        self._forget(now // self._part)
        top = max((amount for _, amount in self._highest), default=self._now)
        hours = self._limits.loss_window / 3.6e12
        texts = [
            f"equity is {self._now:,.2f}, {fallen:.2%} below {before:,.2f} {words} (limit "
            f"{limit:.2%})"
            for before, words, limit in (
                (top, f"within {hours:g} h", self._limits.loss_in_window),
                (self._start, "at the start", self._limits.loss_since_start),
            )
            if (fallen := _fallen(before, self._now)) > limit
        ]
        if not texts:
            return FINE
        return Verdict(
            tripped=True,
            message=(
                "; ".join(texts) + ". Trading is paused, what is hedged stays hedged. Find out why "
                "(`hedgerow why`, `hedgerow positions`): a hedged book should not fall like this. "
                "`hedgerow reset loss` counts anew from now, `hedgerow resume` trades again."
            ),
        )

    def pardon(self, now: int) -> None:
        """Count anew from the present equity."""
        self._start = self._now
        self._highest = deque([(now // self._part, self._now)])
        self._remember()

    def memory(self) -> Mapping[str, Any]:
        """Return the start and the highest of each part of the window."""
        return self._memory

    def recall(self, memory: Mapping[str, Any]) -> None:
        """Take back start and highest."""
        self._memory = dict(memory)
        self._start = memory["start"]
        self._highest = deque((part, amount) for part, amount in memory["highest"])
        self._now = self._highest[-1][1]

    def _forget(self, part: int) -> None:
        while len(self._highest) > 1 and self._highest[0][0] <= part - PARTS:
            self._highest.popleft()

    def _remember(self) -> None:
        highest = [[part, amount] for part, amount in self._highest]
        self._memory = {"start": self._start, "highest": highest}


def _fallen(before: float, now: float) -> float:
    """Return how much of `before` is lost; a book worth nothing before cannot fall."""
    return (before - now) / before if before > 0.0 else 0.0
