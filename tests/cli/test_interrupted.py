"""Ctrl-C: every command ends with 2 and says that it stopped, wherever it is met."""

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hedgerow.cli.app import app
from sample_chain_file import chain_csv

BLACK = [
    "price",
    "black76",
    "--forward",
    "6",
    "--strike",
    "6",
    "--volatility",
    "0.6",
    "--days",
    "1",
]
BOOK = """
[[option]]
symbol = "BTC/USD:BTC-260307-60000-C"
size = 1
"""
HALTED = """
import sys
sys.argv[1:] = {words!r}
from hedgerow.cli import main
{where}
main()
"""


def interrupted(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def ends(code: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-c", code],
        check=False,
        capture_output=True,
        text=True,
        env={"PYTHONPATH": ":".join(path for path in sys.path if path)},
    )
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr.strip()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("interrupted")
    chain_csv(made)
    (made / "book.toml").write_text(BOOK, encoding="utf-8")
    return made


@pytest.mark.parametrize("command", ["greeks", "payoff", "surface", "price"])
def test_each_command_of_options_ends_with_two(
    command: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hedgerow.adapters.chains.open_chains", interrupted)
    monkeypatch.setattr("hedgerow.pricing.options.black76", interrupted)
    chain, book = str(folder / "chain.csv"), str(folder / "book.toml")
    words = {"surface": [command, chain], "price": BLACK}
    done = CliRunner().invoke(app, words.get(command, [command, book, "--chain", chain]))
    assert done.exit_code == 2
    assert done.stderr.startswith("Stopped")
    assert done.stdout == ""


def test_before_a_command_has_begun_it_is_told_as_well() -> None:
    where = """
from hedgerow.kernels import plain
def halted(): raise KeyboardInterrupt
plain.plain_from_now = halted
"""
    assert ends(HALTED.format(words=BLACK, where=where)) == (2, "Stopped.")


def test_met_within_an_exec_it_ends_with_two_and_not_by_the_signal() -> None:
    where = """
from hedgerow.pricing import options
def halted(*_, **__): exec("raise KeyboardInterrupt")
options.black76 = halted
"""
    assert ends(HALTED.format(words=BLACK, where=where)) == (2, "Stopped.")
