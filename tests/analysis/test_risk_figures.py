"""Risk figures against hand-worked series, plain loops and another definition of shortfall."""

import math
import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedgerow.analysis.risk import drawdown, risk, tail_loss

pnls = st.lists(st.integers(-1000, 1000).map(float), min_size=1, max_size=300)


def test_figures_of_a_hand_worked_week() -> None:
    figures = risk(np.array([10.0, -4.0, -8.0, 6.0, 1.0, -20.0, 5.0]))
    assert figures.pnl == -10.0
    assert figures.max_drawdown == 25.0  # from 10 after the first day to -15 after the sixth
    assert figures.var_99 == figures.es_99 == 20.0
    assert figures.volatility == pytest.approx(
        statistics.stdev([10, -4, -8, 6, 1, -20, 5]) * math.sqrt(365), rel=1e-14
    )


def test_a_loss_on_the_first_day_is_a_drawdown() -> None:
    assert risk(np.array([-3.0, 1.0])).max_drawdown == 3.0


def test_the_tail_holds_three_of_two_hundred_and_one_days() -> None:
    pnl = np.arange(201.0)  # the worst are 0, 1 and 2: k = ceil(2.01)
    assert tail_loss(pnl, 0.01) == (-2.0, -1.0)
    assert tail_loss(pnl[:200], 0.01) == (-1.0, -0.5)


def test_a_single_day_has_a_tail_and_no_volatility() -> None:
    figures = risk(np.array([-2.0]))
    assert math.isnan(figures.volatility)
    assert (figures.var_99, figures.es_99) == (2.0, 2.0)


@given(pnls)
def test_value_at_risk_is_the_inverted_cumulative_distribution(pnl: list[float]) -> None:
    var, _ = tail_loss(np.array(pnl), 0.25)
    assert var == -float(np.quantile(pnl, 0.25, method="inverted_cdf"))


@given(st.lists(st.integers(-1000, 1000).map(float), min_size=4, max_size=100))
def test_shortfall_solves_the_minimum_of_rockafellar_and_uryasev(pnl: list[float]) -> None:
    pnl = pnl[: len(pnl) // 4 * 4]  # so that a quarter of the days is a whole number
    losses = -np.array(pnl)
    lowest = min(c + np.maximum(losses - c, 0.0).mean() / 0.25 for c in losses)
    assert tail_loss(np.array(pnl), 0.25)[1] == pytest.approx(float(lowest), rel=1e-12, abs=1e-9)


@given(pnls)
def test_drawdown_is_the_worst_fall_between_any_two_moments(pnl: list[float]) -> None:
    worth = [0.0, *np.cumsum(pnl).tolist()]
    deepest = max(high - low for at, high in enumerate(worth) for low in worth[at:])
    assert float(drawdown(np.array(pnl)).max()) == deepest


@given(pnls)
def test_shortfall_is_at_least_value_at_risk(pnl: list[float]) -> None:
    figures = risk(np.array(pnl))
    assert figures.es_99 >= figures.var_99 - 1e-9
