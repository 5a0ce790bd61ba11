"""The pages on deltas and on the hedger's edge: every figure is worked out again.

What they take from records is looked up where HEDGEROW_DATA_DIR names the folder of them.
"""

import doctest
import math
import os
import re
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from hedgerow.adapters.chains import open_chains
from hedgerow.pricing.coin_options import coin_option
from hedgerow.pricing.surface import fit
from hedgerow.units import DAY, HOUR

DOCS = Path(__file__).parents[2] / "docs"
DELTA = DOCS / "explanation" / "which-delta.md"
EDGE = DOCS / "explanation" / "hedgers-edge.md"
DATA = Path(os.environ.get("HEDGEROW_DATA_DIR") or "nowhere")
CHAIN = DATA / "options" / "deribit_btc_chain_20200521_full_greeks.parquet"
SNAPSHOTS = DATA / "options" / "deribit_option_snapshots.parquet"
FUNDING = DATA / "funding" / "deribit_btc_funding_1h.parquet"
recorded = pytest.mark.skipif(
    not (CHAIN.is_file() and FUNDING.is_file()),
    reason="real market data not found: set HEDGEROW_DATA_DIR to the folder that holds them",
)

SYMBOL = "BTC-25DEC20-10000-C"
FORWARD, STRIKE, VOLATILITY, INDEX = 9_261.73, 10_000.0, 0.8766, 9_081.73
MINUTES = 312_998
YEARS = MINUTES / 525_600
WRITTEN = 10.0


def words(path: Path) -> str:
    return " ".join(path.read_text(encoding="utf-8").split())


def coin_price(move: float = 0.0) -> float:
    forward = FORWARD * (1.0 + move)
    return coin_option(forward, STRIKE, VOLATILITY, YEARS, "call").price_coin


def coins(own: float, *, kept: bool) -> float:
    """Return what the account of the writer is worth, in coin."""
    return own + (WRITTEN * coin_price() if kept else 0.0) - WRITTEN * coin_price()


def dollars_gained(own: float, kept: bool, face: float, move: float) -> float:
    """Return how the wealth in dollars changes by a move, everything valued anew."""
    cash = own + (WRITTEN * coin_price() if kept else 0.0)
    later = INDEX * (1.0 + move)
    perpetual = face * (1.0 / INDEX - 1.0 / later)
    return (cash - WRITTEN * coin_price(move) + perpetual) * later - coins(own, kept=kept) * INDEX


