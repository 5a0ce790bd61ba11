"""An order that is out, for people to look at."""

from dataclasses import dataclass
from decimal import Decimal

from hedgerow.execution.child import Child
from hedgerow.execution.order import OrderKind, Side


@dataclass(frozen=True, slots=True, kw_only=True)
class Working:
    """A child order that is out, for people to look at.

    `state` is "sent", "open", "cancelling", "unknown" or "ended" (its trades are not all told).
    """

    client_id: str
    leg: int
    side: Side
    amount: Decimal
    filled: Decimal
    traded: Decimal  # of what is filled, what trades were told of
    price: Decimal
    kind: OrderKind
    reduce_only: bool
    opening: bool
    purpose: str
    state: str
    sent: int
    age: int


def working(child: Child, now: int) -> Working:
    """Return an order of ours as people see it; its age is as of `now`."""
    request = child.request
    if child.is_final:
        state = "ended"
    elif child.status is None:
        state = "unknown" if child.unknown_since else "sent"
    else:
        state = "cancelling" if child.cancels else "open"
    return Working(
        client_id=request.client_id,
        leg=child.leg,
        side=request.side,
        amount=request.amount,
        filled=max(child.filled, child.traded),
        traded=child.traded,
        price=request.price,
        kind=request.kind,
        reduce_only=request.reduce_only,
        opening=child.opening,
        purpose=request.purpose,
        state=state,
        sent=child.sent,
        age=max(now - child.sent, 0),
    )
