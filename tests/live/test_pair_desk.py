"""Pairs in the whole desk: opened and closed together, kept square, booked to the cent."""

import math
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from random import Random

import pytest
from pair_desk_makers import LIMITS, SIZE, PairDeskWorld, carry_setup, resized, spread_setup

from hedgerow.execution.order import Side, TradeReport
from hedgerow.execution.port import PrivateReport
from hedgerow.live.pairing import BREAKER
from hedgerow.live.paper.account import Flow, PaperAccount
from hedgerow.live.paper.hall import Deal, Hall
from hedgerow.live.setup import Answers, Setup
from hedgerow.live.signals import Order
from hedgerow.live.view import State

SETUPS = {"spot and perp": carry_setup, "perp and perp": spread_setup}
FLAT = (Decimal(0), Decimal(0))
MOST = {"filled": SIZE, "partial": SIZE * 4 / 10, "none": Decimal(0)}
OUTCOMES = ("filled", "partial", "none")


def moving(seconds: float) -> float:
    """Return a price that goes up and down."""
    return round(50_000.0 * (1.0 + 0.004 * math.sin(seconds / 7.0)), 1)


@pytest.mark.parametrize("kind", SETUPS)
def test_a_pair_is_opened_beside_the_hedge_and_every_cent_is_booked(kind: str) -> None:
    world = PairDeskWorld(SETUPS[kind](), price=moving)
    world.run(40)
    assert world.both() == (SIZE, -SIZE)
    assert world.held(0) == pytest.approx(-10, abs=0.2)
    world.check()
    view = world.controller.view(world.clock.now)
    (book,) = view.book
    assert book.net == pytest.approx(0.0, abs=0.2)
    assert (view.naked.notional, view.naked.count) == (0.0, 1)
    assert view.naked.limit == LIMITS.naked
    assert [leg.symbol for leg in view.legs] == [one.symbol for one in world.setup.listings]


def test_coins_of_a_pair_ask_for_no_hedge_and_coins_that_lay_there_do() -> None:
    world = PairDeskWorld(carry_setup())
    world.venues["north"].exchange.accounts["carry"].balances["BTC"] = Decimal("0.5")
    world.run(40)
    assert world.held(2) == SIZE + Decimal("0.5")
    assert world.held(1) == -SIZE
    assert world.held(0) == Decimal("-10.5")


@pytest.mark.parametrize("kind", SETUPS)
def test_flatten_closes_both_legs_and_resuming_opens_them_again(kind: str) -> None:
    world = PairDeskWorld(SETUPS[kind](), price=moving)
    world.run(20)
    world.tell(Order.FLATTEN)
    world.run(20)
    assert world.both() == FLAT
    assert world.held(0) == 0
    assert world.controller.standing.state is State.PAUSED
    closing = [order for order in world.requests if order.purpose == "pair"][-2:]
    assert all(order.reduce_only or order.side is Side.SELL for order in closing)
    world.check()
    world.tell(Order.RESUME)
    world.run(20)
    assert world.both() == (SIZE, -SIZE)
    world.check()


@pytest.mark.parametrize("order", [None, Order.PAUSE, Order.KILL])
def test_nothing_is_opened_unless_the_desk_trades(order: Order | None) -> None:
    world = PairDeskWorld(carry_setup(), start=State.ARMED)
    world.run(10)
    if order is not None:
        world.tell(order)
    world.run(20)
    assert world.requests == []
    assert world.both() == FLAT


@pytest.mark.parametrize("kind", SETUPS)
@pytest.mark.parametrize(("size", "held"), [("0", "0"), ("1", "1"), ("3", "3")])
def test_another_size_after_a_restart_moves_both_legs(kind: str, size: str, held: str) -> None:
    world = PairDeskWorld(SETUPS[kind]())
    world.run(20)
    world.restart(resized(world.setup, size))
    world.run(20)
    assert world.both() == (Decimal(held), -Decimal(held))
    world.check()


@pytest.mark.parametrize("kind", SETUPS)
@pytest.mark.parametrize("first", OUTCOMES)
@pytest.mark.parametrize("second", OUTCOMES)
def test_whatever_becomes_of_two_legs_no_one_stays_alone(
    kind: str, first: str, second: str
) -> None:
    world = PairDeskWorld(SETUPS[kind]())
    world.outcomes = {world.pair.first: first, world.pair.second: second}
    world.run(45)
    assert world.is_square()
    assert abs(world.both()[0]) <= min(MOST[first], MOST[second])
    assert world.area <= LIMITS.naked
    world.check()
    world.outcomes.clear()
    world.run(150)
    assert world.both() == (SIZE, -SIZE)
    world.check()


