"""`hedgerow drill` on the config that `hedgerow init` prints."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hedgerow.cli.app import app
from hedgerow.config.samples import sample
from hedgerow.live.drill.acts import GROUPS

cli = CliRunner(env={"COLUMNS": "140"})


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "treasury.toml"
    path.write_text(sample("treasury") + '\n[live]\nname = "treasury"\n', encoding="utf-8")
    return path


def test_the_treasury_survives_and_the_table_says_how(config: Path) -> None:
    done = cli.invoke(app, ["drill", str(config), "--quiet"])
    assert done.exit_code == 0, done.output
    assert "SIMULATED: drill of treasury on paper" in done.stdout
    assert "No act failed" in done.stdout
    assert "binance cannot be reached" in " ".join(done.stdout.split())
    assert "Left open by a limit of the config" in done.stdout  # a margin call takes its hour


def test_json_holds_every_act(config: Path) -> None:
    done = cli.invoke(app, ["drill", str(config), "--json", "-"])
    assert done.exit_code == 0, done.output
    document = json.loads(done.stdout)
    assert (document["schema"], document["simulated"]) == ("hedgerow.drill/1", True)
    assert {act["group"] for act in document["acts"]} == set(GROUPS) - {"failover"}
    assert all(act["killed"] and act["verdict"] for act in document["acts"])


def test_only_what_is_asked_for_is_drilled(config: Path) -> None:
    target = config.parent / "drill.json"
    done = cli.invoke(app, ["drill", str(config), "--only", "journal", "--json", str(target)])
    assert done.exit_code == 0, done.output
    (act,) = json.loads(target.read_text("utf-8"))["acts"]
    assert act["group"] == "journal"
    unknown = cli.invoke(app, ["drill", str(config), "--only", "moon"])
    assert unknown.exit_code == 2
    assert "moon" in unknown.stderr
    nothing = cli.invoke(app, ["drill", str(config), "--only", "failover"])
    assert nothing.exit_code == 2
    assert "nothing of this config is concerned" in nothing.stderr


def test_a_limit_that_is_missed_ends_with_1(config: Path) -> None:
    text = config.read_text("utf-8").replace(
        'name = "treasury"\n', 'name = "treasury"\nrecovery_seconds = 0.5\n'
    )
    config.write_text(text, encoding="utf-8")
    done = cli.invoke(app, ["drill", str(config), "--only", "journal", "--quiet"])
    assert done.exit_code == 1, done.output
    assert "FAILED" in done.stdout
    assert "too late" in done.stdout


def test_a_coin_that_the_desk_does_not_trade_has_no_price(config: Path) -> None:
    done = cli.invoke(app, ["drill", str(config), "--price", "FOO=5"])
    assert done.exit_code == 2
    assert "--price: unknown coin 'FOO' (known: BTC)" in " ".join(done.stderr.split())
