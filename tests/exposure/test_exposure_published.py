"""A book of one coin-settled option against published net deltas, and markets of bad numbers."""

import csv
import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from hedgerow.errors import ConfigError
from hedgerow.exposure.book import Book
from hedgerow.exposure.exposure import exposure
from hedgerow.exposure.positions import Option
from hedgerow.exposure.view import MarketView

NOW, MARCH = datetime(2026, 1, 2, tzinfo=UTC), date(2026, 3, 27)
FILE = Path(os.environ.get("HEDGEROW_GOLDEN_DIR") or "nowhere") / "inverse_option_greeks.csv"


@pytest.mark.skipif(not FILE.is_file(), reason="set HEDGEROW_GOLDEN_DIR to the reference cases")
def test_published_net_deltas_come_out_of_a_book_in_coin() -> None:
    seen = 0
    with FILE.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            forward, years = float(row["F"]), float(row["T"])
            # A symbol has a day of expiry; the market's time is that many years before.
            expiry = datetime(2030, 1, 4, 8, tzinfo=UTC)
            time = expiry - timedelta(days=365.0 * years)
            left = (expiry - time) / timedelta(days=365)
            symbol = f"BTC/USD:BTC-300104-{float(row['K']):f}-{row['type']}"
            market = MarketView(
                time=time,
                spot={"BTC": forward},
                forwards={"BTC": {expiry: forward}},
                volatility={"BTC": float(row["sigma"])},
                marks={"BTC/USD:BTC": forward},
                funding={"BTC/USD:BTC": 0.0},
            )
            found = exposure(Book([Option(symbol, 1.0)], "BTC"), market)
            close = 1e-9 + 10.0 * abs(left / years - 1.0)  # whole microseconds
            assert found["BTC"].worth == pytest.approx(
                float(row["price_coin"]), rel=close, abs=1e-14
            )
            net = float(row["delta_net"])
            assert found["BTC"].delta == pytest.approx(net, rel=close, abs=1e-13)
            face = float(row["inverse_perp_usd_hedge"])
            assert found.hedge_size("BTC/USD:BTC") == pytest.approx(face, rel=close, abs=1e-8)
            gamma = float(row["gamma_net_usd"])
            assert found["BTC"].gamma == pytest.approx(gamma, rel=close, abs=1e-17)
            seen += 1
    assert seen > 50


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"spot": {"BTC": 0.0}}, "spot of BTC = 0"),
        ({"spot": {"BTC": float("nan")}}, "spot of BTC = nan"),
        ({"forwards": {"BTC": {MARCH: -1.0}}}, "forward of BTC of 2026-03-27 = -1"),
        ({"volatility": {"BTC": 0.0}}, "volatility of BTC"),
        ({"funding": {"X": float("inf")}}, "funding of X = inf"),
        ({"time": NOW.replace(tzinfo=None)}, "a zone"),
    ],
)
def test_a_market_of_bad_numbers_is_refused(change: dict[str, object], word: str) -> None:
    with pytest.raises(ConfigError, match=word):
        MarketView(**{"time": NOW, "spot": {"BTC": 6e4}, **change})  # type: ignore[arg-type]
