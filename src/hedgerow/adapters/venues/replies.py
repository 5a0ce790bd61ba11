"""What a venue answered, made into what the desk may believe: whole or not at all."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

from hedgerow.adapters.venues.contracts import ZERO, Contract, exact
from hedgerow.execution.order import (
    Cause,
    FundingReport,
    OrderReport,
    OrderStatus,
    PositionReport,
    Side,
    TradeReport,
)
from hedgerow.execution.port import CashKind, CashReport, Garbled
from hedgerow.units import SECOND

Row = Mapping[str, Any]  # a structure of ccxt

MILLISECOND: Final = 1_000_000
STATUSES: Final = {
    "open": OrderStatus.OPEN,
    "canceling": OrderStatus.OPEN,
    "closed": OrderStatus.FILLED,
    "canceled": OrderStatus.CANCELLED,
    "expired": OrderStatus.CANCELLED,
    "rejected": OrderStatus.REJECTED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """By whom, of whose account, and what the question was."""

    venue: str
    account: str
    what: str

    def need(self, row: Row, key: str) -> Any:  # noqa: ANN401  a reply
        """Return a value that must be there."""
        found = row.get(key)
        if found is None or found == "":
            raise Garbled(f"{self.venue}: {self.what}: the reply has no {key}; it is asked again")
        return found

    def number(self, row: Row, key: str) -> Decimal:
        """Return a number that must be there, and be one."""
        value = self.need(row, key)
        found = exact(value)
        if found is None:
            raise Garbled(
                f"{self.venue}: {self.what}: {key} is {value!r} and no number; it is asked again"
            )
        return found

    def time(self, row: Row, key: str = "timestamp") -> int:
        """Return an instant in UTC nanoseconds."""
        return int(self.number(row, key)) * MILLISECOND


def order_of(row: Row, client_id: str, contract: Contract, told: Told, now: int) -> OrderReport:
    """Return what a venue says of an order.

    Raises
    ------
    Garbled
        If the id or the status is missing or unknown, or a number is none.
    """
    if not isinstance(row, Mapping):
        raise Garbled(f"{told.venue}: {told.what}: the reply has no order; it is asked again")
    venue_id = str(told.need(row, "id"))
    word = str(told.need(row, "status"))
    status = STATUSES.get(word)
    if status is None:
        raise Garbled(
            f"{told.venue}: {told.what}: order {venue_id} has the status {word!r}, which nobody "
            f"here knows; it is asked again"
        )
    filled = _filled(row, status, told)
    amount = exact(row.get("amount"))
    if status is OrderStatus.FILLED and amount is not None and filled < amount:
        status = OrderStatus.CANCELLED  # what is left was cancelled
    average = exact(row.get("average"))
    stamp = _changed(row)
    return OrderReport(
        venue=told.venue,
        client_id=client_id,
        venue_id=venue_id,
        symbol=contract.symbol,
        status=status,
        filled=contract.from_wire(filled),
        average=average if average and filled else None,
        time=int(stamp) * MILLISECOND if stamp else now,
        reason=reason_of(row),
    )


def _changed(row: Row) -> Any:  # noqa: ANN401  a reply
    """Return when the order last changed, in milliseconds, None where nobody says."""
    info = row.get("info")
    told = info.get("last_update_timestamp") if isinstance(info, Mapping) else None
    return (
        row.get("lastUpdateTimestamp")
        or told
        or row.get("lastTradeTimestamp")
        or row.get("timestamp")
    )


def _filled(row: Row, status: OrderStatus, told: Told) -> Decimal:
    if row.get("filled") is None:
        if status is OrderStatus.REJECTED:
            return ZERO
        if status is OrderStatus.FILLED:
            return told.number(row, "amount")
    filled = told.number(row, "filled")
    if filled < 0:
        raise Garbled(f"{told.venue}: {told.what}: filled is {filled}; it is asked again")
    return filled


def reason_of(row: Row) -> str:
    """Return why an order ended, in the venue's own word."""
    info = row.get("info") or {}
    for key in ("rejectReason", "cancelSourceReason", "cancel_reason", "reject_reason", "r"):
        word = info.get(key) if isinstance(info, Mapping) else None
        if isinstance(word, str) and word not in ("", "NONE", "EC_NoError"):
            return word
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Whose:
    """Which order a trade belongs to, and who made it."""

    client_id: str
    cause: Cause


