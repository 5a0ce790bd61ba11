"""The simulated market as a source: consistent bars, funding by the venue's rule, one seed."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import numpy as np
import pytest

from hedgerow.errors import ConfigError
from hedgerow.market.series import Bars, FundingRates, PriceKind
from hedgerow.market.source import MemorySource
from hedgerow.market.tables import contract_rules
from hedgerow.simulation.market import PERPETUAL, SPOT, VENUE, market, told
from hedgerow.simulation.path import price_path
from hedgerow.simulation.regimes import CALM, CRASH, SQUEEZE, STORY, WINTER, Regime, story
from hedgerow.units import DAY, HOUR, nanoseconds

SERIES = [(SPOT, PriceKind.TRADE), (PERPETUAL, PriceKind.TRADE), (PERPETUAL, PriceKind.MARK)]
START = date(2024, 1, 1)
RULE = contract_rules(VENUE, PERPETUAL, START).funding


def bars(source: MemorySource, symbol: str, kind: PriceKind = PriceKind.TRADE) -> Bars:
    return source.bars(VENUE, symbol, kind, HOUR)


def funding(*regimes: Regime, seed: int = 5) -> FundingRates:
    random = np.random.default_rng(seed)
    return told(random, regimes, start=START, price=40_000.0, rule=RULE).funding(VENUE, PERPETUAL)


def test_the_source_says_that_it_is_simulated() -> None:
    source = market(7, days=20)
    assert source.simulated
    assert source.name.startswith("SIMULATED (calm -> rally -> squeeze -> ")
    assert "SIMULATED" in bars(source, SPOT).source
    assert "SIMULATED" in source.funding(VENUE, PERPETUAL).source


def test_one_seed_is_one_market_and_two_seeds_are_two() -> None:
    first, again, other = market(7, days=60), market(7, days=60), market(8, days=60)
    for symbol, kind in SERIES:
        for name in ("time", "open", "high", "low", "close", "volume"):
            np.testing.assert_array_equal(
                getattr(bars(first, symbol, kind), name), getattr(bars(again, symbol, kind), name)
            )
    rates = [source.funding(VENUE, PERPETUAL).rate for source in (first, again, other)]
    np.testing.assert_array_equal(rates[0], rates[1])
    assert not np.array_equal(rates[0], rates[2])
    assert not np.array_equal(bars(first, SPOT).high, bars(other, SPOT).high)


@pytest.mark.parametrize(("symbol", "kind"), SERIES)
def test_bars_are_whole_and_consistent(symbol: str, kind: PriceKind) -> None:
    found = bars(market(7), symbol, kind)
    assert found.time[0] == nanoseconds(datetime(2024, 1, 1, tzinfo=UTC))
    assert found.time.size == 540 * 24
    assert np.all(np.diff(found.time) == HOUR)
    assert np.all(found.low <= np.minimum(found.open, found.close))
    assert np.all(found.high >= np.maximum(found.open, found.close))
    np.testing.assert_array_equal(found.open[1:], found.close[:-1])
    assert np.mean(found.high > np.maximum(found.open, found.close)) > 0.9


def test_volume_is_positive_and_grows_with_the_range() -> None:
    source = market(7)
    for symbol in (SPOT, PERPETUAL):
        found = bars(source, symbol)
        assert found.volume.min() > 0.0
        spread = np.log(found.high / found.low)
        assert np.corrcoef(np.log(found.volume), np.log(spread))[0, 1] > 0.5
    assert np.all(np.isnan(bars(source, PERPETUAL, PriceKind.MARK).volume))


def test_prices_are_multiples_of_the_tick_of_the_contract() -> None:
    tick = contract_rules(VENUE, PERPETUAL, START).perpetual.tick
    for price in bars(market(7, days=10), PERPETUAL).close.tolist():
        assert Decimal(repr(price)) % tick == 0


def test_the_mark_averages_the_premium_of_the_last_three_points() -> None:
    path = price_path(np.random.default_rng(5), (CALM,), 40_000.0)
    premium = np.concatenate((path.warm_up[-2:], path.premium))
    mark = path.index * (1.0 + (premium[2:] + premium[1:-1] + premium[:-2]) / 3.0)
    source = told(np.random.default_rng(5), (CALM,), start=START, price=40_000.0, rule=RULE)
    found = bars(source, PERPETUAL, PriceKind.MARK)
    np.testing.assert_allclose(found.close, mark[12::12], rtol=0.0, atol=0.00501)
    np.testing.assert_allclose(found.open, mark[:-1:12], rtol=0.0, atol=0.00501)
    last = path.index * (1.0 + path.premium)
    np.testing.assert_allclose(bars(source, PERPETUAL).close, last[12::12], rtol=0.0, atol=0.0501)


def test_funding_settles_every_eight_hours_at_the_mark() -> None:
    source = market(7, days=30)
    found = source.funding(VENUE, PERPETUAL)
    marks = bars(source, PERPETUAL, PriceKind.MARK)
    assert found.time.size == 30 * 3 + 1
    assert np.all(np.diff(found.time) == 8 * HOUR)
    assert found.time[-1] == marks.time[-1] + HOUR
    np.testing.assert_array_equal(found.mark_price[:-1], marks.open[::8])
    assert np.all(found.interval_hours == 8.0)


def test_funding_is_what_the_rule_says_of_the_premium() -> None:
    path = price_path(np.random.default_rng(5), STORY, 40_000.0)
    premium = np.concatenate((path.warm_up, path.premium))
    weight = np.arange(1, 97) / np.arange(1, 97).sum()
    expected = []
    for end in range(96, premium.size, 96):
        average = weight @ premium[end - 96 : end]
        expected.append(np.clip(average + np.clip(1e-4 - average, -5e-4, 5e-4), -3e-3, 3e-3))
    np.testing.assert_allclose(funding(*STORY).rate, expected, rtol=0.0, atol=5.1e-9)


def test_a_rule_of_four_hours_settles_twice_as_often() -> None:
    random = np.random.default_rng(5)
    rule = replace(RULE, interval_hours=4)
    source = told(random, (CALM,), start=START, price=40_000.0, rule=rule)
    found = source.funding(VENUE, PERPETUAL)
    assert np.all(np.diff(found.time) == 4 * HOUR)
    assert np.median(found.rate) == pytest.approx(0.5e-4)


def test_a_calm_market_pays_interest_and_little_else() -> None:
    rates = funding(CALM).rate
    assert np.median(rates) == 0.0001
    assert np.mean(rates == 0.0001) > 0.6


def test_a_squeeze_takes_funding_to_its_cap() -> None:
    rates = funding(CALM, SQUEEZE).rate
    assert rates.max() == float(RULE.cap)
    assert rates[-6:].mean() > 0.9 * float(RULE.cap)


def test_a_crash_turns_funding_and_basis_negative() -> None:
    assert funding(CALM, CRASH).rate[-15:].mean() < -0.001
    source = told(np.random.default_rng(5), (CALM, CRASH), start=START, price=40_000.0, rule=RULE)
    basis = bars(source, PERPETUAL).close / bars(source, SPOT).close - 1.0
    assert basis[-5 * 24 :].mean() < -0.002


def test_in_winter_shorts_pay() -> None:
    assert funding(WINTER).rate.mean() < 0.0


@pytest.mark.parametrize("seed", range(6))
def test_the_story_has_a_rally_that_hurts_a_short_and_a_fall_that_hurts_a_holder(seed: int) -> None:
    source = market(seed)
    spot = bars(source, SPOT).close
    fall = 1.0 - (spot / np.maximum.accumulate(spot)).min()
    worst = bars(source, PERPETUAL, PriceKind.MARK).high.max()
    assert fall > 0.5
    assert 1.8 < worst / 42_000.0 < 2.6
    paid = source.funding(VENUE, PERPETUAL).rate
    assert paid.sum() > 0.03
    assert paid.min() < -0.002
    assert paid.max() == 0.003


def test_a_story_fits_any_number_of_days_from_one_a_regime() -> None:
    for days in (8, 9, 54, 365, 540, 1000):
        told_in = story(days)
        assert sum(regime.days for regime in told_in) == days
        assert min(regime.days for regime in told_in) >= 1
    assert story(540) == STORY
    with pytest.raises(ConfigError, match="days = 7 is too short"):
        story(7)


def test_a_start_moves_the_calendar_and_nothing_else() -> None:
    here, there = market(7, days=10), market(7, days=10, start=date(2024, 3, 1))
    assert np.all(bars(there, SPOT).time - bars(here, SPOT).time == 60 * DAY)
    np.testing.assert_array_equal(bars(here, SPOT).close, bars(there, SPOT).close)


@pytest.mark.parametrize(
    ("seed", "price", "message"),
    [(-1, 42_000.0, "seed = -1"), (7, 0.0, "price = 0.0"), (7, float("nan"), "price = nan")],
)
def test_numbers_without_a_market_are_refused(seed: int, price: float, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        market(seed, price=price)
