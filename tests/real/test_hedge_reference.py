"""Tail losses and variance reduction against reference cases worked out apart from this code."""

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from hedgerow.analysis.bootstrap import variance_reduction
from hedgerow.analysis.risk import tail_loss


@pytest.fixture(scope="module")
def folder() -> Path:
    """Return the folder of reference cases beside the data, or skip."""
    data = os.environ.get("HEDGEROW_DATA_DIR", "")
    found = Path(data).parent / "reference"
    if not data or not (found / "hedge_ratio.json").exists():
        pytest.skip("HEDGEROW_DATA_DIR is not set, or has no folder `reference` beside it")
    return found


def cases(folder: Path, method: str) -> list[dict[str, Any]]:
    every: list[dict[str, Any]] = json.loads((folder / "hedge_ratio.json").read_text())["cases"]
    return [case for case in every if case.get("method") == method]


def returns(folder: Path) -> pl.DataFrame:
    return pl.read_csv(folder / "hedge_dataset.csv")


def test_value_at_risk_and_shortfall_are_those_of_the_reference(folder: Path) -> None:
    data = returns(folder)
    pnl = (data["spot_ret"] - data["perp1_ret"]).to_numpy()
    tails = cases(folder, "tail")
    for case in tails:
        expected = float(case["expected"]["var"]), float(case["expected"]["es"])
        found = tail_loss(pnl, float(case["inputs"]["alpha"]))
        assert found == pytest.approx(expected, rel=float(case["tol_rel"]))
    assert tails


def test_variance_reduction_is_the_effectiveness_of_the_reference(folder: Path) -> None:
    data = returns(folder)
    spot = data["spot_ret"].to_numpy()
    single = cases(folder, "ols")
    for case in single:
        hedged = spot - float(case["expected"]["h"]) * data["perp1_ret"].to_numpy()
        assert variance_reduction(hedged, spot) == pytest.approx(
            float(case["expected"]["ederington_he"]), rel=float(case["tol_rel"])
        )
    several = cases(folder, "ols_multi")
    for case in several:
        ratios = np.array([float(ratio) for ratio in case["expected"]["h"]])
        perps = data.select("perp1_ret", "perp2_ret", "perp3_ret").to_numpy()
        assert variance_reduction(spot - perps @ ratios, spot) == pytest.approx(
            float(case["expected"]["r2"]), rel=float(case["tol_rel"])
        )
    assert single or several
