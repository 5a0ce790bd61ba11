"""Finding out: orders without an answer, cancels without effect, trades that nobody told."""

from typing import Final

from hedgerow.execution.child import Child, Source
from hedgerow.execution.dealer_book import LISTED
from hedgerow.execution.dealer_pen import Pen
from hedgerow.execution.order import OrderReport, OrderStatus
from hedgerow.execution.style import Style
from hedgerow.units import SECOND

ANSWER: Final = 15 * SECOND  # gateways give up earlier, and say so
_LINGERS: Final = 2 * SECOND  # a taking order ends sooner
_APART: Final = 2 * SECOND  # between two denials that count


def look_after(pen: Pen, child: Child, style: Style) -> None:
    """Ask, cancel again and tell a person, as far as it is due."""
    now = pen.now
    if child.is_final:
        _fetch(pen, child, style)
        return
    if child.status is None and child.unknown_since == 0:
        if now - child.sent >= ANSWER:
            lose(pen, child)
        return
    if child.fetch_at and now >= child.fetch_at:
        pen.fetch(child)
    lingers = child.is_unresolved or (child.takes and now - child.sent >= _LINGERS)
    if lingers or child.denied_at:
        if now >= child.probe_at:
            pen.probe(child)
        _tell(pen, child, style)
    elif now >= child.probe_at and (
        (child.cancels and now >= child.cancel_at) or now - child.sent >= style.patience
    ):
        pen.probe(child)  # a stream may have lost its end
    if child.cancels and now >= child.cancel_at:
        pen.cancel(child, "again: it was not heard to end")


def lose(pen: Pen, child: Child) -> None:
    """Take an order's outcome for unknown, and ask at once."""
    pen.ask(child, "unknown")
    found = pen.book.find(child.request.client_id)
    if found is not None:
        pen.probe(found)


def denied(pen: Pen, child: Child) -> bool:
    """Take in that the venue knows no such order; return whether that settles it.

    Venues list orders late, so it counts only when said twice, some seconds apart and some
    seconds after the order was sent.
    """
    if child.is_final:
        return False
    if child.denied_at == 0:
        pen.ask(child, "denied")
        return False
    if pen.now - child.denied_at < _APART or pen.now - child.sent < LISTED:
        return False
    existed = child.status is OrderStatus.OPEN
    request = child.request
    reason = "the venue knows it no more" if existed else "the venue never saw it"
    report = OrderReport(
        venue=request.venue,
        client_id=request.client_id,
        venue_id="",
        symbol=request.symbol,
        status=OrderStatus.CANCELLED if existed else OrderStatus.REJECTED,
        filled=child.filled,
        average=None,
        time=pen.now,
        reason=reason,
    )
    pen.report(report, Source.NEVER_SEEN)
    pen.tell("warning", "order-unknown", f"{words(child)}: {reason}; it counts as ended")
    return True


def words(child: Child) -> str:
    """Return an order in words."""
    request = child.request
    return (
        f"order {request.client_id} ({request.side.value} {request.amount} {request.symbol} at "
        f"{request.venue}, {request.kind.value} {request.price})"
    )


def _tell(pen: Pen, child: Child, style: Style) -> None:
    since = child.unknown_since or child.sent
    if child.told or pen.now - since < style.reach:
        return
    pen.ask(child, "told")
    pen.tell(
        "critical",
        "order-unknown",
        f"{words(child)} has had no known outcome for {(pen.now - since) / SECOND:.0f} s. It is "
        "asked for on and on and never sent again; nothing that adds risk is sent on this leg "
        "until it is known. Look for it in the venue's own order history",
    )


def _fetch(pen: Pen, child: Child, style: Style) -> None:
    if not child.fetch_at or pen.now < child.fetch_at:
        return
    pen.fetch(child)
    if not child.told and pen.now - child.ended >= style.reach:
        pen.ask(child, "told")
        pen.tell(
            "critical",
            "position-differs",
            f"{words(child)} traded {child.filled}, but the venue tells trades of "
            f"{child.traded} only. They are asked for on and on; hold the position against the "
            "venue's own",
        )
