"""A sum over the last minutes, in sixty buckets: its memory does not grow with what it counts."""

from decimal import Decimal
from typing import Final

_BUCKETS: Final = 60


class Window:
    """What was added within the last `width` nanoseconds, to a sixtieth of it."""

    __slots__ = ("_bucket_width", "_buckets", "_sum")

    def __init__(self, width: int) -> None:
        self._bucket_width = max(width // _BUCKETS, 1)
        self._buckets: dict[int, Decimal] = {}
        self._sum = Decimal(0)

    def add(self, time: int, amount: Decimal) -> None:
        """Add an amount at `time`; what is older than the window is forgotten."""
        bucket = time // self._bucket_width
        self._buckets[bucket] = self._buckets.get(bucket, Decimal(0)) + amount
        self._sum += amount
        while (oldest := next(iter(self._buckets))) <= bucket - _BUCKETS:
            self._sum -= self._buckets.pop(oldest)

    def total(self, now: int) -> Decimal:
        """Return the sum of the window that ends at `now`."""
        first = now // self._bucket_width - _BUCKETS
        if not self._buckets or next(iter(self._buckets)) > first:
            return self._sum
        return sum((sum_ for at, sum_ in self._buckets.items() if at > first), Decimal(0))

    def clear(self) -> None:
        """Forget everything."""
        self._buckets.clear()
        self._sum = Decimal(0)

    def snapshot(self) -> dict[str, str]:
        """Return the buckets as plain values."""
        return {str(bucket): str(amount) for bucket, amount in sorted(self._buckets.items())}
