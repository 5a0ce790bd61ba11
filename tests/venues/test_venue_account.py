"""What an account holds and what happened to it, whole and each thing once."""

import asyncio
import json
from decimal import Decimal

import pytest
from on_loopback import Fake, Opened, opened, told

from fake_venue import deribit_payloads
from fake_venue.binance import BinanceServer
from fake_venue.deribit import DeribitServer
from hedgerow.execution.order import Cause, OrderKind, Side
from hedgerow.execution.port import CashKind, Garbled, OutcomeUnknown, Refused
from hedgerow.units import DAY, HOUR, SECOND

BOTH = pytest.mark.parametrize("server", [BinanceServer, DeribitServer])
SIZES = {"binance": "0.01", "deribit": "100"}
NAMES = {"binance": "BTCUSDT", "deribit": "BTC-PERPETUAL"}


async def trade(venue: Fake, desk: Opened, name: str, side: Side = Side.BUY) -> None:
    price = "60500" if side is Side.BUY else "59500"
    await desk.gateway.place(
        desk.order(name, SIZES[venue.name], price, kind=OrderKind.IMMEDIATE, side=side)
    )


@BOTH
def test_a_snapshot_has_wallet_position_and_orders(server: Fake) -> None:
    async def story(venue: Fake, desk: Opened) -> None:
        await trade(venue, desk, "hgsell", Side.SELL)
        await desk.gateway.place(desk.order("hgrest", SIZES[venue.name], "50000"))
        venue.exchange.move(NAMES[venue.name], Decimal(61_000))
        found = await desk.account.snapshot()
        (position,) = found.positions
        assert position.amount == -Decimal(SIZES[venue.name])
        assert position.mark == 61_000
        assert [order.client_id for order in found.open_orders] == ["hgrest"]
        currency = "USDT" if venue.name == "binance" else "BTC"
        wallet = venue.account.wallet[currency]
        assert found.balances[currency] == pytest.approx(wallet, rel=Decimal("1e-12"))

    told(server, story)


@BOTH
def test_trades_come_with_fees_as_the_book_feels_them(server: Fake) -> None:
    async def story(venue: Fake, desk: Opened) -> None:
        await trade(venue, desk, "hgin")
        (report,) = await desk.account.trades(desk.symbol, 0 + _since(desk))
        assert (report.client_id, report.cause, report.side) == ("hgin", Cause.OURS, Side.BUY)
        assert report.amount == Decimal(SIZES[venue.name])
        assert report.fee < 0
        assert report.fee_currency == ("USDT" if venue.name == "binance" else "BTC")
        assert not report.maker

    told(server, story)


def _since(desk: Opened) -> int:
    return desk.account._connection.now() - HOUR


def test_a_trade_of_nobody_here_is_manual() -> None:
    async def story(venue: Fake, desk: Opened) -> None:
        async with opened(venue) as somebody:
            await trade(venue, somebody, "web_AbCdEf")
        (report,) = await desk.account.trades(desk.symbol, _since(desk))
        assert (report.cause, report.client_id) == (Cause.MANUAL, "")

    told(BinanceServer, story)


@BOTH
def test_a_liquidation_is_told_as_one(server: Fake) -> None:
    async def story(venue: Fake, desk: Opened) -> None:
        await trade(venue, desk, "hgin")
        venue.exchange.liquidate(NAMES[venue.name])
        reports = await desk.account.trades(desk.symbol, _since(desk))
        assert reports[-1].cause is Cause.LIQUIDATION
        assert reports[-1].client_id == ""
        assert (await desk.account.snapshot()).positions == ()

    told(server, story)


def test_deleveraging_is_told_as_such() -> None:
    async def story(venue: Fake, desk: Opened) -> None:
        await trade(venue, desk, "hgin")
        venue.exchange.deleverage("BTCUSDT", Decimal("0.004"))
        reports = await desk.account.trades(desk.symbol, _since(desk))
        assert [report.cause for report in reports] == [Cause.OURS, Cause.DELEVERAGING]
        assert reports[-1].amount == Decimal("0.004")

    told(BinanceServer, story)


