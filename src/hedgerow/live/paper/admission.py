"""Which orders a paper exchange refuses, in the words and codes of a venue."""

from decimal import Decimal

from hedgerow.execution.order import OrderRequest, Side
from hedgerow.execution.port import Refused
from hedgerow.live.paper.account import PaperAccount
from hedgerow.live.paper.hall import Hall


def check(hall: Hall, account: PaperAccount, request: OrderRequest) -> None:
    """Refuse what can be seen to be wrong before the order reaches the book.

    Raises
    ------
    Refused
        With Binance's code for it, and our `reason`: "unknown_symbol", "duplicate", "lot",
        "tick" or "minimum".
    """
    where = f"{hall.venue} {request.symbol}"
    contract = hall.contracts.get(request.symbol)
    if contract is None or request.symbol in hall.delisted:
        raise Refused(
            f"{where}: not traded here; it may be delisted or renamed",
            code="-1121",
            reason="unknown_symbol",
        )
    listing = contract.listing
    if not listing.spot and hall.rules.number(account.name, request.symbol) is None:
        raise Refused(
            f"{where}: account {account.name} may not trade it; name it in a hedge",
            code="-1121",
            reason="unknown_symbol",
        )
    if request.client_id in account.orders:
        raise Refused(
            f"{where}: client id {request.client_id} is taken; ask what became of that order",
            code="-4116",
            reason="duplicate",
        )
    if request.amount <= 0 or request.amount % listing.lot:
        raise Refused(
            f"{where}: amount {request.amount} is not a multiple of {listing.lot}",
            code="-1111",
            reason="lot",
        )
    if request.price <= 0 or request.price % listing.tick:
        raise Refused(
            f"{where}: price {request.price} is not a multiple of {listing.tick}",
            code="-4014",
            reason="tick",
        )
    worth = contract.quote_notional(request.amount, request.price)
    too_small = request.amount < listing.minimum_size or worth < listing.minimum_notional
    if too_small and not request.reduce_only:
        raise Refused(
            f"{where}: {request.amount}, worth {worth}, is below the minimum of "
            f"{listing.minimum_size} and {listing.minimum_notional}",
            code="-4164",
            reason="minimum",
        )


def admit(hall: Hall, account: PaperAccount, request: OrderRequest) -> None:
    """Refuse an order that the account cannot carry where it reaches the book.

    Raises
    ------
    Refused
        `reason` is "no_market", "reduce_only" or "margin".
    """
    where = f"{hall.venue} {request.symbol}"
    if not hall.books[request.symbol].is_open:
        raise Refused(f"{where}: there is no market yet", code="-1013", reason="no_market")
    if hall.contracts[request.symbol].listing.spot:
        _admit_spot(hall, account, request)
        return
    if request.reduce_only:
        if reducible(account, request) <= 0:
            raise Refused(
                f"{where}: reduce-only, and there is nothing that a {request.side} would reduce",
                code="-2022",
                reason="reduce_only",
            )
        return
    _, before = hall.rules.free(account, {})
    more = request.amount * request.side.sign
    equity, asked = hall.rules.free(account, {request.symbol: more})
    if asked > before and asked > equity:
        raise Refused(
            f"{where}: margin is insufficient: equity {equity:g}, asked for {asked:g}; add "
            "collateral or send less",
            code="-2019",
            reason="margin",
        )


def reducible(account: PaperAccount, request: OrderRequest) -> Decimal:
    """Return how much of a position an order could close; <= 0 where it would enlarge it."""
    held = account.held.get(request.symbol)
    return Decimal(0) if held is None else -held.amount * request.side.sign


def _admit_spot(hall: Hall, account: PaperAccount, request: OrderRequest) -> None:
    contract = hall.contracts[request.symbol]
    where = f"{hall.venue} {request.symbol}"
    if request.reduce_only:
        raise Refused(
            f"{where}: spot knows no reduce-only orders", code="-1106", reason="reduce_only"
        )
    buying = request.side is Side.BUY
    currency = contract.quote if buying else contract.base
    locked = sum(
        (
            order.left * order.request.price * (1 + contract.taker) if buying else order.left
            for order in account.working.values()
            if order.request.symbol == request.symbol and order.request.side is request.side
        ),
        Decimal(0),
    )
    cost = request.amount
    if buying:
        cost *= request.price * (1 + contract.taker)
    if cost + locked > account.balance(currency):
        raise Refused(
            f"{where}: balance is insufficient: {cost + locked} {currency} are needed, "
            f"{account.balance(currency)} are there",
            code="-2010",
            reason="margin",
        )
