"""What simulated lives found, each mended and kept as an example that a person can follow."""

from dataclasses import replace
from decimal import Decimal

from pair_desk_makers import PairDeskWorld, spread_setup

from hedgerow.live.failover import Failover, FailoverPlan, LegState
from hedgerow.units import MINUTE, SECOND


def test_a_leg_whose_venue_takes_no_order_any_more_has_its_other_leg_taken_back() -> None:
    world = PairDeskWorld(spread_setup())
    world.run(60.0)
    assert world.both() == (Decimal(2), Decimal(-2))
    world.outcomes[world.pair.first] = "none"  # as where the account's margin is gone
    world.by_hand(world.pair.first, "-2")
    world.run(180.0)
    assert world.both() == (Decimal(0), Decimal(0))
    world.check()


def test_a_leg_whose_venue_takes_orders_again_is_opened_with_its_other_leg() -> None:
    world = PairDeskWorld(spread_setup())
    world.run(60.0)
    world.outcomes[world.pair.first] = "none"
    world.by_hand(world.pair.first, "-2")
    world.run(180.0)
    world.outcomes.clear()
    world.run(1800.0)
    assert world.both() == (Decimal(2), Decimal(-2))


def test_a_leg_that_is_back_waits_for_what_its_stand_in_has_not_handed_back_yet() -> None:
    own = LegState(goal=Decimal(-10), held=Decimal(-6))
    away = replace(own, reachable=False, settled=False)
    helper = LegState(goal=Decimal(-2), held=Decimal(-2))
    failover = Failover(FailoverPlan(stand_ins={0: (1,)}))
    for second in (0, 61):
        failover.look({0: away, 1: helper}, second * SECOND)
    assert failover.lent(1) == -4
    now = 2 * MINUTE
    for second in (0, 31):
        failover.look({0: own, 1: helper}, now + second * SECOND)
    first = failover.allowed(0, own)
    assert -7.01 <= first < -6
    # It traded; the stand-in is told to give the same back, and has not done so.
    own = replace(own, held=first)
    failover.look({0: own, 1: helper}, now + 32 * SECOND)
    slow = replace(helper, held=Decimal(-2) + (first + 6))
    states = {0: own, 1: slow}
    held = failover.allowed(0, own, failover.late(0, states))
    assert held == first
    done = failover.allowed(0, own, failover.late(0, {0: own, 1: helper}))
    assert done < first
