"""Bybit on replies of the shapes its documentation shows."""

import time
from decimal import Decimal
from typing import Any

import pytest
from replayed import Asked, Desk, Reply, Several, Story, told

from hedgerow.execution.order import Cause, OrderKind, OrderRequest, OrderStatus, Side
from hedgerow.execution.port import CashKind, Garbled, OutcomeUnknown

BTC = "BTC/USDT:USDT"
NOW = 1_757_837_618_909


def said(result: dict[str, Any]) -> dict[str, Any]:
    return {"retCode": 0, "retMsg": "OK", "result": result, "retExtInfo": {}, "time": NOW}


def refused(code: int, message: str) -> dict[str, Any]:
    return {"retCode": code, "retMsg": message, "result": {}, "retExtInfo": {}, "time": NOW}


INSTRUMENTS = said(
    {
        "category": "linear",
        "list": [
            {
                "symbol": "BTCUSDT",
                "contractType": "LinearPerpetual",
                "status": "Trading",
                "baseCoin": "BTC",
                "quoteCoin": "USDT",
                "launchTime": "1585526400000",
                "deliveryTime": "0",
                "deliveryFeeRate": "",
                "priceScale": "2",
                "leverageFilter": {
                    "minLeverage": "1",
                    "maxLeverage": "100.00",
                    "leverageStep": "0.01",
                },
                "priceFilter": {
                    "minPrice": "0.10",
                    "maxPrice": "1999999.80",
                    "tickSize": "0.10",
                },
                "lotSizeFilter": {
                    "maxOrderQty": "1190.000",
                    "minOrderQty": "0.001",
                    "qtyStep": "0.001",
                    "postOnlyMaxOrderQty": "1190.000",
                    "minNotionalValue": "5",
                },
                "unifiedMarginTrade": True,
                "fundingInterval": 480,
                "settleCoin": "USDT",
            }
        ],
        "nextPageCursor": "",
    }
)
ORDER = {
    "symbol": "BTCUSDT",
    "orderType": "Limit",
    "orderLinkId": "hg0001",
    "orderId": "14bad3a1-6454-43d8-bcf2-5345896cf74d",
    "orderStatus": "Cancelled",
    "cancelType": "UNKNOWN",
    "rejectReason": "EC_NoError",
    "avgPrice": "115116.5",
    "stopOrderType": "",
    "price": "120518",
    "createdTime": "1757837618905",
    "positionIdx": 0,
    "timeInForce": "IOC",
    "leavesValue": "0",
    "updatedTime": "1757837618909",
    "side": "Buy",
    "cumExecFee": "0.06739145",
    "leavesQty": "0",
    "cumExecValue": "115.1165",
    "cumExecQty": "0.001",
    "reduceOnly": False,
    "qty": "0.003",
}
EXECUTION = {
    "symbol": "BTCUSDT",
    "orderType": "Limit",
    "orderLinkId": "hg0001",
    "orderId": "14bad3a1-6454-43d8-bcf2-5345896cf74d",
    "execTime": "1757837618909",
    "feeRate": "0.00055",
    "execPrice": "115116.5",
    "orderQty": "0.003",
    "orderPrice": "120518",
    "execValue": "115.1165",
    "execType": "Trade",
    "side": "Buy",
    "leavesQty": "0.002",
    "isMaker": False,
    "execFee": "0.06331407",
    "execId": "2260000000582888156",
    "execQty": "0.001",
    "feeCurrency": "",
}


def order(kind: OrderKind = OrderKind.IMMEDIATE) -> OrderRequest:
    return OrderRequest(
        client_id="hg0001",
        venue="bybit",
        account="main",
        symbol=BTC,
        side=Side.BUY,
        amount=Decimal("0.003"),
        kind=kind,
        price=Decimal(120_518),
        reduce_only=True,
    )


def run(story: Story, **replies: Reply) -> None:
    known = {
        "instruments-info": INSTRUMENTS,
        "order/create": said({"orderId": ORDER["orderId"], "orderLinkId": "hg0001"}),
        "order/realtime": said({"list": [ORDER], "nextPageCursor": "", "category": "linear"}),
        "order/history": said({"list": [], "nextPageCursor": "", "category": "linear"}),
    }
    told(
        "bybit",
        (BTC,),
        known
        | {
            name.replace("__", "/").replace("transaction_log", "transaction-log"): r
            for name, r in replies.items()
        },
        story,
    )


