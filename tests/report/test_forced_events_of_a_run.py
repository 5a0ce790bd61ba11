"""What a run says the venue did on its own is what stands in its ledger, entry by entry."""

import numpy as np
import pytest

import hedgerow as hr
from hedgerow.analysis.forced_closes import liquidation_events
from hedgerow.analysis.lots import lots
from hedgerow.ledger import EntryKind
from hedgerow.margin.deleveraging.schedule import DeleveragingRule

HEDGE = hr.Hedge(
    hr.Book([hr.Holding("BTC", 120.0)]),
    instrument="BTC/USDT:USDT",
    venue="binance",
    policy=hr.Band(half_width=0.02),
)


@pytest.fixture(scope="module")
def shared() -> hr.Run:
    """Return a run whose rally takes an account of dollars and ten coins."""
    margin = hr.Margin(
        collateral="USDT",
        deposit=1_000_000.0,
        mode="cross",
        pledges=(hr.Pledge(asset="BTC", amount=10.0, haircut=0.05),),
    )
    source = hr.simulated_market(7, days=182)
    return hr.run(HEDGE, hr.Replay(source, "2024-01-01", "2024-03-31"), margin=margin)


@pytest.fixture(scope="module")
def crash() -> hr.Run:
    """Return a run that begins near the top and is deleveraged on the way down."""
    rule = DeleveragingRule(fall=0.15, window_hours=24.0, share=0.4)
    world = hr.Replay(hr.simulated_market(7), "2024-08-20", "2024-10-15", deleveraging=rule)
    return hr.run(HEDGE, world, margin=hr.Margin(collateral="USDT", deposit=4_000_000.0))


def test_each_step_of_a_liquidation_is_a_line_of_the_ledger(shared: hr.Run) -> None:
    lines = [line for line in shared.ledger.of(EntryKind.LIQUIDATION) if line.instrument]
    assert len(lines) == len(shared.liquidations) > 2
    for line, step in zip(lines, shared.liquidations, strict=True):
        assert (line.time, line.quantity, line.price) == (step.time, step.quantity, step.price)


def test_what_is_left_is_what_fills_and_forced_closes_leave(shared: hr.Run) -> None:
    held, left = 0.0, []
    for line in shared.ledger.of(EntryKind.FILL, EntryKind.LIQUIDATION):
        held += line.quantity
        if line.kind is EntryKind.LIQUIDATION and line.instrument:
            left.append(held)
    assert [step.left for step in shared.liquidations] == pytest.approx(left, abs=1e-9)
    assert shared.liquidations[-1].left == 0.0


def test_losses_and_fees_of_the_events_are_those_of_the_ledger(shared: hr.Run) -> None:
    events = liquidation_events(shared)
    lines = shared.ledger.of(EntryKind.LIQUIDATION)
    assert sum(event.steps for event in events) == len(shared.liquidations)
    assert sum(event.loss for event in events) == pytest.approx(-sum(line.value for line in lines))
    assert sum(event.fee for event in events) == pytest.approx(-sum(line.fee for line in lines))


def test_each_conversion_is_two_lines_of_the_ledger(shared: hr.Run) -> None:
    lines = shared.ledger.of(EntryKind.CONVERSION)
    assert len(lines) == 2 * len(shared.conversions) > 0
    for coins, cash, told in zip(lines[::2], lines[1::2], shared.conversions, strict=True):
        assert (coins.unit, coins.cash, coins.price) == (told.asset, told.quantity, told.price)
        assert (cash.unit, cash.cash, cash.fee) == (told.collateral, told.cash, -told.fee)
        assert told.value == cash.value


def test_the_account_says_what_was_pledged_and_what_is_left_of_it(shared: hr.Run) -> None:
    (account,) = shared.accounts
    first, last = account.series["pledged"][0], account.series["pledged"][-1]
    price = shared.legs[0].series["index"][0]
    assert first == pytest.approx(10.0 * 0.95 * price, rel=1e-9)
    assert last < 0.01 * first
    assert [pledge.asset for pledge in account.pledges] == ["BTC"]


def test_each_deleveraging_is_a_line_of_the_ledger_at_its_cost(crash: hr.Run) -> None:
    lines = crash.ledger.of(EntryKind.DELEVERAGING)
    assert len(lines) == len(crash.deleveragings) > 1
    for line, taken in zip(lines, crash.deleveragings, strict=True):
        assert (line.time, line.quantity, line.price) == (taken.time, taken.quantity, taken.price)
        assert taken.cost == pytest.approx(taken.quantity * (taken.price - taken.market))
        assert f"{taken.market!r}" in line.note
    costs = sum(taken.cost for taken in crash.deleveragings)
    assert crash.pnl.liquidation == pytest.approx(-costs)
    assert not crash.liquidations


def test_what_was_taken_is_naked_at_the_close_of_its_bar(crash: hr.Run) -> None:
    leg = crash.legs[0].series
    closes = leg["time"].dt.timestamp("ns").to_numpy()
    for taken in crash.deleveragings:
        row = int(np.searchsorted(closes, taken.time, side="right"))
        assert leg["position"][row] == pytest.approx(taken.left)


def test_lots_know_that_the_venue_closed_them(crash: hr.Run) -> None:
    closed = [lot for lot in lots(crash) if lot.closed_by == "deleveraging"]
    size = sum(taken.quantity for taken in crash.deleveragings)
    assert sum(lot.size for lot in closed) == pytest.approx(size)
