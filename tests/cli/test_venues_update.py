"""`hedgerow venues update` shows a diff first, and writes only when asked to."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from hedgerow.adapters import venue_wire
from hedgerow.cli.venues import app
from hedgerow.market.own_tables import tables_in

SYMBOL = "BTC/USDT:USDT"


class Acme:
    """An exchange that has only markets."""

    def __init__(self, taker: float) -> None:
        self.has: Mapping[str, Any] = {}
        self.taker = taker

    def load_markets(self) -> Mapping[str, Any]:
        return {
            SYMBOL: {
                "symbol": SYMBOL,
                "contractSize": 1,
                "precision": {"price": 0.1, "amount": 0.001},
                "limits": {"cost": {"min": 50}},
                "maker": 0.0002,
                "taker": self.taker,
            }
        }

    def fetch_leverage_tiers(self, symbols: Sequence[str]) -> Mapping[str, Any]:
        raise NotImplementedError

    def fetch_market_leverage_tiers(self, symbol: str) -> Sequence[Any]:
        raise NotImplementedError

    def fetch_funding_intervals(self, symbols: Sequence[str]) -> Mapping[str, Any]:
        raise NotImplementedError

    def fetch_funding_rates(self, symbols: Sequence[str]) -> Mapping[str, Any]:
        raise NotImplementedError

    def fetch_funding_rate(self, symbol: str) -> Mapping[str, Any]:
        raise NotImplementedError

    def close(self) -> None:
        """Nothing is held."""


def run(
    monkeypatch: pytest.MonkeyPatch, home: Path, *options: str, taker: float = 0.0004, say: str = ""
) -> Result:
    monkeypatch.setattr(venue_wire, "connect", lambda *_: Acme(taker))
    runner = CliRunner(env={"COLUMNS": "140", "XDG_CONFIG_HOME": str(home)})
    arguments = ["update", "binance", "--instrument", SYMBOL, *options]
    return runner.invoke(app, arguments, input=say)


def test_a_typed_y_writes_into_ones_own_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    result = run(monkeypatch, tmp_path, say="y\n")
    assert result.exit_code == 0
    assert "fees[0].taker" in result.stdout
    assert "0.0004" in result.stdout
    assert "not fetched: brackets" in result.stderr
    written = tables_in(tmp_path / "hedgerow" / "tables")
    assert [table.effective for table in written] == [datetime.now(UTC).date()]
    again = run(monkeypatch, tmp_path, "--yes")
    assert again.stdout.strip() == "nothing changed"


@pytest.mark.parametrize("say", ["n\n", "\n"])
def test_without_a_y_nothing_is_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, say: str
) -> None:
    result = run(monkeypatch, tmp_path, say=say)
    assert result.exit_code == 0
    assert "nothing was written" in result.stdout
    assert list(tmp_path.rglob("*")) == []


def test_yes_writes_into_the_folder_that_was_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / "mine"
    result = run(monkeypatch, tmp_path, "--yes", "--table", str(folder))
    assert result.exit_code == 0
    assert len(tables_in(folder)) == 1
    assert not (tmp_path / "hedgerow").exists()
