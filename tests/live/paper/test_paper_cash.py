"""A paper exchange's cash: profit, fees, funding, margin, liquidation and deleveraging."""

import json
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from paper_makers import (
    INVERSE,
    LINEAR,
    T0,
    contract,
    exchange,
    flat,
    leg,
    order,
    orders_in,
    own_terms,
    payments_in,
    shown,
    trades_in,
    transfers_in,
)

from hedgerow.engine.terms import PledgeTerms, Terms
from hedgerow.execution.order import Cause, OrderKind
from hedgerow.execution.port import Refused
from hedgerow.live.paper.exchange import PaperExchange
from hedgerow.margin.liquidation import liquidation_price
from hedgerow.margin.margin_account import isolated
from hedgerow.margin.position import Position
from hedgerow.margin.terms import flat_terms
from hedgerow.units import HOUR, SECOND

GOLDEN = Path(__file__).parents[2] / "golden" / "cases" / "perp_exchange_examples.json"
CASES = {case["id"]: case for case in json.loads(GOLDEN.read_text())["cases"]}
FREE = {"maker": Decimal(0), "taker": Decimal(0)}


def test_a_round_trip_of_the_inverse_guide_pays_what_the_venue_says() -> None:
    # BitMEX, perpetual contracts guide: 15 000 contracts from 750 to 800 pay 1.25 XBT.
    venue = exchange(coin={"BTC": "10"})
    venue.quote(shown(750.0, symbol=INVERSE), T0)
    venue.place(order("a", "15000", "750", symbol=INVERSE, account="coin"), T0)
    venue.quote(shown(800.0, symbol=INVERSE), T0 + 1)
    venue.place(order("b", "-15000", "800", symbol=INVERSE, account="coin"), T0 + 1)
    fees = Decimal("0.0005") * (Decimal(20) + Decimal("18.75"))
    balance = venue.snapshot("coin", T0 + 1).balances["BTC"]
    assert float(balance) == pytest.approx(10.0 + 1.25 - float(fees), abs=1e-12)


def test_funding_is_paid_as_the_clock_crosses_it_and_only_once() -> None:
    # The same guide: 15 000 contracts at 750 and 0.25 % cost a long 0.05 XBT.
    due = T0 + 8 * HOUR
    venue = exchange(coin={"BTC": "10"})
    told: dict[str, Any] = {"funding": 0.0025, "interval_hours": 8.0, "settlement": due}
    venue.quote(shown(750.0, symbol=INVERSE, **told), T0)
    venue.place(order("a", "15000", "750", symbol=INVERSE, account="coin"), T0)
    before = venue.snapshot("coin", T0).balances["BTC"]
    next_told: dict[str, Any] = {
        "funding": 0.01,
        "interval_hours": 8.0,
        "settlement": due + 8 * HOUR,
    }
    late = due + 3 * SECOND
    reports = venue.quote(shown(900.0, symbol=INVERSE, time=late, **next_told), late)
    payment = payments_in(reports)[0]
    assert (payment.settlement, payment.amount) == (due, Decimal("-0.05"))
    assert (payment.rate, payment.price) == (Decimal("0.0025"), Decimal("750.0"))
    assert venue.snapshot("coin", late).balances["BTC"] == before + payment.amount
    again = venue.quote(shown(900.0, symbol=INVERSE, time=late + 1, **told), late + 1)
    assert payments_in(again) == []
    assert venue.funding("coin", INVERSE, 0) == (payment,)


def test_a_quote_of_the_very_instant_gives_the_price_of_its_settlement() -> None:
    venue = exchange()
    told: dict[str, Any] = {"funding": 0.001, "interval_hours": 8.0}
    venue.quote(shown(100.0, settlement=T0 + HOUR, **told), T0)
    venue.place(order("a", "-10", "100"), T0)
    at = T0 + HOUR
    reports = venue.quote(shown(110.0, time=at, settlement=at + 8 * HOUR, **told), at)
    assert payments_in(reports)[0].amount == Decimal("1.1")


def test_without_a_settlement_time_the_interval_says_when() -> None:
    venue = exchange()
    start = T0 + 3 * HOUR
    venue.quote(shown(100.0, time=start, funding=0.001, interval_hours=4.0), start)
    venue.place(order("a", "10", "100"), start)
    assert venue.next_time() == T0 + 4 * HOUR
    assert payments_in(venue.advance(T0 + 4 * HOUR))[0].amount == Decimal("-1.0")


