"""`hedgerow run` as a person starts it: what it refuses, how it ends, and where it goes on."""

import json
import socket
import sqlite3
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from hedgerow.adapters.importing import import_files
from hedgerow.cli.app import app
from hedgerow.cli.run import _began, _money
from hedgerow.config.live import live_setup
from hedgerow.config.loading import load
from hedgerow.config.samples import sample
from sample_market_files import a_bundle, write_bundle

cli = CliRunner(env={"COLUMNS": "120"})
TREASURY = sample("treasury")
LIVE = """
[live]
name = "treasury"
live = true

[orders]
order_notional = 500_000
turnover = 10_000_000

[[venue]]
name = "binance"
api_key = "NO_SUCH_KEY"
api_secret = "NO_SUCH_SECRET"
"""


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    path = tmp_path / "treasury.toml"
    path.write_text(TREASURY, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--live", "--paper"], "--live does not go with --paper"),
        (["--live", "--generated"], "--live does not go with"),
        (["--replay", "lake", "--generated"], "two markets"),
        (["--json", "a.json"], "--json writes the result of a --replay"),
        (["--generated", "--price", "BTC"], "--price BTC: write a coin and its price"),
        (["--generated", "--price", "BTC=-1"], "--price BTC=-1"),
        (["--generated", "--price", "BTC=nan"], "--price BTC=nan"),
        (["--generated", "--price", "FOO=5"], "--price: unknown coin 'FOO'"),
        (["--generated", "--price", "FOO=5"], "(known: BTC)"),
        (["--generated", "--price", "BTC=5", "--price", "btc=6"], "BTC has a price already"),
        (["--price", "BTC=60000"], "--price: only of a made-up market; add --generated"),
        (["--speed", "60", "--seed", "7"], "--seed and --speed: only of a made-up market"),
        (["--replay", "lake", "--for", "3"], "--for: a --replay ends with its history"),
        (["--live"], "write live = true under [live]"),
    ],
)
def test_flags_that_contradict_are_refused_with_the_mend(
    config: Path, flags: list[str], words: str
) -> None:
    done = cli.invoke(app, ["run", str(config), *flags])
    assert done.exit_code == 2, done.output
    assert words in " ".join(done.stderr.split())
    assert not (config.parent / "state").exists()


