"""Hyperliquid on replies of the shapes its documentation shows."""

import time
from decimal import Decimal
from typing import Any

import pytest
from replayed import KEYS, Asked, Desk, Reply, Story, told

from hedgerow.adapters.venues.hyperliquid_ledger import ledger_row
from hedgerow.adapters.venues.quirks_hyperliquid import cloid
from hedgerow.execution.order import Cause, OrderKind, OrderRequest, OrderStatus, Side
from hedgerow.execution.port import CashKind, Garbled, OutcomeUnknown, Refused

ETH = "ETH/USDC:USDC"
NAME = "hg0001"
MILLION = 1_000_000

META = [
    {"universe": [{"name": "ETH", "szDecimals": 4, "maxLeverage": 50, "onlyIsolated": False}]},
    [
        {
            "dayNtlVlm": "9450588.2273",
            "funding": "0.0000125",
            "impactPxs": ["3465.0", "3465.3"],
            "markPx": "3465.1",
            "midPx": "3465.15",
            "openInterest": "10764.48",
            "oraclePx": "3464.9",
            "premium": "0.0000561",
            "prevDayPx": "3400.5",
        }
    ],
]
STATE = {
    "assetPositions": [
        {
            "position": {
                "coin": "ETH",
                "cumFunding": {"allTime": "1.0", "sinceChange": "0.0", "sinceOpen": "0.0"},
                "entryPx": "3400.0",
                "leverage": {"type": "cross", "value": 20},
                "liquidationPx": "4125.00856238",
                "marginUsed": "24.88097",
                "maxLeverage": 50,
                "positionValue": "782.76",
                "returnOnEquity": "0.0",
                "szi": "-0.2259",
                "unrealizedPnl": "-14.5",
            },
            "type": "oneWay",
        }
    ],
    "marginSummary": {
        "accountValue": "985.5",
        "totalMarginUsed": "24.88097",
        "totalNtlPos": "782.76",
        "totalRawUsd": "1768.26",
    },
    "crossMaintenanceMarginUsed": "7.8",
    "time": 1704261007014,
    "withdrawable": "100.0",
}
WAITS = {
    "order": {
        "order": {
            "children": [],
            "cloid": cloid(NAME),
            "coin": "ETH",
            "isPositionTpsl": False,
            "isTrigger": False,
            "limitPx": "3500.0",
            "oid": 3991946565,
            "orderType": "Limit",
            "origSz": "0.1",
            "reduceOnly": False,
            "side": "B",
            "sz": "0.04",
            "tif": "Gtc",
            "timestamp": 1704346468838,
            "triggerCondition": "N/A",
            "triggerPx": "0.0",
        },
        "status": "open",
        "statusTimestamp": 1704346468900,
    },
    "status": "order",
}


def done(*statuses: object) -> dict[str, Any]:
    return {"status": "ok", "response": {"type": "order", "data": {"statuses": list(statuses)}}}


def order(kind: OrderKind = OrderKind.IMMEDIATE) -> OrderRequest:
    return OrderRequest(
        client_id=NAME,
        venue="hyperliquid",
        account="main",
        symbol=ETH,
        side=Side.BUY,
        amount=Decimal("0.1"),
        kind=kind,
        price=Decimal(3500),
        reduce_only=True,
    )


def run(story: Story, **replies: Reply) -> None:
    known: dict[str, Any] = {
        "metaAndAssetCtxs": META,
        "clearinghouseState": STATE,
        "frontendOpenOrders": [],
        "userAbstraction": "default",
        "orderStatus": WAITS,
        "exchange": done({"filled": {"totalSz": "0.1", "avgPx": "3499.5", "oid": 77738308}}),
        "activeAssetData": {"leverage": {"type": "cross", "value": 20}, "coin": "ETH"},
    }
    told("hyperliquid", (ETH,), known | replies, story)


def sent(desk: Desk) -> list[Any]:
    return [one.body for one in desk.server.of("exchange")]


