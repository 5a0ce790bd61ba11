"""Venues change their rules: the days inside a span on which they do, and what changes."""

from datetime import UTC, date, datetime

from hedgerow.engine.compose import Composed, compose
from hedgerow.engine.job import Hedge, Job
from hedgerow.engine.terms import RuleChange, ruled_alike, under
from hedgerow.market.table_file import Table
from hedgerow.market.tables import contract_rules, tables_of
from hedgerow.replay.request import Request
from hedgerow.units import nanoseconds


def rule_changes(
    job: Job, first: Composed, request: Request, tables: tuple[Table, ...]
) -> tuple[tuple[RuleChange, ...], tuple[str, ...]]:
    """Return the changes of a span, each from the open of its day, and what to say of them.

    `first` are the terms of the first day. Lots stay what they were then; settlements carry their
    own rates and intervals, so a change of the funding rule is only told.
    """
    opening = dict(zip(first.terms.assets, first.terms.holdings, strict=True))
    before, changes, stamps = first.terms, [], []
    said = {hedge.instrument: _sections(hedge, request.start, tables) for hedge in job.hedges}
    for day in _days(job, request, tables):
        rules = compose(job, opening, day, tables).terms
        after = under(first.terms, rules)
        if not ruled_alike(before, after):
            changes.append(RuleChange(step=_step(day, request), terms=after))
            before = after
        for hedge in job.hedges:
            now = _sections(hedge, day, tables)
            new = [name for name, table in now.items() if said[hedge.instrument][name] != table]
            if new:
                stamps.append(
                    f"{hedge.instrument}: {', '.join(new)} are those of {day} from then on"
                )
            said[hedge.instrument] = now
        stamps += [
            f"{hedge.instrument}: lots change on {day}; those of {request.start} are used "
            "throughout"
            for hedge, old, new_leg in zip(job.hedges, first.terms.legs, rules.legs, strict=True)
            if old.lot_size != new_leg.lot_size
        ]
    return tuple(changes), tuple(dict.fromkeys(stamps))


def _days(job: Job, request: Request, tables: tuple[Table, ...]) -> list[date]:
    """Return the days after the first on which a table of one of the venues comes into force."""
    found = {
        table.effective
        for venue in {hedge.venue for hedge in job.hedges}
        for table in tables_of(venue, tables)
    }
    return sorted(day for day in found if request.start < day <= request.end)


def _sections(hedge: Hedge, day: date, tables: tuple[Table, ...]) -> dict[str, str]:
    rules = contract_rules(hedge.venue, hedge.instrument, day, tables)
    return {origin.section: origin.table for origin in rules.origins}


def _step(day: date, request: Request) -> int:
    opens = nanoseconds(datetime(day.year, day.month, day.day, tzinfo=UTC))
    return (opens - request.first) // request.step
