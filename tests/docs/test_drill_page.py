"""The page on the drill shows what the drill of the treasury's config says."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hedgerow.cli.app import app
from hedgerow.config.samples import sample
from hedgerow.live.drill.acts import GROUPS

PAGE = (Path(__file__).parents[2] / "docs" / "how-to" / "drill-your-desk.md").read_text("utf-8")
(SCREEN,) = re.findall(r"^```text\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
cli = CliRunner(env={"COLUMNS": "116"})


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "treasury.toml"
    path.write_text(sample("treasury") + '\n[live]\nname = "treasury"\n', encoding="utf-8")
    return path


def said(screen: str) -> list[str]:
    """Return what a screen says in words: seconds and prices may move as the desk gets better."""
    words = re.sub(r"[^a-z]+", " ", re.sub(r"hgtreasury\w+", "", screen))
    return words.split()


def test_the_screen_is_what_the_command_prints(config: Path) -> None:
    done = cli.invoke(app, ["drill", str(config), "--only", "venue", "--quiet"])
    assert said(done.stdout) == said(SCREEN)


def test_the_table_is_what_the_drill_says(config: Path) -> None:
    done = cli.invoke(app, ["drill", str(config), "--json", "-"])
    for act in json.loads(done.stdout)["acts"]:
        limit, verdict = f"{act['limit']:.0f} s", act["verdict"]
        row = rf"^\| {re.escape(act['killed'])} \| [\d,a-z ]+ \| {limit} \| {verdict} \|$"
        assert re.search(row, PAGE, re.MULTILINE), row


def test_every_group_is_explained() -> None:
    assert re.findall(r"^\| `([a-z]+)` \|", PAGE, re.MULTILINE) == list(GROUPS)
