"""What has not happened yet changes nothing that has."""

import numpy as np
import pytest
from chosen_terms import OPTIONS, World, world_of
from covering_pairs import covering_set
from two_engines import plan_of, run_both

from hedgerow.engine import layout as at
from hedgerow.engine.batch import run_lanes

CHOICES = covering_set(OPTIONS)
NOW = 120


def with_another_future(world: World) -> World:
    """Return the world as it is before bar `NOW`, and quite different from there on."""
    tape = world.tape
    prices, worth = tape.prices.copy(), tape.worth.copy()
    legs = prices.shape[1] // at.PRICE_ROWS
    for leg in range(legs):
        first = leg * at.PRICE_ROWS
        prices[NOW:, first : first + at.DEVIATION + 1] *= 1.3
        prices[NOW:, first + at.VOLATILITY : first + at.INTERVAL] *= 2.0
    worth[NOW:] *= 1.2
    settlements = tape.settlements.copy()
    settlements[tape.clock[NOW, at.SETTLEMENT] :, at.SETTLEMENT_RATE] *= -3.0
    changed = tape._replace(prices=prices, worth=worth, settlements=settlements)
    return World(tape=changed, books=world.books)


@pytest.mark.parametrize("number", range(0, len(CHOICES), 2))
def test_another_future_leaves_the_past_alone_in_lanes(number: int) -> None:
    world = world_of(CHOICES[number], number)
    here, there = run_lanes(plan_of(world)), run_lanes(plan_of(with_another_future(world)))
    for one, two in zip(here.series, there.series, strict=True):
        np.testing.assert_array_equal(one[:NOW], two[:NOW])
        assert not np.array_equal(one[NOW:], two[NOW:])


@pytest.mark.parametrize("number", range(0, len(CHOICES), 9))
def test_another_future_leaves_the_past_alone_at_the_desk(number: int) -> None:
    world = world_of(CHOICES[number], number)
    _, here, _ = run_both(world)
    _, there, _ = run_both(with_another_future(world))
    for (_, one), (_, two) in zip(here, there, strict=True):
        np.testing.assert_array_equal(one.series[:NOW], two.series[:NOW])


def test_a_fill_at_the_open_does_not_know_the_rest_of_its_bar() -> None:
    choice = {name: values[0] for name, values in OPTIONS.items()}
    choice |= {"latency": 600.0, "width": 1, "policy": "interval", "deposit": 0.5}
    world = world_of(choice, 5)

    def fills(of: World) -> list[tuple[float, ...]]:
        events = run_lanes(plan_of(of)).events[0]
        chosen = events[events[:, at.EVENT_KIND] == at.KIND_FILL]
        return [tuple(line) for line in chosen.tolist()]

    some = fills(world)[5]
    step = int(some[at.EVENT_STEP])
    prices = world.tape.prices.copy()
    for row in (at.CLOSE, at.HIGH, at.LOW, at.MEAN, at.MARK, at.INDEX, at.VOLATILITY):
        prices[step, row] *= 1.01
    changed = World(tape=world.tape._replace(prices=prices), books=world.books)
    assert fills(changed)[:6] == fills(world)[:6]
