"""The budget of requests: no window holds more than the venue allows, and closing goes first."""

from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hedgerow.errors import ConfigError
from hedgerow.execution.budget import Priority, Rate, RateBudget
from hedgerow.units import SECOND

# Binance USD-M: 2400 of weight a minute, an order book of depth 100 weighs 5.
BINANCE = Rate(weight=2400.0, window=60 * SECOND)
asks = st.tuples(st.integers(0, 3 * SECOND), st.floats(1.0, 40.0), st.sampled_from(list(Priority)))


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(asks, min_size=100, max_size=300))
def test_no_window_holds_more_than_the_venue_allows(
    asked: list[tuple[int, float, Priority]],
) -> None:
    rate = Rate(weight=200.0, window=20 * SECOND)
    budget, now, taken = RateBudget({"x": rate}), 0, list[tuple[int, float]]()
    for pause, weight, priority in asked:
        now += pause
        if budget.ask("x", weight, priority, now) == 0:
            taken.append((now, weight))
    for start, _ in taken:
        within = sum(weight for time, weight in taken if start <= time < start + rate.window)
        assert within <= rate.weight + 1e-6


def test_who_waits_as_long_as_told_is_served() -> None:
    budget, now = RateBudget({"binance": BINANCE}), 0
    served = 0
    while served < 1000:
        wait = budget.ask("binance", 5.0, Priority.LOOK, now)
        if wait == 0:
            served += 1
            continue
        now += wait
        assert budget.ask("binance", 5.0, Priority.LOOK, now) == 0
        served += 1
    assert 200 * SECOND < now < 240 * SECOND


def test_looking_leaves_enough_for_a_closing_order() -> None:
    budget = RateBudget({"binance": BINANCE})
    for lower, higher in pairwise(sorted(Priority, reverse=True)):
        while budget.ask("binance", 5.0, lower, 0) == 0:
            pass
        assert budget.ask("binance", 5.0, higher, 0) == 0
    assert budget.ask("binance", 100.0, Priority.CLOSE, 0) == 0


def test_a_closing_order_that_waits_is_served_before_everybody_else() -> None:
    budget = RateBudget({"x": Rate(weight=20.0, window=10 * SECOND)})
    assert budget.ask("x", 10.0, Priority.CLOSE, 0) == 0
    wait = budget.ask("x", 5.0, Priority.CLOSE, 0)
    assert wait == 5 * SECOND
    assert budget.ask("x", 1.0, Priority.OPEN, wait) > 0
    assert budget.ask("x", 5.0, Priority.CLOSE, wait) == 0


def test_a_ban_holds_for_all_and_ends() -> None:
    budget = RateBudget({})
    budget.banned("binance", 30 * SECOND)
    assert budget.ask("binance", 1.0, Priority.CLOSE, 10 * SECOND) == 20 * SECOND
    assert budget.ask("bybit", 1.0, Priority.CLOSE, 10 * SECOND) == 0
    assert budget.ask("binance", 1.0, Priority.CLOSE, 31 * SECOND) == 0


def test_after_a_ban_orders_and_looks_go_out_at_once() -> None:
    budget = RateBudget({"binance": BINANCE})
    budget.banned("binance", 30 * SECOND)
    for priority in Priority:
        assert budget.ask("binance", 10.0, priority, 30 * SECOND) == 0


def test_what_a_venue_says_was_used_counts() -> None:
    budget = RateBudget({"binance": BINANCE})
    budget.used("binance", 2399.0, 0)
    assert budget.ask("binance", 20.0, Priority.CLOSE, 0) > 0


def test_a_request_heavier_than_the_purse_is_served_when_it_is_full() -> None:
    budget = RateBudget({"x": Rate(weight=10.0, window=SECOND)})
    assert budget.ask("x", 50.0, Priority.LOOK, 0) == 0
    assert budget.ask("x", 1.0, Priority.LOOK, 0) > SECOND


@pytest.mark.parametrize(("weight", "window"), [(0.0, 1), (1.0, 0), (float("nan"), 1)])
def test_a_rate_that_is_none_is_refused(weight: float, window: int) -> None:
    with pytest.raises(ConfigError, match="must be positive"):
        Rate(weight=weight, window=window)
