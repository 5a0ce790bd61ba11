"""The page on funding names every rule, and what it prints is run."""

import json
import re
import shlex
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from hedgerow.cli.calc_funding import funding
from hedgerow.market.rule_names import FUNDING_METHODS, MARK_METHODS, PREMIUM_METHODS

PAGE = (Path(__file__).parents[2] / "docs/reference/funding-rules.md").read_text(encoding="utf-8")


def fenced(kind: str) -> str:
    (block,) = re.findall(rf"^```{kind}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    return str(block)


def test_the_page_names_every_rule() -> None:
    named = set(re.findall(r"`(\w+)`", PAGE))
    assert {*FUNDING_METHODS, *PREMIUM_METHODS, *MARK_METHODS} - named == set()


def test_the_prediction_of_the_page_comes_out(capsys: pytest.CaptureFixture[str]) -> None:
    exec(compile(fenced("python"), "funding-rules.md", "exec"), {"__name__": "page"})  # noqa: S102 - our own text
    assert capsys.readouterr().out == fenced("text")


def test_the_command_of_the_page_answers_with_the_keys_it_names() -> None:
    app = typer.Typer()
    app.command()(funding)
    command = fenced("console").replace("\\\n", " ").removeprefix("$ hedgerow calc funding")
    words = shlex.split(command)
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    answer = json.loads(done.stdout)
    assert set(answer) <= set(re.findall(r"`(\w+)`", PAGE))
    assert answer["payment"] == pytest.approx(9_600.0)