@pytest.mark.parametrize("kind", SETUPS)
def test_outcomes_that_nobody_tells_are_found_out(kind: str) -> None:
    world = PairDeskWorld(SETUPS[kind]())
    world.unknown = {world.pair.first, world.pair.second}
    world.run(60)
    world.unknown = set()
    world.run(90)
    assert world.both() == (SIZE, -SIZE)
    assert len({one.client_id for one in world.requests}) == len(world.requests)
    world.check()


def test_a_venue_that_goes_down_in_the_middle_leaves_nobody_alone_for_long() -> None:
    world = PairDeskWorld(spread_setup())
    first, second = world.pair.legs
    while not world.held(first) and not world.held(second):
        world.run(0.02)
    alone = second if world.held(first) else first
    venue = world.setup.listings[alone].venue
    assert world.held(alone) == 0
    world.down.add(venue)
    world.run(60)
    assert world.is_square()
    assert world.area <= LIMITS.naked
    assert any(notice.topic == BREAKER for notice in world.notices)
    world.down.clear()
    world.run(200)
    assert world.both() == (SIZE, -SIZE)
    world.check()


@pytest.mark.parametrize("kind", SETUPS)
@pytest.mark.parametrize("step", range(1, 8))
def test_a_desk_that_dies_in_the_middle_goes_on_from_its_journal(kind: str, step: int) -> None:
    world = PairDeskWorld(SETUPS[kind]())
    while not world.kinds("pair"):
        world.run(0.01)
    world.run(0.015 * step)
    world.restart()
    world.run(60)
    assert world.both() == (SIZE, -SIZE)
    assert len({one.client_id for one in world.requests}) == len(world.requests)
    assert world.area <= LIMITS.naked
    world.check()


@pytest.mark.parametrize("kind", SETUPS)
def test_a_leg_that_somebody_trades_is_brought_back(kind: str) -> None:
    world = PairDeskWorld(SETUPS[kind]())
    world.run(20)
    world.by_hand(world.pair.second, "0.7")
    world.by_hand(world.pair.first, "0.3")
    world.run(20)
    assert world.both() == (SIZE, -SIZE)
    assert any("traded alone" in notice.text for notice in world.notices)
    world.check()


def test_while_the_desk_is_paused_the_other_leg_gets_as_small() -> None:
    setup = replace(carry_setup(), answers=Answers(manual="pause"))
    world = PairDeskWorld(setup)
    world.run(20)
    world.by_hand(world.pair.second, "0.7")
    world.run(20)
    assert world.controller.standing.state is State.PAUSED
    assert world.both() == (Decimal("1.3"), Decimal("-1.3"))
    world.check()


def test_a_leg_that_is_adopted_is_left_alone_until_the_desk_is_resumed() -> None:
    world = PairDeskWorld(replace(carry_setup(), answers=Answers(manual="adopt")))
    world.run(20)
    world.by_hand(world.pair.second, "0.7")
    world.run(20)
    assert world.both() == (SIZE, Decimal("-1.3"))
    world.tell(Order.PAUSE)
    world.tell(Order.RESUME)
    world.run(20)
    assert world.both() == (SIZE, -SIZE)


def test_a_pair_that_passes_its_naked_limit_is_a_breaker_until_it_is_reset() -> None:
    setup = _limited(spread_setup(), naked=1_000.0)
    world = PairDeskWorld(setup)
    world.outcomes = {world.pair.second: "none"}
    world.run(45)
    assert world.is_square()
    tripped = world.controller.view(world.clock.now).tripped
    assert [guard.name for guard in tripped] == [BREAKER]
    assert any(notice.topic == BREAKER and notice.level == "critical" for notice in world.notices)
    world.outcomes.clear()
    world.restart(_limited(setup, naked=1e6))
    world.run(300)
    assert world.both() == FLAT
    world.tell(Order.RESET, BREAKER)
    world.run(30)
    assert world.both() == (SIZE, -SIZE)
    assert world.controller.view(world.clock.now).tripped == ()
    world.check()


