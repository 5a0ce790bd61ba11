"""Implied volatilities, against inversions worked out to sixty digits, and the domain's edges."""

import math

import numpy as np
import pytest
from golden_cases import Case, golden
from golden_tables import Row, golden_rows

from hedgerow.errors import ConfigError
from hedgerow.pricing.implied import implied_volatility, implied_volatility_from_coin


@golden_rows("iv_inversion")
def test_a_volatility_within_what_its_price_knows(case: Row) -> None:
    found = implied_volatility(
        float.fromhex(case["price_hex"]),
        case.number("F"),
        case.number("K"),
        case.number("T"),
        case.kind,
    ).volatility
    allowed = 1e-13 * max(1.0, case.number("rel_cond"))
    assert abs(found / case.number("sigma") - 1.0) <= allowed


@golden_rows("iv_inversion_coin_price")
def test_a_volatility_from_a_price_in_coin(case: Row) -> None:
    found = implied_volatility_from_coin(
        case.number("price_coin"), case.number("F"), case.number("K"), case.number("T"), case.kind
    ).volatility
    assert abs(found / case.number("sigma") - 1.0) <= 1e-12


def edge(case: Case) -> tuple[float, float, float, float, str]:
    kind = "call" if case.inputs["type"] == "C" else "put"
    return (*(case.number(name) for name in ("price", "F", "K", "T")), kind)  # type: ignore[return-value]


@golden("iv_edge_cases")
def test_an_edge_asked_for_as_a_number(case: Case) -> None:
    if case.raw["outcome"] == "invalid":
        with pytest.raises(ConfigError):
            implied_volatility(*edge(case))
        return
    wanted = {"zero": 0.0, "inf": math.inf}[case.raw["outcome"]]
    assert implied_volatility(*edge(case)).volatility == wanted


@golden("iv_edge_cases")
def test_an_edge_in_a_column_is_named(case: Case) -> None:
    price, forward, strike, years, kind = edge(case)
    found = implied_volatility(np.array([price]), forward, strike, np.array([years]), kind)
    (volatility,) = found.volatility
    if case.raw["outcome"] == "invalid":
        assert math.isnan(volatility)
        assert found.rows.problems()
        return
    assert volatility == {"zero": 0.0, "inf": math.inf}[case.raw["outcome"]]
    assert bool(found.rows.problems()) == math.isinf(volatility)
