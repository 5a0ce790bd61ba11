"""A grid of jobs over one market, every point a lane."""

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import fields, is_dataclass, replace
from typing import Any, Final

import numpy as np
import polars as pl

from hedgerow.engine import layout as at
from hedgerow.engine.batch import Batch, Plan, run_lanes
from hedgerow.engine.compose import compose
from hedgerow.engine.job import Hedge, Job
from hedgerow.engine.pack import changes_of, fixed_of, numbers_of, shape_of, table_of
from hedgerow.errors import ConfigError, UnknownName
from hedgerow.replay.world import Replay, prepare

ROOMS: Final = ("hedge", "policy", "margin", "execution", "fees", "financing")
OMITTED: Final = (
    "var_99",
    "es_99",
    "effectiveness over 1 h, 8 h and 168 h, and all intervals",
    "exit_cost",
    "cash calls and the reserve that would have been enough",
)


def sweep(
    job: Job,
    world: Replay,
    over: Mapping[str, Sequence[float]],
    *,
    executor: Executor | None = None,
    progress: Callable[[float], None] | None = None,
) -> pl.DataFrame:
    """Run every combination of the numbers in `over`, and return one row of figures for each.

    Parameters
    ----------
    over
        Numbers by name: ``policy.half_width``, ``hedge.ratio``, ``margin.deposit``,
        ``execution.half_spread``, ``fees.taker``, ``financing.cash`` and so on. One of a hedge or
        an account is set in all of them.
    executor
        Runs blocks of lanes side by side; the answer does not depend on it.

    Returns
    -------
    polars.DataFrame
        The swept numbers, the parts of the P&L and their total, ``residual``, hedged and unhedged
        ``pnl``, ``volatility`` and ``max_drawdown``, ``variance_reduction`` of daily P&L, funding,
        trades, margin. All by single-pass statistics; what a single run says and a sweep does not
        is in `OMITTED`.

    Raises
    ------
    UnknownName
        If a name is none of the job's numbers.
    ConfigError
        If a combination is refused; the message says which.
    """
    names = list(over)
    points = list(itertools.product(*(over[name] for name in names)))
    if not points or not names:
        raise ConfigError("a sweep needs at least one name with at least one number")
    prepared = prepare(job, world)
    opening = dict(
        zip(prepared.composed.terms.assets, prepared.composed.terms.holdings, strict=True)
    )
    columns = []
    for point in points:
        varied = job
        for name, value in zip(names, point, strict=True):
            varied = _set(varied, name, value)
        columns.append(numbers_of(compose(varied, opening, world.first_day).terms))
    terms = prepared.composed.terms
    batch = run_lanes(
        Plan(
            tape=prepared.recorded.tape,
            fixed=fixed_of(terms),
            shape=shape_of(terms),
            numbers=table_of(columns),
            rule=terms.rule,
            changes=changes_of(terms, prepared.changes),
        ),
        executor=executor,
        progress=progress,
    )
    swept = {name: [float(point[i]) for point in points] for i, name in enumerate(names)}
    return pl.DataFrame({**swept, **figures(batch)})


def figures(batch: Batch) -> dict[str, Any]:
    """Return what lanes say at their end, one array a figure, ``(lanes,)`` each."""
    totals = batch.totals
    total = batch.worth - totals[at.OPENING] - totals[at.FLOWS]
    spread = np.maximum(totals[at.DAYS] - 1.0, 1.0)
    year = math.sqrt(365.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        reduction = 1.0 - totals[at.HEDGED_SQUARES] / totals[at.UNHEDGED_SQUARES]
    headroom = np.where(totals[at.MIN_HEADROOM] >= at.FAR, np.nan, totals[at.MIN_HEADROOM])
    return {
        **{part: batch.parts[number] for number, part in enumerate(at.PARTS)},
        "total": total,
        "residual": total - batch.parts.sum(axis=0),
        "hedged_pnl": totals[at.HEDGED],
        "hedged_volatility": np.sqrt(totals[at.HEDGED_SQUARES] / spread) * year,
        "hedged_max_drawdown": totals[at.HEDGED_DRAWDOWN],
        "unhedged_pnl": totals[at.UNHEDGED],
        "unhedged_volatility": np.sqrt(totals[at.UNHEDGED_SQUARES] / spread) * year,
        "unhedged_max_drawdown": totals[at.UNHEDGED_DRAWDOWN],
        "variance_reduction": reduction,
        "funding_received": totals[at.RECEIVED],
        "funding_paid": totals[at.PAID],
        "settlements": totals[at.SETTLEMENTS].astype(np.int64),
        "trades": totals[at.TRADES].astype(np.int64),
        "turnover": totals[at.TURNOVER],
        "min_headroom": headroom,
        "top_ups": totals[at.TOP_UPS].astype(np.int64),
        "unmet_calls": totals[at.UNMET].astype(np.int64),
        "liquidations": totals[at.LIQUIDATIONS].astype(np.int64),
    }


def _set(job: Job, name: str, value: float) -> Job:
    """Return the job with one of its numbers changed."""
    room, _, key = name.partition(".")
    if room not in ROOMS:
        raise UnknownName("number to sweep", name, [f"{known}.…" for known in ROOMS])
    if room == "margin":
        margins = [_changed(margin, name, key, value) for margin in job.margins]
        return replace(job, margins=margins)
    if room == "policy":
        return replace(job, hedges=[_with_policy(hedge, name, key, value) for hedge in job.hedges])
    if room == "hedge":
        return replace(job, hedges=[_changed(hedge, name, key, value) for hedge in job.hedges])
    part = {"execution": job.execution, "fees": job.fees, "financing": job.financing}[room]
    return replace(job, **{room: _changed(part, name, key, value)})


def _with_policy(hedge: Hedge, name: str, key: str, value: float) -> Hedge:
    policy = hedge.policy
    if is_dataclass(policy) and any(field.name == key for field in fields(policy)):
        return replace(hedge, policy=_changed(policy, name, key, value))
    parameters = policy.rule.parameters
    if key not in parameters:
        raise UnknownName("number to sweep", name, [f"policy.{known}" for known in parameters])
    numbers = list(policy.numbers())
    numbers[parameters.index(key)] = value
    return replace(hedge, policy=type(policy)(policy.rule, tuple(numbers)))  # type: ignore[call-arg]


def _changed(part: Any, name: str, key: str, value: float) -> Any:  # noqa: ANN401 - any dataclass
    numeric = [
        field.name
        for field in fields(part)
        if isinstance(getattr(part, field.name), (int, float))
        or (getattr(part, field.name) is None)
    ]
    if key not in numeric:
        room = name.partition(".")[0]
        raise UnknownName("number to sweep", name, [f"{room}.{known}" for known in numeric])
    try:
        return replace(part, **{key: value})
    except ConfigError as error:
        raise ConfigError(f"sweep of {name} at {value:g}: {error}") from error
