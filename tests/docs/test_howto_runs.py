"""The recipes on collateral, deleveraging and venues, followed line by line on a simulation."""

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hedgerow.cli.app import app

DOCS = Path(__file__).parents[2] / "docs" / "how-to"
FENCE = re.compile(r"^```(\w+)(?: title=\"([\w.-]+)\")?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CHANGE = re.compile(r"^s/((?:\\.|[^/\\])*)/((?:\\.|[^/\\])*)/$")


def follow(line: str) -> str:
    """Do one line of a shell block; return what it printed."""
    program, *words = shlex.split(line)
    if program == "hedgerow":
        done = CliRunner(env={"COLUMNS": "140"}).invoke(app, words)
        assert done.exit_code == 0, f"{line}\n{done.output}"
        return done.stdout
    *words, arrow, target = words
    assert arrow == ">"
    if program == "cat":
        text = "\n".join(Path(name).read_text(encoding="utf-8") for name in words)
    else:
        assert program == "sed"
        *rules, source = [word for word in words if word != "-e"]
        text = Path(source).read_text(encoding="utf-8")
        for rule in rules:
            text = changed(text, rule)
    Path(target).write_text(text, encoding="utf-8")
    return ""


def changed(text: str, rule: str) -> str:
    """Return `text` with a rule of sed applied: the first match of each line."""
    found = CHANGE.match(rule)
    assert found is not None, rule
    pattern, new = found[1], found[2].replace("\\/", "/")
    after = "\n".join(re.sub(pattern, lambda _: new, line, count=1) for line in text.splitlines())
    assert after != text.rstrip("\n"), f"{rule} changes nothing"
    return after + "\n"


def flat(line: str) -> str:
    return " ".join(line.split())


@pytest.mark.parametrize(
    "page",
    [
        "share-collateral.md",
        "replay-a-deleveraging.md",
        "backtest-another-venue.md",
        "price-an-option-book.md",
        "hedge-a-pool.md",
    ],
)
def test_a_recipe_shows_what_the_screen_shows(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    screen, compared = "", 0
    for kind, title, text in FENCE.findall((DOCS / page).read_text(encoding="utf-8")):
        if title:
            Path(title).write_text(text, encoding="utf-8")
        elif kind == "sh":
            screen = "\n".join(follow(line) for line in text.splitlines())
        elif kind == "text":
            shown = {flat(line) for line in screen.splitlines()}
            assert [line for line in text.splitlines() if flat(line) not in shown] == []
            compared += 1
    assert compared >= 2
