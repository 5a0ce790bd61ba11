"""The recipe on surfaces, followed line by line on the chain that it names.

Set HEDGEROW_DATA_DIR to the folder that holds options/.
"""

import os
import re
import shlex
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from hedgerow.cli.app import app
from hedgerow.pricing.surface.fitting import GOOD_FIT
from hedgerow.report.surface_figures import SCHEMA

DATA = Path(os.environ.get("HEDGEROW_DATA_DIR") or "nowhere")
CHAIN = DATA / "options" / "deribit_btc_chain_20200521_full_greeks.parquet"
DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "how-to" / "fit-a-surface.md").read_text(encoding="utf-8")
FENCE = re.compile(r"^```(\w+)(?: title=\"([\w.-]+)\")?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def flat(text: str) -> str:
    return " ".join(text.split())


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write the CSV that the page fetches: the same replies, in the columns that it has there."""
    if not CHAIN.is_file():
        pytest.skip("HEDGEROW_DATA_DIR names no folder with options/")
    table = pl.read_parquet(CHAIN).with_row_index("")
    table.with_columns(
        pl.col("ts").dt.epoch("ms").alias("timestamp"),
        pl.col("expiry").dt.epoch("ms").alias("expiration_timestamp"),
    ).drop("ts", "expiry").write_csv(tmp_path / "options_data.csv")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_page_shows_what_the_screen_shows(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    screen, compared = "", 0
    for kind, title, text in FENCE.findall(PAGE):
        if title:
            (folder / title).write_text(text, encoding="utf-8")
        elif kind == "sh" and not text.startswith("curl"):
            done = CliRunner(env={"COLUMNS": "110"}).invoke(app, shlex.split(text)[1:])
            assert done.exit_code == 0, done.output
            screen = done.stdout
        elif kind == "text":
            shown = {flat(line) for line in screen.splitlines()}
            assert [line for line in text.splitlines() if flat(line) not in shown] == []
            compared += 1
        elif kind == "python":
            exec(compile(text, "fit-a-surface.md", "exec"), {"__name__": "page"})  # noqa: S102 - our own text
            assert capsys.readouterr().out == "9094 0.8027\n"
    assert compared == 4
    assert SCHEMA in (folder / "surface.json").read_text("utf-8")
    assert (folder / "surface.html").is_file()


def test_the_page_speaks_of_the_bound_that_is_used() -> None:
    assert GOOD_FIT == 0.5
    assert "at most half a volatility point" in flat(PAGE)


@pytest.mark.parametrize("page", ["gallery.md", "how-to/fit-a-surface.md"])
def test_every_picture_of_a_page_is_there(page: str) -> None:
    names = re.findall(r"!\[.*?\]\((?:\.\./)?(img/[\w.-]+)\)", (DOCS / page).read_text("utf-8"))
    assert names
    assert [name for name in names if not (DOCS / name).is_file()] == []
