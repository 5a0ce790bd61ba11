"""A venue goes away: its leg is hedged elsewhere, once, and comes back."""

import json
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hedgerow.errors import ConfigError
from hedgerow.ledger.journal import Draft, canonical
from hedgerow.live.failover import Failover, FailoverPlan, LegState, Phase
from hedgerow.units import MINUTE, SECOND

PLAN = FailoverPlan(stand_ins={0: (1, 2)})
LOT = Decimal("0.001")


def state(goal: str | Decimal, held: str | Decimal, **rest: object) -> LegState:
    return replace(LegState(goal=Decimal(goal), held=Decimal(held)), **rest)  # type: ignore[arg-type]


def world(own: LegState) -> dict[int, LegState]:
    return {0: own, 1: state("0", "0"), 2: state("0", "0")}


AWAY = state("-2", "-1.5", reachable=False)


def covered() -> Failover:
    failover = Failover(PLAN)
    failover.look(world(AWAY), 0)
    failover.look(world(AWAY), MINUTE)
    return failover


def test_a_short_silence_changes_nothing() -> None:
    failover = Failover(PLAN)
    for second in range(60):
        assert failover.look(world(AWAY), second * SECOND).drafts == ()
    failover.look(world(state("-2", "-1.5")), 60 * SECOND)
    assert failover.look(world(AWAY), 61 * SECOND).drafts == ()
    assert failover.allowed(0, AWAY) == -2


def test_what_is_missing_is_held_elsewhere() -> None:
    failover = Failover(PLAN)
    failover.look(world(AWAY), 0)
    (notice,) = failover.look(world(AWAY), MINUTE).notices
    assert failover.lent(1) == Decimal("-0.5")
    assert failover.lent(2) == 0
    assert "lacks -0.5 of its hedge" in notice.text
    assert failover.allowed(0, AWAY) == AWAY.held


def test_a_goal_that_moves_is_followed_both_ways() -> None:
    failover = covered()
    failover.look(world(replace(AWAY, goal=Decimal(-3))), 2 * MINUTE)
    assert failover.lent(1) == Decimal("-1.5")
    failover.look(world(replace(AWAY, goal=Decimal(-1))), 3 * MINUTE)
    assert failover.lent(1) == Decimal("0.5")  # the leg itself holds too much and cannot close
    assert failover.look(world(replace(AWAY, goal=Decimal("-1.01"))), 4 * MINUTE).drafts == ()


def test_an_order_that_may_still_fill_is_not_hedged_twice() -> None:
    failover = Failover(PLAN)
    pending = replace(AWAY, pending=Decimal("-0.3"))
    failover.look(world(pending), 0)
    failover.look(world(pending), MINUTE)
    assert failover.lent(1) == Decimal("-0.2")
    all_of_it = replace(AWAY, pending=Decimal("-0.9"))
    failover.look(world(all_of_it), 2 * MINUTE)
    assert failover.lent(1) == 0


def test_the_second_stand_in_helps_where_the_first_is_away_too() -> None:
    failover = covered()
    states = {**world(replace(AWAY, goal=Decimal(-3))), 1: state("0", "0", reachable=False)}
    failover.look(states, 2 * MINUTE)
    assert (failover.lent(1), failover.lent(2)) == (Decimal("-0.5"), Decimal(-1))


def test_where_nobody_can_stand_in_a_person_hears_of_it_once() -> None:
    failover = Failover(PLAN)
    states = {leg: replace(one, reachable=False) for leg, one in world(AWAY).items()}
    failover.look(states, 0)
    (notice,) = failover.look(states, MINUTE).notices
    assert notice.level == "critical"
    assert "Hedge it by hand" in notice.text
    assert failover.look(states, 2 * MINUTE).notices == ()
    assert failover.cover(0).phase is Phase.CALM


def test_it_returns_only_once_the_venue_is_settled() -> None:
    failover = covered()
    back = state("-2", "-1.5", settled=False)
    failover.look(world(back), 2 * MINUTE)
    failover.look(world(back), 10 * MINUTE)
    assert failover.cover(0).phase is Phase.COVERING
    failover.look(world(replace(back, settled=True)), 11 * MINUTE)
    failover.look(world(replace(back, settled=True)), 11 * MINUTE + 30 * SECOND)
    assert failover.cover(0).phase is Phase.RETURNING


