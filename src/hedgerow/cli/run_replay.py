"""`hedgerow run --paper --replay`: the whole live desk lives through recorded history."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hedgerow.analysis.run import Run
    from hedgerow.config.config import Config
    from hedgerow.ledger.journal import Journal
    from hedgerow.live.replay.session import Session
    from hedgerow.market.source import MarketSource
    from hedgerow.replay.record import Told


@dataclass(frozen=True, slots=True, kw_only=True)
class Lived:
    """What a desk that lived through history leaves: the result, and how it came about."""

    run: "Run"
    records: int
    events: int


def live_through_history(
    config: "Config",
    source: "MarketSource",
    journal: "Journal",
    progress: Callable[[float], None] | None = None,
) -> Lived:
    """Run the live desk of a config over a source, on a virtual clock, writing `journal`."""
    from hedgerow.config.config import effective
    from hedgerow.live.replay.session import Session, live_through
    from hedgerow.live.replay.task import replay_setup
    from hedgerow.replay.record import Told
    from hedgerow.replay.world import BOUNDLESS, Replay, prepare

    world, text = config.world, effective(config)
    replay = Replay(
        source,
        world.start,
        world.end,
        bar=world.bar,
        outages=world.outages,
        allow_gaps=config.allow_gaps,
        proxy=config.proxy,
        deleveraging=world.deleveraging,
    )
    prepared = prepare(config.job, replay, config.tables)
    terms, recorded = prepared.composed.terms, prepared.recorded
    venues = {hedge.account: hedge.venue for hedge in config.job.hedges}

    async def live() -> Session:
        await journal.open("replay")
        try:
            session = Session(replay_setup(terms, venues), recorded.settlement_time, journal)
            await live_through(session, recorded.tape, prepared.changes, progress)
        finally:
            await journal.close()
        return session

    session = asyncio.run(live())
    told = Told(
        job=config.job,
        request=prepared.request,
        composed=prepared.composed,
        recorded=recorded,
        changes=prepared.changes,
        deleveraging=world.deleveraging,
        simulated=source.simulated,
        config=text,
        seed=world.seed if world.kind == "simulation" else None,
        boundless=BOUNDLESS,
    )
    return Lived(
        run=_run_of(session, told),
        records=session.records,
        events=session.controller.core.counters["events"],
    )


def _run_of(session: "Session", told: "Told") -> "Run":
    from hedgerow.engine.commands import Concern
    from hedgerow.engine.events import Refusal
    from hedgerow.replay.desk_record import DeskPast, run_of_desk

    return run_of_desk(
        DeskPast(
            desk=session.controller.core.desk,
            looks=session.looks,
            unmet=[
                (time, alert.place, alert.amount)
                for time, alert in session.alerts
                if alert.concern is Concern.UNMET
            ],
            refused=[
                (each.time, each.leg, each.reason is Refusal.OUTAGE)
                for each in session.refusals
                if each.reason in {Refusal.OUTAGE, Refusal.BREACH}
            ],
            capped=sum(alert.concern is Concern.CAPPED for _, alert in session.alerts),
        ),
        told,
    )
