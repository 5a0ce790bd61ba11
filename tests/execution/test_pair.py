"""Two-leg trades: who leads, how far ahead, how fast, and what a person hears."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from desk_makers import INVERSE, number
from pair_makers import FIRST, FREE, LEGS, SECOND, Dice, PairWorld, Told, a_world, begin, held
from random_venue import RandomVenue

from hedgerow.errors import ConfigError
from hedgerow.execution.dealer import Permission
from hedgerow.execution.effects import Notice, Place
from hedgerow.execution.order import OrderKind, OrderRequest
from hedgerow.execution.pair_book import Phase
from hedgerow.execution.style import Limits, Style

DICE = Dice(1.0)


def two(first: str = "filled", second: str = "filled") -> dict[str, RandomVenue]:
    return {
        "okx": Told(DICE, LEGS, outcome=first),
        "binance": Told(DICE, LEGS, outcome=second),
    }


def orders(world: PairWorld) -> list[OrderRequest]:
    return [effect.request for effect in world.effects if isinstance(effect, Place)]


def told(world: PairWorld) -> list[str]:
    return [e.level for e in world.effects if isinstance(e, Notice) and e.topic == "naked"]


def done(world: PairWorld, seconds: float = 60) -> PairWorld:
    world.run(seconds)
    assert not world.desk.pairs.active()
    return world


def opened(world: PairWorld) -> PairWorld:
    begin(world)
    return done(world)


def test_the_less_liquid_leg_leads() -> None:
    for liquidity, leader in (((1.0, 5.0), FIRST), ((5.0, 1.0), SECOND)):
        world = a_world(two())
        pairs, touches = world.desk.pairs, world.desk.touches
        world.do(
            pairs.open("p", 0, 1, (number(1), number(-1)), touches, world.now, liquidity=liquidity)
        )
        assert [request.symbol for request in orders(world)] == [leader.symbol]


def test_the_second_leg_follows_the_fills_of_the_first_one() -> None:
    world = a_world(two("partial"))
    begin(world)
    world.run(1)
    assert [(o.symbol, o.amount) for o in orders(world)[:2]] == [
        (FIRST.symbol, number(2)),
        (SECOND.symbol, number("0.8")),
    ]


def test_a_pair_closes_reduce_only_and_in_step() -> None:
    world = opened(a_world(two()))
    world.effects.clear()
    begin(world, 0, 0)
    done(world)
    assert held(world, FIRST) == held(world, SECOND) == 0
    assert [o.reduce_only for o in orders(world) if o.symbol == SECOND.symbol] == [True]


def test_a_close_whose_second_venue_is_down_is_chased_and_not_opened_again() -> None:
    world = opened(a_world(two()))
    world.effects.clear()
    world.venues["binance"].down = True
    begin(world, 0, 0)
    world.run(200)
    assert held(world, FIRST) == 0
    assert held(world, SECOND) == -2
    assert "critical" in told(world)
    world.venues["binance"].down = False
    done(world)
    assert held(world, SECOND) == 0
    assert all(order.symbol != FIRST.symbol or order.side.sign < 0 for order in orders(world))


def test_the_first_leg_is_never_further_ahead_than_the_naked_notional() -> None:
    world = a_world(two(), limits=replace(FREE, naked_notional=30.0))
    begin(world)
    ahead = []
    while world.desk.pairs.active():
        world.run(0.5)
        ahead.append(abs(held(world, FIRST) + held(world, SECOND)) * 100)
    assert 0 < max(ahead) <= 30
    assert (held(world, FIRST), held(world, SECOND)) == (number(2), number(-2))


def test_as_the_naked_clock_runs_a_maker_becomes_a_taker() -> None:
    world = a_world(
        {"okx": Told(DICE, LEGS), "binance": Told(DICE, LEGS, outcome="none")},
        style=Style(route="maker"),
    )
    begin(world)
    world.run(2)
    assert {order.kind for order in orders(world)} == {OrderKind.POST_ONLY}
    assert world.desk.pairs.active()[0].phase is Phase.LEADING
    world.run(5)
    assert world.desk.pairs.active()[0].phase is Phase.HURRY
    last = orders(world)[-1]
    assert (last.symbol, last.kind) == (SECOND.symbol, OrderKind.IMMEDIATE)
    done(world)
    assert held(world, FIRST) == held(world, SECOND) == 0


def test_without_permission_to_open_what_is_missing_the_first_leg_goes_back() -> None:
    world = a_world(two("filled", "none"))
    begin(world)
    world.run(1)
    assert held(world, FIRST) == 2
    world.permission = Permission.REDUCE_ONLY
    world.run(10)
    assert not world.desk.pairs.active()
    assert held(world, FIRST) == 0


def test_a_pair_that_may_not_open_sends_nothing() -> None:
    world = a_world(two())
    world.permission = Permission.REDUCE_ONLY
    begin(world)
    done(world, 1)
    assert not orders(world)


def test_a_person_hears_before_the_limit_and_beyond_it() -> None:
    world = opened(a_world(two("filled", "none")))
    assert told(world) == ["warning", "warning"]
    world = opened(a_world(two()))
    world.venues["binance"].down = True
    begin(world, 0, 0)
    world.run(200)
    assert told(world).count("critical") == 1


def test_without_a_limit_a_second_leg_that_cannot_trade_is_given_up_after_some_tries() -> None:
    world = a_world(two("filled", "none"), limits=Limits(orders=10_000, rejects=10_000))
    begin(world)
    done(world, 300)
    assert held(world, FIRST) == held(world, SECOND) == 0


def test_inverse_contracts_are_matched_at_the_worth_of_the_targets() -> None:
    spot = replace(FIRST, lot=Decimal("0.001"))
    face = replace(INVERSE, minimum_size=Decimal(10))
    venues: dict[str, RandomVenue] = {
        "okx": Told(DICE, (spot, face), outcome="partial"),
        "deribit": Told(DICE, (spot, face)),
    }
    world = a_world(venues, listings=(spot, face))
    targets = (number(2), number(-200))  # 2 coins at 100, 200 quote of face
    desk = world.desk
    world.do(desk.pairs.open("p", 0, 1, targets, desk.touches, world.now))
    done(world)
    assert venues["okx"].position[spot.symbol] == number("0.8")
    assert venues["deribit"].position[face.symbol] == -80


def test_dust_that_no_order_can_match_is_taken_back() -> None:
    second = replace(SECOND, minimum_notional=Decimal(100))
    listings = (FIRST, second)
    venues: dict[str, RandomVenue] = {
        "okx": Told(DICE, listings, outcome="partial"),
        "binance": Told(DICE, listings),
    }
    world = a_world(venues, listings=listings)
    desk = world.desk
    world.do(
        desk.pairs.open("p", 0, 1, (number(1), number(-1)), desk.touches, world.now)
    )  # 0.4 is worth 40, the second venue wants 100
    done(world)
    assert held(world, FIRST) == held(world, second) == 0


def test_a_trade_in_the_middle_goes_on_after_a_restart() -> None:
    for moment in range(1, 14):
        world = a_world(two("partial"))
        begin(world)
        world.run(moment / 2)
        world.crash(world.desk.tick(world.now))
        done(world, 80)
        assert held(world, FIRST) == -held(world, SECOND) == number("0.8")


def test_how_long_trades_were_naked_is_kept() -> None:
    world = opened(a_world(two()))
    seen = world.desk.pairs.naked_seconds()
    assert seen["count"] == 1
    assert 0 < seen["p50"] == seen["p99"] == seen["max"] <= 2
    assert a_world(two()).desk.pairs.naked_seconds()["count"] == 0


@pytest.mark.parametrize(
    ("start", "words"),
    [
        (lambda w: w.desk.pairs.open("q", 0, 1, (number(1), number(-1)), w.desk.touches, 0), "p"),
        (lambda w: w.desk.pairs.open("q", 1, 1, (number(1), number(1)), w.desk.touches, 0), "two"),
    ],
)
def test_a_leg_serves_one_pair_at_a_time(start: Callable[[PairWorld], object], words: str) -> None:
    world = a_world(two("none"))
    begin(world)
    with pytest.raises(ConfigError, match=words):
        start(world)


def test_a_leg_that_is_there_already_makes_no_pair() -> None:
    world = a_world(two())
    with pytest.raises(ConfigError, match="at its target already"):
        begin(world, 0, -1)
