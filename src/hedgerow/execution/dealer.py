"""The dealer: from a leg's target to orders, whatever venues and wires do in between.

It reads no clock and no network. Targets are absolute; every order that is out counts at its
worst, so that no outcome passes the target; an order is sent once and asked for ever after.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from hedgerow.errors import ConfigError
from hedgerow.execution.breakers import NAMES, Edge
from hedgerow.execution.child import ZERO, Child, Source, reported
from hedgerow.execution.client_id import client_id, mark
from hedgerow.execution.codec import encode
from hedgerow.execution.dealer_book import Aim, DealerBook, LegBook, trade_key
from hedgerow.execution.dealer_care import denied, look_after, lose, words
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
from hedgerow.execution.effects import Moved, Place
from hedgerow.execution.machine import Step
from hedgerow.execution.order import (
    Listing,
    OrderKind,
    OrderReport,
    OrderRequest,
    OrderStatus,
    Side,
    TradeReport,
)
from hedgerow.execution.port import Failure
from hedgerow.execution.quantise import notional, whole_lots
from hedgerow.execution.style import Limits, Style
from hedgerow.ledger.journal import Draft, Record
from hedgerow.units import SECOND

__all__ = ["Dealer", "Permission", "Touch", "Working"]

_UNKNOWN = frozenset({Failure.UNKNOWN, Failure.GARBLED})
_COUNTED = frozenset({Failure.REFUSED, Failure.CLOCK})
_WOULD_TAKE = (
    "would_take",
    "would take",
    "post_only",
    "post only",
    "postonly",
    "maker",
    "immediately",
)
_NOTHING_LEFT = ("reduce", "no position", "position is zero", "position not exist")


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
    price: Decimal
    kind: OrderKind
    reduce_only: bool
    opening: bool
    purpose: str
    state: str
    sent: int
    age: int


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
        self._report(pen, report)
        return pen.step()

    def trade(self, report: TradeReport, now: int) -> Step:
        """Take in a trade, once; trades of orders that are none of ours are passed over."""
        pen = Pen(self._book, now)
        self._trade(pen, report)
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
                self._refused(pen, child, failure, reason, wait)
            elif child.unknown_since == 0:
                lose(pen, child)
        return pen.step()

    def probed(
        self, client_id: str, report: OrderReport | None, trades: Sequence[TradeReport], now: int
    ) -> Step:
        """Take in the answer to a probe; None is a venue that knows no such order."""
        pen = Pen(self._book, now)
        for each in trades:
            self._trade(pen, each)
        child = self._book.find(client_id)
        if report is not None:
            self._report(pen, report)
        elif child is not None and denied(pen, child):
            if child.status is None:
                reason = "the venue never saw the order"
                self._failed_order(pen, child, reason, certain_no=False)
            self._settle(pen, child.leg)
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
            self._settle(pen, leg)
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

    def unresolved(self, leg: int) -> bool:
        """Return whether an order of a leg may or may not exist."""
        return self._book.legs[leg].is_unresolved

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

    def working(self, now: int = 0) -> tuple[Working, ...]:
        """Return the orders that are out; ages are as of `now`."""
        return tuple(
            _working(child, now) for book in self._book.legs for child in book.children.values()
        )

    def apply(self, fact: Draft | Record) -> None:
        """Change the state by one fact."""
        self._book.apply(fact)

    def snapshot(self) -> object:
        """Return the whole state as plain, comparable values."""
        return self._book.snapshot()

    def _room(self, leg: int, touch: Touch | None, now: int, permission: Permission) -> Room:
        return Room(
            listing=self._listings[leg],
            style=self._styles[leg],
            touch=touch,
            now=now,
            permission=permission,
            breaker=next(iter(self._book.breakers.tripped.values()), ""),
        )

    def _next_at(self, leg: int, aim: Aim, now: int) -> int:
        """Return when a new aim may begin: a failing leg waits on, a slice keeps its pause."""
        book = self._book.legs[leg]
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

    def _report(self, pen: Pen, report: OrderReport) -> None:
        child = self._book.find(report.client_id)
        if child is None or report.venue != child.request.venue:
            return
        after = reported(child, report, Source.VENUE, pen.now)
        if after is None:
            return
        refused = report.status is OrderStatus.REJECTED and not child.is_final
        politely = refused and _would_take(child, report.reason)
        pen.report(report, Source.VENUE, rejects=refused and not politely)
        concluded = child.is_final and child.source is not Source.VENUE
        if concluded and (after.filled > child.filled or not after.is_final):
            _late(pen, child)
        if refused and not politely:
            pen.tell("warning", "order-rejected", f"{words(child)} was refused: {report.reason}")
            self._failed_order(pen, child, report.reason)
            pen.watch_breakers()
        self._settle(pen, child.leg)

    def _refused(
        self, pen: Pen, child: Child, failure: Failure, reason: str, retry_after: int
    ) -> None:
        """Take in that an order was, for certain, not taken."""
        request = child.request
        politely = failure is Failure.REFUSED and _would_take(child, reason)
        report = OrderReport(
            venue=request.venue,
            client_id=request.client_id,
            venue_id="",
            symbol=request.symbol,
            status=OrderStatus.REJECTED,
            filled=ZERO,
            average=None,
            time=pen.now,
            reason=f"{failure.value}: {reason}",
        )
        counts = failure in _COUNTED and not politely
        pen.report(report, Source.FAILURE, rejects=counts, retry_after=retry_after)
        if counts:
            pen.tell("warning", "order-rejected", f"{words(child)} was refused: {reason}")
        if not politely:
            self._failed_order(pen, child, reason, certain_no=failure is Failure.REFUSED)
        pen.watch_breakers()

    def _failed_order(
        self, pen: Pen, child: Child, reason: str, *, certain_no: bool = True
    ) -> None:
        """Give the aim up where an opening order failed; a closing one is tried again."""
        book, listing = self._book.legs[child.leg], self._listings[child.leg]
        if book.aim is None or book.aim.number != child.aim:
            return
        request = child.request
        if child.opening:
            pen.give(child.leg, reason)
            return
        if not certain_no:
            return
        if request.reduce_only and any(hint in reason.lower() for hint in _NOTHING_LEFT):
            pen.give(child.leg, reason)
            pen.tell(
                "critical",
                "position-differs",
                f"{words(child)} closes what the venue says is not there: {reason}. The position "
                "is compared with the venue's before anything else is sent",
            )
        elif notional(request.amount, request.price, listing) < listing.minimum_notional:
            pen.give(child.leg, f"below the venue's smallest order, and refused: {reason}")

    def _trade(self, pen: Pen, report: TradeReport) -> None:
        child, key = self._book.find(report.client_id), trade_key(report)
        if child is None or key in self._book.seen:
            return
        request = child.request
        if (report.venue, report.symbol) != (request.venue, request.symbol):
            return
        leg, listing = self._book.legs[child.leg], self._listings[child.leg]
        worth = notional(report.amount, report.price, listing)
        body = {"leg": child.leg, "worth": str(worth), "report": encode(report)}
        pen.write("trade", body, key)
        pen.do(
            Moved(
                leg=child.leg,
                lots=report.side.sign * report.amount,
                price=report.price,
                left=self._left(leg, listing),
            )
        )
        if child.is_final and child.source is not Source.VENUE:
            _late(pen, child)
        self._settle(pen, child.leg)
        pen.watch_breakers()

    @staticmethod
    def _left(leg: LegBook, listing: Listing) -> Decimal:
        left = leg.pending if leg.aim is None else leg.aim.target - leg.position
        return whole_lots(abs(left), listing) * (1 if left >= ZERO else -1)

    def _settle(self, pen: Pen, leg: int) -> None:
        """End an aim that is reached."""
        book = self._book.legs[leg]
        if book.aim is None or book.children:
            return
        if abs(book.aim.target - book.position) < self._listings[leg].lot:
            pen.end(leg, "")


def _since(book: LegBook, target: Decimal, now: int) -> int:
    """Return since when a leg goes this way: an aim that only moves keeps its patience."""
    if book.aim is None:
        return now
    old, new = book.aim.target - book.position, target - book.position
    return book.aim.since if old * new > ZERO else now


def _would_take(child: Child, reason: str) -> bool:
    """Return whether a resting order was refused only because the book had moved."""
    text = reason.lower()
    return child.request.kind is OrderKind.POST_ONLY and any(hint in text for hint in _WOULD_TAKE)


def _late(pen: Pen, child: Child) -> None:
    pen.tell(
        "critical",
        "order-unknown",
        f"{words(child)} was taken for one that the venue never had, and now it is heard of. It "
        "counts; hold the position against the venue's own",
    )


def _working(child: Child, now: int) -> Working:
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
        price=request.price,
        kind=request.kind,
        reduce_only=request.reduce_only,
        opening=child.opening,
        purpose=request.purpose,
        state=state,
        sent=child.sent,
        age=max(now - child.sent, 0),
    )
