"""The CSV tables: readable by other programs, adding up, and safe to open in a spreadsheet."""

import csv
import errno
import os
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from hedgerow.errors import ConfigError
from hedgerow.ledger import EntryKind, Ledger
from hedgerow.report.tables import csv_text, write_csv
from sample_run import sample_run

run = sample_run()


def read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_four_tables_are_written_and_nothing_else(tmp_path: Path) -> None:
    paths = write_csv(run, tmp_path / "out")
    names = ["daily.csv", "ledger.csv", "lots.csv", "monthly.csv"]
    assert sorted(path.name for path in paths) == names
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == names


def test_writing_again_gives_the_same_bytes(tmp_path: Path) -> None:
    before = [path.read_bytes() for path in write_csv(run, tmp_path)]
    assert [path.read_bytes() for path in write_csv(sample_run(), tmp_path)] == before


def test_the_ledger_comes_back_to_the_last_bit(tmp_path: Path) -> None:
    write_csv(run, tmp_path)
    rows = read(tmp_path / "ledger.csv")
    assert [float(row["cash"]) for row in rows] == [entry.cash for entry in run.ledger]
    assert rows[0]["time"] == "2024-01-01T00:00:00Z"
    assert rows[0]["kind"] == "opening"
    assert rows[1]["price"] == ""  # an opening has no price


def test_the_tables_add_up_to_the_run(tmp_path: Path) -> None:
    write_csv(run, tmp_path)
    for name in ("daily.csv", "monthly.csv"):
        hedged = sum(float(row["hedged"]) for row in read(tmp_path / name))
        assert hedged == pytest.approx(run.pnl.total, rel=1e-9)
    lots = read(tmp_path / "lots.csv")
    assert lots[0]["opened"] == "2024-01-01T00:00:00Z"
    assert lots[0]["closed_by"] == "liquidation"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@sum", "\t=1", "\r=1"])
def test_text_that_a_spreadsheet_would_run_is_quoted(tmp_path: Path, text: str) -> None:
    entry = run.ledger.of(EntryKind.FILL)[0]._replace(account=text, note=text)
    write_csv(replace(run, ledger=Ledger([entry])), tmp_path)
    (row,) = read(tmp_path / "ledger.csv")
    assert (row["account"], row["note"]) == ("'" + text, "'" + text)
    assert float(row["quantity"]) < 0.0  # numbers stay numbers


def test_ordinary_text_and_fractions_of_a_second_are_left_alone() -> None:
    table = pl.DataFrame(
        {
            "note": ["a-b", "x=y", None],
            "time": pl.Series([0, 1_500_000_000, None]).cast(pl.Datetime("ns", "UTC")),
        }
    )
    assert csv_text(table).splitlines() == [
        "note,time",
        "a-b,1970-01-01T00:00:00Z",
        "x=y,1970-01-01T00:00:01.500Z",
        ",",
    ]


def test_a_full_disk_leaves_the_earlier_tables_and_no_drafts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ledger.csv").write_text("earlier")

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ConfigError, match=r"ledger\.csv: cannot be written \(No space left"):
        write_csv(run, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["ledger.csv"]
    assert (tmp_path / "ledger.csv").read_text() == "earlier"


def test_a_file_in_place_of_the_folder_is_named_and_kept(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("kept")
    with pytest.raises(ConfigError, match=r"ledger\.csv: cannot be written"):
        write_csv(run, tmp_path / "out")
    assert (tmp_path / "out").read_text() == "kept"
