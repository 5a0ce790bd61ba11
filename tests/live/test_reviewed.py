"""What reviewers of the live desk proved wrong once, each with the least that shows it."""

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
    stage,
    state,
    tell,
)

from hedgerow.engine.desk_books import Purse
from hedgerow.execution.dealer import Permission
from hedgerow.execution.order import Cause, FundingReport
from hedgerow.execution.port import Failure, TransferReport
from hedgerow.live.drill.stage import Stage
from hedgerow.live.effects import SendTransfer
from hedgerow.live.signals import CallFailed, Clock, Order
from hedgerow.live.view import State
from hedgerow.units import HOUR, SECOND


def reserved(found: Stage, amount: float) -> SendTransfer:
    """Give the desk a reserve and a call of a tenth of it; return the transfer it asks for."""
    core = found.controller.core
    purse_of(found).reserve = amount
    core._obey(core.desk._top_up(0, amount / 10.0, found.now))
    (sent,) = core.collected().effects
    assert isinstance(sent, SendTransfer)
    return sent


def purse_of(found: Stage) -> Purse:
    return found.controller.core.desk.books.purses[0]


def test_a_trade_that_comes_again_under_another_cause_counts_once() -> None:
    found = hedged()
    (trade, *_) = found.trades()
    before = held(found), found.controller.core.dealer.position(0)
    found.hear(replace(trade, cause=Cause.MANUAL, client_id=""))
    assert (held(found), found.controller.core.dealer.position(0)) == before
    assert state(found) is State.TRADING
    assert said(found, "manual-trade") == []


def test_a_trade_of_ours_that_the_dealer_has_forgotten_is_booked_and_pauses_nobody() -> None:
    found = hedged()
    (trade, *_) = found.trades()
    late = replace(trade, trade_id="late", amount=Decimal("0.001"))
    core = found.controller.core
    before = core.dealer.position(0)
    assert core.is_ours(trade.client_id)
    found.hear(late)
    assert abs(core.dealer.position(0) - before) <= Decimal("0.001")
    assert state(found) is State.TRADING


def test_the_same_funding_with_another_stamp_in_its_minute_is_paid_once() -> None:
    found = hedged()
    payment = FundingReport(
        venue="north",
        account="main",
        symbol=SYMBOL,
        settlement=found.now // HOUR * HOUR,
        amount=Decimal("12.5"),
        currency="USDT",
    )
    wallet = purse_of(found).wallet
    found.hear(payment)
    found.hear(replace(payment, settlement=payment.settlement + SECOND))
    assert purse_of(found).wallet == pytest.approx(wallet + 12.5)


def test_a_desk_that_crashed_while_it_traded_trades_again() -> None:
    found = hedged()
    found.kill()
    found.start()
    found.pass_by(30.0)
    assert state(found) is State.TRADING


@pytest.mark.parametrize(
    ("order", "expected"), [(Order.KILL, State.KILLED), (Order.PAUSE, State.PAUSED)]
)
def test_what_an_operator_says_before_it_begins_is_remembered(
    order: Order, expected: State
) -> None:
    found = stage()
    found.start()
    tell(found, order)
    found.pass_by(30.0)
    assert state(found) is expected
    assert held(found) == 0


def test_nothing_is_opened_on_prices_that_are_old() -> None:
    found = hedged()
    flow(found, 3.0)
    core = found.controller.core
    count = len(kinds(found, "intent"))
    later = found.now + 600 * SECOND
    outcome = found.controller.handle(Clock(time=later))
    assert [draft for draft in outcome.drafts if draft.kind == "intent"] == []
    assert len(kinds(found, "intent")) == count
    assert "too old" in core.why_not(0) or "stale-stream" in core.why_not(0)


def test_a_killed_desk_may_be_flattened() -> None:
    found = hedged()
    tell(found, Order.KILL)
    found.pass_by(60.0)
    assert held(found) != 0
    tell(found, Order.FLATTEN)
    assert found.wait_for(lambda: held(found) == 0, 600.0) is not None
    assert state(found) is State.PAUSED


