"""A mark is made as the venue's rule says, of inputs that are all there."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hedgerow.errors import MarketDataError, UnknownName
from hedgerow.funding.marks import RULES, MarkInputs, average_basis, mark_price
from hedgerow.kernels.mark import median_of_three
from hedgerow.market.rule_names import MARK_METHODS
from hedgerow.market.venue import MarkRule

GIVEN = MarkInputs(
    index=100.0,
    last=102.0,
    bid=101.0,
    ask=103.0,
    basis=0.5,
    funding_rate=0.01,
    hours_to_funding=4.0,
    interval_hours=8.0,
    elsewhere=99.0,
)


def a_rule(method: str, window: int = 30) -> MarkRule:
    return MarkRule(method=method, window_seconds=window, index="given")


def test_every_method_a_table_may_name_has_its_rule() -> None:
    assert set(RULES) == set(MARK_METHODS)


@settings(deadline=None)  # the first call compiles
@given(st.lists(st.floats(-1e9, 1e9), min_size=3, max_size=3))
def test_the_median_is_the_middle_one(values: list[float]) -> None:
    assert median_of_three(*values) == sorted(values)[1]


def test_a_missing_candidate_leaves_no_median() -> None:
    for values in ((math.nan, 1.0, 2.0), (1.0, math.nan, 2.0), (1.0, 2.0, math.nan)):
        assert math.isnan(median_of_three(*values))


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("median_of_three", 100.5),  # of 100.5 twice and 102
        ("index_basis", 100.5),
        ("index_ema", 100.5),
        ("funding_basis", 100.5),
        ("oracle_median", 100.5),  # of 100.5, 102 and 99
        ("oracle", 100.0),
    ],
)
def test_each_mark_is_what_its_rule_says(method: str, expected: float) -> None:
    assert mark_price(a_rule(method), GIVEN) == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize("method", sorted(RULES))
def test_a_missing_input_is_refused_by_name(method: str) -> None:
    for name in ("index", *RULES[method][1]):
        with pytest.raises(MarketDataError, match=rf"{method}.*: {name} = nan"):
            mark_price(a_rule(method), replace(GIVEN, **{name: math.nan}))


def test_an_unknown_mark_is_refused() -> None:
    with pytest.raises(UnknownName, match="middle"):
        mark_price(a_rule("middle"), GIVEN)


def test_a_still_basis_is_its_own_average() -> None:
    basis = np.full(50, 0.25)
    for method in ("median_of_three", "index_ema", "oracle_median"):
        assert average_basis(a_rule(method), basis, 1.0) == pytest.approx(0.25, rel=1e-14)


def test_a_plain_average_looks_back_over_its_window_only() -> None:
    basis = np.concatenate([np.full(100, 9.0), np.arange(30.0)])
    assert average_basis(a_rule("median_of_three", 30), basis, 1.0) == pytest.approx(14.5)


def test_an_exponential_average_forgets_at_its_decay_time() -> None:
    basis = np.concatenate([np.full(100_000, 1.0), np.zeros(150)])
    found = average_basis(a_rule("oracle_median", 150), basis, 1.0)
    assert found == pytest.approx(math.exp(-1.0), rel=1e-12)


def test_a_missing_basis_is_never_filled() -> None:
    with pytest.raises(MarketDataError, match="no sample, or one that is missing"):
        average_basis(a_rule("oracle_median"), np.array([0.1, np.nan]), 1.0)
