"""A crash in which the venue takes the hedge away: what it costs, and how long nothing hedges."""

from dataclasses import replace

import numpy as np
import pytest
from chosen_terms import World
from two_engines import furthest, run_both
from venue_markets import FIRST, HOURS, Listed, hedged, rally, world_of

import hedgerow as hr
from hedgerow.engine import layout as at
from hedgerow.ledger import EntryKind
from hedgerow.margin.deleveraging.crowd import Crowd
from hedgerow.margin.deleveraging.schedule import (
    DeleveragingRule,
    deleveraging_cost,
    deleveraging_schedule,
)
from hedgerow.margin.deleveraging.schedule import Rehedge as Back
from hedgerow.replay.world import prepare, run_job
from hedgerow.report.result import result
from hedgerow.units import HOUR

EXACT = 1e-9
LINEAR = Listed(venue="binance", symbol="BTC/USDT:USDT", moves=rally(-0.5))
INVERSE = Listed(venue="binance", symbol="BTC/USD:BTC", moves=rally(-0.5))
HALF = DeleveragingRule(fall=0.15, share=0.5)


def job(listed: Listed, policy: hr.Policy | None = None) -> hr.Job:
    """Return a hedge that is taken up again, as nothing else stops it."""
    asked = hedged(listed, leverage=2.0)
    (margin,), (hedge,) = asked.margins, asked.hedges
    return replace(
        asked,
        hedges=(replace(hedge, policy=policy or hr.Hold()),),
        margins=(replace(margin, after_liquidation="rehedge"),),
    )


def crashed(
    listed: Listed,
    rule: DeleveragingRule | None = HALF,
    *,
    bar: str = "1h",
    policy: hr.Policy | None = None,
) -> hr.Run:
    world = replace(world_of(listed, bar=bar), deleveraging=rule)
    return run_job(job(listed, policy), world)


def test_nothing_is_taken_by_default() -> None:
    run = crashed(LINEAR, None)
    assert not run.ledger.of(EntryKind.DELEVERAGING)
    assert not run.deleveragings
    assert run.pnl.liquidation == 0.0
    assert run.trades == 1


