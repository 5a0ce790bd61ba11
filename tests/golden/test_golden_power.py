"""Every case of power perpetuals, the squeeth, perpetual American options and fee volatility."""

import pytest
from golden_cases import Case, cases, golden

from hedgerow.errors import ConfigError
from hedgerow.pricing.american import american_perpetual
from hedgerow.pricing.answers import Answer
from hedgerow.pricing.power import (
    dated_power,
    power_perpetual,
    power_volatility,
)
from hedgerow.pricing.squeeth import (
    squeeth_funding,
    squeeth_volatility,
)
from hedgerow.pricing.streaming import fee_volatility

FILE = "power_perp_squeeth"
SECONDS = 365.0 * 86_400.0


def is_power(case: Case) -> bool:
    return "p" in case.inputs


def is_squeeth(case: Case) -> bool:
    return "norm" in case.inputs


def is_american(case: Case) -> bool:
    return "call" in case.inputs


def is_fee_volatility(case: Case) -> bool:
    return "tick_liquidity" in case.inputs


def number(answer: Answer) -> float:
    assert isinstance(answer, float)
    return answer


@golden(FILE, is_power)
def test_powers_come_out(case: Case) -> None:
    spot, power, volatility = (case.number(key) for key in ("S", "p", "sigma"))
    years = case.number("funding_period_days") / 365.0
    quote, coin = case.number("r"), case.number("q")
    dated = dated_power(spot, power, volatility, years, quote_rate=quote, coin_rate=coin)
    steady = power_perpetual(spot, power, volatility, years, quote_rate=quote, coin_rate=coin)
    daily = power_perpetual(
        spot, power, volatility, years, payments=1, quote_rate=quote, coin_rate=coin
    )
    case.check(number(dated.price), "dated_forward_value")
    case.check(number(steady.price), "perp_continuous")
    case.check(number(daily.price), "perp_discrete_f1")
    case.check(number(steady.delta), "delta_over_S_of_continuous")
    case.check(number(steady.gamma), "gamma")
    case.check(-number(dated.theta) / number(dated.price), "growth_g")
    ratio = number(daily.price) / spot**power
    back = power_volatility(ratio, power, years, payments=1, quote_rate=quote, coin_rate=coin)
    assert number(back.volatility) == pytest.approx(volatility, rel=1e-10)


@golden(FILE, is_squeeth)
def test_the_squeeths_norm_and_volatility_come_out(case: Case) -> None:
    index, mark = case.number("index"), case.number("mark")
    years = case.number("funding_period_s") / SECONDS
    elapsed = case.number("dt_s") / SECONDS
    found = squeeth_funding(index, mark, case.number("norm"), elapsed, years=years)
    case.check(number(found.clamped_mark), "clamped_mark")
    case.check(number(found.norm), "new_norm")
    if case.expected["iv"] is None:
        with pytest.raises(ConfigError, match="mark not above its index"):
            squeeth_volatility(index, mark, years=years)
    else:
        case.check(number(squeeth_volatility(index, mark, years=years).volatility), "iv")


@golden(FILE, is_american)
def test_perpetual_american_options_come_out(case: Case) -> None:
    found = american_perpetual(
        case.number("S"),
        case.number("K"),
        case.number("sigma"),
        "call" if case.inputs["call"] else "put",
        quote_rate=case.number("r"),
        coin_rate=case.number("q"),
    )
    case.check(number(found.price), "price")
    case.check(number(found.boundary), "boundary")


@golden(FILE, is_fee_volatility)
def test_the_volatility_of_fees_comes_out(case: Case) -> None:
    found = fee_volatility(
        case.number("fee_rate"), case.number("daily_volume"), case.number("tick_liquidity")
    )
    case.check(number(found.volatility), "iv")


def test_no_case_is_left_unanswered() -> None:
    kinds = (is_power, is_squeeth, is_american, is_fee_volatility)
    assert [case.id for case in cases(FILE) if sum(kind(case) for kind in kinds) != 1] == []
