"""Deltas in the conventions of currency options, and the strikes that have them, as printed."""

import math

from golden_cases import Case, golden

from hedgerow.pricing.coin_options import coin_option
from hedgerow.pricing.strikes import strike_of_delta

TABLE = "fx_premium_adjusted_delta"


def kind_of(case: Case) -> str:
    return "call" if case.inputs["type"] == "C" else "put"


def forward_of(case: Case) -> float:
    return case.number("spot") * case.number("for_df") / case.number("dom_df")


def factor_of(case: Case) -> float:
    """Return what a forward delta is multiplied by: spot deltas are discounted."""
    return case.number("for_df") if case.inputs["delta_type"].endswith("Spot") else 1.0


@golden(TABLE)
def test_a_delta(case: Case) -> None:
    option = coin_option(
        forward_of(case), case.number("strike"), case.number("stddev"), 1.0, kind_of(case)
    )
    adjusted = case.inputs["delta_type"].startswith("Pa")
    delta = (option.delta_net if adjusted else option.delta) * factor_of(case)
    case.check(delta, "delta")
    assert math.isclose(delta, float(case.raw["check"]), rel_tol=1e-12)


@golden(TABLE)
def test_the_strike_of_a_delta(case: Case) -> None:
    found = strike_of_delta(
        float(case.expected["delta"]) / factor_of(case),
        forward_of(case),
        case.number("stddev"),
        1.0,
        kind_of(case),
        premium_adjusted=case.inputs["delta_type"].startswith("Pa"),
    )
    assert isinstance(found.strike, float)
    case.check(found.strike, "strike")
