"""From where a leg is and what may still happen to its next child order, never past its target."""

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from enum import IntEnum
from typing import Final, NamedTuple, TypeAlias

from hedgerow.execution.child import ZERO, Child
from hedgerow.execution.dealer_book import Aim, LegBook
from hedgerow.execution.order import Listing, OrderKind, Side
from hedgerow.execution.quantise import amount_of, exact, limit_price, notional, whole_lots
from hedgerow.execution.style import Style

MISSES: Final = 20  # taking orders of one aim that did not trade in full


class Permission(IntEnum):
    """What may be sent."""

    NONE = 0
    REDUCE_ONLY = 1
    ALL = 2


class Touch(NamedTuple):
    """The best prices of one leg, quote per base, as of `time`, UTC nanoseconds."""

    bid: float
    ask: float
    time: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """Everything that the next order of a leg depends on."""

    listing: Listing
    style: Style
    touch: Touch | None
    now: int
    permission: Permission
    breaker: str = ""  # the message of a tripped one


class Order(NamedTuple):
    """The next child order."""

    side: Side
    amount: Decimal
    kind: OrderKind
    price: Decimal
    opening: bool


class Wait(NamedTuple):
    """Nothing is to be sent now."""

    reason: str


class Over(NamedTuple):
    """The aim ends here; `reason` is "" where it is reached."""

    reason: str


Next: TypeAlias = Order | Wait | Over


def kind_now(style: Style, aim: Aim, now: int) -> OrderKind:
    """Return how an order of an aim meets the book at `now`."""
    if style.route == "market":
        return OrderKind.MARKET
    if aim.hurry or style.route == "taker":
        return OrderKind.IMMEDIATE
    if style.route == "maker_then_taker" and now - aim.since >= style.patience:
        return OrderKind.IMMEDIATE
    return OrderKind.POST_ONLY


def price_of(kind: OrderKind, side: Side, room: Room) -> Decimal | None:
    """Return the price of an order on its tick; None where the touch gives none.

    A taking one pays the middle plus or minus the collar at most; a resting one joins the touch.
    """
    if room.touch is None:
        return None
    bid, ask = exact(room.touch.bid), exact(room.touch.ask)
    if bid is None or ask is None:
        return None
    if kind is OrderKind.POST_ONLY:
        price = limit_price(bid if side is Side.BUY else ask, side, room.listing)
    else:
        collar = side.sign * Decimal(repr(room.style.collar))
        price = limit_price((bid + ask) / 2 * (1 + collar), side, room.listing)
    return price if price > ZERO else None


def smallest(listing: Listing, price: Decimal) -> Decimal:
    """Return the smallest order that a venue takes at a price, whole lots."""
    by_worth = amount_of(listing.minimum_notional, price, listing)
    least = max(listing.lot, listing.minimum_size, by_worth)
    return (least / listing.lot).to_integral_value(ROUND_CEILING) * listing.lot


def next_order(leg: LegBook, aim: Aim, room: Room) -> Next:
    """Return what is to be done next for an aim; all orders that are out count at their worst."""
    side = Side.BUY if aim.target > leg.high else Side.SELL
    want, closable = _amounts(leg, aim, side, room)
    if want == ZERO:
        return Wait("orders are out") if leg.children else Over("")
    if room.permission is Permission.NONE:
        return Wait("nothing may be sent")
    if aim.misses >= MISSES:
        return Over(f"{MISSES} orders did not trade in full; {want} left")
    closing = _closing(want, min(want, closable), leg, room)
    stop = _stop(leg, room) if closing == ZERO else None
    return stop or _order(leg, aim, side, _Size(closing or want, closing, closable), room)


class _Size(NamedTuple):
    """How much is wanted of an order, how much of it closes, and how much could."""

    want: Decimal
    closing: Decimal
    closable: Decimal


def _order(leg: LegBook, aim: Aim, side: Side, size: _Size, room: Room) -> Next:
    kind = kind_now(room.style, aim, room.now)
    price = price_of(kind, side, room)
    if price is None:
        return Wait("there is no price to send it at")
    amount = _slice(size.want, price, room)
    whole = size.closing > ZERO and amount == whole_lots(size.closable, room.listing)
    if _is_large_enough(amount, price, room.listing, whole=whole):
        return Order(side, amount, kind, price, opening=size.closing == ZERO)
    small = f"{amount} is below the venue's smallest order of {smallest(room.listing, price)}"
    return Wait(small) if leg.children else Over(small)


def _amounts(leg: LegBook, aim: Aim, side: Side, room: Room) -> tuple[Decimal, Decimal]:
    """Return how much is wanted, whole lots, and how much of a position it could close."""
    if side is Side.BUY:
        want, closable = aim.target - leg.high, -leg.high
    else:
        want, closable = leg.low - aim.target, leg.low
    return whole_lots(max(want, ZERO), room.listing), max(closable, ZERO)


def _closing(want: Decimal, closable: Decimal, leg: LegBook, room: Room) -> Decimal:
    """Return how much of an order closes and is sent as such; 0 where it is sent as opening."""
    closing = whole_lots(closable, room.listing)
    if closing >= want:
        return closing
    may_open = _stop(leg, room) is None
    if may_open and (not room.style.splits or closing < room.listing.minimum_size):
        return ZERO
    return closing


def _stop(leg: LegBook, room: Room) -> Wait | Over | None:
    """Return why nothing that adds risk may be sent; None where it may."""
    if room.breaker:
        return Over(room.breaker)
    if room.permission is not Permission.ALL:
        return Over("only what reduces risk may be sent now")
    if leg.is_unresolved:
        return Wait("the outcome of an order of this leg is unknown")
    return None


def _slice(want: Decimal, price: Decimal, room: Room) -> Decimal:
    """Return the next slice of an order, so that what is left can be sent too."""
    if not room.style.slice_notional.is_finite():
        return want
    least = smallest(room.listing, price)
    most = whole_lots(amount_of(room.style.slice_notional, price, room.listing), room.listing)
    most = max(most, least)
    if want <= most:
        return want
    if want - most < least:
        return want - least if want >= 2 * least else want
    return most


def _is_large_enough(amount: Decimal, price: Decimal, listing: Listing, *, whole: bool) -> bool:
    """Return whether a venue takes an order; closing all of a position needs no worth."""
    if amount <= ZERO or amount < listing.minimum_size:
        return False
    worth = notional(amount, price, listing)
    return worth >= listing.minimum_notional or (whole and not listing.spot)


def misfit(child: Child, leg: LegBook, room: Room) -> str:
    """Return why a resting order must go; "" where it may stay."""
    aim = leg.aim
    if aim is None:
        return "its aim was dropped"
    if child.opening and room.permission is not Permission.ALL:
        return "nothing that adds risk may wait now"
    if child.opening and room.breaker:
        return room.breaker
    buys = child.request.side is Side.BUY
    if (buys and leg.high > aim.target) or (not buys and leg.low < aim.target):
        return "it would pass the target"
    return _impatience(child, aim, room)


def _impatience(child: Child, aim: Aim, room: Room) -> str:
    """Return why an order that is still wanted must be done in another way; "" where not."""
    age = room.now - child.sent
    if child.takes:
        return "it neither trades nor ends" if age >= room.style.reach else ""
    kind = kind_now(room.style, aim, room.now)
    if kind is not OrderKind.POST_ONLY:
        return "it has rested long enough"
    moved = price_of(kind, child.request.side, room) not in {None, child.request.price}
    return "the touch has moved" if moved and age >= room.style.patience else ""
