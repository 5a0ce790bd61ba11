"""OKX on replies of the shapes its documentation shows."""

import time
from decimal import Decimal
from typing import Any

import pytest
from replayed import Asked, Desk, Reply, Several, Story, told

from hedgerow.execution.order import Cause, OrderKind, OrderRequest, OrderStatus, Side
from hedgerow.execution.port import CashKind, Garbled, OutcomeUnknown, RateLimited, Refused

BTC = "BTC/USDT:USDT"
SECONDS = 1_000_000_000


def said(*rows: Reply) -> dict[str, Any]:
    return {"code": "0", "msg": "", "data": list(rows)}


SWAP = {
    "alias": "",
    "baseCcy": "",
    "category": "1",
    "ctMult": "1",
    "ctType": "linear",
    "ctVal": "0.01",
    "ctValCcy": "BTC",
    "expTime": "",
    "instFamily": "BTC-USDT",
    "instId": "BTC-USDT-SWAP",
    "instType": "SWAP",
    "lever": "100",
    "listTime": "1606468572000",
    "lotSz": "0.01",
    "minSz": "0.01",
    "optType": "",
    "quoteCcy": "",
    "settleCcy": "USDT",
    "state": "live",
    "stk": "",
    "tickSz": "0.1",
    "uly": "BTC-USDT",
}
ORDER = {
    "accFillSz": "12.34",
    "avgPx": "60000.1",
    "cTime": "1751705801423",
    "category": "normal",
    "ccy": "",
    "clOrdId": "hg0001",
    "fee": "-3.7",
    "feeCcy": "USDT",
    "fillPx": "60000.1",
    "fillSz": "12.34",
    "instId": "BTC-USDT-SWAP",
    "instType": "SWAP",
    "lever": "3",
    "ordId": "2657625147249614848",
    "ordType": "ioc",
    "posSide": "net",
    "px": "60100",
    "reduceOnly": "false",
    "side": "buy",
    "state": "canceled",
    "sz": "50",
    "tag": "",
    "tdMode": "cross",
    "tradeId": "",
    "uTime": "1751705807467",
}
HEARD = {"clOrdId": "hg0001", "ordId": "2657625147249614848", "tag": "", "sCode": "0", "sMsg": ""}


def order(kind: OrderKind = OrderKind.IMMEDIATE) -> OrderRequest:
    return OrderRequest(
        client_id="hg0001",
        venue="okx",
        account="main",
        symbol=BTC,
        side=Side.BUY,
        amount=Decimal("0.5"),
        kind=kind,
        price=Decimal(60_100),
    )


def run(story: Story, **replies: Reply) -> None:
    known = {
        "public/instruments": said(SWAP),
        "trade/order": lambda one: said(HEARD if one.method == "POST" else ORDER),
        "trade/cancel-order": said(HEARD),
    }
    changed = {name.replace("__", "/").replace("_", "-"): r for name, r in replies.items()}
    told("okx", (BTC,), changed | {n: r for n, r in known.items() if n not in changed}, story)


def test_coins_go_out_as_contracts_and_come_back_as_coins() -> None:
    async def story(desk: Desk) -> None:
        report = await desk.gateway.place(order())
        (sent,) = [one for one in desk.server.of("trade/order") if one.method == "POST"]
        assert (sent.body["sz"], sent.body["px"], sent.body["ordType"]) == ("50", "60100", "ioc")
        assert report.filled == Decimal("0.1234")
        assert report.status is OrderStatus.CANCELLED

    run(story)


def test_neither_tag_nor_broker_goes_out() -> None:
    async def story(desk: Desk) -> None:
        await desk.gateway.place(order(OrderKind.POST_ONLY))
        (sent,) = [one for one in desk.server.of("trade/order") if one.method == "POST"]
        assert sent.body["clOrdId"] == "hg0001"
        assert not sent.body.get("tag")
        assert sent.body["ordType"] == "post_only"
        assert (sent.body["tdMode"], sent.body.get("posSide")) == ("cross", None)

    run(story)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("51008", Refused),
        ("51016", OutcomeUnknown),
        ("50011", RateLimited),
        ("50004", OutcomeUnknown),
    ],
)
def test_the_code_of_the_order_counts(code: str, kind: type[Exception]) -> None:
    async def story(desk: Desk) -> None:
        with pytest.raises(kind) as no:
            await desk.gateway.place(order())
        assert type(no.value) is kind

    inner = {"clOrdId": "hg0001", "ordId": "", "sCode": code, "sMsg": "said so", "tag": ""}
    run(story, trade__order={"code": "1", "msg": "All operations failed", "data": [inner]})