def test_nobody_is_paid_for_an_order_and_nobody_referred() -> None:
    async def story(desk: Desk) -> None:
        report = await desk.gateway.place(order())
        assert (report.status, report.filled) == (OrderStatus.FILLED, Decimal("0.1"))
        assert report.average == Decimal("3499.5")
        (body,) = sent(desk)
        assert body["action"]["type"] == "order"
        assert "builder" not in body["action"]
        (line,) = body["action"]["orders"]
        assert (line["p"], line["s"], line["r"], line["c"]) == ("3500", "0.1", True, cloid(NAME))
        assert line["t"] == {"limit": {"tif": "Ioc"}}

    run(story)


def test_loading_markets_with_a_key_signs_nothing() -> None:
    async def story(desk: Desk) -> None:
        await desk.account.snapshot()
        assert sent(desk) == []

    run(story)


def test_what_an_immediate_order_does_not_get_is_gone() -> None:
    async def story(desk: Desk) -> None:
        report = await desk.gateway.place(order())
        assert (report.status, report.filled) == (OrderStatus.CANCELLED, Decimal("0.06"))

    run(story, exchange=done({"filled": {"totalSz": "0.06", "avgPx": "3499.5", "oid": 1}}))


def test_a_resting_order_is_open() -> None:
    async def story(desk: Desk) -> None:
        report = await desk.gateway.place(order(OrderKind.POST_ONLY))
        assert (report.status, report.venue_id) == (OrderStatus.OPEN, "77738308")
        assert sent(desk)[0]["action"]["orders"][0]["t"] == {"limit": {"tif": "Alo"}}

    run(story, exchange=done({"resting": {"oid": 77738308}}))


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("Insufficient margin to place order. asset=4", "funds"),
        ("Reduce only order would increase position. asset=4", "reduce_only"),
        ("Post only order would have immediately matched, bbo was 3465.0@3465.1.", "post_only"),
        ("Order must have minimum value of $10.", "order"),
    ],
)
def test_a_no_has_its_reason(words: str, reason: str) -> None:
    async def story(desk: Desk) -> None:
        with pytest.raises(Refused) as no:
            await desk.gateway.place(order())
        assert no.value.reason == reason

    run(story, exchange=done({"error": words}))


def test_an_answer_of_another_shape_may_be_an_order() -> None:
    async def story(desk: Desk) -> None:
        with pytest.raises(OutcomeUnknown):
            await desk.gateway.place(order())

    run(story, exchange={"status": "ok", "response": {}})


def test_an_order_is_asked_for_by_its_hash() -> None:
    async def story(desk: Desk) -> None:
        found = await desk.gateway.probe(NAME, ETH)
        assert found is not None
        assert (found.client_id, found.status, found.filled) == (
            NAME,
            OrderStatus.OPEN,
            Decimal("0.06"),
        )
        (asked,) = desk.server.of("orderStatus")
        assert asked.body["oid"] == cloid(NAME)

    run(story)


def test_an_order_that_is_not_there_is_nowhere() -> None:
    async def story(desk: Desk) -> None:
        assert await desk.gateway.probe(NAME, ETH) is None

    run(story, orderStatus={"status": "unknownOid"})


def test_a_hash_is_known_again_and_the_wallet_is_without_open_profit() -> None:
    async def story(desk: Desk) -> None:
        await desk.gateway.place(order())
        snapshot = await desk.account.snapshot()
        assert [one.client_id for one in snapshot.open_orders] == [NAME, "0x" + "ab" * 16]
        (position,) = snapshot.positions
        assert (position.amount, position.entry) == (Decimal("-0.2259"), Decimal("3400.0"))
        assert snapshot.balances == {"USDC": Decimal("1000.0")}

    ours = WAITS["order"]["order"]  # type: ignore[index]
    run(story, frontendOpenOrders=[ours, ours | {"oid": 5, "cloid": "0x" + "ab" * 16}])


def fill(number: int, **changes: object) -> dict[str, object]:
    return {
        "closedPnl": "0.0",
        "coin": "ETH",
        "crossed": True,
        "dir": "Open Long",
        "hash": "0xa166e3fa63c25663024b03f2e0da011a00307e4017465df020210d3d432e7cb8",
        "oid": 90542681,
        "px": "3499.5",
        "side": "B",
        "startPosition": "26.86",
        "sz": "0.06",
        "time": 1704346468838,
        "fee": "0.0735",
        "feeToken": "USDC",
        "tid": number,
    } | changes


