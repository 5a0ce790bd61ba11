"""The hedger's edge of a market: by hand, and moving nothing else."""

import math
from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pytest

from hedgerow.errors import ConfigError
from hedgerow.exposure.book import Book, Holding
from hedgerow.exposure.edge import edges
from hedgerow.exposure.exposure import exposure
from hedgerow.exposure.listed import Option
from hedgerow.exposure.view import MarketView
from hedgerow.pricing.carry_edge import FundingOutlook

NOW = datetime(2026, 1, 2, 8, tzinfo=UTC)
PERP = "BTC/USD:BTC"
DAYS = np.array([84.0, 175.0])
FORWARDS = (60_500.0, 61_500.0)
MARKET = MarketView(
    time=NOW,
    spot={"BTC": 60_000.0},
    forwards={"BTC": {date(2026, 3, 27): FORWARDS[0], date(2026, 6, 26): FORWARDS[1]}},
    volatility={"BTC": 0.5},
    funding={PERP: 0.10},
)


def test_the_edge_is_funding_less_what_the_forwards_imply() -> None:
    found = edges(MARKET, PERP)
    implied = [math.log(f / 60_000.0) / (d / 365.0) for f, d in zip(FORWARDS, DAYS, strict=True)]
    assert [one.implied for one in found] == pytest.approx(implied, rel=1e-12)
    assert [one.edge for one in found] == pytest.approx([0.10 - rate for rate in implied])
    # What is earned until the second expiry is what is earned until the first, and since.
    earned = [one.edge * one.years for one in found]
    since = found[1].alone * (found[1].years - found[0].years)
    assert found[0].alone == pytest.approx(found[0].edge)
    assert earned[0] + since == pytest.approx(earned[1])
    assert [one.quote for one in found] == pytest.approx([60_000.0 * one for one in earned])


def test_an_outlook_is_averaged_until_each_expiry() -> None:
    outlook = FundingOutlook(now=0.0, mean=0.2, half_life_years=30 / 365)
    found = edges(replace(MARKET, funding={PERP: outlook}), PERP)
    speed = math.log(2.0) / 30.0
    means = 0.2 * (1.0 - (1.0 - np.exp(-speed * DAYS)) / (speed * DAYS))
    assert [one.expected for one in found] == pytest.approx(means.tolist(), rel=1e-12)


def test_an_opinion_on_funding_moves_no_worth_delta_or_vega_of_an_option() -> None:
    book = Book([Holding("BTC", 1.0), Option("BTC/USD:BTC-260327-60000-C", -1.0)])
    one, other = (exposure(book, replace(MARKET, funding={PERP: rate})) for rate in (0.0, 0.5))
    assert one["BTC"] == other["BTC"]
    assert edges(one.market, PERP) != edges(other.market, PERP)


def test_what_is_not_known_has_no_edge() -> None:
    assert edges(replace(MARKET, funding={}), PERP) == ()
    assert edges(replace(MARKET, spot={}), PERP) == ()
    assert edges(replace(MARKET, forwards={}), PERP) == ()
    over = replace(MARKET, time=datetime(2026, 5, 1, tzinfo=UTC))
    assert [one.forward for one in edges(over, PERP)] == [FORWARDS[1]]
    with pytest.raises(ConfigError, match="write a perpetual"):
        edges(MARKET, "BTC/USDT")