def test_an_order_that_is_not_there_is_nowhere() -> None:
    async def story(desk: Desk) -> None:
        assert await desk.gateway.probe("hg0001", BTC) is None

    run(story, trade__order={"code": "51603", "msg": "Order does not exist", "data": []})


def test_a_cancel_that_was_heard_is_asked_after() -> None:
    async def story(desk: Desk) -> None:
        report = await desk.gateway.cancel("hg0001", BTC)
        assert (report.status, report.filled) == (OrderStatus.CANCELLED, Decimal("0.1234"))
        (sent,) = desk.server.of("cancel-order")
        assert sent.body["clOrdId"] == "hg0001"

    run(story)


def test_the_timer_of_the_account_is_ten_seconds_at_least_and_clears() -> None:
    async def story(desk: Desk) -> None:
        for seconds in (3.0, 30.0, 0.0):
            assert await desk.gateway.cancel_all_after(seconds)
        sent = [one.body["timeOut"] for one in desk.server.of("cancel-all-after")]
        assert [int(each) for each in sent] == [10, 30, 0]

    run(story, trade__cancel_all_after=said({"triggerTime": "1587971460", "ts": "1587971400"}))


BALANCE = {
    "adjEq": "55415.624719833286",
    "uTime": "1705474164160",
    "totalEq": "55837.43556134779",
    "details": [
        {
            "ccy": "USDT",
            "cashBal": "4850.435693622894",
            "eq": "4992.890093622894",
            "availBal": "4834.317093622894",
            "frozenBal": "158.573",
            "upl": "-7.545600000000006",
        }
    ],
}
POSITION = {
    "adl": "1",
    "avgPx": "60000.1",
    "cTime": "1619507758793",
    "ccy": "USDT",
    "instId": "BTC-USDT-SWAP",
    "instType": "SWAP",
    "lever": "3",
    "liqPx": "",
    "markPx": "60010",
    "mgnMode": "cross",
    "pos": "-12.34",
    "posCcy": "",
    "posId": "307173036051017730",
    "posSide": "net",
    "uTime": "1619507761462",
    "upl": "-1",
}


def test_a_snapshot_has_cash_position_and_every_page_of_orders() -> None:
    async def story(desk: Desk) -> None:
        snapshot = await desk.account.snapshot()
        assert snapshot.balances == {"USDT": Decimal("4850.435693622894")}
        (position,) = snapshot.positions
        assert (position.amount, position.entry) == (Decimal("-0.1234"), Decimal("60000.1"))
        assert len(snapshot.open_orders) == 101
        pages = desk.server.of("orders-pending")
        assert pages[1].query["after"] == "1000"

    waiting = ORDER | {"state": "live", "accFillSz": "0", "avgPx": ""}
    full = said(*(waiting | {"ordId": str(1099 - n), "clOrdId": f"hg{n}"} for n in range(100)))
    run(
        story,
        account__balance=said(BALANCE),
        account__positions=said(POSITION),
        trade__orders_pending=Several(full, said(waiting | {"ordId": "999", "clOrdId": "hglast"})),
    )


def fill(number: int, **changes: str) -> dict[str, str]:
    return {
        "instType": "SWAP",
        "instId": "BTC-USDT-SWAP",
        "tradeId": str(number),
        "ordId": f"{number}00",
        "clOrdId": "",
        "billId": f"{number}11",
        "subType": "1",
        "tag": "",
        "fillPx": "60000.1",
        "fillSz": "1",
        "side": "buy",
        "posSide": "net",
        "execType": "T",
        "feeCcy": "USDT",
        "fee": "-0.3",
        "ts": "1751705807467",
    } | changes


def test_the_kind_of_bill_tells_who_traded() -> None:
    async def story(desk: Desk) -> None:
        found = await desk.account.trades(BTC, 1_751_705_000 * SECONDS)
        assert [trade.cause for trade in found] == [
            Cause.OURS,
            Cause.LIQUIDATION,
            Cause.DELEVERAGING,
            Cause.MANUAL,
        ]
        assert [trade.amount for trade in found] == [Decimal("0.01")] * 4
        assert [trade.fee for trade in found][:1] == [Decimal("-0.3")]
        assert found[3].maker
        assert found[3].fee == Decimal("0.1")

    rows = said(
        fill(1, clOrdId="hg0001"),
        fill(2, subType="104"),
        fill(3, subType="125"),
        fill(4, execType="M", fee="0.1"),
    )

    def page(one: Asked) -> dict[str, Any]:
        inside = int(one.query["begin"]) <= 1_751_705_807_467 <= int(one.query["end"])
        return rows if inside else said()

    run(story, trade__fills_history=page)


