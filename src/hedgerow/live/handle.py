"""How others hold a running desk: look at it, ask it why, tell it what to do."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from hedgerow.ledger.journal import Record
from hedgerow.live.signals import Order
from hedgerow.live.view import DecisionView, DeskView, State


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a desk says to an order of its operator.

    Attributes
    ----------
    accepted
        False where it may not or need not be done; nothing has changed then.
    state
        The desk's, afterwards.
    words
        What was done, or why not and what to do.
    """

    accepted: bool
    state: State
    words: str = ""


class DeskHandle(Protocol):
    """A running desk, as its API holds it; every method may be called while it trades."""

    def view(self) -> DeskView:
        """Return what the desk shows now."""
        ...

    async def tell(self, order: Order, *, by: str, subject: str = "", reason: str = "") -> Reply:
        """Give an order; returns when it is durable and its effects have begun."""
        ...

    def why(self, leg: str | None, last: int) -> Sequence[DecisionView]:
        """Return the last decisions, oldest first; `leg` is a symbol or a number, None for all."""
        ...

    async def journal_tail(self, count: int) -> Sequence[Record]:
        """Return the last records, oldest first."""
        ...
