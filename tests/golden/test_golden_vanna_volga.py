"""Every case of vanna-volga comes out, and its pivots are met exactly."""

import pytest
from golden_cases import Case, golden

from hedgerow.pricing.options import black76
from hedgerow.pricing.surface.vanna_volga import VannaVolga

FILE = "vanna_volga"


def smile_of(case: Case) -> tuple[VannaVolga, float]:
    forward = case.number("F")
    smile = VannaVolga.from_quotes(
        years=case.number("T"),
        at_the_money=case.number("atm"),
        risk_reversal=case.number("rr25"),
        butterfly=case.number("bf25"),
    )
    return smile, forward


@golden(FILE)
def test_pivots_weights_prices_and_volatilities_come_out(case: Case) -> None:
    smile, forward = smile_of(case)
    strikes = [forward * ratio for ratio in smile.ratios]
    for found, key in zip(strikes, ("K1_25P", "K2_ATM_DNS", "K3_25C"), strict=True):
        assert found == pytest.approx(float(case.expected["strikes"][key]), rel=1e-10)
    for point in case.expected["points"]:
        ratio = float(point["K"]) / forward
        wanted = [float(one) for one in point["weights"]]
        assert smile.weights(ratio).tolist() == pytest.approx(wanted, rel=1e-10, abs=1e-12)
        price = forward * smile.call_price(ratio)
        assert price == pytest.approx(float(point["vv_price_call_fwd"]), rel=1e-10)
        assert smile.first_order(ratio) == pytest.approx(float(point["sigma_1st"]), rel=1e-10)
        assert smile.second_order(ratio) == pytest.approx(float(point["sigma_2nd"]), rel=1e-10)


@golden(FILE)
def test_pivots_are_met_exactly(case: Case) -> None:
    smile, forward = smile_of(case)
    for ratio, volatility in zip(smile.ratios, smile.volatilities, strict=True):
        quoted = black76(forward, forward * ratio, volatility, smile.years, "call").price
        assert forward * smile.call_price(ratio) == pytest.approx(quoted, rel=1e-12)
        assert smile.first_order(ratio) == pytest.approx(volatility, rel=1e-12)
        assert smile.second_order(ratio) == pytest.approx(volatility, rel=1e-9)
