"""`hedgerow backtest` at other venues: pledges, deleveraging, stand-ins and 8-hour bars."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

from hedgerow.adapters.importing import ImportOptions, import_files
from hedgerow.cli.app import app
from sample_market_files import HOUR_MS, START_MS, a_bundle, write_bundle

cli = CliRunner(env={"COLUMNS": "120"})

BASE = """
[[book.holding]]
asset = "BTC"
amount = 20.0

[book]
numeraire = "USD"

[[hedge]]
venue = "{venue}"
instrument = "{instrument}"
policy = {{ name = "interval", hours = 1 }}

[margin]
collateral = "{collateral}"
deposit = {deposit}
{margin}

[data]
{data}

[world]
start = 2020-01-01
end = 2020-01-02
{world}
"""
PLEDGED = """mode = "cross"
[[margin.pledges]]
asset = "BTC"
amount = {amount}
haircut = {haircut}
{more}
"""


def config(**changes: str) -> str:
    given = {
        "venue": "binance",
        "instrument": "BTC/USDT:USDT",
        "collateral": "USDT",
        "deposit": "100_000",
        "margin": "",
        "data": "",
        "world": "",
    }
    return BASE.format(**{**given, **changes})


def pledged(amount: str = "10", haircut: str = "0.05", more: str = "") -> str:
    return PLEDGED.format(amount=amount, haircut=haircut, more=more)


def falling() -> pl.DataFrame:
    """Return a bundle that falls by a third in its second day."""
    frame = a_bundle()
    factor = np.linspace(1.0, 0.66, 24)
    scale = pl.Series(np.concatenate([np.ones(24), factor]))
    prices = [name for name in frame.columns if name.startswith(("perp_", "spot_", "mark_"))]
    prices.append("funding_mark_price")
    return frame.with_columns([(pl.col(name) * scale).alias(name) for name in prices])


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    import_files([write_bundle(tmp_path, falling())], tmp_path / "lake")
    return tmp_path / "lake"


def run(lake: Path, text: str) -> Any:  # noqa: ANN401 - parsed JSON
    path = lake.parent / "job.toml"
    path.write_text(text, encoding="utf-8")
    done = cli.invoke(app, ["backtest", str(path), "--data", str(lake), "--json", "-"])
    assert done.exit_code == 0, done.stderr
    return json.loads(done.stdout)


def refused(lake: Path, text: str) -> str:
    path = lake.parent / "job.toml"
    path.write_text(text, encoding="utf-8")
    done = cli.invoke(app, ["backtest", str(path), "--data", str(lake), "--json", "-"])
    assert done.exit_code == 2
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    return " ".join(done.stderr.split())


def test_a_cross_account_with_a_pledge(lake: Path) -> None:
    found = run(lake, config(deposit="20_000", margin=pledged()))
    assert found["schema"] == "hedgerow.run/1"
    assert found["margin"]["liquidations"] == []
    assert abs(found["pnl"]["residual"]) < 1e-3
    stamps = " ".join(found["stamps"])
    assert "10 BTC count as collateral less a haircut of 5.00%" in stamps


def test_deleveraging_is_a_table_of_the_world_and_off_without_it(lake: Path) -> None:
    table = "[world.deleveraging]\nshare = 0.5\nfall = 0.1\n"
    taken = run(lake, config(world=table))
    calm = run(lake, config())
    assert calm["pnl"]["liquidation"] == 0.0
    assert taken["pnl"]["liquidation"] < 0.0
    assert any("would deleverage" in stamp for stamp in taken["stamps"])
    assert "deleveraging" in taken["provenance"]["config"]


HYPERLIQUID = {"venue": "hyperliquid", "instrument": "BTC/USDC:USDC", "collateral": "USDC"}


def test_prices_of_another_venue_stand_in_and_the_stamps_say_so(lake: Path) -> None:
    data = 'proxy = { "BTC/USDC:USDC" = "binance:BTC/USDT:USDT" }\nallow_gaps = true\n'
    found = run(lake, config(**HYPERLIQUID, data=data))
    assert any(s.startswith("PROXY") and "at binance" in s for s in found["stamps"])
    assert found["coverage"]["settlements_present"] == 6


def test_8_hour_bars_run(tmp_path: Path) -> None:
    bars = 12
    close = 7_200.0 * np.exp(0.01 * np.sin(np.arange(bars)))
    opened = np.concatenate([[7_200.0], close[:-1]])
    rows = {
        "ts": START_MS + 8 * HOUR_MS * np.arange(bars),
        "open": opened,
        "high": np.maximum(opened, close),
        "low": np.minimum(opened, close),
        "close": close,
        "volume": np.full(bars, 9.0),
        "funding_rate": np.full(bars, 1e-4),
    }
    frames = [
        pl.DataFrame(rows).with_columns(
            pl.lit("okx").alias("exchange"),
            pl.lit(pair).alias("pair"),
            pl.lit(contract).alias("contract"),
            pl.when(contract == "perpetual").then(pl.col("funding_rate")).alias("funding_rate"),
        )
        for pair, contract in (("BTC/USDT", "spot"), ("BTCUSDT", "perpetual"))
    ]
    table = tmp_path / "okx.csv"
    pl.concat(frames).write_csv(table)
    import_files([table], tmp_path / "lake", ImportOptions(map="tidy-exchanges"))
    found = run(tmp_path / "lake", config(venue="okx", world='bar = "8h"'))
    assert found["bars"] == 6
    assert found["coverage"]["settlements_present"] == 6
    assert found["funding"]["net"] > 0.0


BAD = {
    "more pledged than held": (
        config(margin=pledged(amount="21")),
        "pledges of 21 BTC come out of the holding, which has 20",
    ),
    "isolated with a pledge": (
        config(margin=pledged().replace('mode = "cross"\n', "")),
        'set mode = "cross"',
    ),
    "a haircut of one": (config(margin=pledged(haircut="1.0")), "from 0 up to below 1"),
    "a negative pledge": (config(margin=pledged(amount="-1")), "amount = -1"),
    "a pledge that nobody holds": (
        config(margin=pledged().replace('"BTC"', '"ETH"')),
        "pledges of 10 ETH come out of the holding, which has 0",
    ),
    "collateral pledged twice": (
        config(margin=pledged().replace('"BTC"', '"USDT"')),
        "names USDT twice as collateral",
    ),
    "a share above one": (
        config(world="[world.deleveraging]\nshare = 2\n"),
        "share = 2",
    ),
    "an unknown key of deleveraging": (
        config(world="[world.deleveraging]\nshares = 0.5\n"),
        "shares",
    ),
    "an unknown stand-in": (
        config(**HYPERLIQUID, data='proxy = { "BTC/USDC:USDC" = "nowhere:BTC/USDT:USDT" }'),
        "nowhere",
    ),
    "a stand-in for what is not hedged": (
        config(data='proxy = { "ETH/USDT:USDT" = "binance:BTC/USDT:USDT" }'),
        "[data.proxy]",
    ),
    "a quanto contract": (
        config(venue="bitmex", instrument="ETH/USD:BTC", collateral="BTC", deposit="1"),
        "neither ETH nor money",
    ),
    "bars that are not held": (config(world='bar = "8h"'), "bars of 1h, not of 8h"),
    "no rules": (
        config(venue="drift", instrument="BTC/USD:USDC", collateral="USDC"),
        "no table gives its",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_is_refused_with_the_mend(name: str, lake: Path) -> None:
    text, said = BAD[name]
    assert said in refused(lake, text)


def test_a_pledge_of_what_nobody_holds_is_extra(lake: Path) -> None:
    found = run(lake, config(margin=pledged(amount="5", more="extra = true"), deposit="20_000"))
    assert found["margin"]["liquidations"] == []


def test_one_account_does_not_lie_at_two_venues(lake: Path) -> None:
    second = """
[[hedge]]
venue = "okx"
instrument = "BTC/USDT:USDT"
ratio = 0.2
policy = { name = "hold" }
"""
    text = config(margin='mode = "cross"') + second
    text = text.replace(
        'policy = { name = "interval", hours = 1 }', 'ratio = 0.5\npolicy = { name = "hold" }'
    )
    assert "an account lies at one venue" in refused(lake, text)
