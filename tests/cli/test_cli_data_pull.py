"""`hedgerow data pull` from a server on this machine, as a person runs it."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from fake_venue.binance import BinanceServer
from fake_venue.threaded import standing
from hedgerow.adapters.lake import Lake
from hedgerow.cli.data import app

BTC = "BTC/USDT:USDT"


def run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["pull", *words])
    return result.exit_code, result.output


def test_a_pull_prints_what_it_did_and_what_is_missing(tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    words = ["binance", BTC, "--to", str(lake), "--from", "2024-01-01"]
    with standing(BinanceServer) as venue:
        venue.history.missing.add(1_704_067_200_000 + 30 * 3_600_000)
        code, out = run(*words, "--to-day", "2024-01-05", "--stand-in", venue.url)
        assert code == 0, out
        assert "1 bar missing, 2024-01-02 06:00 to 2024-01-02 07:00" in out
        code, out = run(*words, "--to-day", "2024-01-06", "--stand-in", venue.url, "--quiet")
        assert (code, out) == (0, "")
        venue.history.revised.add(1_704_067_200_000 + 6 * 86_400_000 - 3_600_000)
        code, out = run(*words, "--to-day", "2024-01-07", "--stand-in", venue.url)
        assert code == 2
        assert f"{BTC} trade 1h at 2024-01-06T2" in out
    assert [held.rows for held in Lake(lake).series() if held.key.is_funding] == [18]
    assert {name for held in Lake(lake).series() for name in held.sources} == {
        "pulled from binance"
    }


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["binance", BTC, "--from", "soon"], "--from 'soon' is not a day"),
        (["binance", BTC, "--from", "2024-02-01", "--to-day", "2024-01-01"], "turn them round"),
        (["binance", BTC, "--from", "2024-01-01", "--bar", "1mo"], "not the length of a bar"),
        (["binanze", BTC, "--from", "2024-01-01"], "did you mean 'binance'"),
        (["binance", BTC, "--from", "2024-01-01", "--stand-in", "http://10.0.0.1"], "127.0.0.1"),
    ],
)
def test_what_cannot_be_meant_is_said_before_anything_is_asked(
    tmp_path: Path, words: list[str], said: str
) -> None:
    code, out = run(*words, "--to", str(tmp_path / "lake"))
    assert code == 2
    assert said in " ".join(out.split())
    assert not (tmp_path / "lake").exists()
