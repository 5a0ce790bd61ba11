"""The calculator's commands in the README say what the README says."""

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from hedgerow.cli.app import app

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


def answer(command: str) -> dict[str, Any]:
    """Return the answer to the README's line that begins with `command`."""
    (line,) = re.findall(rf"^hedgerow ({command} .*)$", README, re.MULTILINE)
    done = CliRunner().invoke(app, [*shlex.split(line), "--json"])
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_the_liquidation_price_is_the_one_that_is_quoted() -> None:
    found = answer("calc liquidation")
    assert f"The first says {found['liquidation_price']:,.2f}" in README
    assert found["bracket"]["rate"] == pytest.approx(0.02)


def test_three_chances_in_ten_are_three_in_ten() -> None:
    found = answer("calc odds")
    assert found["probability"] == pytest.approx(0.3, abs=0.005)
    assert "three times leverage is three chances in ten" in README
