"""`hedgerow backtest` as a person and as a program run it."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hedgerow.adapters.importing import import_files
from hedgerow.cli.app import app
from hedgerow.cli.outputs import SIMULATED, TABLES
from hedgerow.config.loading import load
from hedgerow.config.samples import sample
from hedgerow.replay import world
from sample_market_files import a_bundle, tree, write_bundle

cli = CliRunner(env={"COLUMNS": "120"})
TWO_DAYS = (
    sample("treasury").replace("2022-01-01", "2020-01-01").replace("2024-12-31", "2020-01-02")
)
MADE_UP = (
    sample("treasury")
    .replace('kind = "replay"', 'kind = "simulation"')
    .replace("start = 2022-01-01", "start = 2024-01-01")
    .replace("end = 2024-12-31", "end = 2024-01-20")
)


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """Return a folder with a config of two days, one of a simulation, and a lake."""
    bundle = write_bundle(tmp_path, a_bundle())
    import_files([bundle], tmp_path / "lake")
    (tmp_path / "treasury.toml").write_text(TWO_DAYS, encoding="utf-8")
    (tmp_path / "made-up.toml").write_text(MADE_UP, encoding="utf-8")
    return tmp_path


def on_lake(desk: Path, *more: str) -> list[str]:
    return ["backtest", str(desk / "treasury.toml"), "--data", str(desk / "lake"), *more]


def test_it_prints_a_summary_and_writes_what_is_asked_for(desk: Path) -> None:
    wanted = ["--html", f"{desk}/new/a.html", "--json", f"{desk}/a.json", "--csv", f"{desk}/tables"]
    done = cli.invoke(app, on_lake(desk, *wanted))
    assert done.exit_code == 0, done.stderr
    assert "BTC/USDT:USDT" in done.stdout
    assert "SIMULATED" not in done.stdout
    assert f"Wrote {desk}/a.json" in done.stdout
    result = json.loads((desk / "a.json").read_text(encoding="utf-8"))
    assert (result["schema"], result["simulated"]) == ("hedgerow.run/1", False)
    assert (result["bars"], result["coverage"]["bars_present"]) == (48, 47)
    assert (desk / "new" / "a.html").read_text(encoding="utf-8").startswith("<!")
    assert sorted(path.name for path in (desk / "tables").iterdir()) == sorted(TABLES)


def test_a_dash_prints_json_and_nothing_else(desk: Path) -> None:
    done = cli.invoke(app, on_lake(desk, "--json", "-"))
    assert done.exit_code == 0
    assert json.loads(done.stdout)["trades"]["count"] >= 1
    assert done.stderr == ""


def test_quiet_is_quiet(desk: Path) -> None:
    done = cli.invoke(app, on_lake(desk, "--quiet", "--json", str(desk / "a.json")))
    assert (done.exit_code, done.output) == (0, "")
    assert (desk / "a.json").exists()


def test_the_same_config_gives_the_same_bytes_and_carries_itself(desk: Path) -> None:
    first = cli.invoke(app, on_lake(desk, "--json", "-")).stdout
    assert cli.invoke(app, on_lake(desk, "--json", "-")).stdout == first
    provenance = json.loads(first)["provenance"]
    (desk / "again.toml").write_text(provenance["config"], encoding="utf-8")
    again = ["backtest", str(desk / "again.toml"), "--data", str(desk / "lake"), "--json", "-"]
    assert cli.invoke(app, again).stdout == first
    assert str(desk) not in provenance["config"]
    assert load(desk / "again.toml") == load(desk / "treasury.toml")


def test_the_config_may_name_the_lake(desk: Path) -> None:
    named = TWO_DAYS.replace('# lake = "lake" ', 'lake = "lake" ')
    (desk / "named.toml").write_text(named, encoding="utf-8")
    done = cli.invoke(app, ["backtest", str(desk / "named.toml"), "--quiet"])
    assert done.exit_code == 0


def test_a_simulation_needs_no_lake_and_says_simulated_everywhere(desk: Path) -> None:
    wanted = ["--html", f"{desk}/a.html", "--json", f"{desk}/a.json", "--csv", f"{desk}/tables"]
    done = cli.invoke(app, ["backtest", str(desk / "made-up.toml"), *wanted])
    assert done.exit_code == 0, done.stderr
    assert "SIMULATED" in done.stdout
    assert "SIMULATED" in (desk / "a.html").read_text(encoding="utf-8")
    assert json.loads((desk / "a.json").read_text(encoding="utf-8"))["simulated"] is True
    assert "SIMULATED" in (desk / "tables" / SIMULATED).read_text(encoding="utf-8")


def test_flows_raise_the_holding_and_are_no_profit(desk: Path) -> None:
    (desk / "flows.csv").write_text("time,amount\n2020-01-02,30\n", encoding="utf-8")
    text = TWO_DAYS.replace("amount = 120.0", 'amount = 120.0\nflows = "flows.csv"')
    (desk / "flows.toml").write_text(text, encoding="utf-8")
    run = ["backtest", str(desk / "flows.toml"), "--data", str(desk / "lake"), "--json", "-"]
    with_flow = json.loads(cli.invoke(app, run).stdout)
    without = json.loads(cli.invoke(app, on_lake(desk, "--json", "-")).stdout)
    assert with_flow["legs"][0]["position"] < without["legs"][0]["position"]
    coins = 30 * 7000  # what the coins are worth, roughly; a profit would show it
    assert abs(with_flow["pnl"]["total"] - without["pnl"]["total"]) < 0.1 * coins


Arguments = Callable[[Path], list[str]]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (lambda d: ["backtest", f"{d}/none.toml"], "none.toml: no such file"),
        (lambda d: ["backtest", f"{d}/treasury.toml"], "no recorded data is named; add --data"),
        (lambda d: ["backtest", f"{d}/treasury.toml", "--data", f"{d}/no"], "does not exist"),
        (lambda d: ["backtest", f"{d}/made-up.toml", "--data", f"{d}/lake"], "needs no data"),
        (lambda d: on_lake(d, "--html", f"{d}"), "this is a folder; name a file"),
        (lambda d: on_lake(d, "--html", f"{d}/treasury.toml"), "would replace the input"),
        (lambda d: on_lake(d, "--html", f"{d}/a", "--json", f"{d}/a"), "would replace what --json"),
        (lambda d: on_lake(d, "--json", f"{d}/lake/a.json"), "lies inside the lake"),
        (lambda d: on_lake(d, "--csv", f"{d}/treasury.toml"), "is a file, not a folder"),
        (lambda _: ["backtest", "/dev/null", "--json", "/dev/null"], "[book] is missing"),
        (lambda d: on_lake(d, "--json", "/dev/null"), "this is no plain file"),
    ],
)
def test_bad_input_ends_with_two_and_one_paragraph_before_anything_runs(
    desk: Path, monkeypatch: pytest.MonkeyPatch, arguments: Arguments, message: str
) -> None:
    monkeypatch.setattr(world, "run_job", None)
    before = tree(desk)
    done = cli.invoke(app, arguments(desk))
    assert done.exit_code == 2
    assert message in done.stderr
    assert done.stderr.strip().count("\n") == 0
    assert done.stdout == ""
    assert tree(desk) == before


def test_a_span_outside_the_data_is_refused_and_nothing_is_written(desk: Path) -> None:
    outside = TWO_DAYS.replace("end = 2020-01-02", "end = 2020-01-05")
    (desk / "treasury.toml").write_text(outside, encoding="utf-8")
    before = tree(desk)
    done = cli.invoke(app, on_lake(desk, "--html", str(desk / "a.html"), "--quiet"))
    assert done.exit_code == 2
    assert "does not cover 2020-01-01T00:00:00Z to 2020-01-06T00:00:00Z" in done.stderr
    assert tree(desk) == before


def test_a_table_named_like_an_output_is_not_replaced(desk: Path) -> None:
    (desk / "ledger.csv").write_text("time,balance\n2020-01-01,120\n", encoding="utf-8")
    text = TWO_DAYS.replace("amount = 120.0", 'flows = "ledger.csv"')
    (desk / "treasury.toml").write_text(text, encoding="utf-8")
    done = cli.invoke(app, on_lake(desk, "--csv", str(desk)))
    assert done.exit_code == 2
    assert "ledger.csv: would replace the input" in done.stderr


def test_ctrl_c_is_a_clean_stop(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(world, "run_job", interrupted)
    before = tree(desk)
    done = cli.invoke(app, on_lake(desk, "--html", str(desk / "a.html")))
    assert done.exit_code == 2
    assert done.stderr.strip().endswith("Stopped; nothing was written.")
    assert tree(desk) == before


def python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", f"import sys; sys.argv[0] = 'hedgerow'\n{code}"]
    return subprocess.run(
        command, check=False, capture_output=True, text=True, env={**ENVIRONMENT, **environment}
    )


ENVIRONMENT = {"PYTHONPATH": ":".join(path for path in sys.path if path)}
DEFECT = """
from hedgerow.cli import main, ending
from hedgerow.cli import init
from hedgerow.config import samples
def broken(name): raise ZeroDivisionError("by mistake")
samples.sample = broken
sys.argv[1:] = ["init"]
main()
"""


def test_a_defect_is_told_in_one_paragraph_without_a_traceback() -> None:
    done = python(DEFECT)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("This is a defect of hedgerow, not of your input (ZeroDivision")
    assert done.stderr.strip().count("\n") == 0
    assert "Traceback" in python(DEFECT, HEDGEROW_DEBUG="1").stderr


def test_ctrl_c_outside_a_run_ends_with_two_as_well() -> None:
    done = python(DEFECT.replace('ZeroDivisionError("by mistake")', "KeyboardInterrupt"))
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_a_reader_that_goes_away_is_no_news() -> None:
    code = "from hedgerow.cli import main\nsys.argv[1:] = ['init']\nmain()"
    command = [sys.executable, "-c", f"import sys\n{code}"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""


def test_a_full_disk_is_told() -> None:
    code = "from hedgerow.cli import main\nsys.argv[1:] = ['init']\nmain()"
    command = [sys.executable, "-c", f"import sys\n{code}"]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            command, check=False, stdout=full, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT
        )
    assert done.returncode == 2
    assert "No space left on device" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_version_is_that_of_the_package() -> None:
    from importlib.metadata import version

    shown = cli.invoke(app, ["--version"])
    assert (shown.exit_code, shown.stdout) == (0, f"hedgerow {version('hedgerow')}\n")


@pytest.mark.parametrize("name", ["init", "demo", "backtest", "compare", "data", "venues"])
def test_every_command_is_there_and_helps(name: str) -> None:
    assert name in cli.invoke(app, ["--help"]).stdout
    shown = cli.invoke(app, [name, "--help"])
    assert shown.exit_code == 0
    if name in {"init", "demo", "backtest"}:
        assert f"hedgerow {name} " in shown.stdout


def test_python_runs_the_package_as_the_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "hedgerow", "venues", "list"],
        check=True, capture_output=True, text=True, env=ENVIRONMENT,
    )  # fmt: skip
    assert "binance" in done.stdout
