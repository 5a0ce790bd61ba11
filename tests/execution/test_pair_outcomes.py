"""Nine outcomes of a two-leg trade, with known and unknown answers and a venue that goes down."""

from decimal import Decimal
from random import Random

import pytest
from desk_makers import PERP
from pair_makers import FIRST, LEGS, SECOND, PairWorld, Told, a_world, begin, held

from hedgerow.execution.effects import Place

LIMIT = Decimal(4000)  # naked quote times seconds
TICK = Decimal(100)  # half a second of all that is traded
DICE = Random(0)  # noqa: S311 - never thrown


def after(first: str, second: str, *, unknown: bool = False, down: bool = False) -> PairWorld:
    """Return the world long after two legs were opened whose venues did these things."""
    venues = {
        "okx": Told(DICE, LEGS, outcome=first),
        "binance": Told(DICE, LEGS, outcome=second, down_after=down),
    }
    world = a_world(dict(venues))
    world.unknown = unknown
    venues["binance"].down = down and second == "none"
    begin(world)
    for turn in range(40):
        world.run(5)
        if turn == 20:  # the venue comes back: only then does it say what became of an order
            venues["binance"].down = venues["binance"].down_after = False
            world.asked_in_vain = unknown and down
        if not world.desk.pairs.active():
            break
    return world


def squared(world: PairWorld) -> Decimal:
    """Check that a trade ended with nothing naked; return what the first leg holds."""
    assert not world.desk.pairs.active()
    first, second = held(world, FIRST), held(world, SECOND)
    assert abs(first + second) <= PERP.lot
    assert (world.desk.dealer.position(0), world.desk.dealer.position(1)) == (first, second)
    assert world.desk.pairs.naked_seconds()["count"] == 1
    (end,) = [draft.body for draft in world.drafts if draft.body.get("what") == "end"]
    assert world.integral <= Decimal(end["area"]) + TICK
    if not world.asked_in_vain:
        assert world.integral <= LIMIT + TICK
    sent = [effect.request for effect in world.effects if isinstance(effect, Place)]
    back = [
        request for request in sent if request.side.sign > 0 and request.symbol == SECOND.symbol
    ]
    assert all(request.reduce_only for request in back)
    return first


both = pytest.mark.parametrize("unknown", [False, True], ids=["answers", "no answers"])
down = pytest.mark.parametrize("down", [False, True], ids=["up", "second venue goes down"])


@both
@down
def test_filled_and_filled_is_what_was_wanted(unknown: bool, down: bool) -> None:
    assert squared(after("filled", "filled", unknown=unknown, down=down)) == 2


@both
@down
def test_filled_and_partial_takes_the_first_leg_back_to_the_part(unknown: bool, down: bool) -> None:
    assert squared(after("filled", "partial", unknown=unknown, down=down)) == Decimal("0.8")


@both
@down
def test_filled_and_none_takes_the_first_leg_back(unknown: bool, down: bool) -> None:
    assert squared(after("filled", "none", unknown=unknown, down=down)) == 0


@both
@down
def test_partial_and_filled_ends_with_the_part(unknown: bool, down: bool) -> None:
    assert squared(after("partial", "filled", unknown=unknown, down=down)) == Decimal("0.8")


@both
@down
def test_partial_and_partial_takes_the_first_leg_back_to_the_part(
    unknown: bool, down: bool
) -> None:
    assert squared(after("partial", "partial", unknown=unknown, down=down)) == Decimal("0.32")


@both
@down
def test_partial_and_none_takes_the_first_leg_back(unknown: bool, down: bool) -> None:
    assert squared(after("partial", "none", unknown=unknown, down=down)) == 0


@both
@down
@pytest.mark.parametrize("second", ["filled", "partial", "none"])
def test_without_the_first_leg_the_second_is_never_sent(
    second: str, unknown: bool, down: bool
) -> None:
    world = after("none", second, unknown=unknown, down=down)
    assert squared(world) == 0
    sent = [effect.request for effect in world.effects if isinstance(effect, Place)]
    assert sent
    assert {request.symbol for request in sent} == {FIRST.symbol}
