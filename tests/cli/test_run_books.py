"""`hedgerow run --books`: a whole desk at recorded books, as fast as the machine allows."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from hedgerow.cli.app import app
from hedgerow.config.samples import sample

cli = CliRunner(env={"COLUMNS": "120"})
START = datetime(2024, 8, 8, 12, tzinfo=UTC)
BID, SIZE = 60_000.0, 500.0


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    path = tmp_path / "treasury.toml"
    path.write_text(sample("treasury"), encoding="utf-8")
    return path


def recorded(path: Path, seconds: int = 60) -> Path:
    times = [START + timedelta(seconds=number / 4) for number in range(4 * seconds)]
    frame = pl.DataFrame({"ts": times}).with_columns(
        symbol=pl.lit("BTCUSDT"),
        bid_px_0=pl.lit(BID),
        bid_sz_0=pl.lit(SIZE),
        ask_px_0=pl.lit(BID + 0.1),
        ask_sz_0=pl.lit(SIZE),
    )
    frame.write_parquet(path)
    return path


def test_the_desk_hedges_at_the_recorded_bid_and_pays_its_fee(config: Path) -> None:
    done = cli.invoke(
        app, ["run", str(config), "--books", str(recorded(config.parent / "b.parquet"))]
    )
    assert done.exit_code == 0, done.output
    told = done.stdout
    assert "PAPER: desk lived through 240 recorded books, 60 s." in told
    amount = 117.6  # what 120 coins ask for at the edge of a band of 2 %
    assert f"holds -{amount:.3f} BTC/USDT:USDT at binance" in told
    assert f"fees -{amount * BID * 0.0005:,.2f} USDT" in told
    assert not (config.parent / "state").exists()  # nothing is kept


def test_the_same_books_give_the_same_life(config: Path) -> None:
    place = str(recorded(config.parent / "books.parquet", 20))
    one, other = (cli.invoke(app, ["run", str(config), "--books", place]) for _ in range(2))
    assert one.stdout == other.stdout
    assert cli.invoke(app, ["run", str(config), "--books", place, "--quiet"]).stdout == ""


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--generated"], "--books is a market of its own"),
        (["--live"], "--books is a market of its own"),
        (["--for", "3"], "--books end by themselves"),
        (["--json", "a.json"], "--json writes the result of a --replay"),
        (["--speed", "2"], "only of a made-up market"),
    ],
)
def test_flags_that_contradict_books_are_refused(
    config: Path, flags: list[str], words: str
) -> None:
    done = cli.invoke(app, ["run", str(config), "--books", "nothing.parquet", *flags])
    assert done.exit_code == 2
    assert words in " ".join(done.stderr.split())


def test_books_of_no_time_at_all_are_no_history(config: Path) -> None:
    place = config.parent / "still.parquet"
    pl.read_parquet(recorded(config.parent / "b.parquet")).with_columns(
        pl.lit(START).alias("ts")
    ).write_parquet(place)
    done = cli.invoke(app, ["run", str(config), "--books", str(place)])
    assert done.exit_code == 2
    assert "240 books within 0 s are no history" in " ".join(done.stderr.split())
    assert "lived through" not in done.stdout


def test_a_book_without_an_instant_ends_the_run_with_its_row(config: Path) -> None:
    place = config.parent / "b.jsonl"
    pl.read_parquet(recorded(config.parent / "b.parquet")).with_columns(
        pl.lit("yesterday").alias("ts")
    ).write_ndjson(place)
    done = cli.invoke(app, ["run", str(config), "--books", str(place)])
    assert done.exit_code == 2
    assert "row 1, ts = 'yesterday' is no instant" in " ".join(done.stderr.split())
