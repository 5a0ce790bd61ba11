"""The calendar of settlements that the data themselves show: intervals, and what is missing."""

from dataclasses import dataclass

import numpy as np

from hedgerow.units import HOUR, Floats, Times

SIDE = 3  # gaps looked at on each side
LONGER = 1.2  # than usual: no jitter, and no interval that a venue changes to


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Calendar:
    """What a series of settlement instants says about itself.

    Attributes
    ----------
    interval_hours
        Of each row: hours since the settlement before, or since the one that should have been.
    holes
        (last instant before the hole, first that is missing, step to the next), nanoseconds.
    """

    interval_hours: Floats
    holes: tuple[tuple[int, int, int], ...]


def calendar(time: Times, rule_hours: int) -> Calendar:
    """Read the calendar of settlements at `time`, strictly increasing nanoseconds.

    Venues change intervals, so the rule's is no measure. A gap longer than what is usual on both
    sides is a hole; one that is usual on either side is an interval, old or new. At the end of
    the data there is one side only, and a gap longer than usual there is a hole too. The rule
    speaks only where the data are silent: with a single row.
    """
    gaps = np.diff(time)
    if not len(gaps):
        return Calendar(interval_hours=np.full(len(time), float(rule_hours)), holes=())
    hours = gaps / HOUR
    holes = []
    for number, gap in enumerate(gaps):
        before = gaps[max(number - SIDE, 0) : number]
        after = gaps[number + 1 : number + 1 + SIDE]
        sides = [float(np.median(side)) for side in (before, after) if len(side)]
        if sides and all(gap > LONGER * side for side in sides):
            usual = int(min(sides))
            holes.append((int(time[number]), int(time[number]) + usual, usual))
            hours[number] = usual / HOUR
    return Calendar(interval_hours=np.concatenate([hours[:1], hours]), holes=tuple(holes))


def missing_in(
    time: Times, found: Calendar, span: tuple[int, int], rule_hours: int
) -> list[tuple[int, int]]:
    """Return (last instant before, how many are missing) of each hole within ``[start, end)``.

    `time` and `found` are of the whole series. Before its first row nothing is missing but what
    its first interval says should lie inside the span: a settlement at the start instant itself
    finds nothing held, so the first may come one interval after it.
    """
    start, end = span
    if not len(time) or time[-1] < start or time[0] >= end:
        return [(start, max(int((end - start) // (rule_hours * HOUR)), 1))]
    missing = []
    first_step = round(float(found.interval_hours[0]) * HOUR)
    head = range(int(time[0]) - first_step, start, -first_step)
    if head:
        missing.append((start, len(head)))
    arrivals = [int(at) for at in time]
    for after, at, step in found.holes:
        upto = arrivals[int(np.searchsorted(time, after, side="right"))]
        lost = [k for k in range(at, upto - step // 10, step) if start <= k < end]
        if lost:
            missing.append((max(after, start), len(lost)))
    last_step = round(float(found.interval_hours[-1]) * HOUR)
    tail = range(int(time[-1]) + last_step, end, last_step)
    if tail:
        missing.append((int(time[-1]), len(tail)))
    return missing
