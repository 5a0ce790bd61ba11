"""When a hedge is taken away, at which price, and what that costs."""

import math

import numpy as np
import pytest

from hedgerow.errors import ConfigError, UnknownName
from hedgerow.margin.deleveraging.crowd import Crash, Crowd, Own, expected_taking
from hedgerow.margin.deleveraging.ranking import Population, scores, taken_by_rank
from hedgerow.margin.deleveraging.schedule import (
    DeleveragingRule,
    Rehedge,
    deleveraging_cost,
    deleveraging_schedule,
)
from hedgerow.margin.deleveraging.waterfall import BookSide, Takeover, WaterfallRule, waterfall
from hedgerow.units import HOUR, Floats, Times


def bars(closes: list[float], spread: float = 0.0) -> tuple[Times, Floats, Floats, Floats]:
    price = np.array(closes)
    times = np.arange(price.shape[0], dtype=np.int64) * HOUR
    return times, price + spread, price - spread, price


def test_a_calm_market_takes_nothing() -> None:
    share, price = deleveraging_schedule(*bars([100.0, 99.0, 101.0, 90.0]), DeleveragingRule())
    assert share.tolist() == [0.0] * 4
    assert np.isnan(price).all()


def test_a_short_is_taken_at_the_level_that_set_the_crash_off() -> None:
    rule = DeleveragingRule(fall=0.2, share=0.4)
    share, price = deleveraging_schedule(*bars([100.0, 90.0, 70.0, 70.0]), rule)
    assert share.tolist() == [0.0, 0.0, 0.4, 0.0]
    assert price[2] == pytest.approx(80.0)


def test_a_long_is_taken_in_a_rise() -> None:
    rule = DeleveragingRule(side="long", fall=0.2, share=0.4)
    share, price = deleveraging_schedule(*bars([100.0, 90.0, 109.0, 90.0]), rule)
    assert share.tolist() == [0.0, 0.0, 0.4, 0.0]
    assert price[2] == pytest.approx(108.0)


def test_at_the_mark_it_is_the_close() -> None:
    rule = DeleveragingRule(fall=0.2, share=0.4, price="mark")
    _, price = deleveraging_schedule(*bars([100.0, 90.0, 70.0]), rule)
    assert price[2] == 70.0


def test_a_slow_fall_is_no_crash() -> None:
    slow = [100.0 - bar for bar in range(40)]
    rule = DeleveragingRule(fall=0.2, window_hours=6.0, share=1.0)
    share, _ = deleveraging_schedule(*bars(slow), rule)
    assert share.sum() == 0.0
    quick = DeleveragingRule(fall=0.2, window_hours=24.0, share=1.0)
    share, _ = deleveraging_schedule(*bars(slow), quick)
    assert np.flatnonzero(share).tolist() == [20, 36]  # 80 is 20 % below 100, 64 below 80


def test_a_bars_own_high_is_not_taken_for_an_earlier_one() -> None:
    times, _, _, closes = bars([100.0, 100.0, 100.0])
    highs, lows = np.array([101.0, 140.0, 101.0]), np.array([99.0, 99.0, 99.0])
    share, _ = deleveraging_schedule(
        times, highs, lows, closes, DeleveragingRule(fall=0.2, share=1.0)
    )
    assert share.tolist() == [0.0, 0.0, 1.0]


def test_missing_bars_are_passed_over() -> None:
    gap = [100.0, math.nan, math.nan, 70.0, 70.0]
    share, _ = deleveraging_schedule(*bars(gap), DeleveragingRule(fall=0.2, share=1.0))
    assert share.tolist() == [0.0, 0.0, 0.0, 1.0, 0.0]


def walk(seed: int, count: int = 400) -> tuple[Times, Floats, Floats, Floats]:
    random = np.random.default_rng(seed)
    closes = 100.0 * np.exp(np.cumsum(0.03 * random.standard_normal(count)))
    highs = closes * np.exp(0.02 * random.random(count))
    lows = closes * np.exp(-0.02 * random.random(count))
    closes[random.integers(0, count, 8)] = np.nan
    missing = np.isnan(closes)
    highs[missing], lows[missing] = np.nan, np.nan
    return np.arange(count, dtype=np.int64) * HOUR, highs, lows, closes


