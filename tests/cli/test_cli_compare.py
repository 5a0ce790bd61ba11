"""`hedgerow compare` as a person runs it."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from hedgerow.cli.compare import compare
from hedgerow.report.result import result, write_json
from sample_run import sample_run

app = typer.Typer()
app.command()(compare)
runner = CliRunner()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("runs")
    for seed in (1, 2):
        write_json(result(sample_run(seed=seed, days=60)), folder / f"seed-{seed}.json")
    return [str(folder / f"seed-{seed}.json") for seed in (1, 2)]


def test_two_runs_are_shown_side_by_side(files: list[str]) -> None:
    shown = runner.invoke(app, files)
    assert shown.exit_code == 0
    assert "seed-1" in shown.output
    assert "seed-2" in shown.output
    assert "SIMULATED" in shown.output


def test_a_dash_prints_json_and_nothing_else(files: list[str]) -> None:
    shown = runner.invoke(app, [*files, "--json", "-"])
    assert shown.exit_code == 0
    assert json.loads(shown.stdout)["schema"] == "hedgerow.compare/1"


def test_json_may_go_to_a_file(files: list[str], tmp_path: Path) -> None:
    shown = runner.invoke(app, [*files, "--json", str(tmp_path / "both.json")])
    assert shown.exit_code == 0
    assert len(json.loads((tmp_path / "both.json").read_text())["runs"]) == 2


@pytest.mark.parametrize("extra", [["none.json"], []])
def test_what_cannot_be_compared_ends_with_two_and_a_reason(
    files: list[str], extra: list[str]
) -> None:
    shown = runner.invoke(app, [files[0], *extra])
    assert shown.exit_code == 2
    assert shown.stdout == ""
    assert ("none.json: no such file" if extra else "two results or more") in shown.stderr
