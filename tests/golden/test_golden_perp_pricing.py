"""Every case of perpetual prices, anchors, clamp bands and yearly rates."""

import numpy as np
import pytest
from golden_cases import Case, cases, golden

from hedgerow.pricing.annual import annualised, compounded
from hedgerow.pricing.clamp_band import CarryCost, clamp_band
from hedgerow.pricing.perpetual import (
    Anchoring,
    Carry,
    FundingTime,
    QuantoRisk,
    Terms,
    anchoring_interest,
    inverse_price,
    linear_price,
    perpetual_prices,
    quanto_price,
)
from hedgerow.units import Floats

FILE = "perp_pricing"
TIMES = {
    "prev": FundingTime.PREVIOUS,
    "current": FundingTime.CURRENT,
    "continuous": FundingTime.CONTINUOUS,
}


def is_price(case: Case) -> bool:
    return "kind" in case.inputs


def group(case: Case) -> tuple[str, FundingTime]:
    return case.inputs["kind"], TIMES[case.inputs.get("funding", "continuous")]


GROUPS = sorted({group(case) for case in cases(FILE) if is_price(case)})


def is_anchor(case: Case) -> bool:
    return not is_price(case) and {"r", "dt"} <= set(case.inputs)


def is_band(case: Case) -> bool:
    return "hold_hours" in case.inputs


def is_annual(case: Case) -> bool:
    return "rate_per_interval" in case.inputs


def carry(case: Case) -> Carry:
    return Carry(quote_rate=case.number("r"), coin_rate=case.number("q", 0.0))


def price(case: Case) -> float:
    kind = case.inputs["kind"]
    time = TIMES[case.inputs.get("funding", "continuous")]
    funding = Anchoring(
        premium_intensity=case.number("kappa"),
        interest=case.number("iota", 0.0),
        interval_years=case.number("dt", 0.0),
        time=time,
    )
    spot = case.number("s")
    if kind == "quanto":
        risk = QuantoRisk(
            volatility=case.number("sigma_x"),
            settle_volatility=case.number("sigma_z"),
            correlation=case.number("rho"),
        )
        return quanto_price(spot, carry(case), funding, risk)
    return {"linear": linear_price, "inverse": inverse_price}[kind](spot, carry(case), funding)


@golden(FILE, is_price)
def test_the_price_without_arbitrage_comes_out(case: Case) -> None:
    found = price(case)
    case.check(found)
    if case.raw.get("basis") is not None:
        basis = found / case.number("s") - 1.0
        wanted = float(case.raw["basis"])
        assert basis == pytest.approx(wanted, rel=float(case.raw["tol_rel"]), abs=1e-14)


@pytest.mark.parametrize(("kind", "time"), GROUPS)
def test_columns_of_prices_come_out(kind: str, time: FundingTime) -> None:
    chosen = [case for case in cases(FILE) if is_price(case) and group(case) == (kind, time)]

    def column(key: str) -> Floats:
        return np.array([case.number(key, 0.0) for case in chosen], dtype=np.float64)

    terms = Terms(
        premium_intensity=column("kappa"),
        interest=column("iota"),
        interval_years=column("dt"),
        time=time,
        quote_rate=column("r"),
        coin_rate=column("q"),
        covariance=column("rho") * column("sigma_x") * column("sigma_z"),
    )
    found = perpetual_prices(column("s"), terms, payoff=kind)
    assert found.rows.all_valid
    for case, price, basis in zip(
        chosen, np.asarray(found.price), np.asarray(found.basis), strict=True
    ):
        case.check(float(price))
        if case.raw.get("basis") is not None:
            assert float(basis) == pytest.approx(float(case.raw["basis"]), rel=1e-11, abs=1e-14)


@golden(FILE, is_anchor)
def test_the_interest_that_anchors_the_price_comes_out(case: Case) -> None:
    years = case.number("dt")
    for key, time in (("prev", FundingTime.PREVIOUS), ("current", FundingTime.CURRENT)):
        if f"iota_linear_{key}" in case.expected:
            found = anchoring_interest(carry(case), years, time)
            case.check(found, f"iota_linear_{key}")


@golden(FILE, is_band)
def test_the_premiums_where_carry_pays_come_out(case: Case) -> None:
    cost = CarryCost(
        round_trip=case.number("round_trip_cost", 0.0),
        hold_hours=case.number("hold_hours"),
        financing_spread=case.number("financing_spread", 0.0),
    )
    hours = case.number("interval_h", 8.0)
    band = clamp_band(cost, case.number("I"), case.number("delta"), hours)
    scale = case.number("delta")
    case.check(band.required_funding, "required_funding_per_interval", scale)
    case.check(band.short_above, "short_perp_premium_threshold", scale)
    case.check(band.long_below, "long_perp_premium_threshold", scale)


@golden(FILE, is_annual)
def test_the_yearly_rates_come_out(case: Case) -> None:
    rate, intervals = case.number("rate_per_interval"), case.number("intervals_per_year")
    case.check(annualised(rate, intervals), "simple")
    case.check(compounded(rate, intervals), "compounded")


def test_no_case_is_left_unanswered() -> None:
    kinds = (is_price, is_anchor, is_band, is_annual)
    assert [case.id for case in cases(FILE) if sum(kind(case) for kind in kinds) != 1] == []
