"""`hedgerow demo` needs nothing and writes the report."""

import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from hedgerow.adapters.importing import import_files
from hedgerow.adapters.lake import Lake
from hedgerow.cli.app import app
from hedgerow.cli.demo import REPORT
from hedgerow.cli.lake_span import covered
from hedgerow.errors import SpanError
from sample_market_files import a_bundle, write_bundle

cli = CliRunner(env={"COLUMNS": "120"})
LINEAR = "BTC/USDT:USDT"


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    import_files([write_bundle(tmp_path, a_bundle())], tmp_path / "lake")
    return tmp_path / "lake"


def test_it_runs_the_treasury_and_writes_the_report_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = cli.invoke(app, ["demo", "--csv", "tables", "--json", "demo.json"])
    assert done.exit_code == 0, done.stderr
    assert f"SIMULATED; wrote {REPORT}" in done.stdout
    assert "SIMULATED" in (tmp_path / REPORT).read_text(encoding="utf-8")
    assert "SIMULATED" in (tmp_path / "tables" / "SIMULATED.txt").read_text(encoding="utf-8")
    result = json.loads((tmp_path / "demo.json").read_text(encoding="utf-8"))
    assert (result["simulated"], result["provenance"]["seed"]) == (True, 7)
    assert (result["bars"], result["start"]) == (540 * 24, "2024-01-01T00:00:00Z")
    (account,) = result["accounts"]
    assert (account["deposit"], account["reserve"]) == (2_000_000, 7_000_000)


def test_another_seed_is_another_market(tmp_path: Path) -> None:
    totals = []
    for seed in ("1", "2"):
        where = str(tmp_path / f"{seed}.html")
        done = cli.invoke(app, ["demo", "--seed", seed, "--json", "-", "--html", where])
        totals.append(json.loads(done.stdout)["pnl"]["total"])
    assert totals[0] != totals[1]


def test_on_a_lake_it_takes_all_days_there_are_and_is_not_simulated(
    lake: Path, tmp_path: Path
) -> None:
    report = tmp_path / "real.html"
    done = cli.invoke(app, ["demo", "--data", str(lake), "--json", "-", "--html", str(report)])
    assert done.exit_code == 0, done.stderr
    result = json.loads(done.stdout)
    assert (result["simulated"], result["bars"], result["start"]) == (
        False, 48, "2020-01-01T00:00:00Z",
    )  # fmt: skip
    assert report.exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--data", "{lake}", "--seed", "3"], "give one of them"),
        (["--data", "{lake}/none"], "does not exist"),
        (["--html", "{lake}"], "this is a folder"),
    ],
)
def test_bad_input_ends_with_two_and_one_paragraph(
    lake: Path, arguments: list[str], message: str
) -> None:
    done = cli.invoke(app, ["demo", *(part.format(lake=lake) for part in arguments)])
    assert done.exit_code == 2
    assert message in done.stderr
    assert done.stdout == ""


def test_the_span_is_the_longest_without_a_missing_settlement(tmp_path: Path) -> None:
    funding = pl.col("funding_rate")
    without = a_bundle(hours=9 * 24).with_columns(
        pl.when(pl.int_range(pl.len()) == 64).then(None).otherwise(funding).alias("funding_rate")
    )
    import_files([write_bundle(tmp_path, without)], tmp_path / "lake")
    span = covered(Lake(tmp_path / "lake"), "binance", LINEAR)
    assert span == (date(2020, 1, 4), date(2020, 1, 9))


def test_a_lake_without_the_contract_is_refused_by_name(tmp_path: Path) -> None:
    other = write_bundle(tmp_path, a_bundle(), "binance_ethusdt_1h_aligned.parquet")
    import_files([other], tmp_path / "lake")
    with pytest.raises(SpanError, match="has no hourly prices of BTC/USDT at binance"):
        covered(Lake(tmp_path / "lake"), "binance", LINEAR)
