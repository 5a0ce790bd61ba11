"""The whole desk on paper: when it begins, what stops it, and what operators may tell it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import pytest
from desk_bench import (
    CARE,
    SYMBOL,
    flow,
    folded,
    hedged,
    held,
    is_hedged,
    kinds,
    said,
    setup,
    stage,
    state,
    tell,
)

from hedgerow.execution.port import Facts
from hedgerow.execution.style import Style
from hedgerow.live.effects import FetchFacts
from hedgerow.live.signals import Checked, Clock, Fetched, Order, Probed, Told
from hedgerow.live.view import State
from hedgerow.units import SECOND


@dataclass(frozen=True)
class Complaint:
    text: str
    weight: str = "refuse"
    topic: str = "preflight"


def in_hedge_mode(facts: Facts) -> Sequence[Complaint]:
    if facts.one_way:
        return ()
    return (Complaint(f"{facts.account}: hedge mode is on; switch it off at the venue"),)


# --- when it begins -------------------------------------------------------------------------------


def test_nothing_is_sent_before_every_market_is_known() -> None:
    found = stage()
    found.switches.silent.add("north")
    found.start()
    found.pass_by(60.0)
    assert state(found) is State.STOPPED
    assert not found.sent
    found.switches.silent.clear()
    assert found.wait_for(lambda: is_hedged(found), 20.0) is not None


def test_nothing_is_sent_before_every_account_is_heard() -> None:
    found = stage()
    found.switches.away.add("north")
    found.start()
    found.pass_by(60.0)
    assert state(found) is State.STOPPED
    assert not found.sent
    found.switches.away.clear()
    assert found.wait_for(lambda: is_hedged(found), 60.0) is not None


def test_an_account_that_may_not_be_traded_stops_the_desk_by_its_name() -> None:
    found = stage(care=replace(CARE, preflight=in_hedge_mode))
    found.start()
    facts = found.venues["north"].exchange.facts("main", (SYMBOL,))
    found.hear(Checked(time=found.now, facts=replace(facts, one_way=False)))
    found.pass_by(0.01)
    assert said(found, "preflight") == ["main: hedge mode is on; switch it off at the venue"]
    told = Told(time=found.now, order=Order.RESUME, by="test")
    before = found.controller.standing
    found.hear(told)
    reply = found.controller.reply(told, before)
    assert not reply.accepted
    assert "hedge mode is on" in reply.words
    assert not found.sent


def test_what_was_refused_is_asked_again_and_the_desk_begins_once_it_is_mended() -> None:
    found = stage(care=replace(CARE, preflight=in_hedge_mode))
    found.switches.away.add("north")
    found.start()
    found.pass_by(5.0)
    found.switches.away.clear()
    assert found.wait_for(lambda: is_hedged(found), 90.0) is not None


def test_what_is_refused_later_pauses_it_and_keeps_the_hedge() -> None:
    found = hedged(care=replace(CARE, preflight=in_hedge_mode))
    facts = found.venues["north"].exchange.facts("main", (SYMBOL,))
    found.hear(Checked(time=found.now, facts=replace(facts, one_way=False)))
    assert state(found) is State.PAUSED
    assert "hedge mode" in found.controller.standing.reason
    assert is_hedged(found)


def test_trades_and_answers_before_the_first_bar_are_kept_until_they_can_be_booked() -> None:
    found = stage()
    found.switches.lost_answers = 1
    found.switches.mute.add("main")
    found.start()
    assert found.wait_for(lambda: held(found) != 0, 20.0) is not None
    found.kill()
    found.switches.silent.add("north")
    found.start()
    trade = found.trades()[0]
    bare = replace(trade, worth=None, index=None, reference=None)  # as a real venue tells it
    found.hear(Probed(time=found.now, client_id=bare.client_id, report=None, trades=(bare,)))
    found.hear(
        Fetched(
            time=found.now,
            venue="north",
            account="main",
            symbol=SYMBOL,
            since=0,
            trades=(bare,),
        )
    )
    assert found.controller.core.dealer.position(0) == 0
    found.switches.silent.clear()
    found.pass_by(30.0)
    assert found.controller.core.dealer.position(0) == held(found) == Decimal("-10.000")
    assert len(found.sent) == 1


# --- states ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", [Order.PAUSE, Order.ARM])
def test_a_desk_that_may_only_reduce_closes_and_opens_nothing(order: Order) -> None:
    found = hedged()
    tell(found, order)
    flow(found, 1.0)
    found.pass_by(30.0)
    assert held(found) == Decimal("-10.000")
    flow(found, -3.0)
    found.pass_by(30.0)
    assert is_hedged(found, 8.0)
    assert all(place.request.reduce_only for place in found.sent[1:])
    tell(found, Order.RESUME)
    flow(found, 1.0)
    assert found.wait_for(lambda: is_hedged(found, 9.0), 20.0) is not None


def test_kill_freezes_the_hedge() -> None:
    found = hedged(setup(styles=(Style(route="maker", patience=600 * SECOND),)))
    flow(found, 1.0)
    assert found.wait_for(lambda: bool(found.controller.core.dealer.working()), 10.0) is not None
    sent, before = len(found.sent), held(found)
    tell(found, Order.KILL)
    found.pass_by(5.0)
    venue = found.venues["north"].exchange
    assert not venue.accounts["main"].working
    flow(found, -5.0)
    found.pass_by(60.0)
    assert state(found) is State.KILLED
    assert len(found.sent) == sent
    assert held(found) == before != 0
    assert said(found, "killed")


def test_flatten_closes_slice_by_slice_and_stays_paused() -> None:
    style = Style(slice_notional=Decimal(100_000), slice_pause=2 * SECOND)
    found = hedged(setup(styles=(style,)))
    tell(found, Order.FLATTEN)
    found.pass_by(60.0)
    assert held(found) == 0
    assert state(found) is State.PAUSED
    sizes = [abs(trade.amount) for trade in found.trades()[-6:]]
    assert max(sizes) * 60_000 < 101_000
    found.pass_by(60.0)
    assert held(found) == 0


def test_flattening_goes_on_after_a_restart() -> None:
    style = Style(slice_notional=Decimal(100_000), slice_pause=2 * SECOND)
    found = hedged(setup(styles=(style,)))
    tell(found, Order.FLATTEN)
    assert found.wait_for(lambda: held(found) > -8, 20.0) is not None
    found.kill()
    found.start()
    found.pass_by(60.0)
    assert held(found) == 0
    assert state(found) is State.PAUSED


@pytest.mark.parametrize("order", [Order.KILL, Order.PAUSE])
def test_what_an_operator_stopped_stays_stopped_whatever_dies_on_the_way(order: Order) -> None:
    found = hedged()
    tell(found, order)
    found.kill()
    found.switches.silent.add("north")
    found.start()
    found.pass_by(5.0)
    found.kill()
    found.switches.silent.clear()
    found.start()
    found.pass_by(20.0)
    expected = State.KILLED if order is Order.KILL else State.PAUSED
    assert state(found) is expected
    assert "a test" in found.controller.standing.reason


@pytest.mark.parametrize(
    ("orders", "accepted"),
    [
        ((Order.PAUSE, Order.PAUSE), (True, False)),
        ((Order.KILL, Order.PAUSE, Order.FLATTEN), (True, False, True)),
        ((Order.ARM, Order.RESUME, Order.RESUME), (True, True, False)),
    ],
)
def test_an_order_that_changes_nothing_is_answered_so(
    orders: tuple[Order, ...], accepted: tuple[bool, ...]
) -> None:
    found = hedged()
    answers = []
    for order in orders:
        told = Told(time=found.now, order=order, by="test")
        before = found.controller.standing
        found.hear(told)
        reply = found.controller.reply(told, before)
        assert reply.words
        assert reply.state is state(found)
        answers.append(reply.accepted)
    assert tuple(answers) == accepted
    assert [body["done"] for body in kinds(found, "operator")] == answers


def test_a_guard_that_still_holds_is_not_reset() -> None:
    found = hedged()
    found.switches.silent.add("north")
    found.pass_by(30.0)
    told = Told(time=found.now, order=Order.RESET, by="test", subject="stale-stream")
    found.hear(told)
    reply = found.controller.reply(told, found.controller.standing)
    assert not reply.accepted
    assert "still holds" in reply.words


# --- what it writes down --------------------------------------------------------------------------


def test_the_same_look_is_written_down_every_five_minutes_only() -> None:
    found = hedged()
    before = len(kinds(found, "decision"))
    found.pass_by(620.0)
    looks = kinds(found, "decision")[before:]
    assert 2 <= len(looks) <= 3
    assert {body["bound"] for body in looks} == {"content"}


def test_what_is_held_back_is_written_down_once_with_its_reason() -> None:
    found = hedged()
    tell(found, Order.PAUSE)
    flow(found, 1.0)
    before = len(found.records)
    found.pass_by(120.0)
    fresh = found.records[before:]
    looks = [record.body for record in fresh if record.kind == "decision"]
    assert 1 <= len(looks) <= 2
    assert "a test" in looks[0]["held_back"]
    assert len([record for record in fresh if record.kind == "given"]) <= 1
    words = found.controller.why(SYMBOL, 1)[0].words
    assert words.startswith("Sell 1 BTC to reach -11")
    assert "Held back: the desk is paused (a test)." in words


def test_every_look_says_its_band_and_what_going_to_the_goal_would_cost() -> None:
    found = hedged()
    flow(found, 0.05)
    found.pass_by(620.0)
    body = kinds(found, "decision")[-1]
    low, high = body["band"]
    assert body["traded"] == 0.0
    assert (low, high) == pytest.approx((-10.05 * 1.01, -10.05 * 0.99))
    assert low <= body["held"] <= high
    apart = abs(body["goal"] - body["held"]) * body["mark"]
    assert body["cost_to_goal"] == pytest.approx(apart * (0.0005 + 1e-4))
    assert apart > 0.0
    look = found.controller.why(SYMBOL, 1)[0]
    assert look.band == (low, high)
    assert look.costs["to goal"] == body["cost_to_goal"]
    assert "band -10.1505 to -9.9495; going to the goal would cost" in look.words


def test_why_finds_a_leg_by_its_number_and_by_its_symbol() -> None:
    found = hedged()
    assert found.controller.why("0", 5) == found.controller.why(SYMBOL, 5) != ()
    assert found.controller.why("1", 5) == ()
    assert found.controller.why(None, 0) == ()


def test_the_state_is_the_fold_of_the_journal_after_every_signal() -> None:
    found = hedged()

    def check() -> None:
        assert folded(found).snapshot() == found.controller.snapshot()

    found.checks = check
    flow(found, 1.0)
    found.pass_by(12.0)
    tell(found, Order.FLATTEN)
    found.pass_by(8.0)
    assert held(found) == 0


# --- when the journal, the clock and venues fail --------------------------------------------------


def test_without_its_journal_the_desk_sends_nothing_and_forgets_nothing() -> None:
    found = hedged()
    found.tape.is_away = True
    before = len(found.sent)
    flow(found, 1.0)
    found.pass_by(60.0)
    assert len(found.sent) == before
    assert held(found) == Decimal("-10.000")
    assert "cannot be written" in found.controller.core.held_back
    found.tape.is_away = False
    assert found.wait_for(lambda: is_hedged(found, 11.0), 20.0) is not None
    assert folded(found).snapshot() == found.controller.snapshot()
    assert [text.split(" (")[0] for text in said(found, "journal")][:1] == [
        "The journal cannot be written"
    ]


def test_a_clock_that_disagrees_holds_risk_back_until_it_agrees() -> None:
    found = hedged()
    found.switches.skew = 3 * SECOND
    flow(found, 1.0)
    found.pass_by(90.0)
    assert held(found) == Decimal("-10.000")
    assert any("time stamp" in text for text in said(found, "clock-drift"))
    found.switches.skew = 0
    assert found.wait_for(lambda: is_hedged(found, 11.0), 180.0) is not None


def test_the_dead_man_switch_is_kept_set_while_the_desk_decides() -> None:
    found = hedged()
    account = found.venues["north"].exchange.accounts["main"]
    found.pass_by(60.0)
    assert account.switch is not None
    assert account.switch > found.now
    tell(found, Order.KILL)
    found.pass_by(61.0)
    assert account.switch is None


def test_facts_are_asked_for_every_hour_and_sooner_while_they_are_unknown() -> None:
    found = stage(care=replace(CARE, preflight=in_hedge_mode))
    outcome = found.controller.start(found.now)
    assert [e for e in outcome.effects if isinstance(e, FetchFacts)]
    later = found.controller.handle(Clock(time=found.now + 31 * SECOND))
    assert [e for e in later.effects if isinstance(e, FetchFacts)]