@pytest.mark.parametrize("bar", ["1h", "8h"])
def test_a_crash_takes_its_share_at_the_price_of_the_bankrupt_side(bar: str) -> None:
    run = crashed(LINEAR, bar=bar)
    hours = 8 if bar == "8h" else 1
    mark = run.legs[0].series["mark"].to_numpy()
    opened = np.concatenate([[LINEAR.mark[0]], mark[:-1]])
    # Within a bar of eight hours the extremes are those of its hours.
    closes = LINEAR.mark
    starts = np.concatenate([closes[:1], closes[:-1]])
    fold = (HOURS // hours, hours)
    high = np.maximum(np.maximum(starts, closes).reshape(fold).max(axis=1), opened)
    low = np.minimum(np.minimum(starts, closes).reshape(fold).min(axis=1), opened)
    times = FIRST + np.arange(fold[0]) * hours * HOUR
    share, price = deleveraging_schedule(times, high, low, mark, HALF)
    taken = run.ledger.of(EntryKind.DELEVERAGING)
    assert len(taken) == int((share > 0.0).sum()) > 1
    for line, place in zip(taken, np.flatnonzero(share > 0.0), strict=True):
        assert line.time == times[place]
        assert line.price == pytest.approx(price[place], rel=1e-12)
        assert line.fee == 0.0
        assert line.note == f"taken while the mark was {float(low[place])!r}"
        held = float(run.legs[0].series["position"][int(place) - 1])
        assert line.quantity == pytest.approx(np.floor(-held * 0.5 * 1e3) / 1e3, abs=1.1e-3)
    assert run.coverage.bars_expected == fold[0]


def test_what_it_costs_is_what_the_formula_says_and_counts_as_liquidation() -> None:
    run = crashed(LINEAR)
    cost = 0.0
    for line in run.ledger.of(EntryKind.DELEVERAGING):
        market = float(line.note.rpartition(" ")[2])
        nothing = Back(cost=0.0, naked_hours=1.0, volatility=0.0)
        cost += deleveraging_cost(-line.quantity, line.price, market, nothing).forced
    assert cost > 0.0
    assert run.pnl.liquidation == pytest.approx(-cost, rel=EXACT)
    assert sum(one.cost for one in run.deleveragings) == pytest.approx(cost, rel=EXACT)
    assert abs(run.pnl.residual) <= EXACT * max(run.turnover, run.opening_worth)


def test_the_exposure_stands_naked_until_the_hedge_is_back_at_the_next_open() -> None:
    run = crashed(LINEAR, policy=hr.Interval(hours=1.0))
    position = run.legs[0].series["position"].to_numpy()
    taken = run.ledger.of(EntryKind.DELEVERAGING)
    fills = run.ledger.of(EntryKind.FILL)
    assert run.trades == len(fills) + len(taken)
    assert [fill.time for fill in fills[1:]] == [line.time + HOUR for line in taken]
    for line in taken:
        bar = (line.time - FIRST) // HOUR
        assert position[bar] == pytest.approx(position[bar - 1] + line.quantity, rel=1e-12)
        assert position[bar + 1] == pytest.approx(position[bar - 1], rel=1e-12)
    whole = crashed(LINEAR, None, policy=hr.Interval(hours=1.0))
    assert whole.trades == 1
    assert whole.pnl.total > run.pnl.total + 0.5 * run.pnl.liquidation


def test_a_hedge_that_is_only_held_is_not_put_back_while_some_of_it_is_left() -> None:
    run = crashed(LINEAR)
    assert len(run.ledger.of(EntryKind.FILL)) == 1
    again = crashed(LINEAR, DeleveragingRule(fall=0.15, share=1.0))
    taken = again.ledger.of(EntryKind.DELEVERAGING)
    assert len(again.ledger.of(EntryKind.FILL)) == 1 + len(taken) > 1


def test_a_taken_hedge_gives_back_its_profit_and_no_more_coins_than_it_had() -> None:
    run = crashed(LINEAR, DeleveragingRule(fall=0.15, share=1.0))
    (first, *_) = run.ledger.of(EntryKind.DELEVERAGING)
    (fill, *_) = run.ledger.of(EntryKind.FILL)
    assert first.quantity == -fill.quantity
    assert first.realised == pytest.approx(-first.quantity * (first.price - fill.price), rel=EXACT)


@pytest.mark.parametrize("listed", [LINEAR, INVERSE], ids=["linear", "inverse"])
@pytest.mark.parametrize(
    "rule",
    [HALF, DeleveragingRule(fall=0.1, price="mark", share=1.0), DeleveragingRule(fall=0.3)],
    ids=["half", "at the mark", "by the crowd"],
)
@pytest.mark.parametrize("bar", ["1h", "8h"])
def test_both_engines_take_the_same(listed: Listed, rule: DeleveragingRule, bar: str) -> None:
    prepared = prepare(job(listed), replace(world_of(listed, bar=bar), deleveraging=rule))
    world = World(tape=prepared.recorded.tape, books=(prepared.composed.terms,))
    _, [(lanes, desk)], _ = run_both(world)
    assert lanes.happenings == desk.happenings
    assert furthest(lanes.amounts, desk.amounts) <= EXACT
    assert lanes.counts == pytest.approx(desk.counts, rel=EXACT)
    if rule.share is not None:
        assert lanes.counts["deleveraged"] > 0


def test_a_rally_takes_no_short() -> None:
    rising = replace(LINEAR, moves=rally(0.3))
    asked = job(rising)
    run = run_job(asked, replace(world_of(rising), deleveraging=HALF))
    assert not run.ledger.of(EntryKind.DELEVERAGING)


def test_the_result_tells_of_it() -> None:
    run = crashed(LINEAR)
    found = result(run)
    assert found["schema"] == "hedgerow.run/1"
    assert any("would deleverage a winning short" in stamp for stamp in run.stamps)
    assert len(run.deleveragings) == len(run.ledger.of(EntryKind.DELEVERAGING))


def test_without_a_share_the_own_rank_decides() -> None:
    """A quarter of the price is lost: a 40x short is first in the queue, a 1.2x short last."""
    fallen = Listed(venue="binance", symbol="BTC/USDT:USDT", moves=rally(-0.34))
    asked = job(fallen)
    (margin,) = asked.margins
    rule = DeleveragingRule(fall=0.25, window_hours=1_000.0, crowd=Crowd(fund=0.0))
    deposits = {"bold": margin.deposit / 20.0, "timid": margin.deposit * 2.0}
    taken = {}
    for name, deposit in deposits.items():
        own = replace(asked, margins=(replace(margin, deposit=deposit),))
        prepared = prepare(own, replace(world_of(fallen), deleveraging=rule))
        taken[name] = prepared.recorded.tape.prices[:, at.TAKEN, 0].max()
        assert any("leverage in its queue of lpq" in line for line in prepared.recorded.stamps)
    assert taken["bold"] == 1.0
    assert taken["timid"] == 0.0


def test_a_venue_that_deleverages_nobody_takes_nothing() -> None:
    listed = Listed(venue="deribit", symbol="BTC/USD:BTC", moves=rally(-0.5))
    prepared = prepare(job(listed), replace(world_of(listed), deleveraging=HALF))
    assert not prepared.recorded.tape.prices[:, at.TAKEN, 0].any()
    line = "BTC/USD:BTC: deribit deleverages nobody, so nothing was taken"
    assert line in prepared.recorded.stamps


def test_a_window_beyond_all_history_is_refused() -> None:
    with pytest.raises(hr.ConfigError, match="window_hours"):
        DeleveragingRule(window_hours=1e7)
