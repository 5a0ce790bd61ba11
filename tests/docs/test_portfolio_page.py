"""The page on portfolio files: its examples come out, and it names every key."""

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from hedgerow.cli.app import app
from hedgerow.config.portfolio_file import BOOK_KEYS, FUTURE_KEYS, OPTION_KEYS, RULE_KEYS, RULES

PAGE = (Path(__file__).parents[2] / "docs/reference/portfolio-file.md").read_text("utf-8")
FILES = dict(re.findall(r'^```toml title="(.*?)"\n(.*?)^```$', PAGE, re.MULTILINE | re.DOTALL))
PAIRS = re.findall(
    r"^```console\n\$ hedgerow (calc .*?)\n```\n+```json\n(.*?)^```$",
    PAGE,
    re.MULTILINE | re.DOTALL,
)


def answer(command: str, folder: Path) -> dict[str, Any]:
    words = shlex.split(command)
    (folder / words[2]).write_text(FILES[words[2]], encoding="utf-8")
    words[2] = str(folder / words[2])
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize(("command", "shown"), PAIRS, ids=[pair[0].split()[2] for pair in PAIRS])
def test_an_example_of_the_page_comes_out(command: str, shown: str, tmp_path: Path) -> None:
    found = answer(command, tmp_path)
    for key, value in json.loads(shown).items():
        exact = value is None or isinstance(value, str | dict)
        assert found[key] == (value if exact else pytest.approx(value, rel=1e-12)), key


def test_each_file_of_the_page_is_asked_about() -> None:
    assert {pair[0].split()[2] for pair in PAIRS} == set(FILES)
    assert len(FILES) == 3


def test_the_page_names_every_key_of_the_file_and_every_rule() -> None:
    named = set(re.findall(r"`([\w-]+)`", PAGE))
    tables = {"rule", "future", "option"}  # they are headings
    keys = set[str]().union(BOOK_KEYS, FUTURE_KEYS, OPTION_KEYS, RULE_KEYS)
    assert keys - tables - named == set()
    assert set(RULES) <= named


def test_the_page_names_every_key_of_the_answer(tmp_path: Path) -> None:
    found = answer(PAIRS[0][0], tmp_path)
    named = set(re.findall(r"`(\w+)`", PAGE))
    assert {*found, *found["worst"], *found["grid"][0]} - named == set()