def test_a_rate_is_never_paid_twice_while_the_feed_is_silent() -> None:
    venue = exchange()
    venue.quote(shown(100.0, funding=0.001, interval_hours=1.0), T0)
    venue.place(order("a", "10", "100"), T0)
    paid = payments_in(venue.advance(T0 + 5 * HOUR))
    assert [payment.settlement for payment in paid] == [T0 + HOUR]
    assert venue.missed_settlements == 4


def test_two_sides_of_one_rate_pay_each_other_to_the_last_digit() -> None:
    terms = own_terms(leg(LINEAR, "long"), leg(LINEAR, "short"))
    venue = exchange(terms=terms, long={"USDT": "1000"}, short={"USDT": "1000"})
    venue.quote(shown(100.3, funding=0.00013, interval_hours=8.0), T0)
    venue.place(order("a", "7.007", "100.3", account="long"), T0)
    venue.place(order("b", "-7.007", "100.3", account="short"), T0)
    paid = payments_in(venue.advance(T0 + 8 * HOUR))
    assert len(paid) == 2
    assert sum(payment.amount for payment in paid) == 0


@pytest.mark.parametrize("number", ["freqtrade-binance-0", "freqtrade-binance-4"])
def test_a_position_dies_where_a_published_example_says(number: str) -> None:
    case = CASES[number]
    given = case["inputs"]
    sign = -1 if given["side"] == "short" else 1
    brackets = flat(given["mmr"], 125.0, amount=given["cum"])
    terms = own_terms(leg(LINEAR, "main", brackets=brackets))
    wallet = given["entry"] / given["leverage"]
    venue = _without_fees(terms, main={"USDT": repr(wallet)})
    venue.quote(shown(float(given["entry"])), T0)
    collar = "11" if sign > 0 else "9"
    venue.place(order("a", f"{sign}", collar, kind=OrderKind.MARKET), T0)
    expected = float(case["expected"])
    told = venue.snapshot("main", T0).positions[0].liquidation_price
    assert told is not None
    assert float(told) == pytest.approx(expected, abs=float(case["tol_abs"]))
    assert venue.quote(shown(8.0, 12.0, mark=expected + sign * 1e-6), T0 + 1) == []
    trade = trades_in(venue.quote(shown(8.0, 12.0, mark=expected - sign), T0 + 2))[0]
    assert trade.cause is Cause.LIQUIDATION
    assert float(trade.price) == pytest.approx(expected, abs=float(case["tol_abs"]))


def test_a_cross_position_dies_where_a_published_example_says() -> None:
    case = CASES["binance-liq-cross-eth"]
    given, held = case["inputs"], case["inputs"]["position"]
    other = given["others"][0]
    coin = "ETH/USDT:USDT"
    lots = {"lot_size": 0.001}
    terms = own_terms(
        leg(coin, "main", brackets=flat(held["mmr"], 125.0, amount=held["cum"]), **lots),
        leg(LINEAR, "main", brackets=flat(other["mmr"], 125.0, amount=other["cum"]), **lots),
    )
    venue = _without_fees(terms, (coin, LINEAR), main={"USDT": repr(given["wallet"])})
    for symbol, row in ((coin, held), (LINEAR, other)):
        venue.quote(shown(row["entry"], symbol=symbol), T0)
        venue.accounts["main"].position(symbol).amount = Decimal(repr(row["size"]))
        venue.accounts["main"].position(symbol).entry = row["entry"]
        venue.quote(shown(row["mark"], symbol=symbol), T0)
    told = venue.snapshot("main", T0).positions[0].liquidation_price
    assert told is not None
    assert float(told) == pytest.approx(float(case["expected"]), abs=float(case["tol_abs"]))


