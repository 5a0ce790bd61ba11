"""The JSON result: its keys, its types and its signs, as other programs rely on them."""

import json
import math
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import polars as pl
import pytest

from hedgerow.analysis.run import Run
from hedgerow.errors import ConfigError
from hedgerow.report.result import result, to_json, write_json
from sample_run import sample_run, with_forced_events

run = sample_run()
NUMBER, NULLABLE = (int, float), (int, float, type(None))
RISK = dict.fromkeys(("pnl", "volatility", "max_drawdown", "var_99", "es_99"), NUMBER)
REDUCTION = dict.fromkeys(("variance_reduction", "low", "high"), NULLABLE)
SHAPE: dict[str, Any] = {
    "schema": str,
    "world": str,
    "simulated": bool,
    "numeraire": str,
    "start": "time",
    "end": "time",
    "bars": int,
    "legs": [
        {
            "instrument": str,
            "venue": str,
            "asset": str,
            "account": str,
            "ratio": NUMBER,
            "half_width": NULLABLE,
        }
    ],
    "accounts": [
        {
            "name": str,
            "collateral": str,
            "deposit": NUMBER,
            "needed_reserve": NUMBER,
            "pledges": [{"asset": str, "amount": NUMBER, "haircut": NUMBER, "extra": bool}],
            "end": dict.fromkeys(
                ("wallet", "unrealised", "pledged", "maintenance", "reserve", "debt"), NUMBER
            ),
        }
    ],
    "coverage": dict.fromkeys(
        ("bars_expected", "bars_present", "settlements_expected", "settlements_present"), int
    ),
    "pnl": dict.fromkeys(
        (
            "exposure",
            "hedge_index",
            "hedge_basis",
            "funding",
            "fees",
            "slippage",
            "financing",
            "collateral",
            "liquidation",
            "total",
            "residual",
        ),
        NUMBER,
    ),
    "exit_cost": NUMBER,
    "hedged": RISK,
    "unhedged": RISK,
    "effectiveness": {
        horizon: {
            **REDUCTION,
            "without_carry": REDUCTION,
            "without_liquidation_days": REDUCTION,
        }
        for horizon in ("1h", "8h", "24h", "168h")
    },
    "funding": {
        "settlements": int,
        "received": NUMBER,
        "paid": NUMBER,
        "net": NUMBER,
        "legs": [
            {
                "instrument": str,
                "annual_rate": NULLABLE,
                "paid_share": NULLABLE,
                "worst_30_days": {"first": "time", "last": "time", "net": NUMBER},
            }
        ],
    },
    "trades": {"count": int, "turnover": NUMBER},
    "margin": {
        "min_headroom": NULLABLE,
        "min_headroom_time": "time",
        "min_distance": NULLABLE,
        "top_ups": int,
        "withdrawals": int,
        "liquidation_events": [
            {
                "time": "time",
                "until": "time",
                "account": str,
                "steps": int,
                "loss": NUMBER,
                "fee": NUMBER,
                "price_source": str,
                "closed": [
                    {
                        "instrument": str,
                        "steps": int,
                        "first_price": NUMBER,
                        "last_price": NUMBER,
                        "quantity": NUMBER,
                        "left": NUMBER,
                        "loss": NUMBER,
                        "fee": NUMBER,
                        "price_source": str,
                    }
                ],
            }
        ],
        "deleveragings": [dict.fromkeys(("price", "market", "quantity", "left", "cost"), NUMBER)],
        "conversions": [
            {
                "asset": str,
                "collateral": str,
                **dict.fromkeys(("quantity", "price", "cash", "fee", "value"), NUMBER),
            }
        ],
        "liquidations": [
            {
                "event": int,
                "time": "time",
                "instrument": str,
                "price": NUMBER,
                "quantity": NUMBER,
                "left": NUMBER,
                "loss": NUMBER,
                "price_source": str,
            }
        ],
        "cash_calls": [
            {
                "unit": str,
                "worst": [{"days": int, "first": "time", "last": "time", "amount": NUMBER}],
                "by_day": [{"day": "time", "net": NUMBER, "unmet": NUMBER}],
            }
        ],
        "cash_drain": {"worst": [{"days": int, "amount": NUMBER}]},
        "shortfall": [
            {
                "account": str,
                "unit": str,
                "time": "time",
                "needed": NUMBER,
                "missing": NUMBER,
                "borrowing_cost": NUMBER,
                "borrow_rate_is_illustrative": bool,
                "coins_to_sell": NUMBER,
            }
        ],
    },
    "capital": {"margin": NUMBER, "annual_return": NULLABLE, "carry_return": NULLABLE},
    "monthly": [
        {"month": str, "hedged": NUMBER, "unhedged": NUMBER, "funding": NUMBER, "costs": NUMBER}
    ],
    "stamps": [str],
    "provenance": {"version": str, "config_hash": str, "data_hash": str, "seed": NULLABLE},
}


def differences(value: object, shape: object, at: str = "") -> list[str]:
    """Return every place where `value` is not of `shape`; keys beyond the shape are welcome."""
    if isinstance(shape, dict) and isinstance(value, dict):
        missing = [f"{at}.{key} is missing" for key in shape if key not in value]
        known = [key for key in shape if key in value]
        return missing + [d for k in known for d in differences(value[k], shape[k], f"{at}.{k}")]
    if isinstance(shape, list) and isinstance(value, list) and value:
        return [
            d for n, item in enumerate(value) for d in differences(item, shape[0], f"{at}[{n}]")
        ]
    return [] if is_of(value, shape) else [f"{at} is {value!r}"]


