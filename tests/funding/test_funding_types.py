"""Only a settled rate moves cash; a predicted one says when, from what, and how far it has come."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import numpy as np
import pytest

from hedgerow.errors import ConfigError, DataGap, HedgeError, MarketDataError, UnknownName
from hedgerow.funding.accrual import Stretch, accrued_funding
from hedgerow.funding.payment import expected_payment, funding_payment, payment_price
from hedgerow.funding.prediction import predicted_funding
from hedgerow.funding.premiums import projected_from, projected_premium
from hedgerow.funding.rates import PredictedFunding, RealisedFunding, realised
from hedgerow.funding.rules import settlement_rate
from hedgerow.market.series import FundingRates
from hedgerow.market.tables import contract_rules
from hedgerow.market.venue import ContractRules, FundingRule, PremiumRule
from hedgerow.units import HOUR, nanoseconds

EIGHT = nanoseconds(datetime(2026, 8, 1, 8, tzinfo=UTC))
SETTLED = RealisedFunding(
    venue="binance", instrument="BTC/USDT:USDT", time=EIGHT, rate=0.0001, interval_hours=8.0
)


def expected(**changes: float) -> PredictedFunding:
    known = PredictedFunding(
        venue="binance",
        instrument="BTC/USDT:USDT",
        time=EIGHT,
        rate=0.0002,
        interval_hours=8.0,
        as_of=EIGHT - 4 * HOUR,
        elapsed=0.5,
    )
    return replace(known, **changes)  # type: ignore[arg-type]


def binance(premium: PremiumRule | None) -> ContractRules:
    rule = FundingRule(
        interval_hours=8,
        cap=Decimal("0.003"),
        floor=Decimal("-0.003"),
        interest=Decimal("0.0001"),
        clamp=Decimal("0.0005"),
    )
    shipped = contract_rules("binance", "BTC/USDT:USDT", date(2026, 8, 1))
    return replace(shipped, funding=rule, premium=premium)


def test_a_short_receives_what_a_long_pays() -> None:
    assert funding_payment(SETTLED, 120.0, 50_000.0) == pytest.approx(-600.0)
    assert funding_payment(SETTLED, -120.0, 50_000.0) == pytest.approx(600.0)


def test_a_predicted_rate_pays_nothing() -> None:
    with pytest.raises(TypeError, match="PredictedFunding moves no cash"):
        funding_payment(expected(), 120.0, 50_000.0)  # type: ignore[arg-type]
    assert expected_payment(expected(), -120.0, 50_000.0) == pytest.approx(1_200.0)


def test_neither_kind_is_the_other() -> None:
    assert not issubclass(PredictedFunding, RealisedFunding)
    assert not issubclass(RealisedFunding, PredictedFunding)


@pytest.mark.parametrize("hours", [0.0, -8.0, float("nan"), float("inf")])
def test_an_interval_is_always_carried(hours: float) -> None:
    with pytest.raises(DataGap, match="never taken to be 8"):
        replace(SETTLED, interval_hours=hours)
    with pytest.raises(DataGap, match="never taken to be 8"):
        expected(interval_hours=hours)


def test_a_missing_rate_is_never_filled() -> None:
    with pytest.raises(DataGap, match="2026-08-01T08:00:00Z: the funding rate is nan"):
        replace(SETTLED, rate=float("nan"))


def test_a_prediction_precedes_its_settlement() -> None:
    with pytest.raises(ConfigError, match="is after the settlement"):
        expected(as_of=EIGHT + 1)
    with pytest.raises(ConfigError, match=r"elapsed = 1\.5"):
        expected(elapsed=1.5)


def test_recorded_settlements_become_single_ones() -> None:
    rates = FundingRates(
        time=np.array([EIGHT, EIGHT + 4 * HOUR]),
        rate=np.array([0.0001, -0.0002]),
        mark_price=np.array([np.nan, 5e4]),
        interval_hours=np.array([8.0, 4.0]),
        source="made",
    )
    found = realised(rates, "binance", "BTC/USDT:USDT")
    assert found[0] == SETTLED
    assert (found[1].rate, found[1].interval_hours) == (-0.0002, 4.0)
    unknown = replace(rates, interval_hours=np.array([np.nan, 4.0]))
    with pytest.raises(DataGap, match="interval_hours = nan"):
        realised(unknown, "binance", "BTC/USDT:USDT")


# Samples seen of those of the interval, their average, the newest, the weights, and the rate that
# comes of it, worked out with 20 digits outside of this package.
WORKED = [
    (240, 480, 0.0004, 0.0012, "rising", 0.00049958419958419958420),
    (240, 480, 0.0004, 0.0012, "equal", 0.0003),
    (60, 480, 0.0001, -0.0003, "rising", 0.0001),
    (60, 480, 0.0001, -0.0003, "equal", 0.0001),
    (45, 60, 0.0009, 0.0009, "rising", 0.0004),
    (45, 60, 0.0009, 0.0009, "equal", 0.0004),
]


@pytest.mark.parametrize(("seen", "expected", "average", "newest", "weights", "rate"), WORKED)
def test_a_premium_that_persists_gives_the_worked_rate(
    seen: int, expected: int, average: float, newest: float, weights: str, rate: float
) -> None:
    rule = PremiumRule(method="impact", sample_seconds=60, weights=weights)
    premium = projected_from(rule, average, newest, seen / expected, expected)
    found = settlement_rate(binance(rule).funding, premium).rate
    assert found == pytest.approx(rate, rel=1e-12)


@pytest.mark.parametrize("weights", ["rising", "equal"])
def test_a_prediction_says_from_when_and_how_far_it_is(weights: str) -> None:
    rule = PremiumRule(method="impact", sample_seconds=60, weights=weights)
    samples = np.linspace(-0.001, 0.003, 120)
    found = predicted_funding(binance(rule), samples, EIGHT)
    premium = projected_premium(rule, samples, 480)
    assert found.rate == settlement_rate(binance(rule).funding, premium).rate
    assert (found.elapsed, found.interval_hours) == (0.25, 8.0)
    assert (found.as_of, found.time) == (EIGHT - 6 * HOUR, EIGHT)


def test_a_whole_interval_predicts_its_own_settlement() -> None:
    rule = PremiumRule(method="impact", sample_seconds=3_600, weights="equal")
    found = predicted_funding(binance(rule), np.full(8, 0.002), EIGHT)
    assert (found.as_of, found.elapsed) == (EIGHT, 1.0)
    assert found.rate == pytest.approx(0.0015)


def test_a_prediction_needs_weights_and_not_too_many_samples() -> None:
    with pytest.raises(ConfigError, match="no table says how its premiums are sampled"):
        predicted_funding(binance(None), np.zeros(3), EIGHT)
    rule = PremiumRule(method="impact", sample_seconds=3_600, weights="equal")
    with pytest.raises(ConfigError, match="9 samples are more than the 8"):
        predicted_funding(binance(rule), np.zeros(9), EIGHT)


def test_the_price_is_the_one_of_the_rule() -> None:
    rule = FundingRule(
        interval_hours=1,
        cap=Decimal("0.04"),
        floor=Decimal("-0.04"),
        interest=Decimal("0.0001"),
        clamp=Decimal("0.0005"),
        price="oracle",
    )
    assert payment_price(rule, {"mark": 1.0, "oracle": 2.0}) == 2.0
    with pytest.raises(MarketDataError, match="paid on the oracle price, and only mark"):
        payment_price(rule, {"mark": 1.0})
    with pytest.raises(UnknownName, match="last"):
        payment_price(replace(rule, price="last"), {"last": 1.0})


@pytest.mark.parametrize("price", [0.0, -1.0, float("nan"), float("inf")])
def test_a_payment_needs_a_price(price: float) -> None:
    with pytest.raises(MarketDataError, match="funding needs a price"):
        funding_payment(SETTLED, 1.0, price)


def test_accrual_in_parts_is_accrual_in_one() -> None:
    rule = FundingRule(
        interval_hours=8,
        cap=Decimal("0.005"),
        floor=Decimal("-0.005"),
        interest=Decimal(0),
        clamp=Decimal("0.00025"),
        method="damped",
        price="index",
        continuous=True,
    )
    whole = [Stretch(seconds=28_800.0, premium=0.001, price=50_000.0)]
    parts = [Stretch(seconds=9_600.0, premium=0.001, price=50_000.0)] * 3
    found = accrued_funding(rule, 1e5, whole, inverse=True)
    assert found == pytest.approx(-2.0 * 0.00075, rel=1e-14)
    assert accrued_funding(rule, 1e5, parts, inverse=True) == pytest.approx(found, rel=1e-14)
    with pytest.raises(HedgeError, match="time cannot run"):
        accrued_funding(rule, 1.0, [Stretch(seconds=-1.0, premium=0.0, price=1.0)])