def test_funding_is_received_above_zero_and_stamped_to_the_second() -> None:
    async def story(venue: Fake, desk: Opened) -> None:
        await trade(venue, desk, "hgshort", Side.SELL)
        venue.exchange.settle_funding("BTCUSDT", Decimal("0.0001"))
        (report,) = await desk.account.funding(desk.symbol, _since(desk))
        assert report.amount == Decimal("0.01") * 60_000 * Decimal("0.0001")
        assert report.currency == "USDT"
        assert report.settlement % 1_000_000_000 == 0

    told(BinanceServer, story)


@BOTH
def test_cash_that_came_past_trades_and_funding_is_told_by_what_it_is(server: Fake) -> None:
    async def story(venue: Fake, desk: Opened) -> None:
        currency = "USDT" if venue.name == "binance" else "BTC"
        await trade(venue, desk, "hgin")
        venue.exchange.transfer(currency, Decimal("2.5"))
        await trade(venue, desk, "hgout", Side.SELL)
        venue.exchange.transfer(currency, Decimal("-0.5"))
        came, went = await desk.account.cash(_since(desk))
        assert (came.kind, came.currency, came.amount) == (
            CashKind.TRANSFER,
            currency,
            Decimal("2.5"),
        )
        assert (went.amount, went.word.lower()) == (Decimal("-0.5"), "transfer")
        assert came.flow_id != went.flow_id
        (again,) = await desk.account.cash(went.time)
        assert again == went

    told(server, story)


def test_the_fee_of_a_liquidation_is_told_as_what_the_insurance_fund_took() -> None:
    async def story(venue: Fake, desk: Opened) -> None:
        await trade(venue, desk, "hgin")
        venue.exchange.liquidate("BTCUSDT")
        (fee,) = await desk.account.cash(_since(desk))
        assert (fee.kind, fee.word) == (CashKind.INSURANCE, "INSURANCE_CLEAR")
        assert fee.amount < 0

    told(BinanceServer, story)


@pytest.mark.parametrize("call", ["positionRisk", "openOrders", "/account", "userTrades", "income"])
@pytest.mark.parametrize("body", ["{}", '{"rows":[]}', "<html>wait</html>", ""])
def test_no_garbage_reads_as_an_empty_account(call: str, body: str) -> None:
    async def story(venue: Fake, desk: Opened) -> None:
        await desk.account.snapshot()
        venue.faults.answer(call, body, times=3)
        with pytest.raises(Garbled, match="asked again"):
            await asked(call, desk)

    told(BinanceServer, story)


async def asked(call: str, desk: Opened) -> None:
    if call == "userTrades":
        await desk.account.trades(desk.symbol, _since(desk))
    elif call == "income":
        await desk.account.funding(desk.symbol, _since(desk))
    else:
        await desk.account.snapshot()


def test_a_transfer_moves_the_reserve_into_the_account() -> None:
    async def story(venue: Fake, desk: Opened) -> None:
        done = await desk.account.transfer("USDT", Decimal(1_000), "hgt1")
        assert (done.transfer_id, done.reason) == ("hgt1", "")
        assert done.amount == 1_000
        assert venue.account.wallet["USDT"] == 101_000
        await desk.account.transfer("USDT", Decimal(-400), "hgt2")
        assert venue.account.wallet["USDT"] == 100_600

    told(BinanceServer, story)


def test_a_transfer_whose_reply_is_lost_may_have_been_made() -> None:
    async def story(venue: Fake, desk: Opened) -> None:
        await desk.account.snapshot()
        venue.faults.drop_reply("asset/transfer")
        with pytest.raises(OutcomeUnknown):
            await desk.account.transfer("USDT", Decimal(1_000), "hgt1")

    told(BinanceServer, story)


def test_a_venue_without_a_reserve_says_so() -> None:
    async def story(_: Fake, desk: Opened) -> None:
        with pytest.raises(Refused) as no:
            await desk.account.transfer("BTC", Decimal(1), "hgt1")
        assert no.value.reason == "unsupported"

    told(DeribitServer, story)


def test_facts_tell_modes_rights_fees_and_the_clock() -> None:
    async def story(venue: Fake, desk: Opened) -> None:
        venue.skew = 1_500
        facts = await desk.account.facts([desk.symbol])
        assert facts.clock_offset == pytest.approx(1.5, abs=0.05)
        assert (facts.one_way, facts.may_trade, facts.may_withdraw) == (True, True, False)
        assert facts.margin_mode == {desk.symbol: "cross"}
        assert facts.maker[desk.symbol] < facts.taker[desk.symbol]
        assert facts.interval_hours == {desk.symbol: 8.0}
        assert facts.listings[desk.symbol].tick == Decimal("0.1")

    told(BinanceServer, story)


