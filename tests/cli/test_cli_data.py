"""The `data` commands: import, ls and check, for people and for programs."""

import json
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from hedgerow.adapters import importing
from hedgerow.cli.data import app
from sample_market_files import a_bundle, kline_rows, tree, write_bundle, write_dump

cli = CliRunner()


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    bundle = write_bundle(tmp_path, a_bundle())
    assert cli.invoke(app, ["import", str(bundle), "--to", str(tmp_path / "lake")]).exit_code == 0
    return tmp_path / "lake"


def test_import_says_what_it_did_and_the_second_time_that_it_did_nothing(
    lake: Path, tmp_path: Path
) -> None:
    before = tree(lake)
    bundle = str(tmp_path / "binance_btcusdt_1h_aligned.parquet")
    again = cli.invoke(app, ["import", bundle, "--to", str(lake)])
    assert again.exit_code == 0
    assert "nothing new in them" in " ".join(again.stdout.split())
    assert tree(lake) == before
    other = cli.invoke(app, ["import", bundle, "--to", str(tmp_path / "other")])
    assert "125 rows added, 0 filled" in " ".join(other.stdout.split())


def test_quiet_is_quiet(tmp_path: Path) -> None:
    bundle = write_bundle(tmp_path, a_bundle())
    done = cli.invoke(app, ["import", str(bundle), "--to", str(tmp_path / "lake"), "--quiet"])
    assert (done.exit_code, done.output) == (0, "")


def test_every_option_reaches_the_importer(tmp_path: Path) -> None:
    to = str(tmp_path / "lake")
    bundle = write_bundle(tmp_path, a_bundle(), "mine.parquet")
    named = ["--venue", "acme", "--base", "BTC", "--quote", "USDC"]
    assert cli.invoke(app, ["import", str(bundle), "--to", to, *named]).exit_code == 0
    zipped = write_dump(tmp_path / "BTCUSDT-1h-2020-01.zip", kline_rows(volume=0.0))
    told = ["--market", "um", "--kind", "mark"]
    assert cli.invoke(app, ["import", str(zipped), "--to", to, *told]).exit_code == 0
    tidy = pl.DataFrame(
        {"ts": [1577836800], "symbol": ["XRPUSDT"], "funding_rate": [1e-4], "mark_price": [0.2]}
    )
    tidy.write_csv(tmp_path / "funding.csv")
    mapped = ["--map", "tidy-funding", "--venue", "acme"]
    table = str(tmp_path / "funding.csv")
    assert cli.invoke(app, ["import", table, "--to", to, *mapped]).exit_code == 0
    listed = json.loads(cli.invoke(app, ["ls", to, "--json"]).stdout)
    found = {(s["venue"], s["symbol"], s["kind"]) for s in listed["series"]}
    assert ("acme", "BTC/USDC:USDC", "trade") in found
    assert ("binance", "BTC/USDT:USDT", "mark") in found
    assert ("acme", "XRP/USDT:USDT", "funding") in found


def test_ls_lists_every_series(lake: Path) -> None:
    shown = cli.invoke(app, ["ls", str(lake)])
    assert shown.exit_code == 0
    assert "binance BTC/USDT:USDT trade 1h" in shown.stdout
    assert "4 series, 125 rows" in shown.stdout


def test_ls_speaks_json(lake: Path) -> None:
    listed = json.loads(cli.invoke(app, ["ls", str(lake), "--json"]).stdout)
    assert listed["schema"] == "hedgerow.data.ls/1"
    perp = next(s for s in listed["series"] if s["symbol"] == "BTC/USDT:USDT")
    assert (perp["kind"], perp["step_seconds"], perp["rows"]) == ("funding", None, 6)
    assert (perp["first"], perp["last"]) == ("2020-01-01T00:00:00Z", "2020-01-02T16:00:00Z")


def test_check_finds_the_hole_and_fails_only_if_strict(lake: Path) -> None:
    shown = cli.invoke(app, ["check", str(lake)])
    assert shown.exit_code == 0
    assert "1 bar missing, 2020-01-01 05:00 to 2020-01-01 06:00" in shown.stdout
    assert "1 of 4 series have findings" in shown.stdout
    assert cli.invoke(app, ["check", str(lake), "--strict"]).exit_code == 2


def test_check_speaks_json(lake: Path) -> None:
    found = json.loads(cli.invoke(app, ["check", str(lake), "--json"]).stdout)
    spot = next(s for s in found["series"] if s["symbol"] == "BTC/USDT")
    assert (spot["rows"], spot["expected"], spot["missing"]) == (47, 48, 1)
    assert spot["gaps"] == [
        {"start": "2020-01-01T05:00:00Z", "end": "2020-01-01T06:00:00Z", "missing": 1}
    ]
    assert found["clean"] is False


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["import", "{tmp}/none.parquet", "--to", "{tmp}/new"], "does not exist"),
        (["import", "{tmp}/bad.zip", "--to", "{tmp}/new"], "not named like a public dump"),
        (["import", "{tmp}/bad.parquet", "--to", "{tmp}/new"], "not readable as Parquet"),
        (["import", "{tmp}/bad.zip", "--to", "{tmp}/new", "--map", "tidy"], "unknown column map"),
        (["import", "{tmp}/bad.zip", "--to", "{tmp}/new", "--market", "dex"], "unknown market"),
        (["import", "{tmp}/bad.zip", "--to", "{tmp}/new", "--base", "BTC"], "go together"),
        (["ls", "{tmp}/none"], "does not exist; make a lake"),
        (["check", "{tmp}"], "is not a lake"),
    ],
)
def test_an_error_is_one_paragraph_on_stderr_and_exit_code_2(
    tmp_path: Path, arguments: list[str], message: str
) -> None:
    (tmp_path / "bad.zip").write_bytes(b"PK\x03\x04")
    (tmp_path / "bad.parquet").write_bytes(b"PAR1PAR1")
    done = cli.invoke(app, [argument.format(tmp=tmp_path) for argument in arguments])
    assert done.exit_code == 2
    assert message in done.stderr
    assert done.stderr.strip().count("\n") == 0
    assert done.stdout == ""
    assert not (tmp_path / "new").exists()


def test_ctrl_c_is_a_clean_stop(
    lake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(importing, "import_files", interrupted)
    done = cli.invoke(app, ["import", str(tmp_path), "--to", str(lake)])
    assert done.exit_code == 2
    assert done.stderr.strip() == "Stopped; the lake is as it was."


def test_the_help_loads_nothing_heavy() -> None:
    code = "import sys, hedgerow.cli.data; print({'polars', 'numpy', 'numba'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
