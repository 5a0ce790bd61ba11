"""Which state a desk is in, and how it may go from one to another."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from hedgerow.ledger.journal import Draft
from hedgerow.live.signals import Order
from hedgerow.live.view import State

_GOES: Final[Mapping[Order, tuple[frozenset[State], State]]] = {
    Order.ARM: (frozenset({State.TRADING, State.PAUSED, State.KILLED}), State.ARMED),
    Order.RESUME: (frozenset({State.ARMED, State.PAUSED, State.KILLED}), State.TRADING),
    Order.PAUSE: (frozenset({State.ARMED, State.TRADING}), State.PAUSED),
    Order.FLATTEN: (
        frozenset({State.ARMED, State.TRADING, State.PAUSED, State.KILLED}),
        State.PAUSED,
    ),
    Order.KILL: (frozenset({State.ARMED, State.TRADING, State.PAUSED}), State.KILLED),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskState:
    """A state, when it was entered, why, and who asked for it."""

    state: State = State.STOPPED
    since: int = 0
    reason: str = "not begun"
    by: str = "desk"
    flattening: bool = False

    def draft(self) -> Draft:
        """Return the fact that this is the state now."""
        body = {
            "state": str(self.state),
            "reason": self.reason,
            "by": self.by,
            "flattening": self.flattening,
        }
        return Draft(time=self.since, kind="state", body=body)


def state_of(time: int, body: Mapping[str, Any]) -> DeskState:
    """Return the state that a fact says.

    >>> said = DeskState(state=State.ARMED, since=5, reason="begun").draft()
    >>> state_of(said.time, said.body).state
    <State.ARMED: 'armed'>
    """
    return DeskState(
        state=State(body["state"]),
        since=time,
        reason=body["reason"],
        by=body["by"],
        flattening=body["flattening"],
    )


def after(order: Order, now: State) -> State | None:
    """Return the state after an order of the operator, None where it changes nothing.

    >>> after(Order.RESUME, State.PAUSED), after(Order.PAUSE, State.STOPPED)
    (<State.TRADING: 'trading'>, None)
    """
    if order not in _GOES:
        return None
    sources, target = _GOES[order]
    return target if now in sources else None
