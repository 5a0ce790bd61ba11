"""The whole live desk in the loop lives the same life as the lanes: orders, journal and all."""

import asyncio
from functools import cache

import numpy as np
import pytest
from chosen_terms import CHANGE, World, world_of
from test_worlds_agree import LIVED, TOLERANCE
from two_engines import Story, furthest, plan_of, story_of_lane, story_of_session

from hedgerow.adapters.journal.memory import MemoryJournal
from hedgerow.engine import layout as at
from hedgerow.engine.batch import run_lanes
from hedgerow.engine.terms import RuleChange
from hedgerow.live.replay.session import Session, live_through
from hedgerow.live.replay.task import replay_setup
from hedgerow.units import SECOND

COLLATERAL = at.PARTS.index("collateral")


async def lived(world: World, lane: int) -> Session:
    terms = world.books[lane]
    venues = {account.name: "paper" for account in terms.accounts}
    times = np.zeros(len(world.tape.settlements), np.int64)
    for step in range(len(world.tape.prices)):
        first, after = world.tape.clock[step : step + 2, at.SETTLEMENT]
        times[first:after] = world.tape.clock[step, at.TIME] + 61 * SECOND * np.arange(
            after - first
        )
    journal = MemoryJournal()
    await journal.open("test")
    session = Session(replay_setup(terms, venues), times, journal)
    changed = () if world.changed is None else (RuleChange(step=CHANGE, terms=world.changed[lane]),)
    await live_through(session, world.tape, changed, lane=lane)
    return session


@cache
def both(number: int) -> tuple[World, list[tuple[Story, Story]], list[Session]]:
    world = world_of(LIVED[number], number)
    batch = run_lanes(plan_of(world))
    sessions = [asyncio.run(lived(world, lane)) for lane in range(len(world.books))]
    stories = [
        (story_of_lane(world, batch, lane), story_of_session(world.books[lane], session))
        for lane, session in enumerate(sessions)
    ]
    return world, stories, sessions


@pytest.mark.parametrize("number", range(0, len(LIVED), 1))
def test_the_live_desk_tells_the_story_of_the_lanes(number: int) -> None:
    _, stories, _ = both(number)
    for lanes, desk in stories:
        assert [each[1:] for each in lanes.happenings] == [each[1:] for each in desk.happenings]
        assert furthest(lanes.amounts, desk.amounts) <= TOLERANCE
        assert lanes.counts == pytest.approx(desk.counts, rel=TOLERANCE)
