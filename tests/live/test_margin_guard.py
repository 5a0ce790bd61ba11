"""The margin guard: cash first, then less hedge, then a person."""

import json
import math
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hedgerow.engine.desk_books import Books
from hedgerow.engine.desk_market import Market
from hedgerow.engine.events import Quote
from hedgerow.engine.terms import AccountTerms, Brackets, LegTerms, Terms
from hedgerow.kernels.first_passage import log_touch
from hedgerow.ledger.journal import Draft, canonical
from hedgerow.live.margin_guard import (
    MarginAccount,
    MarginGuard,
    MarginLimits,
    MarginStep,
    Means,
)
from hedgerow.live.margin_room import MarginRoom, Reduction, margin_room
from hedgerow.policies.hold import Hold
from hedgerow.units import MINUTE, SECOND

if TYPE_CHECKING:
    from collections.abc import Callable

RATE, FEE, MARK = 0.005, 0.0004, 60_000.0
NOON = 1_709_726_400 * SECOND


def leg(coin: str, lot: float = 0.001) -> LegTerms:
    one = np.zeros(1)
    return LegTerms(
        instrument=f"{coin}/USDT:USDT",
        asset=coin,
        account="main",
        settle="USDT",
        inverse=False,
        lot_size=lot,
        minimum=5.0,
        brackets=Brackets(
            floor=one, cap=np.full(1, 1e12), rate=np.full(1, RATE), amount=one, leverage=one + 100.0
        ),
        method="full",
        fee=FEE,
        liquidation_fee=0.0125,
    )


def room(
    wallet: float, lots: tuple[float, ...] = (-2000.0,), mark: float = MARK, volatility: float = 0.6
) -> MarginRoom:
    """Return the room of a short of 2 BTC from 60,000, and perhaps 100 ETH, at `mark`."""
    legs = (leg("BTC"), leg("ETH"))[: len(lots)]
    marks = (mark, 3_000.0)[: len(lots)]
    terms = Terms(
        assets=("BTC", "ETH", "USDT"),
        cash=frozenset({"USDT"}),
        numeraire_coin=None,
        holdings=(2.0, 0.0, 0.0),
        legs=legs,
        accounts=(AccountTerms(name="main", collateral="USDT", deposit=wallet),),
        rule=Hold.rule,
    )
    books = Books(terms)
    books.purses[0].wallet = wallet
    for position, size, entry in zip(books.positions, lots, (MARK, 3_000.0), strict=False):
        position.lots, position.entry = size, entry
    quotes = tuple(Quote(price, price, volatility, 0.0, 8.0) for price in marks)
    return margin_room(books, Market(worth=(mark, 3_000.0, 1.0), quotes=quotes), 0)


ACCOUNT = MarginAccount(name="main", currency="USDT", below=0.05, upto=0.10)
OPEN = Means(reducible=frozenset({0, 1}))


def guard() -> MarginGuard:
    return MarginGuard([ACCOUNT], MarginLimits())


def whats(step: MarginStep) -> list[str]:
    return [draft.body["what"] for draft in step.drafts]


def test_room_is_that_of_the_closed_form() -> None:
    assert room(12_000.0).headroom == pytest.approx(12_000.0 / 120_000.0 - RATE)
    assert room(3_000.0).call(0.1) == pytest.approx((0.1 + RATE) * 120_000.0 - 3_000.0)
    assert room(3_000.0, (0.0,)).headroom == 1e30


@settings(max_examples=30, deadline=None)
@given(
    wallet=st.floats(100.0, 11_000.0), mark=st.floats(55_000.0, 60_500.0), upto=st.floats(0.03, 0.3)
)
def test_a_reduction_restores_headroom_and_one_lot_less_would_not(
    wallet: float, mark: float, upto: float
) -> None:
    # Closing q of 2 BTC: E - f q P - m (2 - q) P >= u (2 - q) P, solved for q.
    equity = wallet + 2.0 * (MARK - mark)
    needed = ((upto + RATE) * 2.0 * mark - equity) / ((upto + RATE - FEE) * mark)
    expected = min(max(math.ceil(round(needed / 0.001, 6)), 0), 2_000)
    found = room(wallet, mark=mark).reductions(upto)
    assert sum(one.lots for one in found) == pytest.approx(expected, abs=1)
    assert {one.leg for one in found} <= {0}


def test_the_largest_maintenance_goes_first_and_all_goes_where_nothing_is_enough() -> None:
    both = (-2_000.0, -100_000.0)  # 300,000 of ETH ask for more than 120,000 of BTC
    assert room(20_000.0, both).reductions(0.05)[0].leg == 1
    assert len(room(20_000.0, both).reductions(0.05)) == 1
    assert room(10.0, both).reductions(0.05) == (
        Reduction(leg=1, lots=100_000),
        Reduction(leg=0, lots=2_000),
    )


