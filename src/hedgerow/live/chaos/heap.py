"""A virtual clock: what happens next, in the order of time."""

from collections.abc import Callable
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import TypeAlias

Action: TypeAlias = Callable[[], None]


@dataclass(slots=True)
class VirtualClock:
    """Actions by their instant; of the same instant, the one that was planned first."""

    now: int
    events: int = 0
    _heap: list[tuple[int, int, Action]] = field(default_factory=list)
    _planned: int = 0

    def at(self, time: int, action: Action) -> None:
        """Plan an action; never in the past."""
        self._planned += 1
        heappush(self._heap, (max(time, self.now), self._planned, action))

    def after(self, delay: int, action: Action) -> None:
        """Plan an action in `delay` nanoseconds."""
        self.at(self.now + delay, action)

    def step(self) -> bool:
        """Do the next action; False where nothing is planned."""
        if not self._heap:
            return False
        self.now, _, action = heappop(self._heap)
        self.events += 1
        action()
        return True