def test_deribits_margin_model_is_read_from_the_account(monkeypatch: pytest.MonkeyPatch) -> None:
    summary = deribit_payloads.summary

    async def story(_: Fake, desk: Opened) -> None:
        assert (await desk.account.facts((desk.symbol,))).margin_mode == {desk.symbol: "cross"}
        for model, mode in (("cross_sm", "cross"), ("segregated_pm", "portfolio")):
            changed = {"margin_model": model}
            monkeypatch.setattr(
                deribit_payloads, "summary", lambda *of, more=changed: summary(*of) | more
            )
            assert (await desk.account.facts((desk.symbol,))).margin_mode == {desk.symbol: mode}

    told(DeribitServer, story)


def test_a_key_of_deribit_that_may_withdraw_shows_in_its_scope() -> None:
    async def story(venue: Fake, desk: Opened) -> None:
        assert (await desk.account.facts([desk.symbol])).may_withdraw is False
        venue.scope = "connection mainaccount trade:read_write wallet:read_write"
        assert (await desk.account.facts([desk.symbol])).may_withdraw is True
        assert all("client_secret" not in seen.query for seen in venue.requests)

    told(DeribitServer, story)


def test_history_is_read_to_the_last_row_whatever_the_page() -> None:
    async def run() -> None:
        async with BinanceServer() as venue, opened(venue) as desk:
            for number in range(7):
                await trade(venue, desk, f"hg{number}")
            pages = desk.account._connection.quirks.trades
            desk.account._connection.quirks.trades = type(pages)(span=DAY, limit=2)  # type: ignore[misc]
            reports = await desk.account.trades(desk.symbol, _since(desk))
            assert [report.client_id for report in reports] == [f"hg{n}" for n in range(7)]

    asyncio.run(run())


def test_deribits_funding_is_that_of_the_session_as_its_settlement_books_it() -> None:
    """The row is the example of the venue's page on its transaction log."""
    row = {
        "username": "TestUser",
        "user_seq": 6008,
        "user_id": 7,
        "type": "settlement",
        "trade_id": None,
        "total_interest_pl": 0.00001243,
        "timestamp": 1613659544153,
        "side": "long",
        "session_upl": 0.00220172,
        "session_rpl": -0.00004467,
        "price_currency": "USD",
        "price": 51807.07,
        "position": 1520,
        "order_id": None,
        "interest_pl": 0.00000993,
        "instrument_name": "BTC-PERPETUAL",
        "info": {"settlement_price": 51807, "floating_pl": 0.00220172},
        "id": 61311,
        "equity": 3003.42821428,
        "currency": "BTC",
        "commission": None,
        "change": 0.00215706,
        "cashflow": 0.00215706,
        "balance": 3003.72270418,
        "amount": 1520,
    }
    other = row | {"instrument_name": "BTC-26MAR21", "id": 61312}
    paid = row | {"timestamp": 1613745944000, "total_interest_pl": -0.00002, "id": 61313}

    def page(rows: list[dict[str, object]], onward: int | None) -> str:
        return json.dumps({"jsonrpc": "2.0", "result": {"logs": rows, "continuation": onward}})

    async def story(venue: Fake, desk: Opened) -> None:
        await desk.account._connection.contracts()
        venue.faults.answer("get_transaction_log", page([row, other], 61312))
        venue.faults.answer("get_transaction_log", page([paid], None))
        venue.faults.answer("get_transaction_log", page([], None), times=100)
        payments = await desk.account.funding(desk.symbol, 1_613_600_000 * SECOND)
        assert [each.amount for each in payments] == [Decimal("0.00001243"), Decimal("-0.00002")]
        assert [each.currency for each in payments] == ["BTC", "BTC"]
        assert payments[0].settlement == 1_613_659_544 * SECOND
        assert payments[0].price == 51_807
        assert venue.seen("get_transaction_log")[1].values["continuation"] == "61312"

    told(DeribitServer, story)