@pytest.mark.parametrize("sign", [1, -1])
def test_an_inverse_position_dies_where_the_calculator_says(sign: int) -> None:
    terms = own_terms(leg(INVERSE, "coin", brackets=flat(0.02, 50.0)))
    venue = _without_fees(terms, (INVERSE,), coin={"BTC": "0.2"})
    venue.quote(shown(50_000.0, symbol=INVERSE), T0)
    chosen: dict[str, Any] = {"symbol": INVERSE, "account": "coin"}
    venue.place(order("a", f"{sign * 60_000}", "50000", **chosen), T0)
    held = Position(terms=flat_terms(0.02, symbol=INVERSE), size=sign * 60_000.0, entry=50_000.0)
    expected = liquidation_price(isolated(held, 0.2))
    assert expected is not None
    reports = venue.quote(shown(expected * (1 - sign * 0.02), symbol=INVERSE), T0 + 1)
    assert float(trades_in(reports)[0].price) == pytest.approx(expected, rel=1e-9)


def test_a_liquidation_cancels_what_waits_and_charges_its_fee() -> None:
    venue = exchange(main={"USDT": "100"})
    venue.quote(shown(100.0), T0)
    venue.place(order("a", "10", "100"), T0)
    venue.place(order("b", "1", "80", kind=OrderKind.LIMIT), T0)
    reports = venue.quote(shown(89.0), T0 + 1)
    assert [(o.client_id, o.reason) for o in orders_in(reports)] == [("b", "liquidation")]
    trade = trades_in(reports)[0]
    assert (trade.cause, trade.client_id, trade.amount) == (Cause.LIQUIDATION, "", Decimal(10))
    # wallet 99.5 + 10 (P - 100) = 0.01 * 10 P
    price = (1000.0 - 99.5) / 9.9
    assert float(trade.price) == pytest.approx(price, rel=1e-12)
    # The fee is 1.25 %, and the account has 1 % left: it pays what it has.
    assert float(trade.fee) == pytest.approx(-0.1 * price, rel=1e-9)
    assert abs(venue.snapshot("main", T0).balances["USDT"]) < Decimal("1e-9")


def test_a_wick_of_the_mark_between_two_quotes_liquidates_too() -> None:
    venue = exchange(main={"USDT": "100"})
    venue.quote(shown(100.0), T0)
    venue.place(order("a", "10", "100"), T0)
    assert trades_in(venue.quote(shown(99.0, mark=99.0, low=95.0, high=101.0), T0 + 1)) == []
    assert trades_in(venue.quote(shown(99.0, mark=99.0, low=85.0, high=101.0), T0 + 2))


def test_a_loss_beyond_the_wallet_is_the_venues() -> None:
    venue = exchange(main={"USDT": "100"})
    venue.quote(shown(100.0, funding=0.12, interval_hours=1.0), T0)
    venue.place(order("a", "10", "100"), T0)
    assert payments_in(venue.advance(T0 + HOUR))[0].amount == -120
    reports = venue.quote(shown(100.0), T0 + HOUR + 1)
    assert trades_in(reports)[0].fee == 0
    covered = transfers_in(reports)[-1]
    assert (covered.transfer_id, covered.amount) == ("insurance-1", Decimal("20.5"))
    assert venue.snapshot("main", T0).balances["USDT"] == 0


def test_a_shared_account_sells_its_pledge_for_what_it_owes() -> None:
    pledge = (PledgeTerms(asset="BTC", amount=1.0, haircut=0.1),)
    terms = own_terms(leg(LINEAR, "main"), pledges=pledge)
    venue = _without_fees(terms, main={"USDT": "10", "BTC": "1"})
    venue.quote(shown(100.0), T0)
    venue.place(order("a", "-10", "100"), T0)
    # equity 10 - 10 (P - 100) + 0.9 P = 0.1 P, so it dies at 1010 / 9.2
    reports = venue.quote(shown(120.0), T0 + 1)
    assert float(trades_in(reports)[0].price) == pytest.approx(1010.0 / 9.2, rel=1e-9)
    snapshot = venue.snapshot("main", T0 + 1)
    assert snapshot.balances["USDT"] >= Decimal("-1e-9")
    assert 0 < snapshot.balances["BTC"] < 1
    moved = transfers_in(reports)
    assert {each.currency for each in moved} == {"BTC", "USDT"}
    assert all(each.transfer_id.startswith("conversion") for each in moved)


