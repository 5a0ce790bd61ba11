"""A fee that a venue takes in its own coin is booked at its price, or said to be missing."""

from decimal import Decimal

import pytest
from desk_bench import SYMBOL, folded, hedged, said

from hedgerow.execution.order import Cause, Side, TradeReport
from hedgerow.execution.port import QuoteReport
from hedgerow.live.drill.stage import Stage
from hedgerow.live.effects import FetchQuote
from hedgerow.live.foreign_fees import ForeignFees
from hedgerow.live.signals import Quoted

BNB = "BNB/USDT:USDT"


def bought(found: Stage, number: int, fee: str = "-0.002") -> None:
    """Let somebody buy a hundredth of a coin, and pay the fee in BNB."""
    report = TradeReport(
        venue="north",
        account="main",
        symbol=SYMBOL,
        trade_id=f"by hand {number}",
        client_id="",
        side=Side.BUY,
        amount=Decimal("0.010"),
        price=Decimal(60_000),
        fee=Decimal(fee),
        fee_currency="BNB",
        time=found.now,
        cause=Cause.MANUAL,
    )
    found.hear(report)


def priced(found: Stage, mark: float) -> None:
    quote = QuoteReport(venue="north", symbol=BNB, time=found.now, received=found.now, mark=mark)
    found.hear(Quoted(time=found.now, quote=quote))


def fees(found: Stage) -> float:
    return found.controller.view(found.now).legs[0].position.fees


def wallet(found: Stage) -> float:
    return found.controller.core.desk.books.purses[0].wallet


def test_a_fee_in_a_coin_of_known_price_is_a_cost_and_leaves_the_wallet_alone() -> None:
    found = hedged()
    priced(found, 600.0)
    before, purse = fees(found), wallet(found)
    realised = found.controller.core.desk.books.positions[0].entry - 60_000.0
    bought(found, 1)
    assert fees(found) - before == pytest.approx(-1.2, abs=1e-9)
    assert wallet(found) - purse == pytest.approx(0.010 * realised, abs=1e-6)
    assert found.controller.view(found.now).money.unvalued_fees == {}
    assert not said(found, "balance-differs")


def test_one_of_unknown_price_is_told_once_counted_and_asked_for() -> None:
    found = hedged()
    before = fees(found)
    bought(found, 1)
    bought(found, 2, fee="-0.001")
    assert fees(found) == before
    assert found.controller.view(found.now).money.unvalued_fees == {"BNB": 0.003}
    (text,) = said(found, "balance-differs")
    assert "0.002 BNB, whose price in USDT is not known" in text
    priced(found, 600.0)
    bought(found, 3)
    assert fees(found) - before == pytest.approx(-1.2, abs=1e-9)
    assert found.controller.view(found.now).money.unvalued_fees == {"BNB": 0.003}


def test_what_could_not_be_valued_is_known_after_a_restart() -> None:
    found = hedged()
    bought(found, 1)
    assert folded(found).core.fees.unvalued == {"BNB": Decimal("0.002")}


def test_binance_is_asked_for_its_coin_and_no_venue_that_takes_none() -> None:
    asked = ForeignFees().questions({"binance": {"USDT", "USDC"}, "okx": {"USDT"}})
    assert asked == (
        FetchQuote(venue="binance", symbol="BNB/USDC:USDC"),
        FetchQuote(venue="binance", symbol="BNB/USDT:USDT"),
    )
