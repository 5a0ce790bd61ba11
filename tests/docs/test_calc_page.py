"""What the page on the calculator shows is what the calculator answers."""

import json
import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hedgerow.cli.app import app

PAGE = (Path(__file__).parents[2] / "docs/reference/calc.md").read_text(encoding="utf-8")
PAIRS = re.findall(
    r"^```console\n\$ hedgerow (calc .*?)^```\n+```json\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL
)


@pytest.mark.parametrize(("command", "shown"), PAIRS, ids=[pair[0].split()[1] for pair in PAIRS])
def test_an_example_of_the_page_comes_out(command: str, shown: str, tmp_path: Path) -> None:
    words = shlex.split(command.replace("\\\n", " "))
    done = CliRunner(env={"XDG_CONFIG_HOME": str(tmp_path)}).invoke(app, words)
    assert done.exit_code == 0, done.output
    answer = json.loads(done.stdout)
    expected = json.loads(shown)
    assert {key: answer[key] for key in expected} == expected


def test_the_page_shows_each_of_the_three() -> None:
    assert {"liquidation", "margin", "pnl"} <= {pair[0].split()[1] for pair in PAIRS}


def test_the_page_names_every_option_of_the_position() -> None:
    done = CliRunner(env={"COLUMNS": "200"}).invoke(app, ["calc", "liquidation", "--help"])
    options = set(re.findall(r"--[a-z-]+", done.stdout)) - {"--help"}
    assert options - set(re.findall(r"--[a-z-]+", PAGE)) == set()
