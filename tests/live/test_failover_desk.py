"""A venue goes away under a whole desk: the other one takes over the change, and gives it back."""

from dataclasses import replace
from decimal import Decimal

import pytest
from desk_bench import (
    CARE,
    COINS,
    flow,
    folded,
    hedged,
    held,
    is_hedged,
    kinds,
    said,
    setup,
    tell,
)

from hedgerow.execution.style import Style
from hedgerow.live.drill.stage import Stage
from hedgerow.live.failover import FailoverPlan
from hedgerow.live.signals import Order
from hedgerow.units import SECOND

PLAN = FailoverPlan(
    stand_ins={0: (1,)}, after=60 * SECOND, settled=30 * SECOND, tolerance=Decimal("0.1")
)
TASK = setup({"main": 1.0, "other": 0.0})


def two_venues(plan: FailoverPlan | None = PLAN) -> Stage:
    """Return a desk that is hedged in the north, and may stand in for it in the south."""
    found = hedged(TASK, replace(CARE, failover=plan))
    assert held(found, "north") == Decimal("-10.000")
    assert held(found, "south") == 0
    return found


def lose(found: Stage, how: str) -> None:
    if how in {"calls", "both"}:
        found.switches.away.add("north")
    if how in {"feed", "both"}:
        found.switches.silent.add("north")
        found.say("north", alive=False, reason="closed")
    if how == "silence":
        found.switches.silent.add("north")


def mend(found: Stage) -> None:
    found.switches.away.clear()
    found.switches.silent.clear()
    found.say("north", alive=True)


def watched(found: Stage, goal: float) -> None:
    """Check from now on that the hedge is never beyond its goal by more than the tolerance."""
    least = min(-goal, float(held(found))) - 0.1 * goal - 0.05

    def check() -> None:
        assert float(held(found)) >= least, (held(found, "north"), held(found, "south"))

    found.checks = check


@pytest.mark.parametrize("how", ["calls", "feed", "both", "silence"])
def test_the_change_alone_is_held_elsewhere_and_comes_back(how: str) -> None:
    found = two_venues()
    watched(found, 12.0)
    lose(found, how)
    found.pass_by(15.0)  # until then a price that is seconds old is good enough
    flow(found, 2.0)
    assert found.wait_for(lambda: is_hedged(found, 12.0), 240.0) is not None
    assert held(found, "north") == Decimal("-10.000")
    assert abs(held(found, "south") + 2) <= Decimal("0.12")
    assert any("cannot be reached" in text for text in said(found, "failover"))
    found.pass_by(120.0)
    mark = len(found.sent)
    mend(found)
    assert found.wait_for(lambda: held(found, "south") == 0, 300.0) is not None
    found.pass_by(60.0)
    assert is_hedged(found, 12.0)
    assert held(found, "south") == 0
    home = [place.request for place in found.sent[mark:] if place.request.venue == "south"]
    assert home
    assert all(request.reduce_only for request in home)
    assert said(found, "failover")[-1] == "BTC/USDT:USDT at north holds its own hedge again"


def test_a_short_outage_is_waited_for() -> None:
    found = two_venues()
    lose(found, "both")
    flow(found, 2.0)
    found.pass_by(45.0)
    mend(found)
    assert found.wait_for(lambda: is_hedged(found, 12.0), 90.0) is not None
    assert held(found, "south") == 0
    assert not kinds(found, "failover")


def test_without_a_plan_nobody_stands_in() -> None:
    found = two_venues(None)
    lose(found, "both")
    flow(found, 2.0)
    found.pass_by(300.0)
    assert held(found) == Decimal("-10.000")


def test_it_follows_an_exposure_that_moves_on_while_the_venue_is_away() -> None:
    found = two_venues()
    lose(found, "both")
    for coins, total in ((2.0, 12.0), (3.0, 15.0), (-4.0, 11.0)):
        flow(found, coins)
        assert found.wait_for(lambda total=total: is_hedged(found, total), 240.0) is not None  # type: ignore[misc]
        assert held(found, "north") == Decimal("-10.000")
    flow(found, -3.0)  # less than what the north holds and cannot close: the south is long
    assert found.wait_for(lambda: is_hedged(found, 8.0), 60.0) is not None
    assert held(found, "south") > Decimal("1.8")
    mend(found)
    assert found.wait_for(lambda: held(found, "south") == 0, 300.0) is not None
    assert is_hedged(found, 8.0)


@pytest.mark.parametrize("when", ["away", "returning"])
def test_a_restart_in_the_middle_changes_nothing(when: str) -> None:
    found = two_venues()
    watched(found, 12.0)
    lose(found, "both")
    flow(found, 2.0)
    assert found.wait_for(lambda: is_hedged(found, 12.0), 240.0) is not None
    if when == "returning":
        mend(found)
        found.pass_by(45.0)
    found.kill()
    assert folded(found).snapshot() == found.controller.snapshot()
    before = held(found, "south")
    found.pass_by(10.0)
    found.start()
    found.pass_by(200.0)
    if when == "away":
        assert held(found, "south") == before
        flow(found, 1.0)  # and it goes on, though half of it is not heard
        assert found.wait_for(lambda: is_hedged(found, 13.0), 120.0) is not None
        flow(found, -1.0)
        mend(found)
    assert found.wait_for(lambda: held(found, "south") == 0, 400.0) is not None
    found.pass_by(60.0)
    assert is_hedged(found, 12.0)
    sent = [place.request.client_id for place in found.sent]
    assert len(sent) == len(set(sent))


def test_an_order_that_was_on_its_way_is_not_hedged_twice() -> None:
    task = replace(TASK, styles=(Style(route="maker", patience=600 * SECOND), Style()))
    found = hedged(task, replace(CARE, failover=PLAN))
    watched(found, 12.0)
    flow(found, 2.0)
    assert found.wait_for(lambda: bool(found.controller.core.dealer.working()), 20.0) is not None
    found.pass_by(1.0)
    lose(found, "both")
    found.pass_by(200.0)
    # What waits in the north may fill at any moment: it counts as if it had.
    assert held(found, "south") == 0
    mend(found)
    assert found.wait_for(lambda: is_hedged(found, 12.0), 900.0) is not None


def test_a_desk_that_may_only_reduce_opens_nothing_elsewhere() -> None:
    found = two_venues()
    tell(found, Order.PAUSE)
    lose(found, "both")
    flow(found, 2.0)
    found.pass_by(300.0)
    assert held(found, "south") == 0
    assert COINS == 10.0
