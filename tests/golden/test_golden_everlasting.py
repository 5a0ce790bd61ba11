"""Every case of everlasting options: the closed form, and the strip of dated options."""

import numpy as np
import pytest
from golden_cases import Case, cases, golden

from hedgerow.pricing.everlasting import Premium, everlasting, everlasting_strip

FILE = "everlasting_options"
STYLES = {"r0": Premium.MARGINED, "margined": Premium.MARGINED, "premium": Premium.PAID}
NAMES = {"funding_flow_per_year": "funding_flow"}


def is_closed(case: Case) -> bool:
    return "style" in case.inputs


def is_strip(case: Case) -> bool:
    return "payments_per_day" in case.inputs


def kind(case: Case) -> str:
    return "call" if case.inputs["call"] else "put"


@golden(FILE, is_closed)
def test_price_and_greeks_come_out(case: Case) -> None:
    spot, strike = case.number("S"), case.number("K")
    found = everlasting(
        spot,
        strike,
        case.number("sigma"),
        case.number("funding_period_years"),
        kind(case),
        quote_rate=case.number("r"),
        coin_rate=case.number("q"),
        premium=STYLES[case.inputs["style"]],
    )
    for key in case.expected:
        value = getattr(found, NAMES.get(key, key))
        assert isinstance(value, float)
        is_flow = key == "funding_flow_per_year"
        scale = (spot + strike) / case.number("funding_period_years") if is_flow else 0.0
        case.check(value, key, scale)


@golden(FILE, is_strip)
def test_the_strip_and_its_limit_come_out(case: Case) -> None:
    spot, strike, volatility = (case.number(key) for key in ("S", "K", "sigma"))
    years, rate = case.number("funding_period_days") / 365.0, case.number("r")
    payments = case.number("payments_per_day") * case.number("funding_period_days")
    strip = everlasting_strip(
        spot, strike, volatility, years, kind(case), payments=payments, quote_rate=rate
    )
    limit = everlasting(spot, strike, volatility, years, kind(case), quote_rate=rate)
    assert isinstance(strip.price, float)
    assert isinstance(limit.price, float)
    case.check(strip.price, "price")
    case.check(limit.price, "continuous_limit")


def test_all_cases_in_one_call_come_out_as_one_by_one() -> None:
    chosen = [case for case in cases(FILE) if is_closed(case)]
    columns = {key: np.array([case.number(key) for case in chosen]) for key in ("S", "K", "r", "q")}
    years = np.array([case.number("funding_period_years") for case in chosen])
    for style in (Premium.MARGINED, Premium.PAID):
        found = everlasting(
            columns["S"],
            columns["K"],
            np.array([case.number("sigma") for case in chosen]),
            years,
            [kind(case) for case in chosen],
            quote_rate=columns["r"],
            coin_rate=columns["q"],
            premium=style,
        )
        these = [STYLES[case.inputs["style"]] is style for case in chosen]
        wanted = [float(case.expected["price"]) for case in chosen]
        assert np.asarray(found.price)[these] == pytest.approx(
            np.array(wanted)[these], rel=1e-10, abs=0.0
        )


def test_no_case_is_left_unanswered() -> None:
    assert [case.id for case in cases(FILE) if is_closed(case) == is_strip(case)] == []
