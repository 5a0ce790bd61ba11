"""A book of every option of a recorded chain: its deltas against the exchange's, both hedges."""

import os
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from hedgerow.adapters.chains import open_chains, read_chain
from hedgerow.exposure.book import Book, Holding
from hedgerow.exposure.exposure import Exposure, exposure
from hedgerow.exposure.greeks import DELTA
from hedgerow.exposure.positions import Option
from hedgerow.exposure.view import MarketView
from hedgerow.market.chain import Chain
from hedgerow.pricing.coin_options import coin_option
from hedgerow.pricing.options import black76
from hedgerow.pricing.surface import fit
from hedgerow.units import DAY, Floats, moment, nanoseconds

FILE = Path(os.environ.get("HEDGEROW_DATA_DIR") or "nowhere") / (
    "options/deribit_option_snapshots.parquet"
)
pytestmark = pytest.mark.skipif(
    not FILE.is_file(),
    reason="real market data not found: set HEDGEROW_DATA_DIR to the folder that holds them",
)
PERP = "BTC/USD:BTC"


@pytest.fixture(scope="module")
def chain() -> Chain:
    """Return the bitcoin options of a quiet day that the venue marks and that are alive."""
    at = nanoseconds(datetime(2026, 3, 2, tzinfo=UTC))
    return living(read_chain(FILE, at=at, underlying="BTC"))


def living(chain: Chain) -> Chain:
    """Return the rows that the venue marks and that are alive."""
    return chain.rows((chain.reasons == "") & (chain.mark_volatility > 0.0))


def sizes(chain: Chain) -> Floats:
    """Return what is held of each: some long, some short."""
    return np.random.default_rng(2).normal(size=len(chain))


def frame_of(chain: Chain) -> pl.DataFrame:
    """Return the book's rows, options by their unified names."""
    days = [f"{moment(one):%y%m%d}" for one in chain.expiry.tolist()]
    letters = np.where(chain.sign > 0.0, "C", "P").tolist()
    rows = zip(days, chain.strike.tolist(), letters, strict=True)
    coins = chain.underlying.tolist()
    symbols = [
        f"{coin}/USD:{coin}-{day}-{strike:f}-{letter}"
        for coin, (day, strike, letter) in zip(coins, rows, strict=True)
    ]
    return pl.DataFrame({"symbol": symbols, "size": sizes(chain)})


def valued(chain: Chain, numeraire: str = "USD") -> Exposure:
    """Return the exposure of all options at the venue's own volatilities."""
    market = MarketView.of_chain(
        chain, marks={PERP: 1.0005 * chain.index["BTC"]}, funding={PERP: 0.08}
    )
    return exposure(Book.from_frame(frame_of(chain), numeraire=numeraire), market)


def test_every_listed_option_counts(chain: Chain) -> None:
    found = valued(chain)
    assert len(chain) > 500
    assert found.problems == ()
    assert found.by_expiry().height == chain.expiries.size


def test_deltas_are_the_exchanges() -> None:
    """Over many days: of one alone the venue's deltas are up to minutes younger than its prices."""
    file = open_chains(FILE)
    errors = []
    for at in file.times:
        chain = living(file.chain(at=at))
        late = (chain.expiry - chain.time > 7 * DAY) & np.isfinite(chain.delta)
        found = exposure(Book.from_frame(frame_of(chain)), MarketView.of_chain(chain))
        assert found.problems == ()
        deltas = np.concatenate([one.table[DELTA] for one in found.groups])
        rows = np.concatenate([one.group.rows for one in found.groups])
        errors.append(np.abs(deltas / sizes(chain)[rows] - chain.delta[rows])[late[rows]])
    error = np.concatenate(errors)
    assert error.size > 100_000
    assert np.median(error) <= 2e-4
    assert np.quantile(error, 0.99) <= 1e-2


def test_deltas_of_one_day_are_those_of_the_options_one_by_one(chain: Chain) -> None:
    alone = black76(
        chain.forward,
        chain.strike,
        chain.mark_volatility,
        chain.years,
        chain.sign,
        quantities=("delta",),
    ).delta
    deltas = valued(chain).contributions()["delta"].to_numpy() / sizes(chain)
    error = np.abs(deltas - alone)
    # Where a call and a put of one strike carry two marked volatilities the book takes one.
    assert np.median(error) <= 1e-12
    assert np.quantile(error, 0.95) <= 1e-3


def test_worth_in_coin_is_the_exchanges_mark(chain: Chain) -> None:
    each = valued(chain, "BTC").contributions()
    error = np.abs(each["worth"].to_numpy() / sizes(chain) - chain.mark)
    late = chain.expiry - chain.time > 7 * DAY
    assert np.median(error[late]) <= 1e-4


def test_both_hedges_are_those_of_the_options_one_by_one(chain: Chain) -> None:
    options = coin_option(
        valued(chain).market.forwards_of("BTC", chain.expiry),
        chain.strike,
        chain.mark_volatility,
        chain.years,
        chain.sign,
        quantities=("price_coin", "delta_net"),
    )
    price, held = 1.0005 * chain.index["BTC"], sizes(chain)
    equity = float(np.sum(held * options.price_coin))
    hedge = options.perp_hedge(coin_equity=equity, perp_price=price, contracts=held)
    dollar, coin = valued(chain), valued(chain, "BTC")
    # A call and a put of one strike may carry two marked volatilities; the book takes one.
    assert dollar.coin_equity("BTC") == pytest.approx(equity, abs=1e-3 * np.abs(held).sum())
    assert dollar.hedge_size(PERP) == pytest.approx(hedge.dollar_neutral, rel=1e-3)
    assert coin.hedge_size(PERP) == pytest.approx(hedge.coin_neutral, rel=1e-3)


def test_a_fitted_surface_gives_nearly_the_same_exposure(chain: Chain) -> None:
    market = MarketView.of_chain(chain, surfaces={"BTC": fit(chain)})
    fitted = exposure(Book.from_frame(frame_of(chain)), market)
    given = valued(chain)
    gross = float(given.contributions()["vega"].abs().sum())
    assert fitted.problems == ()
    assert fitted["BTC"].delta == pytest.approx(given["BTC"].delta, abs=0.5)
    assert fitted["BTC"].vega == pytest.approx(given["BTC"].vega, abs=0.01 * gross)


def test_a_covered_call_of_the_chain_loses_and_gains_as_its_payoff_says(chain: Chain) -> None:
    row = int(np.argmin(np.abs(chain.strike - 1.1 * chain.index["BTC"]) - 1e-9 * chain.expiry))
    day = f"{moment(int(chain.expiry[row])):%y%m%d}"
    symbol = f"{PERP}-{day}-{chain.strike[row]:f}-C"
    book = Book([Holding("BTC", 1.0), Option(symbol, -1.0)])
    market = MarketView.of_chain(chain)
    cube = exposure(book, market).scenario(spot=[-0.3, 0.6], years=[2.0])
    spot = chain.index["BTC"] * np.array([0.7, 1.6])
    forward = market.forwards_of("BTC", chain.expiry[row : row + 1])[0] * np.array([0.7, 1.6])
    payoff = np.maximum(forward - chain.strike[row], 0.0) * spot / forward
    assert cube.worth[:, 0, 0, 0] == pytest.approx(spot - payoff, rel=1e-12)
