"""What a lake lacks of a span, so that only this is fetched, with an overlap that must agree."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from hedgerow.units import HOUR, Times

OVERLAP: Final = 3  # rows fetched again on both sides of what is missing
NEAR: Final = 20  # rows between two holes for which one question is better than two
LATE: Final = 1.5  # a distance so much longer than those beside it is a settlement missing
NEIGHBOURS: Final = 3  # distances on each side by which that is judged


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """From one instant to another, both included, UTC nanoseconds."""

    start: int
    end: int


def grid(span: Span, step: int) -> Times:
    """Return the instants at which bars of a span open.

    >>> grid(Span(start=5, end=31), 10).tolist()
    [10, 20, 30]
    """
    first = -(-span.start // step) * step
    return np.arange(first, span.end + 1, step, dtype=np.int64)


def lacking(span: Span, step: int, held: Times) -> list[Span]:
    """Return the runs of bars of a span that are not held, exactly.

    >>> lacking(Span(start=0, end=50), 10, np.array([10, 20, 50]))
    [Span(start=0, end=0), Span(start=30, end=40)]
    """
    wanted = grid(span, step)
    missing = wanted[~np.isin(wanted, held)]
    if not missing.size:
        return []
    breaks = np.flatnonzero(np.diff(missing) > step) + 1
    return [
        Span(start=int(run[0]), end=int(run[-1])) for run in np.split(missing, breaks) if run.size
    ]


def missing_bars(span: Span, step: int, held: Times) -> list[Span]:
    """Return what to ask for: the holes, a few bars wider on both sides, near ones together.

    >>> missing_bars(Span(start=0, end=90), 10, np.arange(0, 60, 10))
    [Span(start=30, end=90)]
    """
    wide = [
        Span(
            start=max(hole.start - OVERLAP * step, span.start),
            end=min(hole.end + OVERLAP * step, span.end),
        )
        for hole in lacking(span, step, held)
    ]
    return _joined(wide, NEAR * step)


def missing_settlements(span: Span, held: Times) -> list[Span]:
    """Return what to ask for of funding, which has no grid but its own rhythm.

    A distance that is longer than the usual ones before it and after it has a hole; what lies
    before the first and after the last is missing where a settlement has room there.
    """
    inside = held[(held >= span.start) & (held <= span.end)]
    if not inside.size:
        return [span]
    wide = [
        Span(
            start=int(inside[max(i - OVERLAP + 1, 0)]),
            end=int(inside[min(i + OVERLAP, inside.size - 1)]),
        )
        for i in holes(inside)
    ]
    before = Span(start=span.start, end=int(inside[min(OVERLAP, inside.size) - 1]))
    after = Span(start=int(inside[-min(OVERLAP, inside.size)]), end=span.end)
    first, last = _rhythm(inside[: NEIGHBOURS + 1]), _rhythm(inside[-NEIGHBOURS - 1 :])
    earlier = [before] if inside[0] - span.start >= first else []
    later = [after] if span.end - inside[-1] >= last else []
    return _joined([*earlier, *wide, *later], 0)


def holes(time: Times) -> list[int]:
    """Return the places after which a settlement seems to be missing.

    >>> holes(np.array([0, 8, 16, 32, 40]) * HOUR)
    [2]
    """
    distance = np.diff(time)
    found = []
    for i in range(distance.size):
        sides = (distance[max(i - NEIGHBOURS, 0) : i], distance[i + 1 : i + 1 + NEIGHBOURS])
        beside = [int(side.min()) for side in sides if side.size]
        if beside and distance[i] > LATE * max(beside):
            found.append(i)
    return found


def windows(span: Span, width: int) -> Iterator[Span]:
    """Yield parts of a span, oldest first, that touch and do not overlap."""
    start = span.start
    while start <= span.end:
        end = min(start + width - 1, span.end)
        yield Span(start=start, end=end)
        start = end + 1


def _rhythm(time: Times) -> int:
    """Return the usual distance, an hour where nobody knows it."""
    return int(np.diff(time).min()) if time.size > 1 else HOUR


def _joined(spans: list[Span], near: int) -> list[Span]:
    joined: list[Span] = []
    for span in spans:
        if joined and span.start - joined[-1].end <= near:
            joined[-1] = Span(start=joined[-1].start, end=max(span.end, joined[-1].end))
        else:
            joined.append(span)
    return joined
