"""The page on book files: its example comes out, and it names every key of file and answers."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from hedgerow.cli.app import app
from hedgerow.config.book_file import TOP_KEYS, load_book
from hedgerow.config.book_file_market import MARKET_KEYS
from hedgerow.config.book_file_positions import POSITIONS

PAGE = (Path(__file__).parents[2] / "docs/reference/book-file.md").read_text("utf-8")
FILES = dict(
    re.findall(r'^```(?:toml|csv) title="(.*?)"\n(.*?)^```$', PAGE, re.MULTILINE | re.DOTALL)
)
(SHOWN,) = re.findall(r"^```json\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
NAMED = set(re.findall(r"`([\w-]+)`", PAGE))


def answer(command: str, name: str, folder: Path) -> dict[str, Any]:
    (folder / name).write_text(FILES[name], encoding="utf-8")
    done = CliRunner().invoke(app, [command, str(folder / name), "--json", "-"])
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def keys_of(value: object) -> set[str]:
    if isinstance(value, dict):
        return set(value).union(*map(keys_of, value.values()))
    if isinstance(value, list):
        return set[str]().union(*map(keys_of, value))
    return set()


def is_of(shown: object, found: object) -> bool:
    """Return whether what a page shows is what came out, abridged and rounded to seven digits."""
    if isinstance(shown, dict):
        return isinstance(found, dict) and all(
            key in found and is_of(value, found[key]) for key, value in shown.items()
        )
    if isinstance(shown, list):
        return isinstance(found, list) and all(
            is_of(one, other) for one, other in zip(shown, found, strict=True)
        )
    if isinstance(shown, float):
        return bool(found == pytest.approx(shown, rel=1e-6))
    return shown == found


def test_the_example_of_the_page_comes_out(tmp_path: Path) -> None:
    found = answer("greeks", "book.toml", tmp_path)
    shown = json.loads(SHOWN)
    assert is_of(shown, found)
    shown["underlyings"][0]["delta"] += 1e-4
    assert not is_of(shown, found)


def test_the_page_says_what_its_example_leaves_out(tmp_path: Path) -> None:
    found, shown = answer("greeks", "book.toml", tmp_path), json.loads(SHOWN)
    (sentence,) = re.findall(r"^That is abridged: .*?left out\.$", PAGE, re.MULTILINE)
    assert set(re.findall(r"`(\w+)`", sentence)) == set(found) - set(shown)
    digits = [len(one.replace(".", "").strip("0")) for one in re.findall(r"[\d.]+(?=,?\n)", SHOWN)]
    assert max(digits) == 7


def test_the_table_of_the_page_is_a_book(tmp_path: Path) -> None:
    (tmp_path / "book.csv").write_text(FILES["book.csv"], encoding="utf-8")
    found = load_book(tmp_path / "book.csv")
    assert len(found.book) == 3
    assert not found.book.columns.problems


def test_the_page_names_every_key_of_the_file() -> None:
    keys = set[str]().union(*(known for _, known in POSITIONS.values()))
    assert keys | set(MARKET_KEYS) | {"numeraire"} <= NAMED
    headings = {name for name in POSITIONS if f"`[[{name}]]`" in PAGE}
    assert set(TOP_KEYS) == headings | {"numeraire", "market"}


@pytest.mark.parametrize("command", ["greeks", "payoff"])
def test_the_page_names_every_key_of_the_answers(command: str, tmp_path: Path) -> None:
    found = answer(command, "book.toml", tmp_path)
    surfaces = {"kind", "expiries", "fits", "violations"}
    problems = {"row", "position", "reason"}
    assert (keys_of(found) | surfaces | problems) - NAMED == set()
