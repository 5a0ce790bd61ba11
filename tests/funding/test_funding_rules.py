"""A rate is what the venue's rule makes of a premium; what is missing is refused by name."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hedgerow.errors import ConfigError, UnknownName
from hedgerow.funding.bounds import interest_part, margin_cap
from hedgerow.funding.rules import METHODS, RULES, SKEW, funding_terms, settlement_rate
from hedgerow.kernels.funding_rate import limited_change
from hedgerow.market.rule_names import FUNDING_METHODS
from hedgerow.market.venue import FundingRule

CALM = settings(deadline=None)  # the first call compiles


def a_rule(**changes: Any) -> FundingRule:  # noqa: ANN401 - also what is no number
    eight_hours = FundingRule(
        interval_hours=8,
        cap=Decimal("0.003"),
        floor=Decimal("-0.003"),
        interest=Decimal("0.0001"),
        clamp=Decimal("0.0005"),
    )
    return replace(eight_hours, **changes)


def test_every_method_a_table_may_name_has_its_rule() -> None:
    assert set(METHODS) == set(FUNDING_METHODS)


@pytest.mark.parametrize("method", sorted(RULES))
@CALM
@given(premium=st.floats(-0.5, 0.5))
def test_no_rate_leaves_its_bounds(method: str, premium: float) -> None:
    found = settlement_rate(a_rule(method=method), premium)
    assert -0.003 <= found.rate <= 0.003
    assert found.capped == (found.rate != found.unbounded)
    assert found.capped == (abs(found.unbounded) > 0.003)


@pytest.mark.parametrize("method", sorted(RULES))
@CALM
@given(low=st.floats(-0.02, 0.02), more=st.floats(0.0, 0.02))
def test_a_higher_premium_never_lowers_the_rate(method: str, low: float, more: float) -> None:
    rule = a_rule(method=method)
    assert settlement_rate(rule, low).rate <= settlement_rate(rule, low + more).rate + 1e-18


def test_a_quiet_market_pays_the_interest() -> None:
    assert settlement_rate(a_rule(), 0.0).rate == pytest.approx(0.0001, rel=1e-15)
    assert settlement_rate(a_rule(method="clamp"), 0.0003).rate == pytest.approx(0.0001)
    assert settlement_rate(a_rule(method="damped"), 0.0003).rate == 0.0


def test_two_rules_agree_at_eight_hours_and_differ_at_four() -> None:
    eight = [settlement_rate(a_rule(method=name), 0.002).rate for name in ("clamp", "scaled_clamp")]
    assert eight[0] == eight[1] == pytest.approx(0.0015)
    four = a_rule(interval_hours=4)
    assert settlement_rate(four, 0.002).rate == pytest.approx(0.00075)
    assert settlement_rate(replace(four, method="clamp"), 0.002).rate == pytest.approx(0.0015)


@pytest.mark.parametrize("missing", [None, 0, -8, 8.0, "8", True])
def test_a_missing_interval_is_never_eight_hours(missing: object) -> None:
    with pytest.raises(ConfigError, match=r"interval_hours = .*never taken to be 8"):
        settlement_rate(a_rule(interval_hours=missing), 0.001)


@pytest.mark.parametrize("name", ["cap", "floor", "interest", "clamp"])
@pytest.mark.parametrize("missing", [None, Decimal("NaN"), 0.003])
def test_a_missing_number_is_refused_by_name(name: str, missing: object) -> None:
    with pytest.raises(ConfigError, match=rf"{name} = .*refused, never assumed"):
        settlement_rate(a_rule(**{name: missing}), 0.001)


def test_a_rule_without_bounds_says_so() -> None:
    free = a_rule(cap=Decimal("Infinity"), floor=Decimal("-Infinity"))
    assert settlement_rate(free, 0.5).rate == pytest.approx(0.4995)


def test_a_cap_below_its_floor_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"cap = -0.01 is not above the floor"):
        funding_terms(a_rule(cap=Decimal("-0.01")))


def test_an_unknown_method_is_refused_with_its_neighbour() -> None:
    with pytest.raises(UnknownName, match=r"did you mean 'damped'"):
        settlement_rate(a_rule(method="dampd"), 0.001)


def test_a_rate_of_open_interest_takes_no_premium() -> None:
    with pytest.raises(ConfigError, match="follows open interest"):
        settlement_rate(a_rule(method=SKEW), 0.001)


@pytest.mark.parametrize("premium", [float("nan"), float("inf")])
def test_a_premium_is_a_number(premium: float) -> None:
    with pytest.raises(ConfigError, match="premium = "):
        settlement_rate(a_rule(), premium)


def test_the_change_between_intervals_is_limited() -> None:
    # BitMEX, 2020-04-17: maintenance 0.35 %, so the rate moves by 0.2625 % at most.
    limit = 0.75 * 0.0035
    assert limited_change(0.004, 0.0001, limit) == pytest.approx(0.002725)
    assert limited_change(-0.004, 0.0001, limit) == pytest.approx(-0.002525)
    assert limited_change(0.0002, 0.0001, limit) == 0.0002


def test_bounds_without_room_are_refused() -> None:
    with pytest.raises(ConfigError, match="no room for funding"):
        margin_cap(Decimal("0.005"), Decimal("0.01"), Decimal(6))
    with pytest.raises(ConfigError, match="intervals_per_day = 0"):
        interest_part(Decimal("0.0006"), Decimal("0.0003"), Decimal(0))
