"""The dealer: from a leg's target to orders, whatever venues and wires do in between.

It reads no clock and no network. Targets are absolute; every order that is out counts at its
worst, so that no outcome passes the target; an order is sent once and asked for ever after.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from hedgerow.errors import ConfigError
from hedgerow.execution.breakers import NAMES, Edge
from hedgerow.execution.child import ZERO
from hedgerow.execution.client_id import client_id, mark
from hedgerow.execution.codec import encode
from hedgerow.execution.dealer_answers import (
    settle,
    take_end,
    take_refusal,
    take_report,
    take_trade,
)
from hedgerow.execution.dealer_book import Aim, DealerBook, LegBook
from hedgerow.execution.dealer_care import denied, look_after, lose
from hedgerow.execution.dealer_pen import Pen
from hedgerow.execution.dealer_plan import (
    Order,
    Over,
    Permission,
    Room,
    Touch,
    misfit,
    next_order,
)
from hedgerow.execution.effects import Place
from hedgerow.execution.machine import Step
from hedgerow.execution.order import (
    Listing,
    OrderReport,
    OrderRequest,
    OrderStatus,
    TradeReport,
)
from hedgerow.execution.port import Failure
from hedgerow.execution.quantise import notional
from hedgerow.execution.style import Limits, Style
from hedgerow.execution.working import Working, working
from hedgerow.ledger.journal import Draft, Record
from hedgerow.units import SECOND

__all__ = ["Dealer", "Permission", "Touch", "Working"]

_UNKNOWN = frozenset({Failure.UNKNOWN, Failure.GARBLED})


class Dealer:
    """Works every leg's orders toward its target.

    Parameters
    ----------
    listings, styles
        One a leg, in the order of the legs.
    desk
        Its name; client ids carry it.
    """

    __slots__ = ("_book", "_desk", "_listings", "_styles")

    def __init__(
        self, listings: Sequence[Listing], styles: Sequence[Style], limits: Limits, desk: str
    ) -> None:
        if len(listings) != len(styles):
            raise ConfigError(
                f"{len(listings)} listings and {len(styles)} styles: a leg needs one of each"
            )
        mark(desk)
        self._listings = tuple(listings)
        self._styles = tuple(styles)
        self._desk = desk
        self._book = DealerBook(len(listings), limits)

    def aim(
        self,
        leg: int,
        target: Decimal,
        touch: Touch,
        now: int,
        permission: Permission,
        purpose: str = "hedge",
        *,
        hurry: bool = False,
    ) -> Step:
        """Go for a signed position, unit of the listing's lot; it replaces the former aim.

        What waits stays if it fits the new aim, else it is cancelled first. `hurry` takes at
        once, whatever the style.
        """
        pen, book = Pen(self._book, now), self._book.legs[leg]
        old, room = book.aim, self._room(leg, touch, now, permission)
        same = old is not None and (old.target, old.purpose, old.hurry) == (target, purpose, hurry)
        if not same:
            aim = Aim(
                number=max(book.number + 1, now // SECOND),
                target=target,
                purpose=purpose,
                since=_since(book, target, now),
                hurry=hurry,
            )
            if not book.children:
                found = next_order(book, aim, room)
                if isinstance(found, Over):
                    pen.give(leg, found.reason or "the position is within a lot of the target")
                    return pen.step()
            pen.aim(leg, aim, self._next_at(leg, aim, now))
        self._work(pen, leg, room)
        return pen.step()

    def drop(self, leg: int, now: int, reason: str) -> Step:
        """Give up a leg's aim: cancel what waits."""
        pen, book = Pen(self._book, now), self._book.legs[leg]
        if book.aim is not None:
            pen.end(leg, reason)
        self._cancel_misfits(pen, leg, self._room(leg, None, now, Permission.ALL))
        return pen.step()

    def report(self, report: OrderReport, now: int) -> Step:
        """Take in what a venue says of an order; of one that is none of ours, nothing."""
        pen = Pen(self._book, now)
        take_report(pen, self._listings, report)
        return pen.step()

    def trade(self, report: TradeReport, now: int) -> Step:
        """Take in a trade, once; trades of orders that are none of ours are passed over."""
        pen = Pen(self._book, now)
        take_trade(pen, self._listings, report)
        return pen.step()

    def failed(
        self,
        client_id: str,
        call: str,
        failure: Failure,
        reason: str,
        now: int,
        retry_after: float = 0.0,
    ) -> Step:
        """Take in that a request about an order failed."""
        pen, child = Pen(self._book, now), self._book.find(client_id)
        if child is None or child.is_final:
            return pen.step()
        wait = int(retry_after * SECOND)
        if call == "cancel":
            if failure in _UNKNOWN or failure is Failure.REFUSED:
                pen.probe(child)
            else:
                pen.cancel_failed(child, f"{failure.value}: {reason}", wait)
        elif call == "place":
            if child.status is not None:
                pen.probe(child)
            elif failure not in _UNKNOWN:
                take_refusal(pen, self._listings, child, failure, reason, wait)
            elif child.unknown_since == 0:
                lose(pen, child)
        return pen.step()

    def probed(
        self, client_id: str, report: OrderReport | None, trades: Sequence[TradeReport], now: int
    ) -> Step:
        """Take in the answer to a probe; None is a venue that knows no such order."""
        pen = Pen(self._book, now)
        for each in trades:
            take_trade(pen, self._listings, each)
        child = self._book.find(client_id)
        if report is not None:
            take_report(pen, self._listings, report)
        elif child is not None and denied(pen, child):
            if child.status is None:
                reason = "the venue never saw the order"
                take_end(pen, self._listings, child, reason, certain_no=False)
            settle(pen, self._listings, child.leg)
        return pen.step()

    def tick(
        self,
        now: int,
        touches: Mapping[int, Touch],
        permission: Permission | Mapping[int, Permission],
    ) -> Step:
        """Do what is due: questions, cancels, patience, slices, retries.

        `permission` is one for all legs, or one for each by its number.
        """
        pen = Pen(self._book, now)
        for leg, book in enumerate(self._book.legs):
            for child in tuple(book.children.values()):
                look_after(pen, child, self._styles[leg])
        if self._book.breakers.tripped:
            pen.watch_breakers()
        for leg, book in enumerate(self._book.legs):
            if book.aim is not None or book.children:
                allowed = permission if isinstance(permission, Permission) else permission[leg]
                self._work(pen, leg, self._room(leg, touches.get(leg), now, allowed))
        return pen.step()

    def adopt(self, leg: int, position: Decimal, now: int) -> Step:
        """Take a position as it is: reconciliation or a forced trade set it."""
        pen = Pen(self._book, now)
        if position != self._book.legs[leg].position:
            pen.write("adopt", {"leg": leg, "position": str(position)})
            settle(pen, self._listings, leg)
        return pen.step()

    def adopt_tick(self, leg: int, tick: Decimal, now: int) -> Step:
        """Price a leg's orders on this tick from now on: the venue says that it is so."""
        pen = Pen(self._book, now)
        if tick != self._listing(leg).tick:
            pen.write("tick", {"leg": leg, "tick": str(tick)})
        return pen.step()

    def resume(self, now: int) -> Step:
        """Begin again after a stop: nobody will answer what was asked before it."""
        pen = Pen(self._book, now)
        for book in self._book.legs:
            for child in tuple(book.children.values()):
                if child.status is None and child.unknown_since == 0:
                    lose(pen, child)
                elif not child.is_final:
                    pen.probe(child)
                else:
                    pen.fetch(child)
        return pen.step()

    def reset(self, name: str, now: int) -> Step:
        """Reset a breaker by hand."""
        pen = Pen(self._book, now)
        if name not in NAMES:
            raise ConfigError(f"unknown breaker {name!r} (known: {', '.join(NAMES)})")
        if name in self._book.breakers.tripped:
            pen.breaker(Edge(name, False, "reset by an operator"))
        return pen.step()

    def position(self, leg: int) -> Decimal:
        """Return what is held, signed, by all trades that were told."""
        return self._book.legs[leg].position

    def target(self, leg: int) -> Decimal | None:
        """Return the position that is being worked for; None where none is."""
        aim = self._book.legs[leg].aim
        return None if aim is None else aim.target

    def pending(self, leg: int) -> Decimal:
        """Return what orders that are out may still trade, signed."""
        return self._book.legs[leg].pending

    def busy(self) -> tuple[int, ...]:
        """Return the legs that have an aim, or orders that are not settled."""
        return tuple(
            leg for leg, book in enumerate(self._book.legs) if book.aim is not None or book.children
        )

    def lost(self) -> tuple[tuple[str, int, int], ...]:
        """Return the orders of unknown outcome: client id, leg, and when they were sent."""
        return tuple(
            (name, child.leg, child.sent)
            for book in self._book.legs
            for name, child in book.children.items()
            if child.is_unresolved
        )

    def unresolved(self, leg: int) -> bool:
        """Return whether an order of a leg may or may not exist."""
        return self._book.legs[leg].is_unresolved

    def may_have_traded(self, leg: int) -> bool:
        """Return whether an order may have traded that nobody told us of: it takes, or is lost."""
        children = self._book.legs[leg].children.values()
        return any(child.takes or child.is_unresolved or child.untold for child in children)

    def settled(self, leg: int) -> bool:
        """Return whether no order of a leg is out and all its trades are told."""
        return not self._book.legs[leg].children

    def bounds(self, leg: int) -> tuple[Decimal, Decimal]:
        """Return the lowest and the highest position that may come of what is out."""
        return self._book.legs[leg].low, self._book.legs[leg].high

    def expected(self, leg: int) -> Decimal:
        """Return the position once all that traded for certain is told."""
        return self._book.legs[leg].base

    def doubtful(self, leg: int) -> tuple[Decimal, Decimal]:
        """Return the lowest and highest position now, by what orders of unknown outcome did."""
        return self._book.legs[leg].doubtful

    def breakers(self) -> dict[str, str]:
        """Return the breakers that are tripped, with their messages."""
        return self._book.breakers.tripped

    def knows(self, client_id: str) -> bool:
        """Return whether an order is one of ours that is not long forgotten."""
        return self._book.find(client_id) is not None

    def leg_of(self, client_id: str) -> int | None:
        """Return the leg of an order of ours; None where it is nobody's or long forgotten."""
        child = self._book.find(client_id)
        return None if child is None else child.leg

    def working(self, now: int = 0) -> tuple[Working, ...]:
        """Return the orders that are out; ages are as of `now`."""
        return tuple(
            working(child, now) for book in self._book.legs for child in book.children.values()
        )

    def apply(self, fact: Draft | Record) -> None:
        """Change the state by one fact."""
        self._book.apply(fact)

    def snapshot(self) -> object:
        """Return the whole state as plain, comparable values."""
        return self._book.snapshot()

    def _room(self, leg: int, touch: Touch | None, now: int, permission: Permission) -> Room:
        return Room(
            listing=self._listing(leg),
            style=self._styles[leg],
            touch=touch,
            now=now,
            permission=permission,
            breaker=next(iter(self._book.breakers.tripped.values()), ""),
        )

    def _listing(self, leg: int) -> Listing:
        """Return how a leg is listed, with the tick that the venue was heard to have."""
        listing, tick = self._listings[leg], self._book.legs[leg].tick
        return listing if tick is None else replace(listing, tick=tick)

    def _next_at(self, leg: int, aim: Aim, now: int) -> int:
        """Return when a new aim may begin: a failing leg waits on, a slice keeps its pause."""
        book = self._book.legs[leg]
        if aim.hurry and book.failures:
            return min(book.next_at, now + SECOND)
        slices = self._styles[leg].slice_notional.is_finite() and aim.since < now
        return book.next_at if book.failures or slices else 0

    def _work(self, pen: Pen, leg: int, room: Room) -> None:
        """Cancel what no longer fits; where nothing is in the way, send what comes next."""
        book = self._book.legs[leg]
        self._cancel_misfits(pen, leg, room)
        aim = book.aim
        out = any(not c.is_final and not c.is_unresolved for c in book.children.values())
        if aim is None or out or room.now < book.next_at:
            return
        found = next_order(book, aim, room)
        if isinstance(found, Over):
            if found.reason:
                pen.give(leg, found.reason)
            else:
                pen.end(leg, "")
        elif isinstance(found, Order):
            self._place(pen, leg, aim, found)

    def _cancel_misfits(self, pen: Pen, leg: int, room: Room) -> None:
        book = self._book.legs[leg]
        for child in tuple(book.children.values()):
            if child.status is not OrderStatus.OPEN or child.cancels:
                continue
            reason = misfit(child, book, room)
            if reason:
                pen.cancel(child, reason)

    def _place(self, pen: Pen, leg: int, aim: Aim, order: Order) -> None:
        listing, number = self._listings[leg], aim.children + 1
        if order.opening:
            worth = notional(order.amount, order.price, listing)
            trip = self._book.breakers.too_large(worth)
            if trip is not None:
                pen.breaker(trip)
                pen.give(leg, trip.text)
                return
        request = OrderRequest(
            client_id=client_id(self._desk, leg, aim.number, number),
            venue=listing.venue,
            account=listing.account,
            symbol=listing.symbol,
            side=order.side,
            amount=order.amount,
            kind=order.kind,
            price=order.price,
            reduce_only=not order.opening and not listing.spot,
            purpose=aim.purpose,
        )
        pen.write(
            "intent",
            {
                "leg": leg,
                "aim": aim.number,
                "number": number,
                "opening": order.opening,
                "pause": self._styles[leg].slice_pause,
                "request": encode(request),
            },
            key=request.client_id,
        )
        pen.do(Place(request=request))
        pen.watch_breakers()


def _since(book: LegBook, target: Decimal, now: int) -> int:
    """Return since when a leg goes this way: an aim that only moves keeps its patience."""
    if book.aim is None:
        return now
    old, new = book.aim.target - book.position, target - book.position
    return book.aim.since if old * new > ZERO else now
