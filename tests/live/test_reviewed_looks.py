"""What a desk does where its looks at the accounts fail, or find what it did itself."""

from dataclasses import replace
from decimal import ROUND_DOWN, Decimal

import pytest
from desk_bench import CALM, CARE, PRICE, SYMBOL, flow, hedged, kinds, said, setup, stage, state

from hedgerow.engine.events import HoldingFlow
from hedgerow.execution.port import Failure, TransferReport
from hedgerow.live.drill.stage import Stage, Task
from hedgerow.live.drill.switches import Switches
from hedgerow.live.effects import FetchCash, FetchSnapshot, LiveEffect
from hedgerow.live.paper.account import Flow, Held, PaperAccount
from hedgerow.live.paper.hall import Hall
from hedgerow.live.setup import Setup
from hedgerow.live.signals import Venue
from hedgerow.live.view import State

ETHER = "ETH/USDT:USDT"


class Fails(Switches):
    """Lets every question of a kind fail."""

    def __init__(self, kind: type, failure: Failure) -> None:
        super().__init__()
        self.kind, self.failure = kind, failure

    def before(self, effect: LiveEffect) -> Failure | None:
        if isinstance(effect, self.kind):
            return self.failure
        return super().before(effect)


def loses_six_coins(found: Stage) -> None:
    """Take six of ten coins of hedge away, in no list of trades."""
    found.venues["north"].exchange.accounts["main"].held[SYMBOL] = Held(Decimal(-4), PRICE)


@pytest.mark.parametrize("failure", [Failure.GARBLED, Failure.UNREACHABLE])
def test_a_history_of_cash_that_cannot_be_read_hides_no_position(failure: Failure) -> None:
    found = hedged()
    found.switches = Fails(FetchCash, failure)
    loses_six_coins(found)
    found.pass_by(600.0)
    assert state(found) is State.PAUSED
    assert found.controller.core.dealer.position(0) == Decimal(-4)
    assert len([text for text in said(found, "balance-differs") if "does not tell" in text]) == 1


@pytest.mark.parametrize("failure", [Failure.GARBLED, Failure.UNREACHABLE])
def test_a_desk_that_sees_an_account_no_more_opens_nothing_there_and_says_so(
    failure: Failure,
) -> None:
    found = hedged()
    found.switches = Fails(FetchSnapshot, failure)
    found.pass_by(1500.0)
    (text,) = [text for text in said(found, "venue-down") if "seen to agree" in text]
    assert "main: the books were last seen to agree 20 min ago; nothing is opened there" in text
    sent = len(found.sent)
    flow(found, 3.0)
    found.pass_by(120.0)
    assert len(found.sent) == sent
    assert "last seen to agree" in found.controller.core.why_not(0)
    found.switches = Switches()
    found.pass_by(120.0)
    assert "main: the books are seen to agree again" in said(found, "venue-down")
    assert len(found.sent) > sent


def test_a_top_up_of_ours_that_the_venue_rounds_and_renames_is_booked_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def credit(
        hall: Hall,
        account: PaperAccount,
        currency: str,
        amount: Decimal,
        transfer_id: str,
        now: int,
    ) -> TransferReport:
        moved = amount.quantize(Decimal("1e-8"), rounding=ROUND_DOWN)
        account.pay(Flow(now, currency, moved, "transfer", name="TRANSFER 90071992 USDT"))
        return TransferReport(
            venue=hall.venue,
            account=account.name,
            currency=currency,
            amount=amount,
            time=now,
            transfer_id=transfer_id,
        )

    monkeypatch.setattr(Hall, "credit", credit)
    plain = setup()
    (account,) = plain.terms.accounts
    account = replace(
        account, deposit=40_000.0, reserve=500_000.0, top_up_below=0.10, top_up_to=0.15
    )
    found = stage(replace(plain, terms=replace(plain.terms, accounts=(account,))))
    found.start()
    found.pass_by(7800.0)
    assert kinds(found, "sent")
    assert [body["booked"] for body in kinds(found, "cash")] == [False]
    assert state(found) is State.TRADING
    purse = found.controller.core.desk.books.purses[0]
    there = found.venues["north"].exchange.accounts["main"].balance("USDT")
    assert purse.wallet == pytest.approx(float(there), abs=1e-6)


def with_ether() -> Setup:
    """Return the task of hedging coins of two kinds in one account."""
    plain = setup()
    ether = replace(plain.terms.legs[0], instrument=ETHER, asset="ETH")
    terms = replace(
        plain.terms,
        assets=("BTC", "USDT", "ETH"),
        holdings=(10.0, 0.0, 100.0),
        legs=(*plain.terms.legs, ether),
    )
    listing = replace(plain.listings[0], symbol=ETHER, tick=Decimal("0.01"))
    return replace(
        plain,
        terms=terms,
        listings=(*plain.listings, listing),
        styles=plain.styles * 2,
        bands=plain.bands * 2,
    )


def test_a_position_that_was_not_ours_is_taken_over_when_the_config_names_it() -> None:
    two = with_ether()
    prices = {"BTC": PRICE, "ETH": 3_000.0}
    found = Stage(Task(setup=two, care=CARE, prices=prices, weather=CALM))
    found.task = replace(found.task, setup=setup())
    exchange = found.venues["north"].exchange
    exchange.advance(found.now)
    exchange.accounts["main"].held[ETHER] = Held(Decimal(-30), 3_000.0)
    found.start()
    found.pass_by(120.0)
    assert said(found, "not-ours")
    found.kill()
    found.task = replace(found.task, setup=two)
    found.start()
    found.pass_by(30.0)
    found.hear(Venue(time=found.now, event=HoldingFlow(time=found.now, asset=2, amount=100.0)))
    found.pass_by(300.0)
    assert "main: taken over as found: -30 ETH/USDT:USDT" in said(found, "started")
    assert (
        found.controller.core.dealer.position(1) == exchange.accounts["main"].position(ETHER).amount
    )
    traded = sum(trade.moved for trade in found.trades() if trade.symbol == ETHER)
    assert float(traded) == pytest.approx(-70.0, abs=2.0)
    assert not kinds(found, "difference")
    assert state(found) is State.TRADING
