"""Cascades: the fixed point under linear permanent impact, by its definition."""

import math

import numpy as np
import pytest
from golden_cases import Case, golden

from hedgerow.simulation.cascade import Exposed, Shock, cascade

FILES = ("liquidation_cascade",)


@golden("liquidation_cascade")
def test_a_cascade_ends_where_its_definition_says(case: Case) -> None:
    longs, shorts = case.inputs.get("longs", []), case.inputs.get("shorts", [])
    rows = [(size, price) for size, price in longs] + [(-size, price) for size, price in shorts]
    exposed = Exposed(
        sizes=np.array([size for size, _ in rows], dtype=np.float64),
        liquidation_prices=np.array([price for _, price in rows], dtype=np.float64),
    )
    rises = bool(shorts) and not longs  # a shock is given as what hurts
    shock = case.number("shock")
    end = cascade(
        Shock(case.number("p0"), shock if rises else -shock),
        exposed,
        case.number("depth_coins_per_usd"),
        floor=-math.inf,
    )
    case.check(end.final_price, "final_price")
    assert end.rounds == case.expected["rounds"]
    assert end.liquidated.tolist() == case.expected["liquidated"]
    assert end.path.tolist() == pytest.approx(case.expected["path"], rel=case.raw["tol_rel"])
