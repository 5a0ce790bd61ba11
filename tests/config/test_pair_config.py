"""Pairs of a config become legs that no policy moves, or are refused with the mend."""

import asyncio
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from hedgerow.config.assembly import Assembled, Market, assemble
from hedgerow.config.config import Config, effective, effective_live
from hedgerow.config.live import LiveConfig, live_setup
from hedgerow.config.live_wanted import wanted_of
from hedgerow.config.loading import load
from hedgerow.config.samples import sample
from hedgerow.engine.pack import is_shared
from hedgerow.errors import ConfigError
from hedgerow.live.setup import PairTask

DAY = date(2026, 9, 1)
PAIRS = """
[[margin]]
name = "carry"
mode = "cross"
collateral = "USDT"
deposit = 300_000.0

[[margin]]
name = "abroad"
mode = "cross"
collateral = "USDT"
deposit = 100_000.0

[[margin]]
name = "other"
mode = "cross"
collateral = "USDT"
deposit = 100_000.0

[[pair]]
name = "carry"
size = 2.0
naked_notional_seconds = 5_000.0
first = { venue = "bybit", instrument = "BTC/USDT", account = "carry", tick = 0.1, lot = 0.000001 }
second = { venue = "bybit", instrument = "BTC/USDT:USDT", account = "carry" }

[[pair]]
name = "spread"
size = 1.5
side = "short"
first = { venue = "bybit", instrument = "BTC/USDT:USDT", account = "other" }
second = { venue = "okx", instrument = "BTC/USDT:USDT", account = "abroad" }
"""
TREASURY = sample("treasury").replace("[margin]", '[[margin]]\nname = "main"', 1)


def loaded(path: Path, text: str) -> Config:
    path.write_text(text, encoding="utf-8")
    return load(path)


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "pairs.toml"


def desk(path: Path, text: str = PAIRS) -> LiveConfig:
    return live_setup(loaded(path, TREASURY + text), live=False, opening=DAY)


def test_perpetuals_of_pairs_are_legs_and_spot_comes_after_them(path: Path) -> None:
    setup = desk(path).setup
    assert [(one.venue, one.symbol, one.account) for one in setup.listings] == [
        ("binance", "BTC/USDT:USDT", "main"),
        ("bybit", "BTC/USDT:USDT", "carry"),
        ("bybit", "BTC/USDT:USDT", "other"),
        ("okx", "BTC/USDT:USDT", "abroad"),
        ("bybit", "BTC/USDT", "carry"),
    ]
    assert (setup.legs, setup.paired) == (4, frozenset({1, 2, 3, 4}))
    assert [leg.ratio for leg in setup.terms.legs] == [1.0, 0.0, 0.0, 0.0]
    assert setup.pairs == (
        PairTask(name="carry", first=4, second=1, size=Decimal("2.0"), naked=5_000.0),
        PairTask(name="spread", first=2, second=3, size=Decimal("-1.5")),
    )
    assert len(setup.styles) == 5
    spot = setup.listings[-1]
    assert (spot.spot, spot.tick, spot.lot) == (True, Decimal("0.1"), Decimal("0.000001"))


def test_the_account_of_spot_may_hold_the_coins_and_no_other(path: Path) -> None:
    found = desk(path)
    terms = found.setup.terms
    shared = [account.name for account in terms.accounts if is_shared(terms, account)]
    assert shared == ["carry"]
    assert terms.spot_fee == float(found.spot_fees["bybit"].taker) > 0.0
    symbols = {access.account: access.symbols for access in found.venues}
    assert symbols["carry"] == ("BTC/USDT:USDT", "BTC/USDT")


def test_the_preflight_asks_for_spot_as_well(path: Path) -> None:
    config = loaded(path, TREASURY + PAIRS)
    found = live_setup(config, live=False, opening=DAY)
    access = next(access for access in found.venues if access.account == "carry")
    expected = {one.symbol: one for one in wanted_of(config, found, access).symbols}
    assert expected["BTC/USDT"].lot == Decimal("0.000001")
    assert expected["BTC/USDT"].taker == found.setup.terms.spot_fee
    assert expected["BTC/USDT:USDT"].interval_hours == 8.0