def test_funding_is_asked_for_by_its_span_and_chosen_by_symbol() -> None:
    async def story(desk: Desk) -> None:
        (payment,) = await desk.account.funding(BTC, 1_751_700_000 * SECONDS)
        assert payment.amount == Decimal("-1.25")
        assert payment.currency == "USDT"
        assert payment.settlement == 1_751_702_400 * SECONDS

    bill = {
        "bal": "100",
        "balChg": "-1.25",
        "billId": "623950854533513219",
        "ccy": "USDT",
        "instId": "BTC-USDT-SWAP",
        "instType": "SWAP",
        "pnl": "-1.25",
        "posBalChg": "0",
        "subType": "173",
        "sz": "9",
        "ts": "1751702400355",
        "type": "8",
    }
    other = bill | {"instId": "ETH-USDT-SWAP", "billId": "623950854533513220", "balChg": "7"}

    def page(one: Asked) -> dict[str, Any]:
        assert one.query["type"] == "8"
        inside = int(one.query["begin"]) <= 1_751_702_400_355 <= int(one.query["end"])
        return said(bill, other) if inside else said()

    run(story, account__bills_archive=page)


@pytest.mark.parametrize(
    ("perm", "trade", "withdraw"),
    [
        ("read_only,trade", True, False),
        ("read_only,withdraw,trade", True, True),
        ("read_only", False, False),
    ],
)
def test_rights_and_modes(perm: str, trade: bool, withdraw: bool) -> None:
    async def story(desk: Desk) -> None:
        facts = await desk.account.facts([BTC])
        assert (facts.may_trade, facts.may_withdraw) == (trade, withdraw)
        assert facts.one_way is False
        assert facts.interval_hours == {BTC: 4.0}
        assert facts.leverage == {BTC: 3.0}
        assert (facts.maker[BTC], facts.taker[BTC]) == (0.0002, 0.0005)

    rate = {
        "fundingRate": "0.0001",
        "fundingTime": "1751702400000",
        "nextFundingTime": "1751716800000",
        "instId": "BTC-USDT-SWAP",
        "instType": "SWAP",
        "ts": "1751700000000",
    }
    lever = {"instId": "BTC-USDT-SWAP", "mgnMode": "cross", "posSide": "net", "lever": "3"}
    fees = {
        "instType": "SWAP",
        "maker": "-0.0002",
        "makerU": "-0.0002",
        "taker": "-0.0005",
        "takerU": "-0.0005",
    }
    run(
        story,
        account__config=said(
            {"acctLv": "2", "posMode": "long_short_mode", "perm": perm, "uid": "1"}
        ),
        account__leverage_info=said(lever),
        account__trade_fee=said(fees),
        public__time=said({"ts": "1751700000000"}),
        public__funding_rate=said(rate),
    )


@pytest.mark.parametrize("reply", [{"code": "0"}, {"data": None, "code": "0"}, []])
def test_a_reply_without_data_is_no_account(reply: Reply) -> None:
    async def story(desk: Desk) -> None:
        with pytest.raises(Garbled):
            await desk.account.snapshot()

    run(story, account__balance=reply, account__positions=said(), trade__orders_pending=said())


@pytest.mark.parametrize("reply", [{}, [], {"code": "0"}, {"msg": "hello"}])
def test_an_answer_of_another_shape_may_be_an_order(reply: Reply) -> None:
    async def story(desk: Desk) -> None:
        with pytest.raises(OutcomeUnknown):
            await desk.gateway.place(order())

    run(story, trade__order=reply)


def test_bills_tell_transfers_and_interest_and_trades_are_passed_over() -> None:
    now = time.time_ns() // 1_000_000

    def bill(number: int, kind: str, change: str) -> dict[str, Any]:
        return {
            "bal": "8694.2179403378290202",
            "balChg": change,
            "billId": f"6239508097043415{number}",
            "ccy": "USDT",
            "fee": "0",
            "instId": "",
            "instType": "",
            "pnl": "0",
            "subType": "11",
            "ts": str(now - number),
            "type": kind,
        }

    rows = [bill(1, "1", "500.25"), bill(2, "2", "-3"), bill(3, "7", "-0.04"), bill(4, "8", "1")]

    async def story(desk: Desk) -> None:
        found = await desk.account.cash((now - 60_000) * 1_000_000)
        assert [(one.kind, one.amount) for one in found] == [
            (CashKind.INTEREST, Decimal("-0.04")),
            (CashKind.TRANSFER, Decimal("500.25")),
        ]
        assert found[1].flow_id == "62395080970434151"

    run(story, account__bills_archive=said(*rows))