def test_the_odds_are_those_of_a_first_passage() -> None:
    # A short of 2 BTC from 60,000 dies where 6,000 - 2 (P - 60,000) = 0.005 * 2 P.
    level = (6_000.0 + 120_000.0) / (2.0 * (1.0 + RATE))
    hour = 1.0 / 8_760.0
    expected = math.exp(log_touch(math.log(level / MARK), -0.18, 0.6, 24 * hour))
    assert room(6_000.0).odds(24 * hour) == pytest.approx(expected, rel=1e-9)
    assert room(6_000.0).odds(hour) < 1e-6
    assert room(6_000.0, (0.0,)).odds(1.0) == 0.0
    assert room(500.0).odds(hour) == 1.0  # below maintenance already


def test_a_well_account_is_left_alone() -> None:
    assert guard().look("main", room(12_000.0), OPEN, NOON) == MarginStep()


def test_what_is_on_its_way_is_waited_for_where_it_is_enough() -> None:
    guards, means = guard(), replace(OPEN, coming=Decimal(6_600))
    assert whats(guards.look("main", room(6_000.0), means, NOON)) == ["low"]
    for later in (SECOND, MINUTE, 60 * MINUTE):
        assert guards.look("main", room(6_000.0), means, NOON + later) == MarginStep()
    assert whats(guards.look("main", room(12_600.0), OPEN, NOON + MINUTE)) == ["restored"]


def test_what_is_not_on_its_way_is_taken_off_the_hedge() -> None:
    step = guard().look("main", room(4_000.0), replace(OPEN, coming=Decimal(1_000)), NOON)
    assert whats(step) == ["low", "reduced"]
    (reduction,) = step.reductions
    assert step.reductions == room(5_000.0).reductions(0.10)
    assert reduction.lots * 0.001 == pytest.approx(7_600 / (0.1046 * 60_000), abs=1e-3)
    (notice,) = step.notices
    assert notice.level == "critical"
    assert "naked" in notice.text


@pytest.mark.parametrize(
    ("reserve", "coming", "words"),
    [
        ("0", "0", "the reserve is empty"),
        ("50000", "0", "the reserve still has 50,000.00 USDT, of which nothing is on its way"),
        ("0", "100", "100.00 USDT are on their way, too little or too late (odds"),
        ("9", "100", "too little or too late, and the reserve still has 9.00 USDT (odds"),
    ],
)
def test_the_words_are_those_of_the_reserve_as_it_is(reserve: str, coming: str, words: str) -> None:
    means = replace(OPEN, reserve=Decimal(reserve), coming=Decimal(coming))
    (notice,) = guard().look("main", room(2_000.0), means, NOON).notices
    assert words in notice.text
    assert ("is empty" in notice.text) == (reserve == coming == "0")


def test_a_top_up_that_comes_too_late_is_not_waited_for() -> None:
    means = replace(OPEN, coming=Decimal(50_000))
    step = guard().look("main", room(2_000.0), means, NOON)
    assert whats(step) == ["low", "reduced"]
    assert step.reductions == room(2_000.0).reductions(0.10)
    wild = guard().look("main", room(5_000.0, volatility=20.0), means, NOON)
    assert whats(wild) == ["low", "reduced"]


def test_reductions_keep_a_pause_between_them() -> None:
    guards = guard()
    assert whats(guards.look("main", room(4_000.0), OPEN, NOON)) == ["low", "reduced"]
    assert guards.look("main", room(4_000.0), OPEN, NOON + 29 * SECOND) == MarginStep()
    again = guards.look("main", room(4_000.0), OPEN, NOON + 30 * SECOND)
    assert whats(again) == ["reduced"]


def test_where_nothing_helps_a_person_hears_of_it_once() -> None:
    guards = guard()
    step = guards.look("main", room(4_000.0), Means(), NOON)
    assert whats(step) == ["low", "unmet"]
    assert "Add 8,600.00 USDT" in step.notices[0].text
    assert guards.look("main", room(4_000.0), Means(), NOON + MINUTE) == MarginStep()
    assert whats(guards.look("main", room(13_000.0), Means(), NOON + 2 * MINUTE)) == ["restored"]


def test_a_restart_at_any_point_goes_on_where_it_was() -> None:
    guards, shadow = guard(), guard()
    steps: tuple[Callable[[], MarginStep], ...] = (
        lambda: guards.look("main", room(4_000.0), OPEN, NOON),
        lambda: guards.look("main", room(4_000.0), Means(), NOON + MINUTE),
        lambda: guards.look("main", room(20_000.0), Means(), NOON + 3 * MINUTE),
    )
    for step in steps:
        for draft in step().drafts:
            body = json.loads(canonical(draft.body))
            shadow.apply(Draft(time=draft.time, kind=draft.kind, body=body))
        assert shadow.snapshot() == guards.snapshot()
    assert not guards.watch("main").low
