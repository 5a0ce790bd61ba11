"""How orders of a paper exchange meet its books."""

from decimal import Decimal

from hedgerow.execution.order import Cause, OrderKind, OrderStatus
from hedgerow.execution.port import PrivateReport, Refused
from hedgerow.live.paper.account import PaperAccount
from hedgerow.live.paper.admission import admit, reducible
from hedgerow.live.paper.hall import Deal, Hall
from hedgerow.live.paper.order import PaperOrder


def keep(account: PaperAccount, order: PaperOrder) -> None:
    """Let an order be known to the venue."""
    account.orders[order.request.client_id] = order
    account.working[order.request.client_id] = order


def arrive(hall: Hall, account: PaperAccount, order: PaperOrder, now: int) -> list[PrivateReport]:
    """Let an order that travelled reach the book; it is rejected where it may not trade."""
    if order.status.is_final:
        return []
    account.close(order)
    try:
        admit(hall, account, order.request)
    except Refused as refusal:
        return [hall.end(account, order, OrderStatus.REJECTED, now, refusal.reason)]
    keep(account, order)
    return act(hall, account, order, now)[1:]


def act(hall: Hall, account: PaperAccount, order: PaperOrder, now: int) -> list[PrivateReport]:
    """Let an order that is admitted trade and rest: its report as open, trades, its last report."""
    request, book = order.request, hall.books[order.request.symbol]
    order.time = now
    reports: list[PrivateReport] = [order.report()]
    if request.kind is OrderKind.POST_ONLY and book.takes(request.side, request.price):
        reason = "post-only would take"
        return [*reports, hall.end(account, order, OrderStatus.CANCELLED, now, reason)]
    if request.kind is not OrderKind.POST_ONLY:
        for level in list(book.levels(request.side, request.price)):
            amount = min(order.left, level.amount, _room(account, order))
            if amount <= 0 or order.status.is_final:
                break
            book.take(request.side, amount)
            deal = Deal(
                symbol=request.symbol,
                amount=amount * request.side.sign,
                price=level.price,
                reference=book.middle,
                client_id=request.client_id,
            )
            reports += _fill(hall, account, order, deal, now)
    order.resting = True
    if order.status is OrderStatus.OPEN and request.reduce_only and _room(account, order) <= 0:
        reason = "nothing left to reduce"
        reports.append(hall.end(account, order, OrderStatus.CANCELLED, now, reason))
    elif order.status is OrderStatus.OPEN and request.kind in {
        OrderKind.IMMEDIATE,
        OrderKind.MARKET,
    }:
        reason = "nothing more at this price"
        reports.append(hall.end(account, order, OrderStatus.CANCELLED, now, reason))
    elif order.filled:
        reports.append(order.report())
    return reports


def match(hall: Hall, symbol: str, now: int) -> list[PrivateReport]:
    """Trade the resting orders that the market has come to, best price and oldest first."""
    book = hall.books[symbol]
    waiting = [
        (account, order)
        for account in hall.accounts.values()
        for order in account.working.values()
        if order.resting
        and order.request.symbol == symbol
        and book.trades_through(order.request.side, order.request.price)
    ]
    waiting.sort(key=lambda each: -each[1].request.price * each[1].request.side.sign)
    reports: list[PrivateReport] = []
    for account, order in waiting:
        request = order.request
        amount = min(order.left, book.offered(request.side), _room(account, order))
        if order.status.is_final or amount <= 0:
            continue
        book.take(request.side, amount)
        deal = Deal(
            symbol=symbol,
            amount=amount * request.side.sign,
            price=request.price,
            reference=float(request.price),
            client_id=request.client_id,
            maker=True,
        )
        reports += _fill(hall, account, order, deal, now)
        if not order.status.is_final or order.status is OrderStatus.FILLED:
            reports.append(order.report())
    return reports


def by_hand(hall: Hall, account: PaperAccount, deal: Deal, now: int) -> list[PrivateReport]:
    """Book a trade that no order of the desk made."""
    return hall.trade(account, deal._replace(cause=Cause.MANUAL), now)


def _fill(
    hall: Hall, account: PaperAccount, order: PaperOrder, deal: Deal, now: int
) -> list[PrivateReport]:
    order.trade(abs(deal.amount), deal.price, now)
    if order.status.is_final:
        account.close(order)
    return hall.trade(account, deal, now)


def _room(account: PaperAccount, order: PaperOrder) -> Decimal:
    """Return how much an order may trade for what it may reduce."""
    if not order.request.reduce_only:
        return order.left
    return reducible(account, order.request)