def test_fills_tell_whose_they_are() -> None:
    async def story(desk: Desk) -> None:
        await desk.gateway.place(order())
        found = await desk.account.trades(ETH, 1_704_000_000_000 * MILLION)
        assert [trade.cause for trade in found] == [
            Cause.OURS,
            Cause.LIQUIDATION,
            Cause.DELEVERAGING,
            Cause.MANUAL,
        ]
        assert found[0].client_id == NAME
        assert found[0].fee == Decimal("-0.0735")

    rows = [
        fill(1, cloid=cloid(NAME)),
        fill(
            2,
            liquidation={
                "liquidatedUser": KEYS["hyperliquid"].wallet,
                "markPx": "3499",
                "method": "market",
            },
        ),
        fill(3, dir="Auto-Deleveraging"),
        fill(4),
        fill(5, coin="SOL"),
    ]

    def page(one: Asked) -> list[Any]:
        inside = one.body["startTime"] <= 1_704_346_468_838 <= one.body["endTime"]
        return rows if inside else []

    run(story, userFillsByTime=page)


def test_every_funding_payment_counts_though_their_hashes_are_the_same() -> None:
    async def story(desk: Desk) -> None:
        found = await desk.account.funding(ETH, 1_704_340_000_000 * MILLION)
        assert [payment.amount for payment in found] == [Decimal("0.01"), Decimal("-0.02")]
        assert found[1].settlement - found[0].settlement == 3_600_000 * MILLION
        assert found[0].rate == Decimal("0.0000125")

    def payment(time: int, usdc: str, coin: str = "ETH") -> dict[str, Any]:
        delta = {
            "coin": coin,
            "fundingRate": "0.0000125",
            "szi": "-0.2259",
            "type": "funding",
            "usdc": usdc,
        }
        return {"delta": delta, "hash": "0x" + "0" * 64, "time": time}

    rows = [
        payment(1_704_344_400_076, "0.01"),
        payment(1_704_344_400_076, "9.0", "SOL"),
        payment(1_704_348_000_041, "-0.02"),
    ]

    def page(one: Asked) -> list[Any]:
        return [r for r in rows if one.body["startTime"] <= r["time"] <= one.body["endTime"]]

    run(story, userFunding=page)


def test_the_switch_is_set_and_cleared() -> None:
    async def story(desk: Desk) -> None:
        assert await desk.gateway.cancel_all_after(30.0)
        assert await desk.gateway.cancel_all_after(0.0)
        first, second = (body["action"] for body in sent(desk))
        nonce = sent(desk)[0]["nonce"]
        assert first == {"type": "scheduleCancel", "time": nonce + 30_000}
        assert second == {"type": "scheduleCancel"}

    run(story, exchange={"status": "ok", "response": {"type": "default"}})


def test_below_the_volume_it_asks_for_there_is_no_switch() -> None:
    async def story(desk: Desk) -> None:
        assert not await desk.gateway.cancel_all_after(30.0)

    words = "Cannot set scheduled cancel time until enough volume traded. Required: $1000000."
    run(story, exchange={"status": "err", "response": words})


def test_the_wallets_own_key_may_withdraw_and_an_agents_may_not() -> None:
    async def story(desk: Desk) -> None:
        quirks, connection = desk.account._connection.quirks, desk.account._connection
        agent = await quirks.rights(connection.exchange, connection.keys)
        assert (agent.trade, agent.withdraw) == (True, False)
        address = connection.exchange.eth_get_address_from_private_key("0x" + "11" * 32)
        own = type(connection.keys)(secret=connection.keys.secret, wallet=address)
        assert (await quirks.rights(connection.exchange, own)).withdraw is True

    run(story)