def step_by_step(
    market: tuple[Times, Floats, Floats, Floats], rule: DeleveragingRule
) -> tuple[list[float], list[float]]:
    """Return the schedule of a given share, found bar by bar without any queue."""
    times, highs, lows, closes = market
    share, price = [], []
    since: int | None = None  # bar of the last crash
    for bar in range(len(times)):
        near = [
            past
            for past in range(bar)
            if times[bar] - times[past] < rule.window_hours * HOUR
            and (since is None or past >= since)
        ]
        seen = []
        for past in near:
            extreme = closes[past] if past == since else (highs, lows)[rule.side == "long"][past]
            if not np.isnan(extreme):
                seen.append(extreme)
        taken, at = 0.0, math.nan
        if seen and rule.side == "short":
            level = max(seen) * (1.0 - rule.fall)
            if lows[bar] <= level:
                taken, at = rule.share or 0.0, level
        elif seen:
            level = min(seen) * (1.0 + rule.fall)
            if highs[bar] >= level:
                taken, at = rule.share or 0.0, level
        if taken:
            since = bar
        share.append(taken)
        price.append(at)
    return share, price


@pytest.mark.parametrize("side", ["short", "long"])
@pytest.mark.parametrize("seed", range(4))
def test_the_schedule_is_the_one_found_bar_by_bar(side: str, seed: int) -> None:
    rule = DeleveragingRule(side=side, fall=0.1, window_hours=12.0, share=0.5)  # type: ignore[arg-type]
    market = walk(seed)
    share, price = deleveraging_schedule(*market, rule)
    expected_share, expected_price = step_by_step(market, rule)
    assert share.tolist() == expected_share
    np.testing.assert_allclose(price, expected_price, rtol=1e-15)
    assert share.sum() > 0.0


@pytest.mark.parametrize("share", [0.5, None])
def test_the_schedule_knows_nothing_of_the_future(share: float | None) -> None:
    rule = DeleveragingRule(
        fall=0.1, window_hours=12.0, share=share, own=Own(leverage=20.0), crowd=Crowd(fund=0.0)
    )
    market = walk(1)
    whole, prices = deleveraging_schedule(*market, rule)
    assert whole.sum() > 0.0
    for end in (60, 150, 333):
        times, highs, lows, closes = market
        part, known = deleveraging_schedule(
            times[:end], highs[:end], lows[:end], closes[:end], rule
        )
        np.testing.assert_array_equal(part, whole[:end])
        np.testing.assert_array_equal(known, prices[:end])


def test_without_a_share_the_depth_of_the_fall_decides() -> None:
    rule = DeleveragingRule(own=Own(leverage=10.0))
    mild, _ = deleveraging_schedule(*bars([100.0, 84.0]), rule)
    harsh, price = deleveraging_schedule(*bars([100.0, 45.0]), rule)
    assert mild.tolist() == [0.0, 0.0]
    assert harsh.tolist() == [0.0, 1.0]
    assert 45.0 < price[1] < 100.0


def test_the_more_leverage_the_earlier_in_the_queue() -> None:
    crash, crowd = Crash(100.0, 55.0), Crowd(fund=0.0)
    shares = [
        expected_taking(crash, Own(leverage=leverage), crowd).share
        for leverage in (0.5, 1.0, 2.0, 5.0, 20.0)
    ]
    assert shares == sorted(shares)
    assert shares[0] == 0.0
    assert shares[-1] == 1.0


def test_the_more_insurance_the_less_is_taken() -> None:
    taken = [
        expected_taking(Crash(100.0, 60.0), Own(), Crowd(fund=fund)).deleveraged
        for fund in (0.0, 0.005, 0.01, 0.02, 0.1)
    ]
    assert taken == sorted(taken, reverse=True)
    assert taken[0] > 0.0
    assert taken[-1] == 0.0


def test_a_rise_takes_longs_as_a_fall_takes_shorts() -> None:
    taking = expected_taking(Crash(100.0, 180.0), Own(leverage=20.0), Crowd(fund=0.0))
    assert taking.share == 1.0
    assert taking.price < 180.0  # a long handed over below the market


def test_being_deleveraged_below_the_market_costs_a_short_nothing_but_above_it_does() -> None:
    back = Rehedge(cost=0.001, naked_hours=24.0, volatility=1.0)
    cost = deleveraging_cost(-10.0, 90.0, 80.0, back)
    assert cost.forced == pytest.approx(10.0 * (90.0 - 80.0))
    assert cost.rehedge == pytest.approx(10.0 * 80.0 * 0.001)
    assert cost.naked == pytest.approx(800.0 / math.sqrt(365.0))
    assert cost.total == pytest.approx(100.8)
    assert deleveraging_cost(10.0, 90.0, 80.0, back).forced == pytest.approx(-100.0)


def four_shorts() -> Population:
    return Population(
        sizes=np.array([-5.0, -5.0, -5.0, -5.0]),
        entries=np.array([100.0, 100.0, 70.0, 100.0]),
        wallets=np.array([500.0, 50.0, 80.0, 100.0]),
    )


