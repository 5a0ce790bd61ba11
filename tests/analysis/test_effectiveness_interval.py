"""Hedge effectiveness and its interval, against plain resampling and processes known exactly."""

import math
import time
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from hedgerow.analysis.bootstrap import (
    Resampling,
    variance_reduction,
    variance_reduction_interval,
)
from hedgerow.analysis.effectiveness import block_length, effectiveness
from hedgerow.analysis.run import Run
from hedgerow.units import DAY, HOUR, Floats
from sample_run import sample_run

run = sample_run()


def resample_plainly(hedged: Floats, unhedged: Floats, resampling: Resampling) -> Floats:
    """Build every resample in full and take its variances, one after the other."""
    count = len(hedged)
    blocks = math.ceil(count / resampling.block)
    random = np.random.default_rng(resampling.seed)
    starts = random.integers(0, count, size=(resampling.resamples, blocks), dtype=np.int32)
    found = []
    for row in starts:
        rows = [(start + step) % count for start in row for step in range(resampling.block)]
        found.append(1.0 - np.var(hedged[rows]) / np.var(unhedged[rows]))
    return np.array(found)


@pytest.mark.parametrize("block", [1, 7, 20])
def test_the_interval_is_that_of_resamples_built_in_full(block: int) -> None:
    random = np.random.default_rng(1)
    unhedged = 5.0 + 100.0 * random.standard_normal(203)
    hedged = 0.2 * unhedged + random.standard_normal(203)
    resampling = Resampling(resamples=200, block=block, seed=(3, 4))
    plain = resample_plainly(hedged, unhedged, resampling)
    low, high = variance_reduction_interval(hedged, unhedged, resampling)
    assert (low, high) == pytest.approx(tuple(np.quantile(plain, [0.025, 0.975])), rel=1e-9)


def moving_average(random: np.random.Generator, count: int) -> Floats:
    noise = random.standard_normal(count + 1)
    moved: Floats = noise[1:] + 0.5 * noise[:-1]
    return moved


def test_the_interval_holds_the_truth_about_nineteen_times_in_twenty() -> None:
    random = np.random.default_rng(11)
    truth, held, trials = 1.0 - 0.3**2, 0, 300
    for trial in range(trials):
        unhedged, hedged = moving_average(random, 800), 0.3 * moving_average(random, 800)
        resampling = Resampling(resamples=400, block=10, seed=(trial,))
        low, high = variance_reduction_interval(hedged, unhedged, resampling)
        held += low <= truth <= high
    assert 0.91 <= held / trials <= 0.985


def test_blocks_see_the_clusters_that_single_changes_do_not() -> None:
    random = np.random.default_rng(5)
    calm_or_wild = np.repeat(np.exp(random.standard_normal(60)), 50)
    unhedged = calm_or_wild * random.standard_normal(3000)
    hedged = 0.3 * random.standard_normal(3000)
    widths = []
    for block in (1, 50):
        resampling = Resampling(resamples=1000, block=block, seed=(0,))
        low, high = variance_reduction_interval(hedged, unhedged, resampling)
        widths.append(high - low)
    assert widths[1] > 2.0 * widths[0]


def with_series(run: Run, **columns: Floats) -> Run:
    return replace(
        run, series=run.series.with_columns(pl.Series(name, c) for name, c in columns.items())
    )


def test_half_a_hedge_takes_three_quarters_of_the_variance_at_every_horizon() -> None:
    half = with_series(run, hedged=0.5 * run.series["unhedged"].to_numpy())
    for figure in effectiveness(half):
        assert figure.plain.variance_reduction == pytest.approx(0.75, abs=1e-12)
        assert (figure.plain.low, figure.plain.high) == pytest.approx((0.75, 0.75), abs=1e-9)


def test_without_carry_leaves_funding_and_financing_out() -> None:
    carry = run.series["funding"].to_numpy() + run.series["financing"].to_numpy()
    perfect = with_series(run, hedged=carry)
    for figure in effectiveness(perfect):
        assert figure.without_carry.variance_reduction == pytest.approx(1.0, abs=1e-12)
        assert figure.plain.variance_reduction < 1.0


@pytest.mark.parametrize(("place", "hours"), [(0, 1), (1, 8), (2, 24), (3, 168)])
def test_changes_on_days_with_a_liquidation_are_dropped(place: int, hours: int) -> None:
    bad = {liquidation.time // DAY for liquidation in run.liquidations}
    values = run.series["hedged"].to_list(), run.series["unhedged"].to_list()
    hedged, unhedged = [], []
    for row in range(0, run.bars - hours + 1, hours):
        touched = {(run.start + bar * HOUR) // DAY for bar in range(row, row + hours)}
        if not touched & bad:
            hedged.append(values[0][row + hours] - values[0][row])
            unhedged.append(values[1][row + hours] - values[1][row])
    figure = effectiveness(run)[place]
    assert figure.hours == hours
    assert figure.without_liquidation_days.changes == len(hedged) < figure.plain.changes
    assert figure.without_liquidation_days.variance_reduction == pytest.approx(
        1.0 - np.var(hedged, ddof=1) / np.var(unhedged, ddof=1), rel=1e-9
    )


def test_the_figure_is_covariance_algebra() -> None:
    random = np.random.default_rng(2)
    spot, perp = random.multivariate_normal([0, 0], [[4.0, 1.8], [1.8, 1.0]], 500).T
    ratio = float(np.cov(spot, perp)[0, 1] / np.var(perp, ddof=1))
    correlation = float(np.corrcoef(spot, perp)[0, 1])
    assert variance_reduction(spot - ratio * perp, spot) == pytest.approx(correlation**2, rel=1e-12)


def test_horizons_shorter_than_the_bar_are_left_out() -> None:
    eight_hourly = replace(
        run, step=8 * HOUR, series=run.series.gather_every(8), bars=run.bars // 8
    )
    assert [figure.hours for figure in effectiveness(eight_hourly)] == [8, 24, 168]
    assert effectiveness(eight_hourly)[0].plain == effectiveness(run)[1].plain


def test_nothing_is_said_of_a_book_that_does_not_move() -> None:
    still = with_series(run, unhedged=np.zeros(run.bars + 1))
    figure = effectiveness(still)[0].plain
    assert math.isnan(figure.variance_reduction)
    assert math.isnan(figure.low)


@pytest.mark.parametrize(("count", "hours", "length"), [(9, 168, 1), (1825, 24, 13), (100, 1, 10)])
def test_blocks_are_a_week_or_the_cube_root_but_never_over_a_tenth(
    count: int, hours: int, length: int
) -> None:
    assert block_length(count, hours) == length


def test_five_years_of_hours_take_well_under_half_a_second() -> None:
    random = np.random.default_rng(0)
    long = replace(
        run,
        bars=43_800,
        series=pl.DataFrame(
            {
                name: np.cumsum(random.standard_normal(43_801))
                for name in ("hedged", "unhedged", "exposure", "funding", "financing")
            }
        ),
    )
    began = time.process_time()
    effectiveness(long)
    assert time.process_time() - began < 0.4
