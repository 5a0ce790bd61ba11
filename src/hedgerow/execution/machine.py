"""The shape of every state machine of the live desk: state is a fold over what it writes down."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from hedgerow.execution.effects import Effect
from hedgerow.ledger.journal import Draft, Record


class Step(NamedTuple):
    """What one input did: facts to record, then things to do once they are durable."""

    drafts: tuple[Draft, ...] = ()
    effects: tuple[Effect, ...] = ()

    def then(self, other: "Step") -> "Step":
        """Return this step followed by another.

        >>> Step().then(Step()) == Step()
        True
        """
        return Step(self.drafts + other.drafts, self.effects + other.effects)


def joined(steps: Sequence[Step]) -> Step:
    """Return steps as one."""
    return Step(
        tuple(draft for step in steps for draft in step.drafts),
        tuple(effect for step in steps for effect in step.effects),
    )


class Machine(Protocol):
    """Something whose whole state comes from `apply`.

    A machine that handles an input applies its own drafts before it returns them; so a machine
    that only applies the same records is equal to it (``snapshot`` says so).
    """

    def apply(self, fact: Draft | Record) -> None:
        """Change the state by one fact; kinds that are not its own are passed over."""
        ...

    def snapshot(self) -> object:
        """Return the whole state as plain, comparable values."""
        ...