def test_the_hedge_returns_in_slices_and_is_never_held_twice() -> None:
    failover = covered()
    own, now = state("-2", "-1.5"), 2 * MINUTE
    failover.look(world(own), now)
    phases = []
    for _ in range(40):
        now += 30 * SECOND
        failover.look(world(own), now)
        phases.append(failover.cover(0).phase)
        total = own.held + failover.lent(1)
        assert Decimal("-2.201") <= total <= Decimal("-1.799")
        own = replace(own, held=failover.allowed(0, own))
        assert abs(own.held + failover.lent(1)) <= Decimal("2.201")
    assert phases[0] is Phase.RETURNING
    assert phases[-1] is Phase.CALM
    assert own.held == -2
    assert failover.lent(1) == 0


def test_a_venue_that_goes_away_again_is_covered_again() -> None:
    failover = covered()
    failover.look(world(state("-2", "-1.5")), 2 * MINUTE)
    failover.look(world(state("-2", "-1.5")), 3 * MINUTE)
    assert failover.cover(0).phase is Phase.RETURNING
    later = replace(AWAY, goal=Decimal(-4))
    failover.look(world(later), 4 * MINUTE)
    failover.look(world(later), 5 * MINUTE)
    assert failover.cover(0).phase is Phase.COVERING
    assert failover.lent(1) == Decimal("-2.5")


def test_stand_ins_hold_whole_lots_of_their_own() -> None:
    failover = Failover(PLAN)
    face = state("0", "0", unit=1 / Decimal(60_000), lot=Decimal(100))
    states = {**world(AWAY), 1: face}
    failover.look(states, 0)
    failover.look(states, MINUTE)
    contracts = failover.lent(1) / face.unit / face.lot
    assert abs(contracts - contracts.to_integral_value()) < Decimal("1e-9")
    assert 0 <= failover.lent(1) - Decimal("-0.5") < face.unit * face.lot


def test_impossible_plans_are_refused() -> None:
    with pytest.raises(ConfigError, match="tolerance"):
        FailoverPlan(stand_ins={}, tolerance=Decimal(0))
    with pytest.raises(ConfigError, match="cannot stand in for itself"):
        FailoverPlan(stand_ins={0: (0,)})


goals = st.integers(-3_000, 0).map(lambda number: number * LOT)


@settings(max_examples=40, deadline=None)
@given(
    moves=st.lists(
        st.tuples(goals, st.booleans(), st.booleans(), st.integers(0, 100)), min_size=1, max_size=40
    )
)
def test_whatever_happens_it_is_never_hedged_twice_and_ends_at_home(
    moves: list[tuple[Decimal, bool, bool, int]],
) -> None:
    failover, shadow = Failover(PLAN), Failover(PLAN)
    held, now = Decimal(-1), 0
    script = [*moves, *[(moves[-1][0], True, True, 100)] * 90]
    for goal, up, other_up, filled in script:
        now += 40 * SECOND
        own, before = state(goal, held, reachable=up), held
        lent = failover.lent(1) + failover.lent(2)
        states = {0: own, 1: state("0", "0", reachable=other_up), 2: state("0", "0")}
        for draft in failover.look(states, now).drafts:
            body = json.loads(canonical(draft.body))
            shadow.apply(Draft(time=draft.time, kind=draft.kind, body=body))
        assert shadow.snapshot() == failover.snapshot()
        if up:
            aim = failover.allowed(0, own)
            held += ((aim - held) * filled / 100).quantize(LOT)
        total = held + failover.lent(1) + failover.lent(2)
        # Beyond the goal only by the tolerance, or by what was there before and is being undone.
        bound = abs(goal) + PLAN.tolerance * max(abs(goal), abs(lent))
        assert abs(total) <= max(bound + LOT, abs(before + lent)) + LOT
    assert failover.cover(0).phase is Phase.CALM
    assert held == moves[-1][0]
