"""How long a desk's own work takes, told to whoever measures it."""

from typing import Protocol


class Timings(Protocol):
    """Takes durations in seconds; must cost next to nothing and never fail."""

    def event(self, seconds: float) -> None:
        """Take the time from a signal's arrival to its last effect handed over."""
        ...

    def journal(self, seconds: float) -> None:
        """Take the time in which a batch of records became durable."""
        ...


class Untimed:
    """Measures nothing."""

    def event(self, seconds: float) -> None:
        """Forget it."""

    def journal(self, seconds: float) -> None:
        """Forget it."""
