"""Many lanes over one tape: cut into blocks, run on threads, gathered in order."""

import itertools
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numba import njit, typeof, types

from hedgerow.engine import layout as at
from hedgerow.engine.lane_table import Lanes
from hedgerow.engine.lanes import BLOCK_RULE, SCRATCH_ROWS, attribute_all, run_block
from hedgerow.engine.layout import Shape
from hedgerow.engine.pack import Change
from hedgerow.engine.tape import Fixed, Tape
from hedgerow.errors import ConfigError
from hedgerow.kernels.jit import kept_on_disk
from hedgerow.policies.mixed import AnyRule
from hedgerow.policies.state import MEMORY_SLOTS, STATE_FIELDS
from hedgerow.units import Floats, Integers

BLOCK = 248  # no power of two: rows that far apart would share a few sets of the cache
SPAN = 8_760  # bars between looks at the clock: progress, and a chance to stop

Progress = Callable[[float], None]
CompiledRule = Any  # a numba dispatcher has no public type


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Batch:
    """What lanes leave behind.

    Attributes
    ----------
    totals
        What a lane has once, at the end, ``(TOTAL_ROWS, lanes)``; see `layout`.
    parts
        The attribution at the end, ``(9, lanes)``, in the order of `layout.PARTS`.
    worth
        Of the book at the end, ``(lanes,)``.
    state
        All of the state at the end, ``(state_rows, lanes)``.
    events
        Of each recorded lane, ``(events, EVENT_COLUMNS)``.
    series
        Of each recorded lane, ``(steps, columns)``.
    """

    totals: Floats
    parts: Floats
    worth: Floats
    state: Floats
    events: tuple[Floats, ...]
    series: tuple[Floats, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Plan:
    """What to run: a market, what is fixed, the lanes' numbers and one rule for all of them.

    `numbers` is ``(number_rows, lanes)``; `recorded` are the lanes whose series and events are
    kept; `changes` are in the order of their steps.
    """

    tape: Tape
    fixed: Fixed
    shape: Shape
    numbers: Floats
    rule: AnyRule
    recorded: tuple[int, ...] = ()
    changes: tuple[Change, ...] = ()


def run_lanes(
    plan: Plan, executor: Executor | None = None, progress: Progress | None = None
) -> Batch:
    """Run every lane of `plan` and return what they leave.

    Blocks are independent and gathered in order, so the answer does not depend on `executor`.
    `progress` is told the fraction done, now and then; an exception from it stops the run.
    """
    lanes = plan.numbers.shape[1]
    _check_width(plan.tape, lanes)
    firsts = range(0, lanes, BLOCK)
    rule = plan.rule.block
    compiled()
    if executor is None:
        done: list[_Piece] = []
        for number, first in enumerate(firsts):
            share = (number / len(firsts), 1.0 / len(firsts))
            done.append(_run_block(plan, rule, first, progress, share))
    else:
        jobs = [
            executor.submit(_run_block, plan, rule, first, None, (0.0, 0.0)) for first in firsts
        ]
        done = []
        for number, job in enumerate(jobs):
            done.append(job.result())
            if progress is not None:
                progress((number + 1) / len(jobs))
    return _gather(plan, done)


def _check_width(tape: Tape, lanes: int) -> None:
    """Refuse a tape whose parts are made for different lanes: the loop would read past its end."""
    widths = {tape.prices.shape[2], tape.worth.shape[2]}
    if len(tape.settlements):
        widths.add(tape.settlements.shape[2])
    if len(widths) > 1 or not widths <= {1, lanes}:
        raise ConfigError(
            f"the tape's prices, worths and settlements are {sorted(widths)} lanes wide; all must "
            f"be 1, or {lanes} as the numbers are"
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Piece:
    state: Floats
    parts: Floats
    worth: Floats
    events: tuple[Floats, ...]
    series: tuple[Floats, ...]


def _run_block(
    plan: Plan,
    rule: CompiledRule,
    first: int,
    progress: Progress | None,
    share: tuple[float, float],
) -> _Piece:
    count = min(BLOCK, plan.numbers.shape[1] - first)
    mine = [lane - first for lane in plan.recorded if first <= lane < first + count]
    capacity = _first_guess(plan)
    while True:
        piece, wanted = _attempt(plan, rule, (first, count, capacity), mine, (progress, share))
        if wanted <= capacity:
            return piece
        capacity = wanted


def _first_guess(plan: Plan) -> int:
    steps = plan.tape.prices.shape[0]
    return 64 + 4 * len(plan.tape.settlements) + steps // 2


def _attempt(
    plan: Plan,
    rule: CompiledRule,
    size: tuple[int, int, int],
    mine: Sequence[int],
    report: tuple[Progress | None, tuple[float, float]],
) -> tuple[_Piece, int]:
    """Run one block with room for `size[2]` events; return it and how many there were."""
    first, count, capacity = size
    progress, (begin, weight) = report
    steps = plan.tape.prices.shape[0]
    columns = (
        at.SERIES_HEAD
        + plan.shape.legs * len(at.LEG_SERIES)
        + plan.shape.accounts * (len(at.ACCOUNT_SERIES) + plan.shape.assets)
    )
    slots = np.full(count, -1.0)
    for slot, lane in enumerate(mine):
        slots[lane] = slot
    lanes = Lanes(
        shape=plan.shape,
        numbers=np.ascontiguousarray(plan.numbers[:, first : first + count]),
        state=np.zeros((plan.shape.state_rows, count)),
        events=np.zeros((len(mine), capacity, at.EVENT_COLUMNS)),
        count=np.zeros(len(mine), dtype=np.int64),
        series=np.zeros((len(mine), steps, columns)),
        first=first,
        work=np.zeros((10, max(plan.shape.legs, plan.shape.assets, 1))),
    )
    memory = np.zeros((plan.shape.legs, MEMORY_SLOTS, count))
    fields = np.zeros((at.FIELDS, count))
    fields[STATE_FIELDS.index("years")] = at.FAR
    work = (np.empty((SCRATCH_ROWS, count)), fields, np.empty(count))
    run = compiled()
    fixed = plan.fixed
    due = {change.step: change for change in plan.changes}
    cuts = sorted({*range(0, steps, SPAN), *(step for step in due if step < steps), steps})
    for start, stop in itertools.pairwise(cuts):
        if start in due:
            fixed = due[start].fixed
            for row, value in due[start].numbers:
                lanes.numbers[row] = value
        run(plan.tape, fixed, lanes, memory, slots, work, (start, stop), rule)
        if progress is not None:
            progress(begin + weight * stop / steps)
    parts = np.zeros((len(at.PARTS), count))
    worth = np.zeros(count)
    attribute_all(plan.tape, fixed, lanes, (parts, worth), work[0])
    counts: Integers = lanes.count
    piece = _Piece(
        lanes.state,
        parts,
        worth,
        tuple(lanes.events[slot, : counts[slot]] for slot in range(len(mine))),
        tuple(lanes.series[slot] for slot in range(len(mine))),
    )
    return piece, int(counts.max()) if len(mine) else 0


def _gather(plan: Plan, pieces: Sequence[_Piece]) -> Batch:
    state = np.concatenate([piece.state for piece in pieces], axis=1)
    return Batch(
        totals=state[plan.shape.total_rows :],
        parts=np.concatenate([piece.parts for piece in pieces], axis=1),
        worth=np.concatenate([piece.worth for piece in pieces]),
        state=state,
        events=tuple(events for piece in pieces for events in piece.events),
        series=tuple(series for piece in pieces for series in piece.series),
    )


@cache
def compiled() -> Any:  # noqa: ANN401 - a numba dispatcher has no public type
    """Return the compiled block loop; the policy is a pointer, so there is one for all of them."""
    row = np.zeros(1)
    table = np.zeros((1, 1))
    cube = np.zeros((1, 1, 1))
    whole = np.zeros((1, 1), dtype=np.int64)
    tape = Tape(clock=whole, step=1, prices=cube, worth=cube, settlements=cube, flows=table)
    fixed = Fixed(
        contract=table,
        brackets=cube,
        accounts=whole,
        pledges=cube,
        is_cash=whole[0],
        coin=-1,
        fill=0,
        maker=False,
        checked=True,
        needs=0,
    )
    lanes = Lanes(
        shape=Shape(*range(len(Shape._fields))),
        numbers=table,
        state=table,
        events=cube,
        count=whole[0],
        series=cube,
        first=0,
        work=table,
    )
    arguments = (tape, fixed, lanes, cube, row, (table, table, row), (0, 1))
    kinds = (typeof(argument) for argument in arguments)  # type: ignore[no-untyped-call]
    signature = types.void(*kinds, BLOCK_RULE)
    with kept_on_disk() as can_keep:
        return njit(signature, nogil=True, error_model="numpy", cache=can_keep)(run_block)