def test_profit_times_leverage_puts_the_leveraged_winner_first_and_the_loser_last() -> None:
    order = np.argsort(-scores(four_shorts(), 80.0))
    assert order.tolist() == [1, 3, 0, 2]


def test_the_quantile_score_does_not_tell_losers_apart() -> None:
    found = scores(four_shorts(), 80.0, "lpq")
    assert found[2] == 0.0
    assert found[1] > found[3] > found[0] > 0.0


def test_who_has_nothing_left_is_not_in_the_queue() -> None:
    dead = Population(sizes=np.array([-5.0]), entries=np.array([70.0]), wallets=np.array([50.0]))
    for ranking in ("profit_leverage", "lpq"):
        assert scores(dead, 80.0, ranking).tolist() == [-np.inf]


def test_scores_do_not_depend_on_the_kind_of_contract_at_the_entry() -> None:
    linear = Population(
        sizes=np.array([-1.0, -1.0]), entries=np.full(2, 100.0), wallets=np.array([20.0, 50.0])
    )
    inverse = Population(
        sizes=np.array([-100.0, -100.0]),
        entries=np.full(2, 100.0),
        wallets=np.array([0.2, 0.5]),
        inverse=True,
    )
    near = 99.999
    np.testing.assert_allclose(scores(linear, near), scores(inverse, near), rtol=2e-4)


def test_equal_scores_share_in_proportion() -> None:
    taken = taken_by_rank(np.array([1.0, 2.0, 1.0]), np.array([3.0, 1.0, 1.0]), 3.0)
    assert taken.tolist() == [1.5, 1.0, 0.5]


def test_a_better_fill_feeds_the_fund() -> None:
    bids = BookSide(prices=np.array([95.0, 90.0]), sizes=np.array([4.0, 10.0]))
    end = waterfall(
        Takeover(size=10.0, bankruptcy=90.0, mark=95.0), bids, 7.0, four_shorts(), WaterfallRule()
    )
    assert end.fund_change == 20.0
    assert (end.filled, end.fund) == (10.0, 27.0)
    assert end.fill_price == pytest.approx(92.0)
    assert end.deleveraged == 0.0


def test_an_empty_book_hands_everything_to_the_queue() -> None:
    nobody = BookSide(prices=np.array([]), sizes=np.array([]))
    end = waterfall(
        Takeover(size=8.0, bankruptcy=90.0, mark=80.0), nobody, 1e6, four_shorts(), WaterfallRule()
    )
    assert end.taken.tolist() == [0.0, 5.0, 0.0, 3.0]
    assert end.fund_change == 0.0
    assert end.fill_price is None


def test_a_socialised_loss_is_paid_out_of_profits() -> None:
    bids = BookSide(prices=np.array([80.0]), sizes=np.array([100.0]))
    shared = WaterfallRule(last_resort="socialise")
    end = waterfall(
        Takeover(size=10.0, bankruptcy=90.0, mark=80.0), bids, 40.0, four_shorts(), shared
    )
    assert end.fund == 0.0
    assert end.filled == 10.0
    assert end.losses.tolist() == [20.0, 20.0, 0.0, 20.0]  # 60 left, three winners of 100 each
    assert end.uncovered == 0.0


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"fall": 0.0}, "fall = 0.0"),
        ({"fall": 1.5}, "fall = 1.5"),
        ({"share": 0.0}, "leave it out"),
        ({"window_hours": -1.0}, "window_hours = -1.0"),
        ({"side": "both"}, "'short' or 'long'"),
        ({"price": "last"}, "'bankruptcy' or 'mark'"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(changes: dict[str, object], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        DeleveragingRule(**changes)  # type: ignore[arg-type]


def test_a_crowd_that_makes_no_sense_is_refused() -> None:
    for changes in (
        {"median_leverage": 1.0},
        {"fund": -0.1},
        {"slippage": 2.0},
        {"ranking": "luck"},
    ):
        with pytest.raises(ConfigError, match=next(iter(changes))):
            Crowd(**changes)
    with pytest.raises(ConfigError, match="leverage"):
        Own(leverage=0.0)
    with pytest.raises(UnknownName, match="lpq"):
        scores(four_shorts(), 80.0, "lqp")
    with pytest.raises(ConfigError, match="size 0"):
        Takeover(size=0.0, bankruptcy=1.0, mark=1.0)
    with pytest.raises(ConfigError, match="shapes"):
        Population(sizes=np.zeros(2), entries=np.ones(3), wallets=np.ones(2))
