"""The worlds agree: event by event or compiled over many lanes, a book lives the same life."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from chosen_terms import OPTIONS, RARE, World, world_of
from covering_pairs import all_pairs, covering_set
from two_engines import Story, furthest, plan_of, run_both

from hedgerow.engine import batch as batches
from hedgerow.engine import layout as at
from hedgerow.engine.batch import Batch, run_lanes
from hedgerow.engine.desk_replay import DeskRun

CHOICES = covering_set(OPTIONS)
FIRST = {name: values[0] for name, values in OPTIONS.items()}
LIVED = [*CHOICES, *CHOICES, *({**FIRST, **rare} for rare in RARE for _ in range(6))]
COLLATERAL = at.PARTS.index("collateral")
TOLERANCE = 1e-9


@cache
def both(number: int) -> tuple[World, Batch, list[tuple[Story, Story]], list[DeskRun]]:
    """Return the world of one choice, lived by both engines."""
    world = world_of(LIVED[number], number)
    return world, *run_both(world)


@pytest.mark.parametrize("number", range(len(LIVED)))
def test_both_engines_tell_the_same_story(number: int) -> None:
    _, _, stories, _ = both(number)
    for lanes, desk in stories:
        assert lanes.happenings == desk.happenings
        assert furthest(lanes.amounts, desk.amounts) <= TOLERANCE
        assert sorted(lanes.refusals) == sorted(desk.refusals)
        assert lanes.counts == pytest.approx(desk.counts, rel=TOLERANCE)


@pytest.mark.parametrize("number", range(len(LIVED)))
def test_every_bar_is_equal_to_the_last_bit(number: int) -> None:
    _, batch, stories, _ = both(number)
    for lane, (lanes, desk) in enumerate(stories):
        rest = np.arange(lanes.series.shape[1]) != COLLATERAL
        np.testing.assert_array_equal(lanes.series[:, rest], desk.series[:, rest])
        # What an opening deposit cost is added up account by account here, by asset there.
        gap = np.abs(lanes.series[:, COLLATERAL] - desk.series[:, COLLATERAL])
        assert gap.max() <= TOLERANCE * max(1.0, batch.totals[at.OPENING, lane])


def test_the_choices_hold_every_pair_of_options() -> None:
    met = set()
    for choice in CHOICES:
        places = [(name, OPTIONS[name].index(value)) for name, value in choice.items()]
        met |= {frozenset((one, two)) for one in places for two in places if one[0] != two[0]}
    assert met == all_pairs(OPTIONS)


def test_everything_that_can_happen_happened_in_the_generated_worlds() -> None:
    count: Counter[str] = Counter()
    for number in range(len(LIVED)):
        world, _, stories, runs = both(number)
        for lane, (lanes, _) in enumerate(stories):
            count.update({name: int(value) for name, value in lanes.counts.items()})
            count.update(kind for _, kind, _, _ in lanes.happenings)
            count.update(kind for _, kind, _, _ in lanes.refusals)
            count.update(_rarer(world, lanes, runs[lane], lane))
    wanted = {
        "fill": 300,
        "rejected": 50,
        "delayed": 50,
        "holes": 50,
        "expired": 5,
        "residual": 300,
        "capped": 50,
        "top_up": 50,
        "unmet": 20,
        "withdrawal": 50,
        "arrival": 50,
        "repaid": 10,
        "loan": 20,
        "sale": 20,
        "interest": 300,
        "staking": 300,
        "flow": 100,
        "funding": 1000,
        "partial": 10,
        "full": 20,
        "covered": 3,
        "rehedges": 5,
        "two accounts acting": 5,
        "liquidated while orders wait": 3,
        "conversion": 5,
        "deleveraging": 20,
        "overdraft": 20,
        "emptied": 3,
    }
    assert {name: count[name] for name in wanted if count[name] < wanted[name]} == {}


def _rarer(world: World, lanes: Story, run: DeskRun, lane: int) -> Counter[str]:
    """Return counts of what no single total says."""
    terms = world.books[lane]
    status = world.tape.prices[:, at.STATUS :: at.PRICE_ROWS, 0]
    forced = [h for h in lanes.happenings if h[1] == "liquidation"]
    moving = {h[3] for h in lanes.happenings if h[1] in {"top_up", "withdrawal", "fill"}}
    residuals = [look.legs[leg].residual for look in run.looks for leg in range(len(terms.legs))]
    acted = any(look.legs[0].lots != 0.0 for look in run.looks)
    late = (status == at.DELAYING).any(axis=1)
    first = int(world.tape.clock[0, at.TIME])
    return Counter(
        {
            "liquidated while orders wait": sum(
                bool(late[(time - first) // world.tape.step]) for time, _, leg, _ in forced
            ),
            "delayed": int(late.sum()) if acted else 0,
            "holes": int((status == at.HOLE).any(axis=1).sum()) if acted else 0,
            "residual": sum(residual != 0.0 for residual in residuals),
            "expired": sum(reject.reason == "expired" for reject in run.rejects),
            "repaid": sum(
                kind == "loan" and amounts[2] < 0.0
                for (_, kind, _, _), amounts in zip(lanes.happenings, lanes.amounts, strict=True)
            ),
            "overdraft": sum(
                h[1] == "interest"
                and amounts[2] < 0.0
                and h[3] >= 0
                and bool(terms.accounts[h[3]].pledges)
                for h, amounts in zip(lanes.happenings, lanes.amounts, strict=True)
            ),
            "emptied": sum(
                h[1] == "liquidation" and h[2] >= 0 and terms.legs[h[2]].method == "bankruptcy"
                for h in lanes.happenings
            ),
            "covered": sum(leg < 0 for _, _, leg, _ in forced),
            "full": sum(leg >= 0 for _, _, leg, _ in forced) - int(lanes.counts["partial"]),
            "two accounts acting": int(len(moving - {-1}) > 1),
        }
    )


@pytest.mark.parametrize("workers", [1, 2, 8])
def test_the_number_of_workers_changes_nothing(
    workers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, alone, _, _ = both(3)
    monkeypatch.setattr(batches, "BLOCK", 1)
    with ThreadPoolExecutor(workers) as executor:
        together = run_lanes(plan_of(world), executor)
    np.testing.assert_array_equal(together.state, alone.state)
    np.testing.assert_array_equal(together.parts, alone.parts)
    for one, two in zip(together.events, alone.events, strict=True):
        np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize("number", [1, 6, 12])
def test_a_book_does_not_feel_which_lane_it_is_in(number: int) -> None:
    choice = {**CHOICES[number], "width": 1}
    world = world_of(choice, number)
    turned = replace(world, books=world.books[1:] * 70 + world.books)
    here, there = run_lanes(plan_of(world)), run_lanes(plan_of(turned))
    last = len(turned.books) - len(world.books)
    np.testing.assert_array_equal(there.state[:, last:], here.state)
    np.testing.assert_array_equal(there.state[:, :2], here.state[:, 1:])
    np.testing.assert_array_equal(there.worth[last:], here.worth)


@pytest.mark.parametrize("number", [0, 5, 9])
def test_a_run_cut_into_spans_is_the_same_run(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    world, whole, _, _ = both(number)
    monkeypatch.setattr(batches, "SPAN", 7)
    cut = run_lanes(plan_of(world))
    np.testing.assert_array_equal(cut.state, whole.state)
    for one, two in zip(cut.series, whole.series, strict=True):
        np.testing.assert_array_equal(one, two)