def trade_of(row: Row, whose: Whose, contract: Contract, told: Told) -> TradeReport:
    """Return a trade in the desk's words; the fee as the book feels it, paid < 0."""
    amount = told.number(row, "amount")
    price = told.number(row, "price")
    side = str(told.need(row, "side"))
    if amount <= 0 or price <= 0 or side not in ("buy", "sell"):
        raise Garbled(
            f"{told.venue}: {told.what}: a trade {side!r} of {amount} at {price}; it is asked again"
        )
    fee, currency = _fee(row, told)
    return TradeReport(
        venue=told.venue,
        account=told.account,
        symbol=contract.symbol,
        trade_id=str(told.need(row, "id")),
        client_id=whose.client_id,
        side=Side(side),
        amount=contract.from_wire(amount),
        price=price,
        fee=fee,
        fee_currency=currency or contract.settle,
        time=told.time(row),
        maker=row.get("takerOrMaker") == "maker",
        cause=whose.cause,
    )


def _fee(row: Row, told: Told) -> tuple[Decimal, str]:
    fee = row.get("fee") or {}
    cost = exact(fee.get("cost"))
    if cost is None:
        if fee.get("cost") is not None or row.get("id") is None:
            raise Garbled(f"{told.venue}: {told.what}: a fee of {fee.get('cost')!r}")
        return ZERO, ""
    return (-cost if cost else ZERO), str(fee.get("currency") or "")


def funding_of(row: Row, symbol: str, told: Told) -> FundingReport:
    """Return one funding payment, received > 0, its instant to the second."""
    time = told.time(row)
    return FundingReport(
        venue=told.venue,
        account=told.account,
        symbol=symbol,
        settlement=round(time / SECOND) * SECOND,
        amount=told.number(row, "amount"),
        currency=str(told.need(row, "code")),
        rate=exact(row.get("rate")),
        price=exact(row.get("price")),
    )


def cash_of(row: Row, kind: CashKind, told: Told) -> CashReport:
    """Return one movement of cash, received > 0."""
    return CashReport(
        venue=told.venue,
        account=told.account,
        flow_id=str(told.need(row, "id")),
        kind=kind,
        currency=str(told.need(row, "code")),
        amount=told.number(row, "amount"),
        time=told.time(row),
        word=str(told.need(row, "word")),
    )


def by_settlement(payments: Iterable[FundingReport]) -> tuple[FundingReport, ...]:
    """Return one payment for each settlement: the two sides of hedge mode are summed."""
    found: dict[int, FundingReport] = {}
    for payment in payments:
        other = found.get(payment.settlement)
        found[payment.settlement] = (
            payment if other is None else replace(other, amount=other.amount + payment.amount)
        )
    return tuple(found[time] for time in sorted(found))


def positions_of(
    rows: object, contracts: Mapping[str, Contract], told: Told
) -> tuple[PositionReport, ...]:
    """Return the positions that are not flat, both sides of hedge mode summed.

    A position of a symbol that the account was not opened for is reported in the venue's own
    count, as it cannot be converted.
    """
    if not isinstance(rows, list):
        raise Garbled(f"{told.venue}: {told.what}: no list of positions; it is asked again")
    sides: dict[str, list[tuple[Decimal, Row]]] = {}
    for row in rows:
        symbol = str(told.need(row, "symbol"))
        size = abs(told.number(row, "contracts"))
        if not size:
            continue
        side = row.get("side")
        if side not in ("long", "short"):
            raise Garbled(f"{told.venue}: {told.what}: {symbol} is {size} on the side {side!r}")
        signed = size if side == "long" else -size
        contract = contracts.get(symbol)
        amount = contract.from_wire(signed) if contract else signed
        sides.setdefault(symbol, []).append((amount, row))
    return tuple(
        report for symbol, found in sides.items() if (report := _position(symbol, found)).amount
    )


def _position(symbol: str, found: list[tuple[Decimal, Row]]) -> PositionReport:
    amount = sum((size for size, _ in found), ZERO)
    row = max(found, key=lambda each: abs(each[0]))[1]  # the larger side's prices
    prices = {key: exact(row.get(key)) for key in ("entryPrice", "markPrice", "liquidationPrice")}
    return PositionReport(
        symbol=symbol,
        amount=amount,
        entry=(prices["entryPrice"] or None) if len(found) == 1 else None,
        mark=prices["markPrice"] or None,
        liquidation_price=prices["liquidationPrice"] or None,
    )
