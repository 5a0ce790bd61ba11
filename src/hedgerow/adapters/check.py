"""A health check of a lake: what is missing, repeated, impossible or far out of line.

Nothing is repaired. Bars are compared with their own grid, from the first to the last one held.
Funding has no fixed grid: its interval is whatever at least three settlements in a row keep, and
a single longer distance is settlements missing from it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from hedgerow.adapters.frames import PRICES
from hedgerow.adapters.lake import Lake
from hedgerow.adapters.series_key import SeriesKey
from hedgerow.market.series import Bars, PriceKind
from hedgerow.units import HOUR, Floats, Times

OUTLIER: Final = 40.0  # robust standard deviations; crypto has honest moves of twenty
_MAD_TO_DEVIATION: Final = 1.4826  # of a normal distribution; Rousseeuw and Croux (1993), eq. 1.1
_REGIME: Final = 3  # equal intervals in a row that make an interval the venue's own


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Rows that should be there and are not.

    `start` is the first missing instant (for funding, the last settlement before the hole) and
    `end` the first instant that is there again; UTC nanoseconds.
    """

    start: int
    end: int
    missing: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlier:
    """A move far out of line with the rest of the series.

    `what` is ``"return"`` (close to close), ``"high"`` or ``"low"`` (a wick beyond the bar's body).
    `size` is the log move and `deviations` how many robust standard deviations that is.
    """

    time: int
    what: str
    size: float
    deviations: float


@dataclass(frozen=True, slots=True, kw_only=True)
class IntervalSpan:
    """A stretch of settlements the same number of hours apart, `start` the first of them."""

    start: int
    end: int
    hours: float
    settlements: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesHealth:
    """The findings about one series.

    Attributes
    ----------
    expected
        Rows that a series without gaps would have from `first` to `last`.
    zero_volume, unknown_volume
        Bars in which nothing was traded, and bars that do not say.
    intervals
        Of funding, in order; more than one where the venue changed its interval.
    """

    key: SeriesKey
    rows: int
    expected: int
    first: int
    last: int
    gaps: tuple[Gap, ...]
    duplicates: int
    ohlc_violations: int = 0
    zero_volume: int = 0
    unknown_volume: int = 0
    outliers: tuple[Outlier, ...] = ()
    intervals: tuple[IntervalSpan, ...] = ()

    @property
    def missing(self) -> int:
        """Rows that are not there."""
        return self.expected - self.rows

    @property
    def clean(self) -> bool:
        """Whether there is nothing to look at; a change of the funding interval is no fault."""
        return not (self.gaps or self.duplicates or self.ohlc_violations or self.outliers)


def check(lake: Lake) -> list[SeriesHealth]:
    """Return the health of every series of a lake, sorted.

    Raises
    ------
    MarketDataError
        If a file of the lake is damaged.
    """
    return [_check_series(lake, held.key) for held in lake.series()]


def _check_series(lake: Lake, key: SeriesKey) -> SeriesHealth:
    if key.is_funding:
        return funding_health(key, lake.funding(key.venue, key.symbol).time)
    return bars_health(key, lake.bars(key.venue, key.symbol, PriceKind(key.kind), key.step))


def bars_health(key: SeriesKey, bars: Bars) -> SeriesHealth:
    """Return the findings about bars, compared with their own grid."""
    time = bars.time
    gaps = tuple(
        Gap(
            start=int(time[i]) + bars.step,
            end=int(time[i + 1]),
            missing=int(time[i + 1] - time[i]) // bars.step - 1,
        )
        for i in np.flatnonzero(np.diff(time) > bars.step)
    )
    with np.errstate(invalid="ignore"):
        impossible = (
            (bars.high < np.fmax(bars.open, bars.close))
            | (bars.low > np.fmin(bars.open, bars.close))
            | (bars.high < bars.low)
        )
        for name in PRICES:
            impossible |= getattr(bars, name) <= 0.0
    duplicates = int((np.diff(np.sort(time)) == 0).sum())
    return SeriesHealth(
        key=key,
        rows=time.size,
        expected=time.size - duplicates + sum(gap.missing for gap in gaps),
        first=int(time[0]),
        last=int(time[-1]),
        gaps=gaps,
        duplicates=duplicates,
        ohlc_violations=int(impossible.sum()),
        zero_volume=int((bars.volume == 0.0).sum()),
        unknown_volume=int(np.isnan(bars.volume).sum()),
        outliers=_outliers(bars),
    )


