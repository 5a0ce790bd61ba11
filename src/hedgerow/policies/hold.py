"""Hedge once, then leave it."""

from dataclasses import dataclass
from typing import ClassVar

from hedgerow.policies.rule import Rule


def hold(goal: float, held: float) -> float:
    """Return the hedge held, or the goal while there is none."""
    return held if held != 0.0 else goal


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Open the hedge at the first chance and never rebalance it.

    After a liquidation that leaves nothing it opens the hedge again, unless the account stays out.
    """

    name: ClassVar[str] = "hold"
    rule: ClassVar[Rule] = Rule("hold", hold)

    def numbers(self) -> tuple[float, ...]:
        """Return nothing: the rule has no numbers."""
        return ()
