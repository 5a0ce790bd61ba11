"""What venues answer, taken in: reports, refusals and trades of our orders."""

from collections.abc import Sequence
from decimal import Decimal

from hedgerow.execution.child import ZERO, Child, Source, reported
from hedgerow.execution.codec import encode
from hedgerow.execution.dealer_book import LegBook, trade_key
from hedgerow.execution.dealer_care import words
from hedgerow.execution.dealer_pen import Pen
from hedgerow.execution.effects import Moved
from hedgerow.execution.order import Listing, OrderKind, OrderReport, OrderStatus, TradeReport
from hedgerow.execution.port import Failure
from hedgerow.execution.quantise import notional, whole_lots

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


def take_report(pen: Pen, listings: Sequence[Listing], report: OrderReport) -> None:
    """Take in what a venue says of an order; of one that is none of ours, nothing."""
    child = pen.book.find(report.client_id)
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
        take_end(pen, listings, child, report.reason)
        pen.watch_breakers()
    settle(pen, listings, child.leg)


def take_refusal(
    pen: Pen, listings: Sequence[Listing], child: Child, failure: Failure, reason: str, wait: int
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
    pen.report(report, Source.FAILURE, rejects=counts, retry_after=wait)
    if counts:
        pen.tell("warning", "order-rejected", f"{words(child)} was refused: {reason}")
    if not politely:
        take_end(pen, listings, child, reason, certain_no=failure is Failure.REFUSED)
    pen.watch_breakers()


def take_end(
    pen: Pen, listings: Sequence[Listing], child: Child, reason: str, *, certain_no: bool = True
) -> None:
    """Give the aim up where an opening order failed; a closing one is tried again."""
    book, listing = pen.book.legs[child.leg], listings[child.leg]
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


def take_trade(pen: Pen, listings: Sequence[Listing], report: TradeReport) -> None:
    """Take in a trade, once; trades of orders that are none of ours are passed over."""
    child, key = pen.book.find(report.client_id), trade_key(report)
    if child is None or key in pen.book.seen:
        return
    request = child.request
    if (report.venue, report.symbol) != (request.venue, request.symbol):
        return
    leg, listing = pen.book.legs[child.leg], listings[child.leg]
    worth = notional(report.amount, report.price, listing)
    body = {"leg": child.leg, "worth": str(worth), "report": encode(report)}
    pen.write("trade", body, key)
    pen.do(
        Moved(
            leg=child.leg,
            lots=report.side.sign * report.amount,
            price=report.price,
            left=_left(leg, listing),
        )
    )
    if child.is_final and child.source is not Source.VENUE:
        _late(pen, child)
    settle(pen, listings, child.leg)
    pen.watch_breakers()


def _left(leg: LegBook, listing: Listing) -> Decimal:
    left = leg.pending if leg.aim is None else leg.aim.target - leg.position
    return whole_lots(abs(left), listing) * (1 if left >= ZERO else -1)


def settle(pen: Pen, listings: Sequence[Listing], leg: int) -> None:
    """End an aim that is reached."""
    book = pen.book.legs[leg]
    if book.aim is None or book.children:
        return
    if abs(book.aim.target - book.position) < listings[leg].lot:
        pen.end(leg, "")


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