def test_a_killed_desk_that_restarts_still_shows_what_is_exposed() -> None:
    found = hedged()
    tell(found, Order.KILL)
    found.kill()
    found.start()
    found.pass_by(30.0)
    (book,) = found.controller.view(found.now).book
    assert state(found) is State.KILLED
    assert book.exposure == pytest.approx(10.0)
    assert book.goal == pytest.approx(-10.0)


@pytest.mark.parametrize("how", ["refused by the call", "refused by a report"])
def test_a_transfer_that_fails_lies_where_it_was_and_is_told(how: str) -> None:
    found = hedged()
    sent = reserved(found, 50_000.0)
    wallet = purse_of(found).wallet
    assert purse_of(found).transit == float(sent.amount)
    if how == "refused by the call":
        found.controller.handle(
            CallFailed(
                time=found.now,
                venue="north",
                account="main",
                call="transfer",
                failure=Failure.REFUSED,
                reason="no such reserve",
            )
        )
    else:
        found.controller.handle(
            TransferReport(
                venue="north",
                account="main",
                currency="USDT",
                amount=sent.amount,
                time=found.now,
                transfer_id=sent.transfer_id,
                reason="no such reserve",
            )
        )
    purse = purse_of(found)
    assert (purse.wallet, purse.transit, purse.reserve) == (wallet, 0.0, 50_000.0)
    assert found.controller.core.transfers.sent == {}
    notice = found.controller.core.notices[-1][1]
    assert (notice.level, notice.topic) == ("critical", "margin-top-up")
    assert "no such reserve" in notice.text


def test_a_transfer_in_doubt_is_settled_by_the_balance() -> None:
    found = hedged()
    sent = reserved(found, 50_000.0)
    core = found.controller.core
    found.controller.handle(
        CallFailed(
            time=found.now,
            venue="north",
            account="main",
            call="transfer",
            failure=Failure.UNKNOWN,
            reason="the connection died",
        )
    )
    assert list(core.transfers.sent) == [sent.transfer_id]
    wallet = purse_of(found).wallet
    core.transfers.settle("main", Decimal(0))
    assert list(core.transfers.sent) == [sent.transfer_id]
    core.transfers.settle("main", sent.amount)
    assert core.transfers.sent == {}
    assert purse_of(found).wallet == pytest.approx(wallet + float(sent.amount))


def test_a_desk_that_cannot_begin_says_what_it_waits_for() -> None:
    found = stage()
    for venue in found.venues:
        found.say(venue, alive=False)
    desk = found.controller
    desk.start(found.now)
    outcome = desk.handle(Clock(time=found.now + 61 * SECOND))
    (notice,) = [
        effect for effect in outcome.effects if getattr(effect, "topic", "") == "venue-down"
    ]
    assert "has not begun after 60 s" in notice.text  # type: ignore[union-attr]
    assert SYMBOL in notice.text  # type: ignore[union-attr]


def test_the_fold_knows_all_of_it() -> None:
    found = hedged()
    tell(found, Order.PAUSE)
    assert folded(found).snapshot() == found.controller.snapshot()


def test_funding_that_arrives_after_the_position_is_gone_is_booked() -> None:
    found = hedged()
    tell(found, Order.FLATTEN)
    assert found.wait_for(lambda: held(found) == 0, 600.0) is not None
    wallet = purse_of(found).wallet
    found.hear(
        FundingReport(
            venue="north",
            account="main",
            symbol=SYMBOL,
            settlement=found.now // HOUR * HOUR,
            amount=Decimal("12.5"),
            currency="USDT",
        )
    )
    assert purse_of(found).wallet == pytest.approx(wallet + 12.5)
    assert folded(found).snapshot() == found.controller.snapshot()


def test_an_order_that_a_kill_gave_up_is_not_waited_for_after_a_resume() -> None:
    found = hedged()
    core = found.controller.core
    flow(found, 5.0)
    core.allowed = Permission.ALL
    core.decide(found.now)
    core.collected()  # and its order is lost on the way
    assert core.desk.plans[0].waiting != 0.0
    tell(found, Order.KILL)
    found.pass_by(60.0)
    assert float(held(found)) == pytest.approx(-10.0, abs=0.2)
    tell(found, Order.RESUME)
    assert found.wait_for(lambda: is_hedged(found, 15.0), 600.0) is not None
