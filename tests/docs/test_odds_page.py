"""The page on survival prints what its commands print, line by line."""

import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path

import typer
from typer.testing import CliRunner

from hedgerow.cli.calc_collateral import collateral
from hedgerow.cli.calc_odds import odds

PAGE = (Path(__file__).parents[2] / "docs/how-to/will-my-hedge-survive.md").read_text("utf-8")
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMANDS: dict[str, Callable[..., None]] = {"odds": odds, "collateral": collateral}


def answer(command: str, *more: str) -> str:
    """Run a command of the page; return what it prints."""
    program, group, name, *words = shlex.split(command.replace("\\\n", " ").removeprefix("$ "))
    assert (program, group) == ("hedgerow", "calc")
    app = typer.Typer()
    app.command()(COMMANDS[name])
    done = CliRunner(env={"COLUMNS": "80"}).invoke(app, [*words, *more])
    assert done.exit_code == 0, f"{command}\n{done.output}"
    return done.stdout


def test_what_the_page_quotes_is_what_the_screen_shows() -> None:
    shown: set[str] = set()
    quoted = 0
    for kind, text in FENCE.findall(PAGE):
        if kind == "console":
            shown = {" ".join(line.split()) for line in answer(text).splitlines()}
        elif kind == "text":
            quoted += 1
            for line in text.splitlines():
                assert " ".join(line.split()) in shown, line
    assert quoted >= 8


def test_the_keys_that_the_page_names_are_there() -> None:
    (command, *_) = (text for kind, text in FENCE.findall(PAGE) if kind == "console")
    named = set(re.findall(r"`(\w+)`", PAGE.rsplit("With `--json`", maxsplit=1)[1])) - {"null"}
    assert named <= set(json.loads(answer(command, "--json")))