@pytest.mark.parametrize(
    "page",
    [DELTA, EDGE, *(DOCS / "reference" / f"{name}.md" for name in ("pricing", "exposure"))],
    ids=lambda page: page.stem,
)
def test_what_the_page_shows_is_what_python_answers(page: Path) -> None:
    blocks = re.findall(r"^```pycon\n(.*?)^```$", page.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert blocks
    session = doctest.DocTestParser().get_doctest("\n".join(blocks), {}, page.stem, str(page), 0)
    assert session.examples
    shown: list[str] = []
    assert doctest.DocTestRunner().run(session, out=shown.append).failed == 0, "".join(shown)


@pytest.mark.parametrize(
    ("account", "own", "kept"),
    [
        ("premium kept in coin", 0.0, True),
        ("premium sold for dollars", 0.0, False),
        ("5 BTC of one's own, premium kept", 5.0, True),
        ("5 BTC of one's own, premium sold", 5.0, False),
    ],
)
def test_each_account_has_the_hedge_that_the_table_says(
    account: str, own: float, kept: bool
) -> None:
    option = coin_option(FORWARD, STRIKE, VOLATILITY, YEARS, "call")
    equity = coins(own, kept=kept)
    hedge = option.perp_hedge(coin_equity=equity, perp_price=INDEX, contracts=-WRITTEN)
    black = INDEX * WRITTEN * option.delta
    row = (
        f"| {account} | {equity:.4f} | {hedge.dollar_neutral:,.0f} | {black:,.0f} "
        f"| {hedge.coin_neutral:,.0f} |"
    )
    assert row in words(DELTA)
    # The hedge does what it is for: to first order nothing moves, by finite differences.
    step = 1e-4
    moved = [dollars_gained(own, kept, hedge.dollar_neutral, side * step) for side in (-1, 1)]
    assert (moved[1] - moved[0]) / (2.0 * step * INDEX) == pytest.approx(0.0, abs=1e-4)


@pytest.mark.parametrize(("account", "own"), [("premium kept in coin", 0.0), ("5 BTC of", 5.0)])
def test_the_moves_of_the_table_are_those_of_the_wealth(account: str, own: float) -> None:
    option = coin_option(FORWARD, STRIKE, VOLATILITY, YEARS, "call")
    right = -INDEX * (coins(own, kept=True) - WRITTEN * option.delta_net)
    faces = {
        "nothing": 0.0,
        "Black's delta": INDEX * WRITTEN * option.delta,
        "`C` and the net delta": right,
    }
    page = words(DELTA)
    assert account in page
    for name, face in faces.items():
        down, up = (dollars_gained(own, True, face, move) for move in (-0.01, 0.01))
        assert f"| {name} | {down:.1f} | {up:.1f} |" in page


def test_the_confusions_are_as_large_as_the_page_says() -> None:
    price = coin_price()
    assert f"{WRITTEN * price:.4f} BTC for them" in words(DELTA)
    assert f"{price:.4f} BTC is {price * INDEX:,.0f} dollars" in words(DELTA)
    assert f"the {price * FORWARD:,.0f} that" in words(DELTA)
    assert round(100.0 * (FORWARD / INDEX - 1.0)) == 2


def test_the_edge_in_words_is_that_of_the_session() -> None:
    (quotes,) = re.findall(r"edge\.quote\S+\n\[(.*)\]", EDGE.read_text("utf-8"))
    assert f"would earn {quotes.split(', ')[-1]} dollars more" in words(EDGE)


@recorded
def test_the_inputs_are_those_of_the_recorded_chain() -> None:
    rows = pl.read_parquet(CHAIN).filter(pl.col("instrument_name") == SYMBOL).to_dicts()
    (row,) = rows
    assert (row["underlying_price"], row["index_price"]) == (FORWARD, INDEX)
    assert row["mark_iv"] / 100.0 == pytest.approx(VOLATILITY, rel=1e-15)
    assert round((row["expiry"] - row["ts"]).total_seconds() / 60.0) == MINUTES
    assert row["ts"].strftime("%d %B %Y %H:%M") == "21 May 2020 23:22"
    option = coin_option(FORWARD, STRIKE, VOLATILITY, YEARS, "call")
    assert option.delta == pytest.approx(row["delta"], abs=1e-5)
    assert option.price_coin == pytest.approx(row["mark_price"], abs=2e-5)


@recorded
def test_the_slope_is_that_of_the_fitted_surface() -> None:
    chain = open_chains(CHAIN).chain()
    surface = fit(chain)
    expiry = int(chain.expiry[chain.symbol == SYMBOL][0])
    forward = surface.forward(expiry)
    step = 1e-3
    strikes = [STRIKE * (1.0 - step), STRIKE * (1.0 + step)]
    low, high = (float(surface.volatility(strike, expiry)) for strike in strikes)
    assert (high - low) / (2.0 * step) == pytest.approx(-0.058, abs=0.0015)
    assert 9_000.0 < float(forward) < 9_500.0


@pytest.mark.skipif(not SNAPSHOTS.is_file(), reason="no option snapshots: set HEDGEROW_DATA_DIR")
def test_smiles_moved_as_the_page_says() -> None:
    file = open_chains(SNAPSHOTS)
    daily: list[tuple[float, float, float]] = []
    last = 0
    for now in file.times:
        if now - last < 20 * HOUR:
            continue
        last = now
        surface = fit(file.chain(at=now, underlying="BTC"))
        month = now + 30 * DAY
        forward = float(surface.forward(month))
        step = 0.02
        strikes = [forward * math.exp(side * step) for side in (-1.0, 0.0, 1.0)]
        low, middle, high = (float(surface.volatility(strike, month)) for strike in strikes)
        daily.append((math.log(forward), middle, (high - low) / (2.0 * step)))
    assert len(daily) == 121
    price, level, slope = np.array(daily).T
    sticky, moved = slope[:-1] * np.diff(price), np.diff(level)
    random = np.random.default_rng(0)
    draws = random.integers(0, moved.size, (2_000, moved.size))
    ratios = np.sum(sticky[draws] * moved[draws], axis=1) / np.sum(sticky[draws] ** 2, axis=1)
    ratio = float(sticky @ moved / (sticky @ sticky))
    few, many = np.quantile(ratios, [0.05, 0.95])
    assert f"it was {ratio:.1f} for bitcoin, and between {few:.1f} and {many:.1f}" in words(DELTA)


@recorded
def test_the_edge_begins_from_recorded_futures_and_funding() -> None:
    chain = pl.read_parquet(CHAIN)
    page = words(EDGE)
    assert "9,091.43, 9,176.88 and 9,261.73" in page
    for forward, day in ((9_091.43, 35.36), (9_176.88, 126.36), (9_261.73, 217.36)):
        rows = chain.filter(pl.col("underlying_price") == forward).to_dicts()
        left = [(row["expiry"] - row["ts"]).total_seconds() / 86_400.0 for row in rows]
        assert left
        assert min(abs(one - day) for one in left) < 0.005
    until = datetime(2020, 5, 21, 23, tzinfo=UTC)
    paid = pl.read_parquet(FUNDING).filter(pl.col("ts") <= until)["interest_1h"] * 8_760.0
    assert f"{100.0 * float(paid.tail(8_760).to_numpy().mean()):.2f} % over the past year" in page
    assert f"{100.0 * float(paid.tail(168).to_numpy().mean()):.2f} % a year over the past" in page
