"""What is drawn of a long series: every extreme, at its own time, with its own value."""

from itertools import accumulate

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from hedgerow.report.downsample import kept_rows
from hedgerow.report.encoding import encoded_times, encoded_values
from hedgerow.report.sparkline import plain_sparkline, sparkline
from hedgerow.units import HOUR, SECOND, Floats

numbers = st.one_of(st.just(float("nan")), st.floats(-1e9, 1e9))
series = st.integers(1, 400).flatmap(
    lambda rows: st.tuples(
        arrays(np.float64, rows, elements=numbers), arrays(np.float64, rows, elements=numbers)
    )
)


@given(lines=series, buckets=st.integers(1, 60))
def test_every_bucket_keeps_its_lowest_and_its_highest(
    lines: tuple[Floats, Floats], buckets: int
) -> None:
    rows = kept_rows(list(lines), buckets)
    assert rows[0] == 0
    assert rows[-1] == len(lines[0]) - 1
    assert np.all(np.diff(rows) > 0)
    length = max(1, -(-len(lines[0]) // buckets))
    for line in lines:
        for start in range(0, len(line), length):
            bucket = line[start : start + length]
            drawn = line[rows[(rows >= start) & (rows < start + length)]]
            if not np.isnan(bucket).all():
                assert np.nanmax(drawn) == np.nanmax(bucket)
                assert np.nanmin(drawn) == np.nanmin(bucket)


@given(lines=series, buckets=st.integers(1, 60))
def test_a_break_in_a_line_is_not_drawn_over(lines: tuple[Floats, Floats], buckets: int) -> None:
    line = lines[0]
    rows = kept_rows([line], buckets)
    length = max(1, -(-len(line) // buckets))
    for start in range(0, len(line), length):
        if np.isnan(line[start : start + length]).any():
            assert np.isnan(line[rows[(rows >= start) & (rows < start + length)]]).any()


@given(values=arrays(np.float64, st.integers(0, 60), elements=numbers))
def test_values_come_back_to_six_digits_of_the_largest(values: Floats) -> None:
    encoded = encoded_values(values, least_decimals=2)
    steps, places = encoded["steps"], encoded["places"]
    assert isinstance(steps, list)
    assert isinstance(places, int)
    sums = list(accumulate(step or 0 for step in steps))
    back = np.array(
        [
            np.nan if step is None else total / 10**places
            for step, total in zip(steps, sums, strict=True)
        ]
    )
    np.testing.assert_array_equal(np.isnan(back), np.isnan(values))
    np.testing.assert_allclose(back, values, rtol=1e-15, atol=0.5000001 * 10.0**-places)
    assert places >= 2


@given(gaps=st.lists(st.integers(1, 50), min_size=1, max_size=50))
def test_times_come_back_to_the_second(gaps: list[int]) -> None:
    times = 1_700_000_000 * SECOND + np.cumsum(np.array(gaps, np.int64)) * HOUR
    encoded = encoded_times(times)
    start, unit, steps = encoded["start"], encoded["unit"], encoded["steps"]
    assert isinstance(start, int)
    assert isinstance(unit, int)
    assert isinstance(steps, list)
    back = [start + unit * total for total in accumulate(step or 0 for step in steps)]
    assert back == (times // SECOND).tolist()


def test_a_spike_of_one_value_shows_in_the_line_of_characters() -> None:
    values = [0.0] * 10_000
    values[1_234] = 1.0
    assert sparkline(values, width=40, height=3, span=(0.0, 1.0))[0].strip("⠀") != ""
    assert plain_sparkline(values, width=40, height=3, span=(0.0, 1.0))[0].strip() == "*"
