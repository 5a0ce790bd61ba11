"""What explains a difference, to the last unit: or that nothing does."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from hedgerow.execution.order import Cause, FundingReport, TradeReport
from hedgerow.execution.port import TransferReport
from hedgerow.ledger.journal import Draft
from hedgerow.live.reconcile.cash import cash_of, signed
from hedgerow.live.reconcile.difference import Difference, Kind, allowance
from hedgerow.live.reconcile.held import Held
from hedgerow.live.reconcile.unbooked import Happened, Unbooked, key_of

ZERO: Final = Decimal(0)


class Reason(StrEnum):
    """Who caused a difference; of several, the gravest."""

    OURS = "ours"  # trades of ours that we had not heard of
    FUNDING = "funding"
    TRANSFER = "transfer"
    MANUAL = "manual"
    DELEVERAGING = "deleveraging"
    LIQUIDATION = "liquidation"
    UNEXPLAINED = "unexplained"


GRAVITY: Final = tuple(Reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What explains a difference.

    Attributes
    ----------
    events
        That our books lack, oldest first; together they are the difference, to the tolerance.
        Where nothing explains it there are none.
    """

    difference: Difference
    reason: Reason
    events: tuple[Happened, ...] = ()

    @property
    def cause(self) -> Cause | None:
        """The cause as a desk's answers know it; None where nobody knows."""
        by_name = {str(cause): cause for cause in Cause}
        return by_name.get(str(self.reason))

    @property
    def is_ordinary(self) -> bool:
        """Whether it only needs to be booked: our own trades, funding and transfers."""
        return self.reason in (Reason.OURS, Reason.FUNDING, Reason.TRANSFER)

    @property
    def text(self) -> str:
        """It in words."""
        match self.reason:
            case Reason.UNEXPLAINED:
                return f"{self.difference.text}, and nothing at the venue explains it"
            case Reason.MANUAL if not self.events:
                return self.difference.text
            case _:
                events = f"{len(self.events)} event{'s' if len(self.events) != 1 else ''}"
                return f"{self.difference.text}: {self.reason} ({events})"

    def draft(self, now: int) -> Draft:
        """Return it as a fact of the journal."""
        difference = self.difference
        body = {
            "what": str(difference.kind),
            "venue": difference.venue,
            "account": difference.account,
            "subject": difference.subject,
            "symbol": difference.symbol,
            "ours": str(difference.ours),
            "theirs": str(difference.theirs),
            "snapshot": difference.time,
            "reason": str(self.reason),
            "events": [key_of(event) for event in self.events],
        }
        return Draft(time=now, kind="difference", body=body)


def classify(
    difference: Difference, found: Unbooked, ours: Held, tolerance: Decimal = Decimal("1e-6")
) -> Explanation:
    """Return what explains a difference: events whose amounts add up to it.

    Parameters
    ----------
    found
        What the venue says happened and our books lack.
    ours
        The books that were compared; profit is realised on their entries.
    tolerance
        Of balances, as a fraction; positions are exact.
    """
    match difference.kind:
        case Kind.UNKNOWN_ORDER:
            return Explanation(difference=difference, reason=Reason.MANUAL)
        case Kind.MISSING_ORDER:
            return _of_order(difference, found)
        case Kind.POSITION:
            trades = [
                (trade, signed(trade))
                for trade in found.trades
                if trade.symbol == difference.symbol and trade.time <= difference.time
            ]
            return _of_amounts(difference, trades, ZERO)
        case Kind.BALANCE:
            moves = [
                (event, cash[difference.subject])
                for event, cash in cash_of(found.until(difference.time), ours.positions)
                if cash.get(difference.subject)
            ]
            allowed = allowance(difference.ours, difference.theirs, tolerance)
            return _of_amounts(difference, moves, allowed)


def reason_of(events: Iterable[Happened]) -> Reason:
    """Return the gravest reason among events; unexplained where there are none."""
    reasons = [_reason(event) for event in events]
    return max(reasons, key=GRAVITY.index, default=Reason.UNEXPLAINED)


def _reason(event: Happened) -> Reason:
    match event:
        case FundingReport():
            return Reason.FUNDING
        case TransferReport():
            return Reason.TRANSFER
        case TradeReport():
            return Reason(str(event.cause))


def _of_order(difference: Difference, found: Unbooked) -> Explanation:
    """Explain an order of ours that is gone: it traded or was cancelled, a probe says which."""
    trades = tuple(trade for trade in found.trades if trade.client_id == difference.subject)
    return Explanation(difference=difference, reason=Reason.OURS, events=trades)


def _of_amounts(
    difference: Difference, moves: Sequence[tuple[Happened, Decimal]], allowed: Decimal
) -> Explanation:
    for chosen in _choices(moves):
        if abs(sum((amount for _, amount in chosen), ZERO) - difference.amount) <= allowed:
            events = tuple(event for event, _ in chosen)
            return Explanation(difference=difference, reason=reason_of(events), events=events)
    return Explanation(difference=difference, reason=Reason.UNEXPLAINED)


def _choices(
    moves: Sequence[tuple[Happened, Decimal]],
) -> Iterator[Sequence[tuple[Happened, Decimal]]]:
    """Yield what may explain a difference: everything, else the oldest, else all of one reason.

    A snapshot may be a moment older than its stamp says, and a venue may book trades before it
    books funding; any other choice would be a coincidence.
    """
    for count in range(len(moves), 0, -1):
        yield moves[:count]
    for reason in GRAVITY:
        alike = [(event, amount) for event, amount in moves if _reason(event) is reason]
        if 0 < len(alike) < len(moves):
            yield alike
