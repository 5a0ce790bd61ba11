"""Historical tail losses against reference cases worked out apart from this code."""

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from hedgerow.analysis.risk import tail_loss


def reference() -> Path:
    """Return the folder of reference cases beside the data, or skip."""
    data = os.environ.get("HEDGEROW_DATA_DIR", "")
    folder = Path(data).parent / "reference"
    if not data or not (folder / "hedge_ratio.json").exists():
        pytest.skip("HEDGEROW_DATA_DIR is not set, or has no folder `reference` beside it")
    return folder


def test_value_at_risk_and_shortfall_are_those_of_the_reference_cases() -> None:
    folder = reference()
    cases: list[dict[str, Any]] = json.loads((folder / "hedge_ratio.json").read_text())["cases"]
    data = pl.read_csv(folder / "hedge_dataset.csv")
    tails = [case for case in cases if case.get("method") == "tail"]
    for case in tails:
        inputs, expected = case["inputs"], case["expected"]
        assert inputs["pnl"] == "spot_ret - 1*perp1_ret"
        pnl = (data["spot_ret"] - data["perp1_ret"]).to_numpy().astype(np.float64)
        found = tail_loss(pnl, float(inputs["alpha"]))
        assert found == pytest.approx(
            (float(expected["var"]), float(expected["es"])), rel=float(case["tol_rel"])
        )
    assert tails, "the reference has no case of method 'tail'"
