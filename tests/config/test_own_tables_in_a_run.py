"""A person's own venue tables win in a run without being named, and the run writes them down."""

from pathlib import Path

import pytest

from hedgerow.config.config import effective
from hedgerow.config.loading import config_from
from hedgerow.config.reading import parse_toml
from hedgerow.market.tables import FOLDER, tables

CONFIG = """
[book]
numeraire = "USD"
[[book.holding]]
asset = "BTC"
amount = 1.0
[hedge]
venue = "binance"
instrument = "BTC/USDT:USDT"
policy = { name = "hold" }
[margin]
collateral = "USDT"
deposit = 50000.0
[world]
start = 2026-08-01
end = 2026-08-02
"""


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a table that doubles a fee where the program looks for own ones."""
    folder = tmp_path / "hedgerow" / "tables"
    folder.mkdir(parents=True)
    newest = max(
        (table for table in tables("binance") if table.market == "usdm"),
        key=lambda table: (table.effective, table.name),
    )
    text = (FOLDER / newest.name).read_text(encoding="utf-8")
    (folder / "mine.toml").write_text(text.replace('"0.0005"', '"0.001"'), encoding="utf-8")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    return folder / "mine.toml"


def test_an_own_table_wins_and_is_written_down_with_its_fingerprint(
    own: Path, tmp_path: Path
) -> None:
    config = config_from(parse_toml(CONFIG, "x.toml"), name="x.toml", folder=tmp_path)
    assert [table.name for table in config.tables] == [str(own)]
    text = effective(config)
    assert str(own) in text
    assert "tables_sha256" in text
    again = config_from(parse_toml(text, "y.toml"), name="y.toml", folder=tmp_path)
    assert effective(again) == text


def test_tables_of_other_venues_are_left_alone(own: Path, tmp_path: Path) -> None:
    own.write_text(
        own.read_text(encoding="utf-8").replace('venue = "binance"', 'venue = "elsewhere"'),
        encoding="utf-8",
    )
    config = config_from(parse_toml(CONFIG, "x.toml"), name="x.toml", folder=tmp_path)
    assert config.tables == ()
