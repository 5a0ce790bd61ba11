"""A liquidation in several steps is told as one."""

from dataclasses import replace
from typing import Any

import pytest

from hedgerow.analysis.forced_closes import liquidation_events
from hedgerow.analysis.run import Liquidation, Run
from hedgerow.ledger import EntryKind, Ledger
from hedgerow.report.html import render
from hedgerow.report.result import result
from hedgerow.report.verdict import verdict
from hedgerow.units import DAY, HOUR
from sample_run import sample_run

RUN = sample_run()
(EVENT,) = RUN.liquidations
SIZE = EVENT.quantity


def step(number: int, **changes: Any) -> Liquidation:  # noqa: ANN401 - the fields of a step
    """Return one of three equal steps."""
    changed: dict[str, Any] = {
        "price": EVENT.price + 100.0 * number,
        "quantity": SIZE / 3.0,
        "left": -SIZE * (2 - number) / 3.0,
        "loss": EVENT.loss / 3.0,
        "fee": EVENT.fee / 3.0,
    }
    return replace(EVENT, **{**changed, **changes})


def run_with(*steps: Liquidation) -> Run:
    return replace(RUN, liquidations=steps)


def figures(run: Run) -> dict[str, Any]:
    return result(run)


THREE = run_with(step(0), step(1), step(2))


def test_steps_of_one_bar_are_one_liquidation() -> None:
    said = verdict(figures(THREE))
    assert "it was liquidated once" in said.headline
    assert "did not survive. The venue liquidated it once on" in said.survival
    assert ", in 3 steps: " in said.survival
    assert f"{SIZE:,.4f} of BTC/USDT:USDT at {EVENT.price:,.2f} to" in said.survival
    assert "all of it" in said.survival


def test_a_later_liquidation_is_another_one() -> None:
    said = verdict(figures(run_with(step(2), step(2, time=EVENT.time + 2 * DAY))))
    assert "it was liquidated twice" in said.headline
    assert "liquidated it twice, first on" in said.survival


def test_steps_go_on_in_the_next_bars_until_the_account_trades() -> None:
    quiet = replace(RUN, ledger=Ledger())
    slow = replace(quiet, liquidations=(step(0), step(2, time=EVENT.time + 2 * HOUR)))
    (event,) = liquidation_events(slow)
    assert (event.time, event.until) == (EVENT.time, EVENT.time + 2 * HOUR)
    assert "in 2 steps until 2024-03-07 02:00 UTC" in verdict(figures(slow)).survival
    first = RUN.ledger.of(EntryKind.FILL)[0]
    between = replace(slow, ledger=Ledger([first._replace(time=EVENT.time + HOUR)]))
    assert len(liquidation_events(between)) == 2
    elsewhere = first._replace(time=EVENT.time + HOUR, account="another")
    assert len(liquidation_events(replace(slow, ledger=Ledger([elsewhere])))) == 1


def test_a_hedge_that_was_only_cut_back_did_not_die() -> None:
    said = verdict(figures(run_with(step(0))))
    assert "it was liquidated in part once" in said.headline
    assert said.survival.startswith("The hedge was cut back but never closed.")
    assert f"{SIZE * 2 / 3:,.4f} left" in said.survival


def test_an_event_adds_up_its_steps() -> None:
    (event,) = liquidation_events(THREE)
    (closed,) = event.closed
    assert (event.steps, closed.steps) == (3, 3)
    assert (closed.first_price, closed.last_price) == (EVENT.price, EVENT.price + 200.0)
    assert closed.quantity == pytest.approx(SIZE)
    assert closed.left == 0.0
    assert event.loss == pytest.approx(EVENT.loss)


def test_an_event_is_as_doubtful_as_its_weakest_step() -> None:
    (event,) = liquidation_events(run_with(step(0), step(1, price_source="last"), step(2)))
    assert event.price_source == "last"


def test_two_instruments_of_one_account_are_one_event() -> None:
    (event,) = liquidation_events(run_with(step(0), step(1, instrument="ETH/USDT:USDT"), step(2)))
    assert [(closed.instrument, closed.steps) for closed in event.closed] == [
        ("BTC/USDT:USDT", 2),
        ("ETH/USDT:USDT", 1),
    ]


def test_each_step_of_the_json_names_its_event() -> None:
    found = figures(run_with(step(0), step(2), step(2, time=EVENT.time + 2 * DAY)))["margin"]
    assert [each["event"] for each in found["liquidations"]] == [1, 1, 2]
    assert [event["steps"] for event in found["liquidation_events"]] == [2, 1]


def test_the_page_folds_the_steps_away() -> None:
    assert "Step by step" in render(THREE, figures(THREE))
    assert "Step by step" not in render(RUN, figures(RUN))
