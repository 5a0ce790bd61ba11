"""Holes and intervals are told apart by the data, whatever the venue's rule says."""

import numpy as np
import pytest

from hedgerow.replay.calendar import calendar, missing_in
from hedgerow.units import HOUR


def hours(*gaps: float) -> np.ndarray:
    return (np.concatenate([[0.0], np.cumsum(gaps)]) * HOUR).astype(np.int64)


def lost(time: np.ndarray, *, end: float | None = None, start: float = 0.0) -> int:
    last = float(time[-1]) / HOUR + 1.0 if end is None else end
    span = (int(start * HOUR), int(last * HOUR))
    return sum(count for _, count in missing_in(time, calendar(time, 8), span, 8))


@pytest.mark.parametrize("usual", [1.0, 4.0, 8.0])
@pytest.mark.parametrize("gone", [1, 4, 9])
def test_rows_taken_out_of_a_regular_series_are_missed(usual: float, gone: int) -> None:
    time = hours(*[usual] * 40)
    assert lost(time) == 0
    assert lost(np.delete(time, range(12, 12 + gone))) == gone


def test_two_holes_with_one_row_between_are_two() -> None:
    time = np.delete(hours(*[4.0] * 40), [10, 12])
    assert lost(time) == 2
    assert set(calendar(time, 8).interval_hours) == {4.0}


@pytest.mark.parametrize(("old", "new"), [(8.0, 4.0), (4.0, 8.0), (1.0, 8.0), (8.0, 1.0)])
def test_a_changed_interval_is_no_hole(old: float, new: float) -> None:
    time = hours(*[old] * 12, *[new] * 12)
    assert lost(time) == 0
    assert list(calendar(time, 8).interval_hours) == [old] * 13 + [new] * 12


def test_the_ends_of_the_span_count() -> None:
    time = hours(*[8.0] * 10)
    assert lost(time, end=80.0) == 0
    assert lost(time, end=81.0) == 0
    assert lost(time, end=97.0) == 2
    later = time + 8 * HOUR
    assert lost(later) == 0
    assert lost(later + 16 * HOUR) == 2


def test_a_span_without_a_single_row_misses_all() -> None:
    assert lost(hours(*[8.0] * 3), start=240.0, end=264.0) == 3
    assert lost(np.empty(0, dtype=np.int64), end=24.0) == 3


def test_a_hole_before_the_span_is_not_the_runs() -> None:
    time = np.delete(hours(*[8.0] * 40), range(5, 8))
    assert lost(time, start=100.0) == 0
    assert lost(time, start=50.0) == 1
