"""What an event does to an account's position and to its balances, exactly."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from hedgerow.execution.order import FundingReport, TradeReport
from hedgerow.execution.port import TransferReport
from hedgerow.live.reconcile.held import HeldPosition
from hedgerow.live.reconcile.unbooked import Happened

ZERO = Decimal(0)


def signed(trade: TradeReport) -> Decimal:
    """Return what a trade does to its position."""
    return trade.side.sign * trade.amount


def cash_of(
    events: Iterable[Happened], positions: Mapping[str, HeldPosition]
) -> list[tuple[Happened, dict[str, Decimal]]]:
    """Return each event with what it does to each currency, in the order given.

    A trade pays its fee, and realises profit on the average entry of the position it reduces: of
    those in `positions`, moved along by the trades before it. One of a symbol without settle
    currency is spot, and exchanges the two.
    """
    moved = dict(positions)
    found = []
    for event in events:
        cash: dict[str, Decimal] = {}
        match event:
            case FundingReport():
                cash[event.currency] = event.amount
            case TransferReport():
                cash[event.currency] = event.amount
            case TradeReport():
                cash = _traded(event, moved)
                cash[event.fee_currency] = cash.get(event.fee_currency, ZERO) + event.fee
        found.append((event, cash))
    return found


def _traded(trade: TradeReport, positions: dict[str, HeldPosition]) -> dict[str, Decimal]:
    pair, _, settle = trade.symbol.partition(":")
    if not settle:
        base, quote = pair.split("/")
        amount = signed(trade)
        return {base: amount, quote: -amount * trade.price}
    quote = pair.split("/")[1]
    before = positions.get(trade.symbol) or HeldPosition(amount=ZERO, inverse=settle != quote)
    after, realised = after_trade(before, signed(trade), trade.price)
    positions[trade.symbol] = after
    return {settle: realised}


def after_trade(
    held: HeldPosition, traded: Decimal, price: Decimal
) -> tuple[HeldPosition, Decimal]:
    """Return the position after a trade, and the profit that it realised, in settle currency.

    Adding averages the entry (harmonically if inverse), reducing keeps it, and crossing zero
    realises all and opens the rest at `price`.
    """
    left = held.amount + traded
    if held.amount * traded >= 0:
        if left == 0:
            return held, ZERO
        if held.inverse:
            entry = left / (held.amount / held.entry + traded / price)
        else:
            entry = (held.amount * held.entry + traded * price) / left
        return HeldPosition(amount=left, entry=entry, inverse=held.inverse), ZERO
    closed = -traded if abs(traded) <= abs(held.amount) else held.amount
    realised = _profit(closed, held.entry, price, inverse=held.inverse)
    entry = held.entry if left * held.amount > 0 else price
    return HeldPosition(amount=left, entry=entry, inverse=held.inverse), realised


def _profit(amount: Decimal, entry: Decimal, price: Decimal, *, inverse: bool) -> Decimal:
    if inverse:
        return amount * (1 / entry - 1 / price)
    return amount * (price - entry)
