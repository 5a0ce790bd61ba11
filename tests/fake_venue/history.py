"""The past of a fake venue: bars and settlements computed from their own time, with faults."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from fake_venue.contracts import Contract

HOUR = 3_600_000
OFFSETS = {"trade": Decimal(0), "mark": Decimal("0.0003"), "index": Decimal("-0.0002")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar; times in milliseconds, prices on the tick."""

    opens: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """One payment of funding that took place at `time`, milliseconds, jitter included."""

    time: int
    rate: Decimal
    mark: Decimal


@dataclass(slots=True, kw_only=True)
class History:
    """What a venue remembers; the same question always has the same answer.

    Attributes
    ----------
    listed
        Nothing is known from before, milliseconds.
    bar_limit, funding_limit
        Most rows of one reply.
    missing
        Opening times of bars, and due times of settlements, that are not there.
    jitter
        How late settlements are stamped, milliseconds; each differs.
    intervals
        Hours between settlements from a time on, oldest first; the contract's own before.
    revised
        Due times and opening times at which the venue now says something else than before.
    """

    listed: int = 1_577_836_800_000  # 2020-01-01
    bar_limit: int = 1_500
    funding_limit: int = 1_000
    missing: set[int] = field(default_factory=set)
    jitter: int = 0
    intervals: list[tuple[int, int]] = field(default_factory=list)
    revised: set[int] = field(default_factory=set)

    def bars(self, contract: Contract, kind: str, step: int, start: int, end: int) -> Iterator[Bar]:
        """Yield bars that open from `start` to `end`, both included, oldest first."""
        first = max(start, self.listed)
        opens = -(-first // step) * step
        while opens <= end:
            if opens not in self.missing:
                yield self._bar(contract, kind, step, opens)
            opens += step

    def settlements(self, contract: Contract, start: int, end: int) -> Iterator[Settlement]:
        """Yield settlements stamped from `start` to `end`, both included, oldest first."""
        due = self._next_due(contract, max(start - self.jitter, self.listed) - 1)
        while due <= end:
            stamp = due + (due // HOUR * 7) % (self.jitter + 1)
            if due not in self.missing and start <= stamp <= end:
                yield Settlement(time=stamp, rate=self._rate(due), mark=self._price(contract, due))
            due = self._next_due(contract, due)

    def _bar(self, contract: Contract, kind: str, step: int, opens: int) -> Bar:
        shift = 1 + OFFSETS[kind]
        ends = (self._price(contract, opens), self._price(contract, opens + step))
        start, close = (_on_tick(price * shift, contract.tick) for price in ends)
        wick = 5 * contract.tick * (1 + opens // step % 3)
        volume = Decimal(100 + opens // step % 50) if kind == "trade" else Decimal(0)
        return Bar(
            opens=opens, open=start, high=max(start, close) + wick, low=min(start, close) - wick,
            close=close, volume=volume,
        )  # fmt: skip

    def _price(self, contract: Contract, at: int) -> Decimal:
        base = {"BTC": 40_000, "ETH": 2_500}.get(contract.base, Decimal("0.01"))
        minutes = at // 60_000
        swing = abs(minutes % 20_160 - 10_080)  # up a week, down a week
        noise = minutes * 7_919 % 41 - 20
        revision = contract.tick * (3 if at in self.revised else 0)
        return (
            _on_tick(
                base * (1 + Decimal(swing) / 200_000 + Decimal(noise) / 100_000), contract.tick
            )
            + revision
        )

    def _rate(self, due: int) -> Decimal:
        revision = 1 if due in self.revised else 0
        return Decimal((due // HOUR * 37) % 41 - 12 + revision) / 100_000

    def _next_due(self, contract: Contract, after: int) -> int:
        hours = contract.interval_hours
        for since, changed in self.intervals:
            if after >= since:
                hours = changed
        step = hours * HOUR
        due = (after // step + 1) * step
        later = [since for since, _ in self.intervals if after < since <= due]
        return later[0] if later else due


def _on_tick(price: Decimal, tick: Decimal) -> Decimal:
    return (price / tick).to_integral_value() * tick
