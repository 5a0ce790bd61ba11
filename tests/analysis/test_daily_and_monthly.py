"""Daily and monthly P&L: a close at midnight belongs to the day that ended."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from hedgerow.analysis.daily import daily
from hedgerow.analysis.monthly import monthly
from hedgerow.analysis.periods import instants
from hedgerow.units import DAY, HOUR
from sample_run import PARTS, sample_run

run = sample_run()


def test_a_close_at_midnight_belongs_to_the_day_that_ended() -> None:
    steps = np.arange(49, dtype=np.int64)
    hedged = np.where(steps <= 24, 0.0, 5.0)  # jumps in the first bar of the second day
    hedged[24] = 2.0  # the close at midnight
    series = run.series.head(49).with_columns(pl.Series("hedged", hedged))
    table = daily(replace(run, series=series, end=run.start + 48 * HOUR, bars=48))
    assert table["hedged"].to_list() == [2.0, 3.0]
    assert table["day"].cast(pl.String).to_list() == ["2024-01-01", "2024-01-02"]


def test_every_day_of_the_run_has_one_row() -> None:
    table = daily(run)
    assert table.height == (run.end - run.start) // DAY
    assert table["day"].diff().drop_nulls().dt.total_days().unique().to_list() == [1]


@pytest.mark.parametrize("name", ["hedged", "unhedged", *PARTS])
def test_days_and_months_add_up_to_the_last_value_of_the_series(name: str) -> None:
    table = daily(run)
    last = run.series[name][-1]
    assert table[name].sum() == pytest.approx(last, rel=1e-12, abs=1e-6)
    if name in ("hedged", "unhedged", "exposure", "funding", "financing"):
        assert monthly(table)[name].sum() == pytest.approx(last, rel=1e-12, abs=1e-6)


def test_the_days_are_those_that_polars_groups_by_calendar() -> None:
    moved = run.series.select(
        (pl.col("time") - pl.duration(nanoseconds=1)).dt.date().alias("day"),
        pl.col("hedged").diff(),
    ).slice(1)
    grouped = moved.group_by("day", maintain_order=True).agg(pl.col("hedged").sum())
    table = daily(run)
    assert table["day"].to_list() == grouped["day"].to_list()
    np.testing.assert_allclose(
        table["hedged"].to_numpy(), grouped["hedged"].to_numpy(), rtol=1e-9, atol=1e-6
    )


def test_a_month_is_the_sum_of_what_it_lists() -> None:
    table = monthly(daily(run))
    assert table["month"].to_list() == ["2024-01", "2024-02", "2024-03", "2024-04"]
    parts = table.select(
        pl.sum_horizontal("exposure", "hedge", "funding", "costs", "financing", "collateral")
    ).to_series()
    np.testing.assert_allclose(table["hedged"].to_numpy(), parts.to_numpy(), rtol=1e-9)


def test_stamps_may_be_dates_or_nanoseconds() -> None:
    numbers = run.series.with_columns(pl.Series("time", instants(run.series)))
    assert daily(replace(run, series=numbers)).equals(daily(run))
    milliseconds = run.series.with_columns(pl.col("time").cast(pl.Datetime("ms", "UTC")))
    assert daily(replace(run, series=milliseconds)).equals(daily(run))
