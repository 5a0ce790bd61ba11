"""Every case of the grid of funding rates, one rule a venue."""

from collections.abc import Callable, Mapping
from decimal import Decimal, localcontext
from fractions import Fraction
from types import MappingProxyType

import pytest
from golden_cases import Case, cases, golden

from hedgerow.funding.bounds import margin_cap
from hedgerow.funding.premiums import mark_premium
from hedgerow.funding.rules import settlement_rate
from hedgerow.market.venue import FundingRule

FILE = "funding_rate_grid"
UNBOUNDED = Decimal("Infinity")


def exact(case: Case, key: str, default: str = "0") -> Decimal:
    """Return a fraction ``a/b`` to 40 digits."""
    value = Fraction(str(case.inputs.get(key, default)))
    with localcontext() as context:
        context.prec = 40
        return Decimal(value.numerator) / Decimal(value.denominator)


def rule(
    case: Case, method: str, cap: Decimal, interest: str = "interest", clamp: str = "clamp"
) -> FundingRule:
    return FundingRule(
        interval_hours=int(case.inputs.get("interval_h", 8)),
        cap=cap,
        floor=-cap,
        interest=exact(case, interest),
        clamp=exact(case, clamp),
        method=method,
    )


def hourly(method: str, cap: Decimal, interest: Decimal = Decimal(0)) -> FundingRule:
    return FundingRule(
        interval_hours=1, cap=cap, floor=-cap, interest=interest, clamp=Decimal(0), method=method
    )


def binance(case: Case) -> float:
    scaled = rule(case, "scaled_clamp", exact(case, "cap"), "interest_8h")
    return settlement_rate(scaled, case.number("P")).rate


def bybit(case: Case) -> float:
    per_interval = rule(case, "clamp", exact(case, "cap"))
    hours = int(case.inputs.get("interval_h", 8))
    interest = per_interval.interest * 8 / hours  # a rule's interest is that of 8 hours
    whole = FundingRule(
        interval_hours=hours,
        cap=per_interval.cap,
        floor=per_interval.floor,
        interest=interest,
        clamp=per_interval.clamp,
        method="clamp",
    )
    return settlement_rate(whole, case.number("P")).rate


def okx(case: Case) -> float:
    return settlement_rate(
        rule(case, "premium", exact(case, "cap")), case.number("ma_premium")
    ).rate


def dydx(case: Case) -> float:
    factor = Decimal(case.inputs.get("clamp_factor", 6))
    cap = margin_cap(exact(case, "imf"), exact(case, "mmf"), factor) / 8
    return settlement_rate(hourly("capped_premium", cap), case.number("premium_8h")).rate


def drift(case: Case) -> float:
    oracle = case.number("oracle_twap")
    cap = 1 / (Decimal(24) * int(case.inputs["max_spread_denominator"]))
    premium = mark_premium(case.number("mark_twap"), oracle)
    return settlement_rate(hourly("spread", cap), premium).rate


def deribit(case: Case) -> float:
    damped = rule(case, "damped", exact(case, "cap"), clamp="damper")
    return settlement_rate(damped, case.number("premium")).rate


def hyperliquid(case: Case) -> float:
    cap = exact(case, "cap_hourly")
    an_hour = FundingRule(
        interval_hours=1,
        cap=cap,
        floor=-cap,
        interest=exact(case, "interest_8h"),
        clamp=exact(case, "clamp"),
    )
    return settlement_rate(an_hour, case.number("avg_premium")).rate


def bitmex(case: Case) -> float:
    cap = margin_cap(exact(case, "imr"), exact(case, "mmr"), Decimal("0.75"))
    return settlement_rate(rule(case, "clamp", cap), case.number("P")).rate


def curie(case: Case) -> float:
    seconds = case.number("dt_s")
    premium = mark_premium(case.number("mark_twap"), case.number("index_twap"))
    an_hour = hourly("price_difference", UNBOUNDED)
    return settlement_rate(an_hour, premium).rate * seconds / 3_600.0


ANSWERS: Mapping[str, Callable[[Case], float]] = MappingProxyType(
    {
        "binance": binance,
        "bybit": bybit,
        "okx": okx,
        "dydx_v4": dydx,
        "drift": drift,
        "deribit": deribit,
        "hyperliquid": hyperliquid,
        "bitmex": bitmex,
        "perp_curie": curie,
    }
)


@golden(FILE, lambda case: case.venue in ANSWERS)
def test_the_rate_of_the_grid_comes_out(case: Case) -> None:
    case.check(ANSWERS[case.venue](case))


def test_no_venue_of_the_grid_is_left_out() -> None:
    assert {case.venue for case in cases(FILE)} <= set(ANSWERS)


def test_the_rate_does_not_depend_on_which_side_the_premium_lies() -> None:
    damped = FundingRule(
        interval_hours=8,
        cap=Decimal("0.005"),
        floor=Decimal("-0.005"),
        interest=Decimal(0),
        clamp=Decimal("0.00025"),
        method="damped",
    )
    for premium in (0.0001, 0.0004, 0.003, 0.02):
        up, down = (settlement_rate(damped, sign * premium).rate for sign in (1.0, -1.0))
        assert up == pytest.approx(-down, abs=0.0)
