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


def bound(case: Case, key: str = "cap") -> Decimal:
    return exact(case, key) if key in case.inputs else UNBOUNDED


def rule(
    case: Case, method: str, cap: Decimal, interest: Decimal, clamp: str = "clamp"
) -> FundingRule:
    return FundingRule(
        interval_hours=int(case.inputs.get("interval_h", 8)),
        cap=cap,
        floor=-cap,
        interest=interest,
        clamp=exact(case, clamp),
        method=method,
    )


def hourly(method: str, cap: Decimal, interest: Decimal = Decimal(0)) -> FundingRule:
    return FundingRule(
        interval_hours=1, cap=cap, floor=-cap, interest=interest, clamp=Decimal(0), method=method
    )


def scaled(case: Case) -> float:
    by_eight = rule(case, "scaled_clamp", bound(case), exact(case, "interest_8h"))
    return settlement_rate(by_eight, case.number("P")).rate


def clamped(case: Case) -> float:
    hours = int(case.inputs.get("interval_h", 8))
    interest = exact(case, "interest") * 8 / hours  # a rule's interest is that of 8 hours
    return settlement_rate(rule(case, "clamp", bound(case), interest), case.number("P")).rate


def less_interest(case: Case) -> float:
    plain = rule(case, "premium", bound(case), exact(case, "interest"))
    return settlement_rate(plain, case.number("ma_premium")).rate


def dydx(case: Case) -> float:
    factor = Decimal(case.inputs.get("clamp_factor", 6))
    cap = margin_cap(exact(case, "imf"), exact(case, "mmf"), factor) / 8
    return settlement_rate(hourly("capped_premium", cap), case.number("premium_8h")).rate


def drift(case: Case) -> float:
    oracle = case.number("oracle_twap")
    cap = 1 / (Decimal(24) * int(case.inputs["max_spread_denominator"]))
    premium = mark_premium(case.number("mark_twap"), oracle)
    offset = Decimal(8) / 24 / 5_000  # a 5000th of the oracle's price a day, told for 8 hours
    return settlement_rate(hourly("spread", cap, offset), premium).rate


def damped(case: Case) -> float:
    beyond = rule(case, "damped", bound(case), Decimal(0), clamp="damper")
    return settlement_rate(beyond, case.number("premium")).rate


def hyperliquid(case: Case) -> float:
    cap = bound(case, "cap_hourly")
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
    within = rule(case, "clamp", cap, exact(case, "interest"))
    return settlement_rate(within, case.number("P")).rate


def curie(case: Case) -> float:
    seconds = case.number("dt_s")
    premium = mark_premium(case.number("mark_twap"), case.number("index_twap"))
    an_hour = hourly("price_difference", UNBOUNDED)
    return settlement_rate(an_hour, premium).rate * seconds / 3_600.0


# By an input that only this kind of rule has, from the most particular on.
ANSWERS: Mapping[str, Callable[[Case], float]] = MappingProxyType(
    {
        "max_spread_denominator": drift,
        "mark_twap": curie,
        "premium_8h": dydx,
        "avg_premium": hyperliquid,
        "ma_premium": less_interest,
        "damper": damped,
        "imr": bitmex,
        "interest_8h": scaled,
        "P": clamped,
    }
)


def kind(case: Case) -> str | None:
    return next((key for key in ANSWERS if key in case.inputs), None)


@golden(FILE, lambda case: kind(case) is not None)
def test_the_rate_of_the_grid_comes_out(case: Case) -> None:
    case.check(ANSWERS[str(kind(case))](case))


def test_no_case_of_the_grid_is_left_out() -> None:
    assert [case.id for case in cases(FILE) if kind(case) is None] == []


def test_the_rate_does_not_depend_on_which_side_the_premium_lies() -> None:
    beyond = FundingRule(
        interval_hours=8,
        cap=Decimal("0.005"),
        floor=Decimal("-0.005"),
        interest=Decimal(0),
        clamp=Decimal("0.00025"),
        method="damped",
    )
    for premium in (0.0001, 0.0004, 0.003, 0.02):
        up, down = (settlement_rate(beyond, sign * premium).rate for sign in (1.0, -1.0))
        assert up == pytest.approx(-down, abs=0.0)