def test_an_answer_that_only_heard_is_followed_by_a_question() -> None:
    async def story(desk: Desk) -> None:
        report = await desk.gateway.place(order())
        assert (report.status, report.filled) == (OrderStatus.CANCELLED, Decimal("0.001"))
        assert report.average == Decimal("115116.5")
        (sent,) = desk.server.of("order/create")
        assert sent.body["orderLinkId"] == "hg0001"
        assert (sent.body["qty"], sent.body["price"]) == ("0.003", "120518")
        assert (sent.body["timeInForce"], sent.body["reduceOnly"]) == ("IOC", True)

    run(story)


def test_no_broker_stands_in_the_headers_and_nothing_is_asked_before_the_order() -> None:
    async def story(desk: Desk) -> None:
        await desk.gateway.place(order())
        (sent,) = desk.server.of("order/create")
        assert sent.headers["Referer"] == "hedgerow"
        assert not desk.server.of("user/query-api")
        assert not desk.server.of("account/info")
        categories = {one.query.get("category") for one in desk.server.of("instruments-info")}
        assert categories == {"linear"}

    run(story)


def test_a_resting_order_is_open_once_it_is_heard() -> None:
    async def story(desk: Desk) -> None:
        report = await desk.gateway.place(order(OrderKind.LIMIT))
        assert report.status is OrderStatus.OPEN
        assert report.filled == 0
        assert not desk.server.of("order/realtime")

    run(story)


def test_an_answer_without_an_id_may_be_an_order() -> None:
    async def story(desk: Desk) -> None:
        with pytest.raises(OutcomeUnknown, match="no id"):
            await desk.gateway.place(order())

    run(story, order__create=said({}))


def test_a_timeout_behind_the_gateway_may_be_an_order() -> None:
    async def story(desk: Desk) -> None:
        with pytest.raises(OutcomeUnknown, match="10016"):
            await desk.gateway.place(order())

    run(story, order__create=refused(10016, "Request timeout, please try again later"))


def test_an_order_is_looked_for_among_the_recent_and_the_old() -> None:
    async def story(desk: Desk) -> None:
        found = await desk.gateway.probe("hg0001", BTC)
        assert found is not None
        assert found.status is OrderStatus.CANCELLED
        assert await desk.gateway.probe("hg0001", BTC) is None

    nothing = said({"list": [], "nextPageCursor": ""})
    history = Several(said({"list": [ORDER], "nextPageCursor": ""}), nothing)
    run(story, order__realtime=nothing, order__history=history)


def test_a_status_that_nobody_knows_is_no_answer() -> None:
    async def story(desk: Desk) -> None:
        with pytest.raises(Garbled, match="Pondering"):
            await desk.gateway.probe("hg0001", BTC)

    row = ORDER | {"orderStatus": "Pondering"}
    run(story, order__realtime=said({"list": [row], "nextPageCursor": ""}))


