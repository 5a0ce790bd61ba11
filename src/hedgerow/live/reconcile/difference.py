"""One thing that a venue sees otherwise than our books."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from hedgerow.execution.client_id import of_some_desk
from hedgerow.execution.order import AccountSnapshot
from hedgerow.live.reconcile.held import Held

DUST = Decimal("1e-8")  # of a currency: what rounding at the venue may leave
ZERO = Decimal(0)


class Kind(StrEnum):
    """What differs."""

    POSITION = "position"
    BALANCE = "balance"
    UNKNOWN_ORDER = "unknown_order"  # waits at the venue, and is none of ours
    MISSING_ORDER = "missing_order"  # waits in our books, and no longer at the venue


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing that a venue sees otherwise than our books.

    Attributes
    ----------
    subject
        The symbol, the currency, or the client id (the venue's id where there is none of ours).
    symbol
        Of the position or the order; "" for a balance.
    ours, theirs
        Position, balance or amount that waits.
    time
        Of the snapshot, UTC nanoseconds.
    """

    kind: Kind
    venue: str
    account: str
    subject: str
    symbol: str = ""
    ours: Decimal = ZERO
    theirs: Decimal = ZERO
    time: int

    @property
    def amount(self) -> Decimal:
        """What is to be explained: theirs less ours."""
        return self.theirs - self.ours

    @property
    def text(self) -> str:
        """It in words."""
        match self.kind:
            case Kind.UNKNOWN_ORDER:
                whose = (
                    "another desk's: one account has one desk"
                    if of_some_desk(self.subject)
                    else "none of ours"
                )
                return f"{self.symbol}: order {self.subject} waits there and is {whose}"
            case Kind.MISSING_ORDER:
                return f"{self.symbol}: our order {self.subject} no longer waits there"
            case _:
                return (
                    f"{self.subject}: {self.venue} {self.account} holds {self.theirs:f}, our books "
                    f"say {self.ours:f}"
                )

    def is_like(self, other: "Difference") -> bool:
        """Return whether another look found the same."""
        return (self.kind, self.subject, self.ours, self.theirs) == (
            other.kind,
            other.subject,
            other.ours,
            other.theirs,
        )


def compare(
    ours: Held,
    snapshot: AccountSnapshot,
    known: Collection[str],
    tolerance: Decimal = Decimal("5e-6"),
) -> tuple[Difference, ...]:
    """Return all that a snapshot shows otherwise than our books.

    Parameters
    ----------
    known
        Client ids of all orders that this desk ever sent.
    tolerance
        What balances may differ by, as a fraction of the balance. Positions are exact.

    Notes
    -----
    A snapshot that is no newer than the last event we booked for a symbol or a currency says
    nothing about it.
    """
    return (
        *_positions(ours, snapshot),
        *_balances(ours, snapshot, tolerance),
        *_unknown_orders(ours, snapshot, known),
        *_missing_orders(ours, snapshot),
    )


def confirmed(
    before: Collection[Difference], now: Collection[Difference]
) -> tuple[Difference, ...]:
    """Return the differences that two looks in a row found alike.

    One look alone may come between a trade and its report.
    """
    return tuple(one for one in now if any(one.is_like(other) for other in before))


def _positions(ours: Held, snapshot: AccountSnapshot) -> Iterator[Difference]:
    theirs = {position.symbol: position.amount for position in snapshot.positions}
    for symbol in sorted({*theirs, *ours.positions}):
        position = ours.positions.get(symbol)
        held = position.amount if position else ZERO
        there = theirs.get(symbol, ZERO)
        if held != there and snapshot.time > ours.last_change.get(symbol, 0):
            yield Difference(
                kind=Kind.POSITION,
                venue=ours.venue,
                account=ours.account,
                subject=symbol,
                symbol=symbol,
                ours=held,
                theirs=there,
                time=snapshot.time,
            )


def _balances(ours: Held, snapshot: AccountSnapshot, tolerance: Decimal) -> Iterator[Difference]:
    for currency, held in sorted(ours.wallets.items()):
        there = snapshot.balances.get(currency, ZERO)
        allowed = allowance(held, there, tolerance, ours.cents.get(currency, ZERO))
        if abs(there - held) > allowed and snapshot.time > ours.last_change.get(currency, 0):
            yield Difference(
                kind=Kind.BALANCE,
                venue=ours.venue,
                account=ours.account,
                subject=currency,
                ours=held,
                theirs=there,
                time=snapshot.time,
            )


def allowance(ours: Decimal, theirs: Decimal, tolerance: Decimal, cent: Decimal = ZERO) -> Decimal:
    """Return what two balances may differ by: a fraction of them, and a cent's worth at least."""
    return DUST + max(tolerance * max(abs(ours), abs(theirs)), cent)


def _unknown_orders(
    ours: Held, snapshot: AccountSnapshot, known: Collection[str]
) -> Iterator[Difference]:
    for order in snapshot.open_orders:
        if order.client_id and (order.client_id in known or order.client_id in ours.settling):
            continue
        yield Difference(
            kind=Kind.UNKNOWN_ORDER,
            venue=ours.venue,
            account=ours.account,
            subject=order.client_id or order.venue_id,
            symbol=order.symbol,
            time=snapshot.time,
        )


def _missing_orders(ours: Held, snapshot: AccountSnapshot) -> Iterator[Difference]:
    waiting = {order.client_id for order in snapshot.open_orders}
    for client_id, symbol in sorted(ours.working.items()):
        if client_id not in waiting and client_id not in ours.settling:
            yield Difference(
                kind=Kind.MISSING_ORDER,
                venue=ours.venue,
                account=ours.account,
                subject=client_id,
                symbol=symbol,
                time=snapshot.time,
            )
