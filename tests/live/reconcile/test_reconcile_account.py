"""What a venue holds against our books, and what explains the rest."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hedgerow.execution.order import (
    AccountSnapshot,
    Cause,
    FundingReport,
    OrderReport,
    OrderStatus,
    PositionReport,
    Side,
    TradeReport,
)
from hedgerow.execution.port import TransferReport
from hedgerow.kernels.contract import after_fill
from hedgerow.live.reconcile.cash import after_trade, cash_of, signed
from hedgerow.live.reconcile.difference import Difference, Kind, compare
from hedgerow.live.reconcile.explanation import Reason, classify
from hedgerow.live.reconcile.held import Held, HeldPosition
from hedgerow.live.reconcile.reconciler import Reconciler, discrepancies
from hedgerow.live.reconcile.unbooked import Unbooked, unbooked
from hedgerow.units import SECOND

PERP, COIN = "BTC/USDT:USDT", "BTC/USD:BTC"
NOON = 1_709_726_400 * SECOND
BOOKS = Held(
    venue="binance",
    account="main",
    positions={PERP: HeldPosition(amount=Decimal(-2), entry=Decimal(60_000))},
    wallets={"USDT": Decimal(10_000)},
)


def position(amount: str | Decimal, symbol: str = PERP) -> PositionReport:
    return PositionReport(symbol=symbol, amount=Decimal(amount), entry=None)


def order(client_id: str, venue_id: str = "1") -> OrderReport:
    return OrderReport(
        venue="binance",
        client_id=client_id,
        venue_id=venue_id,
        symbol=PERP,
        status=OrderStatus.OPEN,
        filled=Decimal(0),
        average=None,
        time=NOON,
    )


SAME = AccountSnapshot(
    venue="binance",
    account="main",
    time=NOON,
    balances={"USDT": Decimal(10_000), "BNB": Decimal(3)},
    positions=(position("-2"),),
    open_orders=(),
)


def trade(number: int, amount: str, price: str = "61000", **rest: object) -> TradeReport:
    """Return a trade of `amount`, signed, some seconds before noon."""
    size = Decimal(amount)
    made = TradeReport(
        venue="binance",
        account="main",
        symbol=PERP,
        trade_id=str(number),
        client_id="",
        side=Side.BUY if size > 0 else Side.SELL,
        amount=abs(size),
        price=Decimal(price),
        fee=Decimal("-12.2"),
        fee_currency="USDT",
        time=NOON - 10 * SECOND + number,
    )
    return replace(made, **rest)  # type: ignore[arg-type]


def funding(amount: str, number: int = 0) -> FundingReport:
    return FundingReport(
        venue="binance",
        account="main",
        symbol=PERP,
        settlement=NOON - 9 * SECOND + number * SECOND,
        amount=Decimal(amount),
        currency="USDT",
    )


def transfer(amount: str, reason: str = "") -> TransferReport:
    return TransferReport(
        venue="binance",
        account="main",
        currency="USDT",
        amount=Decimal(amount),
        time=NOON - 5 * SECOND,
        transfer_id="t1",
        reason=reason,
    )


def only(snapshot: AccountSnapshot, kind: Kind, ours: Held = BOOKS) -> Difference:
    (difference,) = (one for one in compare(ours, snapshot, ()) if one.kind is kind)
    return difference


def test_what_agrees_does_not_differ() -> None:
    assert compare(BOOKS, SAME, ()) == ()


def test_a_position_that_is_gone_and_one_that_nobody_opened_differ() -> None:
    snapshot = replace(SAME, positions=(position("5", "DOGE/USDT:USDT"),))
    found = compare(BOOKS, snapshot, ())
    assert [(one.symbol, one.ours, one.theirs, one.amount) for one in found] == [
        (PERP, Decimal(-2), Decimal(0), Decimal(2)),
        ("DOGE/USDT:USDT", Decimal(0), Decimal(5), Decimal(5)),
    ]
    assert "binance main holds 0, our books say -2" in found[0].text


def test_balances_differ_beyond_their_tolerance_only() -> None:
    near = replace(SAME, balances={"USDT": Decimal("10000.009")})
    far = replace(SAME, balances={"USDT": Decimal("10000.02")})
    assert compare(BOOKS, near, ()) == ()
    assert only(far, Kind.BALANCE).amount == Decimal("0.02")


def test_a_currency_that_we_do_not_book_is_passed_over() -> None:
    assert "BNB" not in BOOKS.wallets
    assert compare(BOOKS, SAME, ()) == ()


def test_a_snapshot_older_than_our_last_trade_says_nothing() -> None:
    books = replace(BOOKS, last_change={PERP: NOON, "USDT": NOON})
    snapshot = replace(SAME, positions=(), balances={"USDT": Decimal(1)})
    assert compare(books, snapshot, ()) == ()
    later = replace(snapshot, time=NOON + 1)
    assert {one.kind for one in compare(books, later, ())} == {Kind.POSITION, Kind.BALANCE}


def test_orders_of_ours_of_others_and_in_flight() -> None:
    books = replace(BOOKS, working={"h1": PERP, "h2": PERP, "h3": PERP}, settling=frozenset({"h3"}))
    snapshot = replace(
        SAME, open_orders=(order("h1"), order("h9"), order("web_7"), order("", "88"))
    )
    found = {(one.kind, one.subject) for one in compare(books, snapshot, {"h1", "h2", "h3", "h9"})}
    assert found == {
        (Kind.UNKNOWN_ORDER, "web_7"),
        (Kind.UNKNOWN_ORDER, "88"),
        (Kind.MISSING_ORDER, "h2"),
    }


def test_one_look_alone_is_not_believed() -> None:
    reconciler = Reconciler()
    gone = replace(SAME, positions=())
    assert reconciler.look(BOOKS, gone, ()) == ()
    assert not reconciler.is_settled("binance", "main")
    assert reconciler.look(BOOKS, gone, ()) == ()  # the same snapshot again
    (difference,) = reconciler.look(BOOKS, replace(gone, time=NOON + SECOND), ())
    assert difference.amount == 2
    assert reconciler.look(BOOKS, replace(SAME, time=NOON + 2 * SECOND), ()) == ()
    assert reconciler.is_settled("binance", "main")
    assert reconciler.agreed("binance", "main") == NOON + 2 * SECOND


def test_two_trades_in_flight_are_no_difference() -> None:
    reconciler = Reconciler()
    for second, amount in enumerate(("-2.5", "-3.5")):
        snapshot = replace(SAME, time=NOON + second, positions=(position(amount),))
        assert reconciler.look(BOOKS, snapshot, ()) == ()


def test_a_balance_that_runs_away_is_believed_at_the_third_look() -> None:
    reconciler = Reconciler()
    found = [
        reconciler.look(
            BOOKS, replace(SAME, time=NOON + look, balances={"USDT": Decimal(9_000 - look)}), ()
        )
        for look in range(4)
    ]
    assert [len(one) for one in found] == [0, 0, 1, 1]


@pytest.mark.parametrize(
    ("cause", "reason", "answer"),
    [
        (Cause.LIQUIDATION, Reason.LIQUIDATION, Cause.LIQUIDATION),
        (Cause.DELEVERAGING, Reason.DELEVERAGING, Cause.DELEVERAGING),
        (Cause.MANUAL, Reason.MANUAL, Cause.MANUAL),
        (Cause.OURS, Reason.OURS, Cause.OURS),
    ],
)
def test_trades_that_add_up_explain_a_position(cause: Cause, reason: Reason, answer: Cause) -> None:
    difference = only(replace(SAME, positions=(position("-0.5"),)), Kind.POSITION)
    trades = (trade(1, "1"), trade(2, "0.5", cause=cause))
    explained = classify(difference, Unbooked(trades=trades), BOOKS)
    assert explained.reason is reason
    assert explained.events == trades
    assert explained.cause is answer
    assert explained.is_ordinary == (cause is Cause.OURS)


def test_trades_that_do_not_add_up_explain_nothing() -> None:
    difference = only(replace(SAME, positions=(position("-0.5"),)), Kind.POSITION)
    trades = (trade(1, "1.4", cause=Cause.LIQUIDATION),)
    explained = classify(difference, Unbooked(trades=trades), BOOKS)
    assert explained.reason is Reason.UNEXPLAINED
    assert explained.events == ()
    assert explained.cause is None
    assert "nothing at the venue explains it" in explained.text


def test_a_trade_after_the_snapshot_explains_nothing_before_it() -> None:
    difference = only(replace(SAME, positions=(position("-1"),)), Kind.POSITION)
    early, late = trade(1, "1"), trade(2, "1", time=NOON + SECOND)
    assert classify(difference, Unbooked(trades=(early, late)), BOOKS).events == (early,)
    assert not classify(difference, Unbooked(trades=(late,)), BOOKS).events


def test_a_balance_is_explained_by_profit_fees_funding_and_transfers() -> None:
    # 1 bought back at 61,000 of a short entered at 60,000 loses 1,000, and 12.2 of fee.
    events = Unbooked(
        trades=(trade(1, "1"),), funding=(funding("3.5"),), transfers=(transfer("500"),)
    )
    wallet = Decimal(10_000) - 1_000 - Decimal("12.2") + Decimal("3.5") + 500
    difference = only(replace(SAME, balances={"USDT": wallet}), Kind.BALANCE)
    explained = classify(difference, events, BOOKS)
    assert len(explained.events) == 3
    assert explained.reason is Reason.TRANSFER
    alone = classify(difference, replace(events, funding=()), BOOKS)
    assert alone.reason is Reason.UNEXPLAINED


@pytest.mark.parametrize(
    ("found", "amount", "reason"),
    [
        (Unbooked(funding=(funding("-7.25"),)), "-7.25", Reason.FUNDING),
        (Unbooked(transfers=(transfer("-100"),)), "-100", Reason.TRANSFER),
        (
            Unbooked(funding=(funding("-7.25"),), transfers=(transfer("-100"),)),
            "-100",
            Reason.TRANSFER,
        ),
    ],
)
def test_one_payment_explains_its_amount(found: Unbooked, amount: str, reason: Reason) -> None:
    snapshot = replace(SAME, balances={"USDT": Decimal(10_000) + Decimal(amount)})
    assert classify(only(snapshot, Kind.BALANCE), found, BOOKS).reason is reason


def test_orders_are_manual_or_to_be_asked_for() -> None:
    books = replace(BOOKS, working={"h2": PERP})
    snapshot = replace(SAME, open_orders=(order("web_7"),))
    unknown, missing = compare(books, snapshot, {"h2"})
    ours = trade(1, "1", client_id="h2")
    assert classify(unknown, Unbooked(), books).cause is Cause.MANUAL
    explained = classify(missing, Unbooked(trades=(ours, trade(2, "1"))), books)
    assert (explained.reason, explained.events) == (Reason.OURS, (ours,))


def test_only_what_is_not_booked_is_missing_and_only_once() -> None:
    known = trade(1, "1")
    booked = {
        "binance main BTC/USDT:USDT 1",
        f"binance main {PERP} {(NOON - 9 * SECOND) // SECOND}",
    }
    new, paid = trade(2, "1"), funding("1", 1)
    found = unbooked([known, new, new, funding("1"), paid, transfer("5", "no funds")], booked)
    assert found == Unbooked(trades=(new,), funding=(paid,))


def test_the_guard_hears_of_what_nothing_explains() -> None:
    snapshot = replace(SAME, positions=(), balances={"USDT": Decimal(9_000)})
    left = [classify(one, Unbooked(), BOOKS) for one in compare(BOOKS, snapshot, ())]
    heard = discrepancies(left[:1], "binance", "main", NOON)
    assert heard.symbols == {PERP}
    assert len(heard.texts) == 1
    assert discrepancies(left, "binance", "main", NOON).symbols == frozenset()
    assert discrepancies([], "binance", "main", NOON).texts == ()


def test_a_difference_is_a_fact_of_the_journal() -> None:
    difference = only(replace(SAME, positions=()), Kind.POSITION)
    found = Unbooked(trades=(trade(7, "2", cause=Cause.LIQUIDATION),))
    draft = classify(difference, found, BOOKS).draft(NOON + 1)
    assert draft.kind == "difference"
    assert draft.body["reason"] == "liquidation"
    assert draft.body["events"] == ["binance main BTC/USDT:USDT 7"]
    assert (draft.body["ours"], draft.body["theirs"]) == ("-2", "0")


amounts = st.integers(-500, 500).map(lambda number: Decimal(number) / 100)
prices = st.integers(1_000_000, 9_000_000).map(lambda number: Decimal(number) / 100)


@settings(max_examples=60, deadline=None)
@given(start=amounts, steps=st.lists(st.tuples(amounts, prices), max_size=6), inverse=st.booleans())
def test_trades_are_booked_as_the_engine_books_them(
    start: Decimal, steps: list[tuple[Decimal, Decimal]], inverse: bool
) -> None:
    held = HeldPosition(amount=start, entry=Decimal(50_000), inverse=inverse)
    size, entry = float(start), 50_000.0
    for traded, price in steps:
        held, realised = after_trade(held, traded, price)
        expected = after_fill(size, entry, float(traded), float(price), inverse)
        assert float(realised) == pytest.approx(expected.realised, rel=1e-9, abs=1e-9)
        size, entry = float(held.amount), expected.entry
        if held.amount:
            assert float(held.entry) == pytest.approx(expected.entry, rel=1e-9)


@settings(max_examples=40, deadline=None)
@given(
    trades=st.lists(st.tuples(amounts.filter(bool), prices), max_size=5),
    payments=st.lists(amounts.filter(bool), max_size=3),
)
def test_whatever_happened_explains_the_account_to_the_last_unit(
    trades: list[tuple[Decimal, Decimal]], payments: list[Decimal]
) -> None:
    found = Unbooked(
        trades=tuple(
            trade(number, str(amount), str(price)) for number, (amount, price) in enumerate(trades)
        ),
        funding=tuple(funding(str(amount), number) for number, amount in enumerate(payments)),
    )
    cash = sum(
        (
            change.get("USDT", Decimal(0))
            for _, change in cash_of(found.until(NOON), BOOKS.positions)
        ),
        Decimal(0),
    )
    left = Decimal(-2) + sum((signed(one) for one in found.trades), Decimal(0))
    snapshot = replace(
        SAME,
        positions=(position(left),) if left else (),
        balances={"USDT": Decimal(10_000) + cash},
    )
    for difference in compare(BOOKS, snapshot, ()):
        assert classify(difference, found, BOOKS).reason is not Reason.UNEXPLAINED


def test_spot_trades_exchange_two_currencies() -> None:
    bought = trade(1, "0.5", symbol="BTC/USDT", fee=Decimal("-0.0005"), fee_currency="BTC")
    (_, cash), *_ = cash_of([bought], {})
    assert cash == {"BTC": Decimal("0.4995"), "USDT": Decimal(-30_500)}
