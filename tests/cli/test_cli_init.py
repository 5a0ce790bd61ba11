"""`hedgerow init` gives a config that works as it is."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from hedgerow.cli.app import app
from hedgerow.config.loading import load

cli = CliRunner()


@pytest.mark.parametrize("arguments", [["init"], ["init", "-"], ["init", "--inverse"]])
def test_what_it_prints_is_a_config(tmp_path: Path, arguments: list[str]) -> None:
    shown = cli.invoke(app, arguments)
    assert shown.exit_code == 0
    path = tmp_path / "treasury.toml"
    path.write_text(shown.stdout, encoding="utf-8")
    assert load(path).job.book.amount("BTC") == 120.0


def test_it_writes_a_file_and_says_what_to_do_with_it(tmp_path: Path) -> None:
    path = tmp_path / "new" / "treasury.toml"
    shown = cli.invoke(app, ["init", str(path)])
    assert shown.exit_code == 0
    assert f"hedgerow backtest {path} --data LAKE" in " ".join(shown.stdout.split())
    assert path.read_text(encoding="utf-8") == cli.invoke(app, ["init"]).stdout


def test_a_file_that_is_there_is_replaced_only_if_told_so(tmp_path: Path) -> None:
    path = tmp_path / "treasury.toml"
    path.write_text("mine", encoding="utf-8")
    refused = cli.invoke(app, ["init", str(path)])
    assert refused.exit_code == 2
    assert refused.stdout == ""
    assert "is there already; choose another name, or add --force" in refused.stderr
    assert path.read_text(encoding="utf-8") == "mine"
    assert cli.invoke(app, ["init", str(path), "--force"]).exit_code == 0
    assert load(path).job.book.amount("BTC") == 120.0


def test_a_folder_is_refused(tmp_path: Path) -> None:
    refused = cli.invoke(app, ["init", str(tmp_path), "--force"])
    assert refused.exit_code == 2
    assert "this is a folder; name a file in it" in refused.stderr