def test_one_leg_is_never_further_ahead_than_it_may_be() -> None:
    world = PairDeskWorld(_limited(carry_setup(), naked_notional=20_000.0))
    world.run(60)
    assert world.both() == (SIZE, -SIZE)
    orders = [order for order in world.requests if order.purpose == "pair"]
    assert len(orders) >= 10
    assert all(order.amount <= Decimal("0.4") for order in orders)
    world.check()


def test_a_pair_is_in_the_decision_ledger_in_words() -> None:
    world = PairDeskWorld(carry_setup())
    world.run(20)
    words = [one.words for one in world.controller.why("BTC/USDT", 50)]
    assert any("bring both legs to +2 and -2 BTC" in text for text in words)
    world.tell(Order.PAUSE)
    world.run(10)
    assert "Held back: the desk is paused" in world.controller.why("BTC/USDT", 1)[0].words


def test_coins_that_leave_the_account_are_a_difference_that_is_booked_and_said() -> None:
    world = PairDeskWorld(carry_setup())
    world.run(20)
    world.venues["north"].exchange.accounts["carry"].balances["BTC"] -= Decimal("0.25")
    world.run(90)
    assert any(notice.topic == "balance-differs" for notice in world.notices)
    assert world.held(0) == Decimal("-9.75")


def test_a_fee_in_coins_is_bought_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Hall, "tell", _charged_in_coins(Hall.tell))
    world = PairDeskWorld(carry_setup())
    world.run(40)
    first, second = world.both()
    assert float(first) == pytest.approx(float(SIZE), abs=3e-4)
    assert second == -SIZE
    world.check()


def test_margin_that_runs_short_makes_both_legs_smaller() -> None:
    world = PairDeskWorld(carry_setup())
    world.run(20)
    world.venues["north"].exchange.accounts["carry"].balances["USDT"] -= Decimal(288_600)
    world.run(900)
    first, _ = world.both()
    assert world.is_square()
    assert 0 < first < SIZE
    assert any(notice.topic == "margin-reduce" for notice in world.notices)


Told = Callable[[Hall, PaperAccount, Deal, int], list[PrivateReport]]


def _charged_in_coins(tell: Told) -> Told:
    """Return how a hall tells of trades whose purchases of spot pay their fee in coins."""

    def told(hall: Hall, account: PaperAccount, deal: Deal, now: int) -> list[PrivateReport]:
        contract = hall.contracts[deal.symbol]
        if not contract.listing.spot or deal.amount < 0:
            return tell(hall, account, deal, now)
        trade, *rest = tell(hall, account, deal._replace(fee=Decimal(0)), now)
        assert isinstance(trade, TradeReport)
        fee = -deal.amount * contract.taker
        account.pay(Flow(now, contract.base, fee, "fee", deal.symbol))
        report = replace(trade, fee=fee, fee_currency=contract.base)
        account.trades[deal.symbol][-1] = report
        return [report, *rest]

    return told


def _limited(setup: Setup, **limits: float) -> Setup:
    (pair,) = setup.pairs
    return replace(setup, pairs=(replace(pair, **limits),))  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", SETUPS)
@pytest.mark.parametrize("seed", range(3))
def test_whatever_happens_all_is_well_once_it_is_calm(kind: str, seed: int) -> None:
    random = Random(seed)  # noqa: S311 - reproducible, not secret
    world = PairDeskWorld(SETUPS[kind](), price=moving)
    for _ in range(40):
        world.outcomes = {leg: random.choice(OUTCOMES) for leg in world.pair.legs}
        world.unknown = {leg for leg in world.pair.legs if random.random() < 0.2}
        world.down = {name for name in world.venues if random.random() < 0.15}
        match random.randrange(6):
            case 0:
                world.restart()
            case 1:
                world.tell(random.choice([Order.PAUSE, Order.FLATTEN, Order.ARM]))
            case 2:
                world.tell(Order.RESUME)
            case 3 if not world.down and world.is_trading:
                world.by_hand(random.choice(world.pair.legs), random.choice(["0.5", "-0.25"]))
            case _:
                pass
        world.run(random.choice([0.05, 1.0, 7.0, 40.0]))
    world.outcomes, world.unknown, world.down = {}, set(), set()
    world.run(90)
    world.tell(Order.PAUSE)
    world.tell(Order.RESET, BREAKER)
    world.tell(Order.RESUME)
    world.run(60)
    assert world.both() == (SIZE, -SIZE)
    assert len({one.client_id for one in world.requests}) == len(world.requests)
    world.check()
