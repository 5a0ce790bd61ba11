"""Whatever venues and wires do to two legs, they end squared and within the naked limit."""

from dataclasses import replace
from decimal import Decimal
from random import Random

import pytest
from pair_makers import FIRST, FREE, SECOND, a_world, held
from random_venue import RandomVenue

from hedgerow.errors import ConfigError
from hedgerow.execution.codec import decode
from hedgerow.execution.pair_book import PairTrade
from hedgerow.execution.style import Style

BUSY = replace(FREE, naked=20_000.0, naked_notional=150.0)
TICK = Decimal(200)
STYLES = (
    Style(),
    Style(route="maker_then_taker", patience=3_000_000_000, slice_notional=Decimal(90)),
)


@pytest.mark.parametrize("style", STYLES, ids=lambda style: style.route)
@pytest.mark.parametrize("seed", range(4))
def test_two_legs_end_squared(seed: int, style: Style) -> None:
    dice = Random(seed)  # noqa: S311 - a test's dice
    venues = {"okx": RandomVenue(dice, (FIRST,)), "binance": RandomVenue(dice, (SECOND,))}
    world = a_world(venues, style=style, limits=BUSY)
    world.random, world.faults = dice, 0.15
    desk_pairs = 0
    for _ in range(8):
        size = Decimal(dice.randrange(-4000, 4000)) / 1000
        try:
            begun = world.desk.pairs.open(
                f"p{desk_pairs}", 0, 1, (size, -size), world.desk.touches, world.now
            )
        except ConfigError:  # one is under way
            begun = None
        if begun is not None:
            desk_pairs += 1
            world.turn(begun)
        venues["binance"].down = dice.random() < 0.2
        world.run(dice.choice((3, 25, 60)))
        venues["binance"].down = False
    world.faults = 0.0
    for venue in venues.values():
        venue.fills = 1.0
    world.run(150)
    assert desk_pairs > 1
    assert not world.desk.pairs.active()
    first, second = held(world, FIRST), held(world, SECOND)
    assert (world.desk.dealer.position(0), world.desk.dealer.position(1)) == (first, second)
    assert abs(first + second) <= 2 * SECOND.lot * desk_pairs
    facts = [draft.body for draft in world.drafts if draft.kind == "pair"]
    opened = {f["pair"]: decode(PairTrade, f["trade"]) for f in facts if f["what"] == "open"}
    ended = {f["pair"]: Decimal(f["area"]) for f in facts if f["what"] == "end"}
    lost = {  # legs with an order whose outcome stayed unknown for long
        world.desk.dealer.leg_of(d.body["client_id"])
        for d in world.drafts
        if d.kind == "unknown" and d.body["what"] == "told"
    }
    told = {f["pair"] for f in facts if f["what"] == "told"}
    assert opened.keys() == ended.keys()
    for name, area in ended.items():
        if area <= Decimal(repr(BUSY.naked)) + TICK:
            continue
        # A close is chased whatever it takes, and nobody can square what no venue will tell:
        # then, and only then, the limit is passed, and a person heard of it.
        assert name in told
        assert not opened[name].adds_risk or lost & {opened[name].first, opened[name].second}
