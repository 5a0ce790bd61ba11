"""From a policy's absolute target to an order within the limits."""

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from hedgerow.engine.commands import Alert, CancelOrder, Command, Concern, PlaceOrder
from hedgerow.engine.desk_books import HOUR_NANOSECONDS, Books
from hedgerow.engine.desk_margin import most_lots
from hedgerow.engine.desk_market import Market
from hedgerow.engine.pack import account_of
from hedgerow.kernels.contract import base_size, notional
from hedgerow.kernels.sizing import is_lot_away, order_lots


class Bound(StrEnum):
    """What decided over an order, or over there being none."""

    FREE = "free"  # nothing: the policy has what it wants
    CONTENT = "content"  # the policy wants what is held, to a lot
    NAKED = "naked"  # the naked limit overruled the policy
    COOLDOWN = "cooldown"  # the last trade is too recent
    STAYS = "stays"  # liquidated, and told to stay out
    MINIMUM = "minimum"  # the order would be below the smallest
    MARGIN = "margin"  # cut to what the account's equity may open


class Wish(NamedTuple):
    """What a policy asks of one leg at a close: base coin, the waiting order counted as held."""

    leg: int
    exposure: float
    goal: float
    held: float
    target: float


class Decision(NamedTuple):
    """What became of a wish.

    Attributes
    ----------
    waiting
        Lots on order from now on.
    wanted
        Notional asked for, settle asset; 0 where nothing was.
    residual
        Wanted and not ordered, base coin.
    bound
        What decided.
    """

    waiting: float
    wanted: float
    residual: float
    bound: Bound
    commands: tuple[Command, ...] = ()


def decide(
    books: Books, market: Market, wish: Wish, orders: Sequence[float], time: int
) -> Decision:
    """Return the order for a wish; it replaces one that still waits.

    `orders` are the lots that wait now, one a leg.
    """
    waiting = orders[wish.leg]
    leg, position = books.terms.legs[wish.leg], books.positions[wish.leg]
    mark = market.quotes[wish.leg].mark
    residual = wish.target - wish.held
    naked = abs(wish.goal - wish.held) * mark > leg.naked_limit
    if not naked and not is_lot_away(wish.target, wish.held, leg.lot_size, mark, leg.inverse):
        return Decision(waiting, 0.0, residual, Bound.CONTENT)
    if _stays_out(books, wish.leg):
        return Decision(waiting, 0.0, residual, Bound.STAYS)
    if not naked and time / HOUR_NANOSECONDS - position.last_time < leg.cooldown_hours:
        return Decision(waiting, 0.0, residual, Bound.COOLDOWN)
    bound = Bound.NAKED if naked else Bound.FREE
    target = wish.goal if naked else wish.target
    lots = float(order_lots(target, position.lots, leg.lot_size, mark, leg.inverse))
    least = max(leg.minimum, leg.minimum_trade)
    if _quote(lots * leg.lot_size, mark, inverse=leg.inverse) < least:
        lots, bound = 0.0, Bound.MINIMUM
    after = position.lots + lots
    wanted = notional(after * leg.lot_size, mark, leg.inverse)
    commands: tuple[Command, ...] = ()
    if books.terms.checked and abs(after) > abs(position.lots):
        most = most_lots(books, market, wish.leg, orders)
        if abs(after) > most:
            if position.lots * lots > 0.0:
                most = max(most, abs(position.lots))
            cut = (most if after > 0.0 else -most) - position.lots
            commands = (Alert(concern=Concern.CAPPED, place=wish.leg, amount=lots - cut),)
            lots, bound = cut, Bound.MARGIN
        if _quote(lots * leg.lot_size, mark, inverse=leg.inverse) < least:
            lots = 0.0
    reached = base_size((position.lots + lots) * leg.lot_size, mark, leg.inverse)
    commands += _replace(wish.leg, waiting, lots)
    return Decision(lots, wanted, target - reached, bound, commands)


def _stays_out(books: Books, leg: int) -> bool:
    return books.purses[account_of(books.terms, leg)].stayed


def _quote(size: float, mark: float, *, inverse: bool) -> float:
    worth = notional(size, mark, inverse)
    return worth * mark if inverse else worth


def _replace(leg: int, before: float, after: float) -> tuple[Command, ...]:
    if before == after:
        return ()
    cancel = (CancelOrder(leg=leg),) if before != 0.0 else ()
    place = (PlaceOrder(leg=leg, lots=after),) if after != 0.0 else ()
    return (*cancel, *place)