def is_of(value: object, shape: object) -> bool:
    """Return whether a single `value` is a time, or of the type or types that `shape` names."""
    if shape == "time":
        try:
            datetime.fromisoformat(str(value))
        except ValueError:
            return False
        return True
    if isinstance(shape, dict | list):
        return False
    kinds: tuple[type, ...] = shape if isinstance(shape, tuple) else (cast("type", shape),)
    return type(value) in kinds


def plain(value: object) -> bool:
    """Return whether `value` is made of nothing but what JSON knows, and no NaN."""
    if isinstance(value, dict):
        return all(type(key) is str and plain(item) for key, item in value.items())
    if isinstance(value, list):
        return all(plain(item) for item in value)
    return type(value) in (str, int, bool, type(None)) or (
        type(value) is float and math.isfinite(value)
    )


def sections(run: Run) -> dict[str, Any]:
    """Return the result as a reader of the file sees it."""
    return cast("dict[str, Any]", json.loads(to_json(result(run))))


def test_the_result_has_the_shape_that_was_promised() -> None:
    assert differences(result(with_forced_events(run)), SHAPE) == []


def test_the_shape_would_notice_a_missing_key_and_a_wrong_type() -> None:
    whole = result(with_forced_events(run))
    broken: dict[str, Any] = {**whole, "bars": 1.5, "legs": {}, "end": "soon"}
    del broken["exit_cost"]
    assert differences(broken, SHAPE) == [
        ".exit_cost is missing",
        ".end is 'soon'",
        ".bars is 1.5",
        ".legs is {}",
    ]


def test_it_is_plain_json_and_comes_back_the_same() -> None:
    values = result(run)
    assert plain(values)
    assert json.loads(to_json(values)) == values


def test_the_same_run_gives_the_same_text() -> None:
    assert to_json(result(run)) == to_json(result(sample_run()))


def test_the_header_says_what_was_run() -> None:
    found = sections(run)
    assert found["schema"] == "hedgerow.run/1"
    assert found["simulated"] is True
    assert (found["start"], found["end"]) == ("2024-01-01T00:00:00Z", "2024-04-30T00:00:00Z")
    assert found["bars"] == 2880


def test_hedged_pnl_is_the_total_and_unhedged_the_exposure() -> None:
    found = sections(run)
    assert found["hedged"]["pnl"] == pytest.approx(found["pnl"]["total"], rel=1e-12)
    assert found["unhedged"]["pnl"] == pytest.approx(found["pnl"]["exposure"], rel=1e-12)


def test_received_and_paid_are_magnitudes_and_net_is_the_funding() -> None:
    funding = sections(run)["funding"]
    assert funding["received"] > 0.0
    assert funding["paid"] > 0.0
    assert funding["received"] - funding["paid"] == pytest.approx(funding["net"], rel=1e-12)
    assert funding["net"] == pytest.approx(run.pnl.funding, rel=1e-9)


def test_the_liquidation_is_told_with_its_time_and_loss() -> None:
    (found,) = sections(run)["margin"]["liquidations"]
    assert found["time"] == "2024-03-07T00:00:00Z"
    assert found["loss"] == run.liquidations[0].loss
    assert found["quantity"] > 0.0  # a short was bought back


def test_what_is_undefined_is_null() -> None:
    leg = run.legs[0]
    flat = leg.series.with_columns(
        pl.lit(0.0).alias("position"),
        pl.lit(None, pl.Float64).alias("headroom"),
        pl.lit(None, pl.Float64).alias("liquidation_price"),
    )
    found = sections(replace(run, legs=(replace(leg, series=flat, half_width=math.nan),)))
    assert found["legs"][0]["half_width"] is None
    assert found["margin"]["min_headroom"] is None
    assert found["margin"]["min_distance_time"] is None


def test_an_unhedged_book_has_a_result_too() -> None:
    bare = sections(replace(run, legs=(), accounts=(), liquidations=()))
    assert bare["legs"] == []
    assert bare["funding"] == {"settlements": 0, "received": 0, "paid": 0, "net": 0, "legs": []}
    assert bare["margin"]["min_headroom"] is None


@pytest.mark.parametrize("bars", [1, 5, 24, 30])
def test_the_shortest_run_has_a_result(bars: int) -> None:
    account = replace(run.accounts[0], series=run.accounts[0].series.head(bars), unmet=())
    short = replace(
        run,
        bars=bars,
        end=run.start + bars * run.step,
        series=run.series.head(bars + 1),
        legs=(replace(run.legs[0], series=run.legs[0].series.head(bars)),),
        accounts=(account,),
        liquidations=(),
    )
    found = sections(short)
    assert found["hedged"]["pnl"] == pytest.approx(run.series["hedged"][bars])
    assert found["effectiveness"]["168h"]["variance_reduction"] is None
    assert (found["hedged"]["volatility"] is None) == (bars <= 24)


def test_the_file_is_written_whole(tmp_path: Path) -> None:
    write_json(result(run), tmp_path / "new" / "run.json")
    assert json.loads((tmp_path / "new" / "run.json").read_text()) == result(run)
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["run.json"]


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("kept")
    with pytest.raises(ConfigError, match=r"run\.json: cannot be written .* choose another place"):
        write_json(result(run), tmp_path / "file" / "run.json")
    assert (tmp_path / "file").read_text() == "kept"