def test_forced_trades_are_asked_for_and_funding_is_no_trade() -> None:
    async def story(desk: Desk) -> None:
        trades = await desk.account.trades(BTC, desk.account._connection.now() - 10**12)
        assert [(trade.cause, trade.client_id) for trade in trades] == [
            (Cause.OURS, "hg0001"),
            (Cause.DELEVERAGING, ""),
            (Cause.LIQUIDATION, ""),
            (Cause.MANUAL, ""),
        ]
        assert trades[0].fee == Decimal("-0.06331407")
        assert trades[0].fee_currency == "USDT"
        assert all("execType" not in one.query for one in desk.server.of("execution/list"))

    def page(_: object) -> dict[str, Any]:
        import time

        stamp = str(time.time_ns() // 1_000_000 - 5_000)
        rows = [
            EXECUTION,
            EXECUTION | {"execId": "2", "execType": "AdlTrade", "orderLinkId": ""},
            EXECUTION | {"execId": "3", "execType": "BustTrade", "orderLinkId": ""},
            EXECUTION | {"execId": "4", "orderLinkId": ""},
            EXECUTION | {"execId": "5", "execType": "Funding", "orderLinkId": ""},
        ]
        times = [row | {"execTime": stamp, "execId": str(n)} for n, row in enumerate(rows)]
        return said({"list": times, "nextPageCursor": ""})

    run(story, execution__list=page)


def test_funding_booked_as_a_fee_is_turned_round() -> None:
    """A long at a negative rate receives; the venue books that as a negative fee."""

    async def story(desk: Desk) -> None:
        since = 1_692_000_000_000 * 1_000_000
        (payment,) = await desk.account.funding(BTC, since)
        assert payment.amount == Decimal("0.00005586")
        assert payment.currency == "USDT"
        assert payment.settlement == 1_692_316_800_000 * 1_000_000

    row = EXECUTION | {
        "execType": "Funding",
        "execFee": "-0.00005586",
        "feeRate": "-0.00000383",
        "execTime": "1692316800000",
        "execId": "98d39eab-547e-41fe-bc59-0a4e09e9c4fe",
        "orderLinkId": "",
    }

    def page(one: Asked) -> dict[str, Any]:
        inside = int(one.query["startTime"]) <= 1_692_316_800_000 <= int(one.query["endTime"])
        return said({"list": [row] if inside else [], "nextPageCursor": ""})

    run(story, execution__list=page)


POSITION = {
    "symbol": "BTCUSDT",
    "leverage": "10",
    "updatedTime": 1657711949945,
    "side": "Buy",
    "positionValue": "536.92500000",
    "riskId": 11,
    "avgPrice": "1073.85000000",
    "entryPrice": "1073.85000000",
    "unrealisedPnl": "",
    "markPrice": "1080.65000000",
    "liqPrice": "",
    "size": "0.5000",
    "positionStatus": "Normal",
    "cumRealisedPnl": "-0.32215500",
    "createdTime": 1657711949928,
    "positionIdx": 0,
}
WALLET = said(
    {
        "list": [
            {
                "accountType": "UNIFIED",
                "totalEquity": "18070.32797922",
                "coin": [
                    {
                        "coin": "USDT",
                        "equity": "1001.5",
                        "walletBalance": "998.25",
                        "unrealisedPnl": "3.25",
                        "availableToWithdraw": "",
                        "locked": "0",
                    }
                ],
            }
        ]
    }
)


def test_both_sides_of_hedge_mode_are_one_position() -> None:
    async def story(desk: Desk) -> None:
        snapshot = await desk.account.snapshot()
        (position,) = snapshot.positions
        assert position.amount == Decimal("0.3")
        assert snapshot.balances == {"USDT": Decimal("998.25")}
        assert [one.client_id for one in snapshot.open_orders] == ["hg0001", "hg0002"]
        facts_rows = desk.server.of("position/list")
        assert facts_rows[0].query["settleCoin"] == "USDT"

    rows = [
        POSITION | {"positionIdx": 1},
        POSITION | {"positionIdx": 2, "side": "Sell", "size": "0.2"},
    ]
    waiting = ORDER | {"orderStatus": "New", "cumExecQty": "0", "avgPrice": ""}
    pages = Several(
        said({"list": [waiting], "nextPageCursor": "more"}),
        said({"list": [waiting | {"orderId": "2", "orderLinkId": "hg0002"}], "nextPageCursor": ""}),
    )
    run(
        story,
        position__list=said({"list": rows, "nextPageCursor": "", "category": "linear"}),
        **{"account__wallet-balance": WALLET, "order__realtime": pages},
    )


def test_facts_read_hedge_mode_margin_and_rights() -> None:
    async def story(desk: Desk) -> None:
        facts = await desk.account.facts([BTC])
        assert facts.one_way is False
        assert facts.margin_mode == {BTC: "cross"}
        assert facts.leverage == {BTC: 10.0}
        assert (facts.may_trade, facts.may_withdraw) == (True, True)
        assert facts.interval_hours == {BTC: 8.0}
        assert facts.taker == {BTC: 0.00055}
        assert abs(facts.clock_offset) > 1_000

    rows = [POSITION | {"positionIdx": 1}, POSITION | {"positionIdx": 2, "size": "0"}]
    rights = {
        "readOnly": 0,
        "permissions": {
            "ContractTrade": ["Order", "Position"],
            "Spot": [],
            "Wallet": ["AccountTransfer", "Withdraw"],
            "Derivatives": ["DerivativesTrade"],
        },
    }
    run(
        story,
        position__list=said({"list": rows, "nextPageCursor": "", "category": "linear"}),
        **{
            "user__query-api": said(rights),
            "account__info": said({"marginMode": "REGULAR_MARGIN", "unifiedMarginStatus": 6}),
            "account__fee-rate": said(
                {
                    "list": [
                        {"symbol": "BTCUSDT", "takerFeeRate": "0.00055", "makerFeeRate": "0.0002"}
                    ]
                }
            ),
            "market__time": said({"timeSecond": "1688639403", "timeNano": "1688639403423213947"}),
        },
    )


def test_a_ticker_has_all_of_a_quote() -> None:
    async def story(desk: Desk) -> None:
        quote = await desk.feed.quote(BTC)
        assert (quote.bid, quote.ask, quote.mark, quote.index) == (
            16596.0,
            16596.5,
            16596.0,
            16598.54,
        )
        assert (quote.funding, quote.interval_hours) == (0.0001, 8.0)
        assert quote.settlement == 1_672_387_200_000 * 1_000_000
        assert (quote.bid_size, quote.ask_size) == (1.0, 1.0)

    ticker = {
        "symbol": "BTCUSDT",
        "lastPrice": "16597.00",
        "indexPrice": "16598.54",
        "markPrice": "16596.00",
        "prevPrice24h": "16464.50",
        "price24hPcnt": "0.008047",
        "highPrice24h": "30912.50",
        "lowPrice24h": "15700.00",
        "openInterest": "373504107",
        "turnover24h": "2352.94950046",
        "volume24h": "49337318",
        "fundingRate": "0.0001",
        "nextFundingTime": "1672387200000",
        "ask1Size": "1",
        "bid1Price": "16596.00",
        "ask1Price": "16596.50",
        "bid1Size": "1",
        "fundingIntervalHour": "8",
    }
    run(story, market__tickers=said({"category": "linear", "list": [ticker]}))


@pytest.mark.parametrize("wrong", ["NaN", "-5", "soon"])
def test_a_price_that_is_none_is_no_quote(wrong: str) -> None:
    async def story(desk: Desk) -> None:
        with pytest.raises(Garbled):
            await desk.feed.quote(BTC)

    ticker = {"symbol": "BTCUSDT", "markPrice": wrong, "bid1Price": wrong, "ask1Price": wrong}
    run(story, market__tickers=said({"category": "linear", "list": [ticker]}))


@pytest.mark.parametrize("reply", [{}, [], {"retMsg": "hello"}])
def test_an_answer_of_another_shape_may_be_an_order(reply: Reply) -> None:
    async def story(desk: Desk) -> None:
        with pytest.raises(OutcomeUnknown):
            await desk.gateway.place(order())

    run(story, order__create=reply)


def test_the_log_of_the_account_tells_transfers_rebates_and_interest() -> None:
    now = time.time_ns() // 1_000_000

    def row(number: int, kind: str, change: str) -> dict[str, Any]:
        return {
            "id": f"592324_XRPUSDT_{number}",
            "symbol": "",
            "side": "None",
            "funding": "",
            "orderId": "",
            "fee": "0",
            "change": change,
            "cashFlow": change,
            "transactionTime": str(now - number),
            "type": kind,
            "feeRate": "0",
            "currency": "USDT",
            "cashBalance": "5086.55825002",
        }

    rows = [
        row(1, "TRANSFER_OUT", "-12.5"),
        row(2, "TRADE", "-0.3374393"),
        row(3, "SETTLEMENT", "0.01"),
        row(4, "FEE_REFUND", "1.25"),
        row(5, "INTEREST", "-0.0000029"),
        row(6, "TRANSFER_IN", "1000"),
    ]

    async def story(desk: Desk) -> None:
        found = await desk.account.cash((now - 60_000) * 1_000_000)
        assert [(one.kind, one.amount) for one in found] == [
            (CashKind.TRANSFER, Decimal(1000)),
            (CashKind.INTEREST, Decimal("-0.0000029")),
            (CashKind.REBATE, Decimal("1.25")),
            (CashKind.TRANSFER, Decimal("-12.5")),
        ]
        (asked,) = desk.server.of("transaction-log")
        assert (asked.query["accountType"], asked.query["limit"]) == ("UNIFIED", "50")

    run(story, account__transaction_log=said({"list": rows, "nextPageCursor": ""}))
