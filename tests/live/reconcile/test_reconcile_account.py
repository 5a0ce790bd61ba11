"""What a venue holds against our books, and what explains the rest."""

from dataclasses import replace
from decimal import Decimal

from hedgerow.execution.order import (
    AccountSnapshot,
    OrderReport,
    OrderStatus,
    PositionReport,
)
from hedgerow.live.reconcile.difference import Difference, Kind, compare
from hedgerow.live.reconcile.explanation import Explanation, Reason
from hedgerow.live.reconcile.held import Held, HeldPosition
from hedgerow.live.reconcile.reconciler import Reconciler, discrepancies
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
    near = replace(SAME, balances={"USDT": Decimal("10000.04")})
    far = replace(SAME, balances={"USDT": Decimal("10000.06")})
    assert compare(BOOKS, near, ()) == ()
    assert only(far, Kind.BALANCE).amount == Decimal("0.06")


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


def test_a_cent_is_no_difference_however_small_the_balance() -> None:
    books = replace(BOOKS, wallets={"USDT": Decimal(3)}, cents={"USDT": Decimal("0.01")})
    near = replace(SAME, balances={"USDT": Decimal("3.01")})
    far = replace(SAME, balances={"USDT": Decimal("3.02")})
    assert compare(books, near, ()) == ()
    assert only(far, Kind.BALANCE, books).amount == Decimal("0.02")


def unexplained(difference: Difference) -> Explanation:
    return Explanation(difference=difference, reason=Reason.UNEXPLAINED)


def test_the_guard_hears_of_what_nothing_explains() -> None:
    snapshot = replace(SAME, positions=(), balances={"USDT": Decimal(9_000)})
    left = [unexplained(one) for one in compare(BOOKS, snapshot, ())]
    heard = discrepancies(left[:1], "binance", "main", NOON)
    assert heard.symbols == {PERP}
    assert len(heard.texts) == 1
    assert "nothing at the venue explains it" in heard.texts[0]
    assert discrepancies(left, "binance", "main", NOON).symbols == frozenset()
    assert discrepancies([], "binance", "main", NOON).texts == ()


def test_a_difference_is_a_fact_of_the_journal() -> None:
    difference = only(replace(SAME, positions=()), Kind.POSITION)
    draft = unexplained(difference).draft(NOON + 1)
    assert draft.kind == "difference"
    assert draft.body["reason"] == "unexplained"
    assert (draft.body["ours"], draft.body["theirs"]) == ("-2", "0")