def funding_health(key: SeriesKey, time: Times) -> SeriesHealth:
    """Return the findings about settlements at `time`, compared with their own intervals."""
    hours = _snapped(np.diff(time) / HOUR)
    usual = _usual_hours(hours)
    gaps = tuple(
        Gap(start=int(time[i]), end=int(time[i + 1]), missing=missing)
        for i in range(hours.size)
        if (missing := round(hours[i] / usual[i]) - 1) > 0
    )
    duplicates = int((np.diff(np.sort(time)) == 0).sum())
    return SeriesHealth(
        key=key,
        rows=time.size,
        expected=time.size - duplicates + sum(gap.missing for gap in gaps),
        first=int(time[0]),
        last=int(time[-1]),
        gaps=gaps,
        duplicates=duplicates,
        intervals=_spans(time, usual),
    )


def _snapped(hours: Floats) -> Floats:
    """Round to whole hours what is within six minutes of them: settlement clocks are not exact."""
    whole = np.round(hours)
    near = (np.abs(hours - whole) <= 0.1) & (whole >= 1.0)
    return np.where(near, whole, np.round(hours, 2))


def _usual_hours(hours: Floats) -> Floats:
    """Return the venue's interval at each distance between settlements.

    Runs of at least three equal distances are the venue's; what lies between belongs to the run
    before it, at the beginning to the first run, and if there are none to the median.
    """
    if hours.size == 0:
        return hours
    starts = np.flatnonzero(np.concatenate(([True], np.diff(hours) != 0.0)))
    lengths = np.diff(np.concatenate((starts, [hours.size])))
    steady = [(s, hours[s]) for s, n in zip(starts, lengths, strict=True) if n >= _REGIME]
    if not steady:
        median = max(float(np.median(hours)), 0.01)
        return np.full(hours.size, median)
    usual = np.full(hours.size, max(steady[0][1], 0.01))
    for start, value in steady:
        usual[start:] = max(value, 0.01)
    return usual


def _spans(time: Times, usual: Floats) -> tuple[IntervalSpan, ...]:
    if usual.size == 0:
        return ()
    starts = np.flatnonzero(np.concatenate(([True], np.diff(usual) != 0.0)))
    ends = np.concatenate((starts[1:], [usual.size]))
    return tuple(
        IntervalSpan(
            start=int(time[start]),
            end=int(time[end]),
            hours=float(usual[start]),
            settlements=int(end - start),
        )
        for start, end in zip(starts, ends, strict=True)
    )


def _outliers(bars: Bars) -> tuple[Outlier, ...]:
    adjacent = np.diff(bars.time) == bars.step
    with np.errstate(invalid="ignore", divide="ignore"):
        moves = np.where(adjacent, np.diff(np.log(bars.close)), np.nan)
        above = np.log(bars.high / np.fmax(bars.open, bars.close))
        below = np.log(bars.low / np.fmin(bars.open, bars.close))
    found = [
        *_far(bars.time[1:], moves, "return"),
        *_far(bars.time, above, "high"),
        *_far(bars.time, below, "low"),
    ]
    return tuple(sorted(found, key=lambda outlier: (outlier.time, outlier.what)))


def _far(time: Times, sizes: Floats, what: str) -> Iterable[Outlier]:
    """Yield what is further than `OUTLIER` robust deviations from the median."""
    known: npt.NDArray[np.bool_] = np.isfinite(sizes)
    if not known.any():
        return
    middle = float(np.median(sizes[known]))
    deviation = _MAD_TO_DEVIATION * float(np.median(np.abs(sizes[known] - middle)))
    if deviation == 0.0:
        return
    score = np.where(known, np.abs(sizes - middle) / deviation, 0.0)
    for i in np.flatnonzero(score > OUTLIER):
        yield Outlier(
            time=int(time[i]), what=what, size=float(sizes[i]), deviations=float(score[i])
        )
