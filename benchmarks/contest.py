"""What every benchmark reports: contenders, and ours over each of them."""

import statistics
import sys
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """One program's times for one job; `throughput` is None where only time counts."""

    name: str
    median_s: float
    throughput: float | None
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One benchmark's outcome; `ratios` are ours over the peer's, larger is better for us."""

    name: str
    contenders: tuple[Contender, ...]
    ratios: dict[str, float] = field(default_factory=dict)
    agreement: dict[str, float] = field(default_factory=dict)
    not_measured: dict[str, str] = field(default_factory=dict)
    conditions: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)


def contender(name: str, seconds: list[float], work: float | None, unit: str) -> Contender:
    """Return a contender from its times; `work` is what is done in each, in units."""
    median = statistics.median(seconds)
    rate = None if work is None else work / median
    return Contender(name=name, median_s=median, throughput=rate, unit=unit)


def say(text: str) -> None:
    """Tell the person who waits how far it is."""
    print(text, file=sys.stderr, flush=True)