def test_the_preflight_knows_which_orders_a_desk_can_do_without(path: Path) -> None:
    config = loaded(path, TREASURY + PAIRS + "\n[orders]\nslice_notional = 2_500.0\n")
    found = live_setup(config, live=False, opening=DAY)
    wanted = {
        (access.account, one.symbol): (one.order_size, one.order_notional)
        for access in found.venues
        for one in wanted_of(config, found, access).symbols
    }
    assert wanted["carry", "BTC/USDT"] == (Decimal("0.02"), Decimal(2_500))  # 1 % of 300,000
    assert wanted["carry", "BTC/USDT:USDT"] == (Decimal("0.02"), Decimal(2_500))
    assert wanted["other", "BTC/USDT:USDT"] == (Decimal("0.015"), Decimal(1_000))
    assert wanted["main", "BTC/USDT:USDT"][0] == Decimal("1.2")  # of 120 coins


def test_a_run_over_history_refuses_pairs_and_the_text_of_a_desk_has_them(path: Path) -> None:
    config = loaded(path, TREASURY + PAIRS)
    with pytest.raises(ConfigError, match=r"\[\[pair\]\] carry: only a running desk knows pairs"):
        effective(config)
    again = loaded(path.with_name("again.toml"), effective_live(config))
    assert again.document.pair == config.document.pair


def test_a_desk_with_pairs_opens_them_on_paper_and_still_has_them_after_a_restart(
    path: Path,
) -> None:
    more = '[live]\ncadence_seconds = 1\n[guards.severities]\n"price-divergence" = "note"\n'
    config = loaded(path, TREASURY + PAIRS + more)
    given = live_setup(config, live=False)
    given.folder.mkdir(parents=True)
    market = Market(kind="generated", speed=20.0, prices={"BTC": 60_000.0})
    wanted = (Decimal(-2), Decimal("-1.5"), Decimal("1.5"), Decimal(2))
    first = asyncio.run(_opened(assemble(config, given, market)))
    again = asyncio.run(_opened(assemble(config, given, market)))
    assert (first, again) == (wanted, wanted)


async def _opened(desk: Assembled) -> tuple[Decimal, ...]:
    """Run a desk until all legs of its pairs hold something; return what."""
    running = asyncio.ensure_future(desk.runtime.run())
    for _ in range(200):
        await asyncio.sleep(0.05)
        dealer = desk.runtime.controller.core.dealer
        if running.done() or all(dealer.position(leg) for leg in range(1, 5)):
            break
    await asyncio.sleep(0.3)
    desk.runtime.stop()
    await running
    dealer = desk.runtime.controller.core.dealer
    return tuple(dealer.position(leg) for leg in range(1, 5))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('account = "carry" }', 'account = "main" }', "holds no perpetual at bybit"),
        ("tick = 0.1, ", "", "is spot, whose steps no table has; add tick and lot"),
        ('side = "short"', 'side = "up"', 'it must be "long" or "short"'),
        ("size = 2.0\n", "size = -2.0\n", "it must be a number >= 0"),
        ('name = "spread"', 'name = "carry"', "two pairs are called 'carry'"),
        ("size = 2.0\n", 'size = 2.0\nside = "short"\n', "spot cannot be held short"),
        ('"okx", instrument = "BTC/USDT:USDT"', '"okx", instrument = "ETH/USDT:USDT"', "no pair"),
        ('"okx", instrument = "BTC/USDT:USDT"', '"okx", instrument = "BTC/USD:BTC"', "would drift"),
        ('"okx", instrument = "BTC/USDT:USDT"', '"okx", instrument = "BTC/USDT"', "only the first"),
        ('account = "other" }', 'account = "carry" }', "is traded from account 'carry' by another"),
        ('mode = "cross"\ncollateral', 'mode = "isolated"\ncollateral', "is isolated and cannot"),
        ("naked_notional_seconds", "naked_seconds", "did you mean 'naked_notional_seconds'"),
    ],
)
def test_what_cannot_be_a_pair_is_refused(path: Path, old: str, new: str, said: str) -> None:
    assert old in PAIRS
    with pytest.raises(ConfigError) as caught:
        desk(path, PAIRS.replace(old, new, 1))
    assert said in str(caught.value)