def test_a_config_that_is_none_is_refused_by_its_name(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.toml"
    wrong.write_text("[hedge]\nvenu = 'binance'\n", encoding="utf-8")
    done = cli.invoke(app, ["run", str(wrong), "--generated"])
    assert done.exit_code == 2
    assert "wrong.toml" in done.stderr
    missing = cli.invoke(app, ["run", str(tmp_path / "missing.toml")])
    assert missing.exit_code == 2
    assert "missing.toml" in missing.stderr


def test_live_needs_a_word_that_only_this_config_has(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config.write_text(TREASURY + LIVE, encoding="utf-8")
    monkeypatch.delenv("HEDGEROW_CONFIRM_LIVE", raising=False)
    word = f"treasury-{live_setup(load(config), live=True).setup.config_hash[:8]}"
    done = cli.invoke(app, ["run", str(config), "--live"])
    assert done.exit_code == 2
    assert f"={word}" in "".join(done.stderr.split())
    wrong = cli.invoke(app, ["run", str(config), "--live"], env={"HEDGEROW_CONFIRM_LIVE": "yes"})
    assert "live needs a confirmation" in wrong.stderr
    confirmed = cli.invoke(app, ["run", str(config), "--live"], env={"HEDGEROW_CONFIRM_LIVE": word})
    assert confirmed.exit_code == 2
    assert "NO_SUCH_KEY" in confirmed.stderr  # it got as far as its secrets


def test_live_needs_the_two_breakers_that_stop_a_desk_gone_wrong(config: Path) -> None:
    without = LIVE.replace("order_notional = 500_000\nturnover = 10_000_000\n", "")
    config.write_text(TREASURY + without, encoding="utf-8")
    done = cli.invoke(app, ["run", str(config), "--live"])
    assert done.exit_code == 2
    told = " ".join(done.stderr.split())
    assert "[orders] order_notional and turnover have no limit" in told
    assert "order_notional = the worth of 12 BTC" in told
    assert "turnover = the worth of 1,200 BTC an hour" in told
    config.write_text(TREASURY + LIVE.replace("turnover = 10_000_000\n", ""), encoding="utf-8")
    half = " ".join(cli.invoke(app, ["run", str(config), "--live"]).stderr.split())
    assert "[orders] turnover has no limit" in half
    assert "order_notional =" not in half


def test_live_on_a_test_net_says_so_before_it_starts(config: Path) -> None:
    text = TREASURY + LIVE.replace('name = "binance"', 'name = "binance"\ntestnet = true')
    config.write_text(text, encoding="utf-8")
    given = live_setup(load(config), live=True)
    assert _money(given) == "on the test net of binance"
    assert _began(given, "URL").startswith("LIVE, on the test net of binance: treasury runs")


def run(config: Path, *more: str) -> Result:
    flags = ["--generated", "--price", "BTC=60000", "--speed", "100", "--for", "1.0"]
    return cli.invoke(app, ["run", str(config), *flags, *more])


def test_a_busy_port_is_found_before_anything_starts(config: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        config.write_text(f"{TREASURY}\n[api]\nport = {port}\n", encoding="utf-8")
        done = run(config)
    assert done.exit_code == 2
    told = " ".join(done.stderr.split())
    assert f"[api] cannot listen on 127.0.0.1 port {port}: " in told
    assert "choose another port, or 0 for a free one" in told
    assert "has stopped" not in told
    assert not list((config.parent / "state").glob("**/journal.sqlite"))


def kinds(config: Path) -> list[str]:
    path = config.parent / "state" / "hedgerow" / "desk" / "journal.sqlite"
    with sqlite3.connect(path) as base:
        found = [row[0] for row in base.execute("select kind from records order by number")]
    base.close()
    return found


def test_it_hedges_on_paper_ends_by_itself_and_goes_on_next_time(config: Path) -> None:
    first = run(config)
    assert first.exit_code == 0, first.output
    assert "PAPER: desk runs. Its API is at http://127.0.0.1:" in first.stderr
    assert "the hedge stays as it is" in first.stderr
    before = kinds(config)
    assert {"intent", "trade", "entry", "decision"} <= set(before)
    second = run(config, "--quiet")
    assert second.exit_code == 0, second.output
    after = kinds(config)[len(before) :]
    assert after[0] == "started"
    assert "intent" not in after  # what is hedged is not hedged again


def test_a_life_through_recorded_history_equals_the_backtest_of_it(config: Path) -> None:
    bundle = write_bundle(config.parent, a_bundle())
    lake = config.parent / "lake"
    import_files([bundle], lake)
    two_days = TREASURY.replace("2022-01-01", "2020-01-01").replace("2024-12-31", "2020-01-02")
    config.write_text(two_days, encoding="utf-8")
    for command in (
        ["run", str(config), "--replay", str(lake)],
        ["backtest", str(config), "--data", str(lake)],
    ):
        done = cli.invoke(app, [*command, "--json", str(config.parent / f"{command[0]}.json")])
        assert done.exit_code == 0, done.output
    lived, tested = (
        json.loads((config.parent / f"{name}.json").read_text("utf-8"))
        for name in ("run", "backtest")
    )
    assert lived["schema"] == tested["schema"]
    assert lived.keys() == tested.keys()
    assert tested["trades"]["count"] > 0
    for key in ("trades", "pnl", "hedged", "unhedged", "funding", "margin", "capital", "legs"):
        assert _close(lived[key], tested[key]), key


def _close(one: object, two: object) -> bool:
    if isinstance(one, dict) and isinstance(two, dict):
        return one.keys() == two.keys() and all(_close(one[name], two[name]) for name in one)
    if isinstance(one, list) and isinstance(two, list):
        return len(one) == len(two) and all(map(_close, one, two))
    if isinstance(one, float) and isinstance(two, float):
        return bool(one == pytest.approx(two, rel=1e-9, abs=1e-6, nan_ok=True))
    return bool(one == two)