def test_deleveraging_takes_winners_only_in_whole_lots() -> None:
    terms = own_terms(leg(LINEAR, "long"), leg(LINEAR, "short"))
    venue = exchange(terms=terms, long={"USDT": "1000"}, short={"USDT": "1000"})
    venue.quote(shown(100.0), T0)
    venue.place(order("a", "1.001", "100", account="long"), T0)
    venue.place(order("b", "-1.001", "100", account="short"), T0)
    venue.quote(shown(90.0), T0 + 1)
    trades = trades_in(venue.deleverage(LINEAR, 0.5, T0 + 1))
    assert [(t.account, t.cause, t.amount, t.fee) for t in trades] == [
        ("short", Cause.DELEVERAGING, Decimal("0.500"), Decimal(0))
    ]
    assert trades[0].price == 90


def test_only_what_is_spare_can_be_withdrawn() -> None:
    venue = exchange()
    venue.quote(shown(100.0), T0)
    venue.place(order("a", "10000", "100"), T0)  # asks for 50 000, and cost 500
    with pytest.raises(Refused, match="can spare"):
        venue.transfer("main", "USDT", Decimal(-49_501), "w1", T0)
    report = transfers_in(venue.transfer("main", "USDT", Decimal(-49_500), "w2", T0))[0]
    assert (report.amount, report.transfer_id) == (Decimal(-49_500), "w2")


steps = st.lists(
    st.tuples(
        st.sampled_from(["order", "rest", "quote", "settle", "manual", "take"]),
        st.integers(-4000, 4000).filter(bool),
        st.integers(600, 1400),
    ),
    max_size=40,
)


@settings(max_examples=60, deadline=None)
@given(steps=steps)
def test_cash_is_conserved_whatever_happens(steps: list[tuple[str, int, int]]) -> None:
    venue = exchange(main={"USDT": "2000"})
    now, price = T0, 100.0
    venue.quote(shown(100.0, funding=0.0003, interval_hours=1.0), now)
    for number, (what, amount, level) in enumerate(steps):
        now += SECOND
        signed = str(Decimal(amount) / 1000)
        try:
            if what == "order":
                venue.place(order(f"o{number}", signed, f"{price:.1f}"), now)
            elif what == "rest":
                kind = OrderKind.LIMIT
                venue.place(order(f"o{number}", signed, f"{level / 10:.1f}", kind=kind), now)
            elif what == "manual":
                venue.manual("main", LINEAR, Decimal(signed), now)
            elif what == "take":
                venue.deleverage(LINEAR, 0.5, now)
            else:
                now += HOUR if what == "settle" else 0
                price = level / 10
                told: dict[str, Any] = {"funding": amount / 1e6, "interval_hours": 1.0}
                venue.quote(shown(price, time=now, ask_size=3.0, **told), now)
        except Refused:
            continue
    account = venue.accounts["main"]
    trades = account.trades.get(LINEAR, [])
    signs = [trade.side.sign * Fraction(trade.amount) for trade in trades]
    assert account.position(LINEAR).amount == sum(signs)
    assert account.balances["USDT"] == sum(flow.amount for flow in account.flows)
    # What an accountant does who knows no entry price: cash in, cash out, and what is held.
    spent = sum(
        (sign * Fraction(trade.price) for sign, trade in zip(signs, trades, strict=True)),
        Fraction(0),
    )
    paid = sum((Fraction(trade.fee) for trade in trades), Fraction(0))
    settled = sum(
        (Fraction(payment.amount) for payment in account.funding.get(LINEAR, [])), Fraction(0)
    )
    covered = sum(
        (Fraction(flow.amount) for flow in account.flows if flow.kind == "insurance"), Fraction(0)
    )
    held = account.position(LINEAR)
    open_profit = Fraction(held.amount) * (Fraction(price) - Fraction(held.entry))
    books = Fraction(account.balances["USDT"]) + open_profit
    cash = 2000 - spent + Fraction(held.amount) * Fraction(price) + paid + settled + covered
    assert float(books - cash) == pytest.approx(0.0, abs=1e-8)


def _without_fees(
    terms: Terms, symbols: tuple[str, ...] = (LINEAR,), **balances: dict[str, str]
) -> PaperExchange:
    return PaperExchange(
        venue="acme",
        contracts=tuple(contract(symbol, **FREE) for symbol in symbols),
        terms=terms,
        balances={
            name: {coin: Decimal(amount) for coin, amount in held.items()}
            for name, held in balances.items()
        },
    )
