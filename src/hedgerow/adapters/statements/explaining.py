"""A day's profit and loss, line by line: what both sides say, and what only one of them does."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from hedgerow.adapters.statements.line import Flow, Line
from hedgerow.adapters.statements.matching import WINDOW, Matching, matched, smallest
from hedgerow.units import DAY

ZERO: Final = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """What both sides say of one flow in one currency."""

    flow: Flow
    currency: str
    ours: Decimal
    theirs: Decimal
    matched: int  # lines of theirs that ours explain
    lines: int  # lines of theirs

    @property
    def difference(self) -> Decimal:
        """Theirs less ours."""
        return self.theirs - self.ours


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """What a statement and our books say of a span of days, `begin` to before `end`."""

    begin: int
    end: int
    totals: tuple[Total, ...]
    only_ours: tuple[Line, ...]
    only_theirs: tuple[Line, ...]

    @property
    def is_complete(self) -> bool:
        """Whether every line has its like and all totals agree to the cent."""
        return not (self.only_ours or self.only_theirs) and all(
            abs(total.difference) <= smallest(total.currency) for total in self.totals
        )


def explained(ours: Sequence[Line], theirs: Sequence[Line], begin: int, end: int) -> Explained:
    """Hold our lines against a statement's, from `begin` to before `end`.

    A line just outside may be the like of one just inside, so those are looked at too, and only
    what is inside may be missing.
    """
    near_ours = [line for line in ours if begin - WINDOW <= line.time < end + WINDOW]
    near_theirs = [line for line in theirs if begin - WINDOW <= line.time < end + WINDOW]
    found = matched(near_ours, near_theirs)
    only_ours = _counted(found.only_ours, begin, end)
    only_theirs = _counted(found.only_theirs, begin, end)
    return Explained(
        begin=begin,
        end=end,
        totals=_totals(found, only_ours, only_theirs, (begin, end)),
        only_ours=only_ours,
        only_theirs=only_theirs,
    )


def _counted(lines: Sequence[Line], begin: int, end: int) -> tuple[Line, ...]:
    return tuple(line for line in lines if begin <= line.time < end and line.amount)


def _totals(
    found: Matching,
    only_ours: Sequence[Line],
    only_theirs: Sequence[Line],
    span: tuple[int, int],
) -> tuple[Total, ...]:
    """Return totals in which a pair counts once, on the day that the statement says."""
    pairs = [
        pair for pair in found.pairs if any(span[0] <= line.time < span[1] for line in pair.theirs)
    ]
    ours = [*only_ours, *(line for pair in pairs for line in pair.ours)]
    theirs = [*only_theirs, *(line for pair in pairs for line in pair.theirs)]
    kinds = sorted({(line.currency, line.flow) for line in (*ours, *theirs)})
    totals = []
    for currency, flow in kinds:
        mine = [line for line in ours if (line.currency, line.flow) == (currency, flow)]
        other = [line for line in theirs if (line.currency, line.flow) == (currency, flow)]
        missing = sum((line.currency, line.flow) == (currency, flow) for line in only_theirs)
        totals.append(
            Total(
                flow=flow,
                currency=currency,
                ours=sum((line.amount for line in mine), ZERO),
                theirs=sum((line.amount for line in other), ZERO),
                matched=len(other) - missing,
                lines=len(other),
            )
        )
    return tuple(totals)


def days_of(lines: Sequence[Line]) -> tuple[int, int]:
    """Return the whole UTC days that lines cover: from the first's to after the last's."""
    return lines[0].time // DAY * DAY, (lines[-1].time // DAY + 1) * DAY
