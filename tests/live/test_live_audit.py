"""The desk against its accounts: what nobody told it is found, booked, said and answered."""

from dataclasses import replace
from decimal import Decimal

import pytest
from desk_bench import (
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

from hedgerow.engine.desk_worth import parts, worth
from hedgerow.execution.dealer import Permission
from hedgerow.execution.order import OrderKind, OrderReport, OrderRequest, OrderStatus, Side
from hedgerow.execution.port import Failure
from hedgerow.execution.style import Style
from hedgerow.live.drill.stage import START, Stage
from hedgerow.live.drill.switches import Switches
from hedgerow.live.effects import FetchCash, FetchPast, LiveEffect
from hedgerow.live.paper.account import Flow
from hedgerow.live.setup import Answer, Answers
from hedgerow.live.signals import Fetched, Order, Signal
from hedgerow.live.view import State
from hedgerow.units import HOUR, SECOND


def account(found: Stage) -> Decimal:
    return found.venues["north"].exchange.accounts["main"].balance("USDT")


def by_hand(found: Stage, coins: str) -> None:
    """Trade past the desk; its stream says so, unless it is mute."""
    venue = found.venues["north"]
    venue.tell(venue.exchange.manual("main", SYMBOL, Decimal(coins), found.now), "")


def books_agree(found: Stage) -> bool:
    """Whether dealer, books and venue hold the same, and every cent of equity is explained."""
    core = found.controller.core
    desk, there = core.desk, held(found)
    sums = desk.books.sums
    made = worth(desk.books, desk.market) - sums.opening - sums.flows
    explained = sum(parts(desk.books, desk.market))
    return (
        core.dealer.position(0) == there
        and round(desk.books.positions[0].lots) * Decimal("0.001") == there
        and desk.books.purses[0].wallet == pytest.approx(float(account(found)), abs=1e-6)
        and made == pytest.approx(explained, abs=1e-6)
    )


# --- the first look -------------------------------------------------------------------------------


def test_the_first_start_takes_over_what_it_finds() -> None:
    found = stage()
    found.pass_by(1.0)
    by_hand(found, "-4")
    cash = account(found)
    found.start()
    assert found.wait_for(lambda: is_hedged(found), 30.0) is not None
    found.pass_by(70.0)
    assert [trade.amount for trade in found.trades()] == [Decimal(4), Decimal(6)]
    (text,) = [text for text in said(found, "started") if "taken over" in text]
    assert f"-4 {SYMBOL}, {cash} USDT (the config says 1000000.0)" in text
    assert books_agree(found)
    assert state(found) is State.TRADING
    assert not kinds(found, "difference")


def test_a_restart_before_it_began_still_takes_over() -> None:
    found = stage()
    found.switches.silent.add("north")
    found.start()
    found.pass_by(3.0)
    by_hand(found, "-4")
    found.kill()
    found.switches.silent.clear()
    found.start()
    assert found.wait_for(lambda: is_hedged(found), 30.0) is not None
    found.pass_by(70.0)
    assert state(found) is State.TRADING
    assert books_agree(found)


def test_what_a_desk_took_over_once_it_does_not_take_over_again() -> None:
    found = hedged()
    found.kill()
    by_hand(found, "2")
    found.start()
    found.pass_by(120.0)
    assert len(kinds(found, "taken_over")) == 1
    assert state(found) is State.PAUSED
    assert books_agree(found)


# --- trades past the desk -------------------------------------------------------------------------


@pytest.mark.parametrize("mute", [False, True])
@pytest.mark.parametrize(
    ("answer", "then"),
    [("rehedge", State.TRADING), ("adopt", State.TRADING), ("pause", State.PAUSED)],
)
def test_a_manual_trade_is_booked_once_and_answered(
    answer: Answer, then: State, mute: bool
) -> None:
    found = hedged(setup(answers=Answers(manual=answer)))
    if mute:
        found.switches.mute.add("main")
    by_hand(found, "5")
    found.pass_by(120.0)
    assert state(found) is then
    (text,) = said(found, "manual-trade")
    assert "north main: somebody traded past the desk: buy 5" in text
    assert held(found) == Decimal("-10" if answer == "rehedge" else "-5")
    assert books_agree(found)
    tell(found, Order.RESUME)
    if answer != "rehedge":
        tell(found, Order.PAUSE)
        tell(found, Order.RESUME)
    assert found.wait_for(lambda: is_hedged(found), 20.0) is not None


def test_what_was_adopted_stays_adopted_after_a_restart() -> None:
    found = hedged(setup(answers=Answers(manual="adopt")))
    by_hand(found, "5")
    found.pass_by(20.0)
    found.kill()
    found.start()
    found.pass_by(60.0)
    assert held(found) == Decimal(-5)
    flow(found, -8.0)
    assert found.wait_for(lambda: is_hedged(found, 2.0), 20.0) is not None  # reduces freely


def test_a_deleveraging_is_hedged_again() -> None:
    found = hedged()
    venue = found.venues["north"]
    price = 59_000.0
    venue.tell(venue.exchange.deleverage(SYMBOL, 0.5, found.now, price), "")
    assert abs(held(found)) < 6
    assert found.wait_for(lambda: is_hedged(found), 20.0) is not None
    assert said(found, "deleveraged")
    found.pass_by(60.0)
    assert books_agree(found)


# --- what nothing explains ------------------------------------------------------------------------


def test_a_position_that_no_trade_explains_is_booked_and_pauses() -> None:
    found = hedged()
    found.venues["north"].exchange.accounts["main"].held[SYMBOL].amount += Decimal(2)
    found.pass_by(200.0)
    assert state(found) is State.PAUSED
    (text,) = said(found, "position-differs")[:1]
    assert "holds -8.000, our books say -10.000" in text
    core = found.controller.core
    assert core.dealer.position(0) == held(found) == Decimal("-8.000")
    assert core.desk.books.positions[0].lots == -8000.0
    assert folded(found).snapshot() == found.controller.snapshot()
    tell(found, Order.RESUME)
    assert found.wait_for(lambda: is_hedged(found), 120.0) is not None


def test_a_balance_that_nothing_explains_is_booked_as_moved_past_the_desk() -> None:
    found = hedged()
    there = found.venues["north"].exchange.accounts["main"]
    there.pay(Flow(time=found.now, currency="USDT", amount=Decimal(-2500), kind="?"))
    found.pass_by(200.0)
    assert state(found) is State.PAUSED
    assert len(kinds(found, "difference")) == 1
    assert books_agree(found)


def test_a_message_of_funding_that_was_lost_is_asked_for() -> None:
    found = stage(start=START + 8 * HOUR - 90 * SECOND)
    found.start()
    assert found.wait_for(lambda: is_hedged(found), 60.0) is not None
    found.switches.mute.add("main")
    found.pass_by(120.0)
    (paid,) = found.venues["north"].exchange.funding("main", SYMBOL, 0)
    (known,) = kinds(found, "funding")
    assert Decimal(known["amount"]) == paid.amount
    assert books_agree(found)
    assert state(found) is State.TRADING


def test_a_look_older_than_what_the_books_heard_since_is_no_agreement() -> None:
    found = hedged(setup(check=600 * SECOND, answers=Answers(manual="rehedge")))
    found.pass_by(601.0)
    found.switches.mute.add("main")
    by_hand(found, "0.05")  # nobody tells the desk
    found.switches.mute.clear()
    found.pass_by(90.0)
    late = found.venues["north"].exchange.snapshot("main", found.now)
    found.pass_by(1.0)
    by_hand(found, "0.02")
    found.pass_by(1.0)
    found.hear(late)  # it cannot be held against books that know of a later trade
    found.pass_by(1200.0)
    assert not kinds(found, "difference")
    assert [trade["amount"] for trade in kinds(found, "foreign")] == ["0.02", "0.05"]
    assert books_agree(found)


class LosesQuestions(Switches):
    """Lets every question about the past fail, while `loses` is set."""

    loses = False

    def before(self, effect: LiveEffect) -> Failure | None:
        if self.loses and isinstance(effect, FetchPast):
            return Failure.UNREACHABLE
        return super().before(effect)


def test_what_was_fetched_for_one_difference_explains_no_later_one() -> None:
    found = hedged(setup(check=60 * SECOND, answers=Answers(manual="rehedge")))
    found.switches = switches = LosesQuestions()
    found.pass_by(70.0)
    switches.mute.add("main")
    by_hand(found, "0.05")
    assert found.wait_for(lambda: bool(kinds(found, "foreign")), 90.0) is not None
    by_hand(found, "0.03")  # before any look agreed again
    switches.loses = True
    found.pass_by(400.0)
    assert not kinds(found, "difference")
    switches.loses = False
    found.pass_by(200.0)
    assert [trade["amount"] for trade in kinds(found, "foreign")] == ["0.05", "0.03"]
    assert not kinds(found, "difference")
    assert books_agree(found)


def test_what_an_order_in_flight_may_explain_is_no_riddle_yet() -> None:
    found = hedged()
    core = found.controller.core
    flow(found, 2.0)
    core.allowed = Permission.ALL
    core.decide(found.now)
    core.collected()  # what became of its order is not known
    assert core.dealer.may_have_traded(0)
    assert "difference" not in looked_at(found, times=6)
    core.take(core.dealer.drop(0, found.now, "a test"))
    (order,) = core.dealer.working()
    core.report(ended(order.client_id, found.now))
    assert not core.dealer.may_have_traded(0)
    assert "difference" in looked_at(found, times=6)


def ended(client_id: str, time: int) -> OrderReport:
    """Return that an order was refused."""
    return OrderReport(
        venue="north",
        client_id=client_id,
        venue_id="",
        symbol=SYMBOL,
        status=OrderStatus.REJECTED,
        filled=Decimal(0),
        average=None,
        time=time,
        reason="a test",
    )


def looked_at(found: Stage, times: int) -> list[str]:
    """Show the desk an account that holds other coins at each look; return what it writes down."""
    written = []
    for look in range(1, times + 1):
        now = found.controller.core.now + SECOND
        there = found.venues["north"].exchange.snapshot("main", found.now)
        (position,) = there.positions
        other = replace(position, amount=position.amount - look)
        waiting: list[Signal] = [replace(there, time=now, positions=(other,))]
        while waiting:
            outcome = found.controller.handle(waiting.pop())
            written += [draft.kind for draft in outcome.drafts]
            for asked in outcome.effects:
                if isinstance(asked, FetchPast | FetchCash):
                    symbol = asked.symbol if isinstance(asked, FetchPast) else ""
                    nothing = Fetched(
                        time=now + 1,
                        venue="north",
                        account="main",
                        symbol=symbol,
                        since=asked.since,
                    )
                    waiting.append(nothing)
    return written


# --- orders ---------------------------------------------------------------------------------------


def test_an_order_that_vanished_at_the_venue_is_asked_for_and_replaced() -> None:
    found = hedged(setup(styles=(Style(route="maker", patience=600 * SECOND),)))
    flow(found, 1.0)
    dealer = found.controller.core.dealer
    assert found.wait_for(lambda: any(o.state == "open" for o in dealer.working()), 10.0)
    (order,) = dealer.working()
    found.switches.mute.add("main")
    found.venues["north"].exchange.cancel("main", order.client_id, found.now)
    first = len(found.sent)
    assert found.wait_for(lambda: len(found.sent) > first, 120.0) is not None
    assert order.client_id not in {each.client_id for each in dealer.working()}


def test_an_order_that_somebody_else_left_there_pauses_the_desk_by_its_name() -> None:
    found = hedged()
    request = OrderRequest(
        client_id="web-1",
        venue="north",
        account="main",
        symbol=SYMBOL,
        side=Side.BUY,
        amount=Decimal(1),
        kind=OrderKind.LIMIT,
        price=Decimal(30_000),
    )
    found.venues["north"].exchange.place(request, found.now)
    found.pass_by(120.0)
    assert state(found) is State.PAUSED
    assert any(
        "order web-1 waits there and is none of ours" in t for t in said(found, "manual-trade")
    )


def test_nothing_is_looked_into_while_all_agrees() -> None:
    found = hedged()
    found.pass_by(600.0)
    assert not kinds(found, "difference")
    assert books_agree(found)
