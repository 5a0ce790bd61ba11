"""Every cent is explained: the parts of the P&L add up to its total, in both engines."""

from math import fsum
from typing import Any

import numpy as np
import pytest
from chosen_terms import OPTIONS, World, world_of
from hypothesis import given, settings
from hypothesis import strategies as st
from two_engines import plan_of

from hedgerow.engine import layout as at
from hedgerow.engine.batch import run_lanes
from hedgerow.engine.desk_replay import DeskRun, replay_desk
from hedgerow.ledger import EntryKind

worlds = st.builds(
    world_of,
    st.fixed_dictionaries({name: st.sampled_from(values) for name, values in OPTIONS.items()}),
    st.integers(0, 1_000_000),
)
CALM: dict[str, Any] = {
    **{name: values[0] for name, values in OPTIONS.items()},
    "ratio": 0.0,
    "rates": False,
}
LIMIT = 1e-9


def unexplained(run: DeskRun) -> float:
    """Return what the parts fail to explain, over the larger of turnover and opening worth."""
    sums, last = run.desk.books.sums, run.looks[-1]
    total = last.worth - sums.opening - sums.flows
    return abs(total - fsum(last.parts)) / max(sums.turnover, sums.opening)


@settings(max_examples=60, deadline=None)
@given(world=worlds)
def test_the_parts_add_up_to_the_total_in_lanes(world: World) -> None:
    batch = run_lanes(plan_of(world))
    totals = batch.totals
    made = batch.worth - totals[at.OPENING] - totals[at.FLOWS]
    scale = np.maximum(totals[at.TURNOVER], totals[at.OPENING])
    assert np.all(np.abs(made - batch.parts.sum(axis=0)) <= LIMIT * scale)


@settings(max_examples=25, deadline=None)
@given(world=worlds)
def test_the_parts_add_up_to_the_total_at_the_desk(world: World) -> None:
    assert unexplained(replay_desk(world.tape, world.books[0])) <= LIMIT


@settings(max_examples=25, deadline=None)
@given(world=worlds)
def test_cash_is_conserved_unit_by_unit(world: World) -> None:
    terms = world.books[1]
    run = replay_desk(world.tape, terms, 1)
    books = run.desk.books
    for asset, stock in zip(terms.assets, books.stocks, strict=True):
        moved = [entry.cash for entry in run.ledger if entry.unit == asset]
        left = [stock.pocket]
        for account, purse in zip(terms.accounts, books.purses, strict=True):
            if account.collateral == asset:
                left += [purse.wallet, purse.reserve, -purse.debt]
            else:
                left.append(purse.pledges[terms.assets.index(asset)])
        scale = fsum(map(abs, moved)) + 1.0
        assert abs(fsum(moved) - fsum(left)) <= 1e-12 * scale


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), coin=st.booleans(), flows=st.booleans())
def test_a_ratio_of_nothing_does_nothing(seed: int, coin: bool, flows: bool) -> None:
    choice = {**CALM, "coin_numeraire": coin, "flows": flows, "mood": "wild"}
    world = world_of(choice, seed)
    run = replay_desk(world.tape, world.books[0])
    still = {EntryKind.OPENING, EntryKind.FLOW}
    assert {entry.kind for entry in run.ledger} <= still
    parts = run.looks[-1].parts._asdict()
    moved = {name for name, value in parts.items() if value != 0.0}
    assert moved <= {"exposure", "collateral"}
    assert run.looks[-1].parts.exposure == pytest.approx(run.looks[-1].unhedged, rel=1e-12)
