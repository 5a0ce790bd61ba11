"""A desk is its ledger: restarted from it, and told the same, it goes on the same."""

import pickle
from typing import Any

import pytest
from chosen_terms import OPTIONS, World, world_of
from covering_pairs import covering_set

from hedgerow.engine.desk import Desk
from hedgerow.engine.desk_bar import Bars
from hedgerow.engine.desk_books import fold
from hedgerow.engine.desk_replay import Replay
from hedgerow.engine.events import Event

CHOICES = covering_set(OPTIONS)
SOME = range(0, len(CHOICES), 3)


def told(world: World) -> list[Event]:
    """Return all that a desk is told in the life of the first book."""
    events: list[Event] = []

    class Listening(Replay):
        def tell(self, event: Event) -> None:
            events.append(event)
            super().tell(event)

    replay = Listening(world.books[0])
    bars = Bars(world.tape, 0)
    for step in range(len(bars)):
        replay.step(bars.at(step))
    return events


def a_world(number: int, **changes: Any) -> World:  # noqa: ANN401 - any option
    return world_of({**CHOICES[number], **changes}, number)


@pytest.mark.parametrize("number", SOME)
def test_after_every_event_the_books_are_the_fold_of_the_ledger(number: int) -> None:
    world = a_world(number)
    desk = Desk(world.books[0])
    length = 0
    for event in told(world)[:900]:
        desk.handle(event)
        if len(desk.ledger) != length:
            length = len(desk.ledger)
            if length % 7 == 0:
                assert desk.books == fold(desk.terms, desk.ledger)
    assert desk.books == fold(desk.terms, desk.ledger)


@pytest.mark.parametrize("number", SOME)
def test_a_desk_that_crashes_anywhere_goes_on_where_it_was(number: int) -> None:
    world = a_world(number)
    terms = world.books[0]
    whole = Desk(terms)
    crashing = Desk(terms)
    for count, event in enumerate(told(world)):
        if count % 97 == 50:
            kept = pickle.loads(pickle.dumps((list(crashing.ledger), crashing.standing)))  # noqa: S301 - our own bytes
            crashing = Desk(terms, *kept)
        assert crashing.handle(event) == whole.handle(event)
    # NaN is not equal to itself: a ledger is compared as it is written.
    assert repr(list(crashing.ledger)) == repr(list(whole.ledger))
    assert crashing.standing == whole.standing


def test_the_same_events_give_the_same_bytes() -> None:
    world = a_world(4)
    events = told(world)
    ledgers = []
    for _ in range(2):
        desk = Desk(world.books[0])
        for event in events:
            desk.handle(event)
        ledgers.append(repr(list(desk.ledger)).encode())
    assert ledgers[0] == ledgers[1]
