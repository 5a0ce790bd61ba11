"""What the guards that stand tripped allow, leg by leg."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from hedgerow.live.guards.base import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Tripped:
    """A guard that stands tripped since an instant; no legs and no venues is the whole desk."""

    since: int
    message: str
    legs: frozenset[int] = frozenset()
    venues: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Permissions:
    """The worst that stands against the whole desk, against legs and against venues."""

    desk: Severity = Severity.NOTE
    legs: Mapping[int, Severity] = field(default_factory=dict)
    venues: Mapping[str, Severity] = field(default_factory=dict)

    @property
    def worst(self) -> Severity:
        """The worst of all."""
        return max(self.desk, *self.legs.values(), *self.venues.values(), Severity.NOTE)

    def of(self, leg: int, venue: str) -> Severity:
        """Return the worst that stands against a leg at a venue."""
        return max(
            self.desk,
            self.legs.get(leg, Severity.NOTE),
            self.venues.get(venue, Severity.NOTE),
        )


def permissions_of(
    tripped: Mapping[str, Tripped], severities: Mapping[str, Severity]
) -> Permissions:
    """Return what guards allow that stand tripped, by what each of them stops.

    >>> stale = Tripped(since=0, message="", legs=frozenset({1}))
    >>> allowed = permissions_of({"stale-stream": stale}, {"stale-stream": Severity.REDUCE_ONLY})
    >>> allowed.of(0, "okx").name, allowed.of(1, "okx").name
    ('NOTE', 'REDUCE_ONLY')
    """
    desk = Severity.NOTE
    legs: dict[int, Severity] = {}
    venues: dict[str, Severity] = {}
    for name, state in tripped.items():
        severity = severities[name]
        if not (state.legs or state.venues):
            desk = max(desk, severity)
        for leg in state.legs:
            legs[leg] = max(legs.get(leg, Severity.NOTE), severity)
        for venue in state.venues:
            venues[venue] = max(venues.get(venue, Severity.NOTE), severity)
    return Permissions(desk=desk, legs=legs, venues=venues)