def test_a_quote_takes_its_touch_from_the_book_and_not_from_prices_of_impact() -> None:
    async def story(desk: Desk) -> None:
        quote = await desk.feed.quote(ETH)
        assert (quote.bid, quote.ask) == (3465.0, 3465.2)
        assert (quote.mark, quote.index, quote.funding) == (3465.1, 3464.9, 0.0000125)
        assert quote.interval_hours == 1.0
        quirks = desk.feed._connection.quirks
        ticker = {"symbol": ETH, "bid": 3464.0, "ask": 3466.0, "info": META[1][0]}  # type: ignore[index]
        ((_, part),) = quirks.parts_of(ticker)
        assert (part["bid"], part["ask"]) == (None, None)

    levels = [[{"px": "3465.0", "sz": "7.6", "n": 3}], [{"px": "3465.2", "sz": "1.5", "n": 1}]]
    run(story, l2Book={"coin": "ETH", "time": 1704290104840, "levels": levels})


@pytest.mark.parametrize("reply", [{}, {"assetPositions": []}, [], "soon"])
def test_a_state_without_its_parts_is_no_flat_account(reply: Reply) -> None:
    async def story(desk: Desk) -> None:
        with pytest.raises(Garbled):
            await desk.account.snapshot()

    run(story, clearinghouseState=reply)


@pytest.mark.parametrize(
    ("delta", "perp", "spot"),
    [
        ({"type": "deposit", "usdc": "250.0"}, "250.0", "0"),
        ({"type": "withdraw", "usdc": "99.0", "nonce": 1, "fee": "1.0"}, "-100.0", "0"),
        ({"type": "accountClassTransfer", "usdc": "50.0", "toPerp": True}, "50.0", "-50.0"),
        ({"type": "accountClassTransfer", "usdc": "50.0", "toPerp": False}, "-50.0", "50.0"),
        (
            {
                "type": "internalTransfer",
                "usdc": "10.0",
                "user": "0x2222222222222222222222222222222222222222",
                "destination": "0x3333333333333333333333333333333333333333",
                "fee": "1.0",
            },
            "-11.0",
            "0",
        ),
        (
            {
                "type": "spotTransfer",
                "token": "USDC",
                "amount": "7.5",
                "usdcValue": "7.5",
                "user": "0x3333333333333333333333333333333333333333",
                "destination": "0x2222222222222222222222222222222222222222",
                "fee": "0.0",
            },
            "0",
            "7.5",
        ),
        (
            {
                "type": "send",
                "user": "0x2222222222222222222222222222222222222222",
                "destination": "0x2222222222222222222222222222222222222222",
                "sourceDex": "spot",
                "destinationDex": "",
                "token": "USDC",
                "amount": "20.0",
                "usdcValue": "20.0",
                "fee": "0.0",
                "nativeTokenFee": "0.0",
                "nonce": 3,
                "feeToken": "",
            },
            "20.0",
            "-20.0",
        ),
        ({"type": "liquidation", "accountValue": "1.0", "leverageType": "Cross"}, "0", "0"),
    ],
)
def test_a_line_of_the_ledger_does_to_each_account_what_it_says(
    delta: dict[str, Any], perp: str, spot: str
) -> None:
    row = {"time": 1724762307531, "hash": "0x62", "delta": delta}
    owner = KEYS["hyperliquid"].wallet
    assert ledger_row(row, owner, perp=True)["amount"] == Decimal(perp)
    assert ledger_row(row, owner, perp=False)["amount"] == Decimal(spot)


def test_the_ledger_tells_transfers() -> None:
    now = time.time_ns() // MILLION
    rows = [
        {"time": now - 5, "hash": "0xaa", "delta": {"type": "deposit", "usdc": "250.0"}},
        {"time": now - 4, "hash": "0xbb", "delta": {"type": "rewardsClaim", "amount": "3.0"}},
    ]

    async def story(desk: Desk) -> None:
        (found,) = await desk.account.cash((now - 60_000) * MILLION)
        assert (found.kind, found.currency, found.amount) == (
            CashKind.TRANSFER,
            "USDC",
            Decimal("250.0"),
        )

    run(story, userNonFundingLedgerUpdates=rows)
