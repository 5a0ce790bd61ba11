"""What a guard is: it sees every signal, and says at any instant whether all is well."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, ClassVar, Protocol, runtime_checkable

from hedgerow.live.guards.measures import Heard


class Severity(IntEnum):
    """What a tripped guard stops."""

    NOTE = 0  # nothing; a person hears of it
    REDUCE_ONLY = 1  # orders that add risk
    PAUSE = 2  # the same, until an operator resumes


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a guard says now.

    Attributes
    ----------
    tripped
        Whether its condition is broken.
    message
        What is wrong, with numbers, and what to do; "" where all is well.
    legs, venues
        What it concerns; empty for the whole desk.
    """

    tripped: bool
    message: str = ""
    legs: frozenset[int] = frozenset()
    venues: frozenset[str] = frozenset()


FINE = Verdict(tripped=False)


class Guard(Protocol):
    """One condition that is watched.

    It takes in only what it `hears`, and says whether its condition holds at any instant.
    """

    name: ClassVar[str]  # also the name of its runbook page, such as "stale-stream"
    severity: ClassVar[Severity]
    hears: ClassVar[tuple[type, ...]]

    def observe(self, heard: Heard) -> None:
        """Take in what the desk hears or measures."""
        ...

    def verdict(self, now: int) -> Verdict:
        """Return whether the condition holds at `now`, UTC nanoseconds."""
        ...


@runtime_checkable
class Remembering(Protocol):
    """A guard that judges by what it saw before a restart."""

    def memory(self) -> Mapping[str, Any]:
        """Return what must outlive a restart, as JSON; the same object while it is the same."""
        ...

    def recall(self, memory: Mapping[str, Any]) -> None:
        """Take back a memory."""
        ...


@runtime_checkable
class Pardoning(Protocol):
    """A guard that an operator may tell to count anew."""

    def pardon(self, now: int) -> None:
        """Take things as they are now for good."""
        ...
