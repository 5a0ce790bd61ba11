"""Orders of one account: sent once, and asked about where nobody knows what became of them."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Final

from hedgerow.adapters.venues.connection import Connection
from hedgerow.adapters.venues.contracts import Contract
from hedgerow.adapters.venues.failures import Asked, translate
from hedgerow.adapters.venues.loader import error_kind
from hedgerow.adapters.venues.names import Names
from hedgerow.adapters.venues.quirks import Row
from hedgerow.adapters.venues.replies import order_of
from hedgerow.execution.budget import Priority
from hedgerow.execution.order import OrderKind, OrderReport, OrderRequest, Side
from hedgerow.execution.port import Garbled, OutcomeUnknown, Refused, VenueError

COARSER: Final = 6  # powers of ten between the listed tick and the coarsest that is tried


def text(number: Decimal) -> str:
    """Return an exact number as the wire takes it, without an exponent."""
    return f"{number.normalize():f}"


class VenueGateway:
    """The gateway of one account."""

    def __init__(self, connection: Connection, account: str, names: Names) -> None:
        self.venue = connection.venue
        self.account = account
        self._connection = connection
        self._names = names

    async def place(self, request: OrderRequest) -> OrderReport:
        """Send an order once; never retried underneath.

        Raises
        ------
        Refused, RateLimited, ClockSkewed, Unreachable
            If it certainly was not taken.
        OutcomeUnknown
            If it may have been: the reply is lost, or is none.
        """
        connection, quirks = self._connection, self._connection.quirks
        contract, request = await self._prepared(request)
        self._names.remember(request.client_id)
        what = f"place {request.client_id}"
        size = contract.to_wire(request.amount)
        row = await connection.ask(
            what,
            lambda: connection.exchange.create_order(
                request.symbol,
                "limit",
                str(request.side),
                text(size),
                text(request.price),
                quirks.parameters(request, spot=contract.kind == "spot"),
            ),
            changes=True,
            priority=Priority.CLOSE if request.reduce_only else Priority.OPEN,
        )
        if not isinstance(row, Mapping):
            raise connection.garbled(what, "the reply has no order")
        try:
            told = {**quirks.acknowledged(row, request), "amount": size}
            report = self._report(told, request.client_id, contract, what)
        except Garbled as error:
            raise OutcomeUnknown(
                f"{error}; it may have been taken: ask, do not send again"
            ) from None
        if quirks.follows_up and request.kind is not OrderKind.LIMIT:
            return await self._followed(request, report)
        return report

    async def cancel(self, client_id: str, symbol: str) -> OrderReport:
        """Cancel an order; one that is already final is reported as it is.

        Raises
        ------
        Refused
            With the reason ``"not_found"`` if the venue never saw it.
        OutcomeUnknown
            If the cancel may have been carried out.
        """
        connection, quirks = self._connection, self._connection.quirks
        contract = await connection.contract(symbol)
        what = f"cancel {client_id}"
        wire_id = self._wire(client_id)
        try:
            row = await connection.ask(
                what,
                lambda: quirks.cancel(connection.exchange, wire_id, symbol),
                changes=True,
                priority=Priority.CLOSE,
            )
        except Refused as error:
            if error.reason != "not_found":
                raise
            return await self._final(client_id, symbol, error)
        if row is not None:
            try:
                return self._report(row, client_id, contract, what)
            except Garbled:
                pass  # what became of it is asked
        return await self._after(client_id, symbol, what)

    async def probe(self, client_id: str, symbol: str) -> OrderReport | None:
        """Return what became of an order; None where the venue says that it has none."""
        connection, quirks = self._connection, self._connection.quirks
        contract = await connection.contract(symbol)
        what, wire_id = f"probe {client_id}", self._wire(client_id)
        try:
            row = await connection.ask(
                what,
                lambda: quirks.probe(connection.exchange, wire_id, symbol),
                priority=Priority.ASK,
            )
        except Refused as error:
            if error.reason == "not_found":
                return None
            raise
        return self._report(row, client_id, contract, what)

    async def cancel_all_after(self, seconds: float) -> bool:
        """Set the venue's dead-man switch (0 clears it); False where it has none."""
        connection = self._connection
        scopes = await connection.scopes()
        return await connection.ask(
            "dead-man switch",
            lambda: connection.quirks.switch(connection.exchange, seconds, scopes),
            priority=Priority.CLOSE,
        )

    async def _prepared(self, asked: OrderRequest) -> tuple[Contract, OrderRequest]:
        """Return the contract, and the order on the steps that it has at this hour.

        A price is moved away from the market, never through the limit. A closing order is cut to
        whole lots: closing a little less is better than not at all. Whatever fails before the
        order leaves is a certain no.
        """
        contract = await self._connection.contract(asked.symbol)
        lots = asked.amount / contract.lot
        closes = asked.reduce_only or (contract.kind == "spot" and asked.side is Side.SELL)
        whole = lots.to_integral_value(ROUND_FLOOR) * contract.lot
        if whole <= 0 or (whole != asked.amount and not closes):
            raise Refused(
                f"{self.venue}: {asked.client_id}: {asked.amount} of {asked.symbol} is not a "
                f"whole number of lots of {contract.lot} ({contract.to_wire(asked.amount)} "
                "contracts); round it down first",
                reason="order",
            )
        try:
            price = self._on_tick(asked, contract)
            self._check_rounding(asked, contract.to_wire(whole))
        except error_kind("BaseError") as error:  # the library's own no, before anything left
            told = Asked(venue=self.venue, what=asked.client_id, keys=self._connection.keys)
            raise translate(error, told) from None
        return contract, replace(asked, amount=whole, price=price)

    def _on_tick(self, asked: OrderRequest, contract: Contract) -> Decimal:
        """Return the nearest price within the limit that the library sends as it is.

        Some venues count digits instead of steps, so that a step may be ten times the one listed.
        """
        exchange, symbol = self._connection.exchange, asked.symbol
        rounding = ROUND_FLOOR if asked.side is Side.BUY else ROUND_CEILING
        for coarser in range(COARSER):
            tick = contract.tick.scaleb(coarser)
            price = (asked.price / tick).to_integral_value(rounding) * tick
            if price > 0 and Decimal(exchange.price_to_precision(symbol, text(price))) == price:
                return price
        raise Refused(
            f"{self.venue}: {asked.client_id}: the price {asked.price} of {symbol} is not on the "
            f"tick of {contract.tick}; the venue would round it",
            reason="order",
        )

    def _check_rounding(self, request: OrderRequest, size: Decimal) -> None:
        """Refuse a size that ccxt would round, which may be past the target."""
        exchange, symbol = self._connection.exchange, request.symbol
        amount = Decimal(exchange.amount_to_precision(symbol, text(size)))
        if amount != size:
            raise Refused(
                f"{self.venue}: {request.client_id}: {size} of {symbol} would go out as {amount}; "
                "the venue's steps have changed: load them anew",
                reason="order",
            )

    async def _followed(self, request: OrderRequest, heard: OrderReport) -> OrderReport:
        """Return what became of an order that cannot rest, where the venue can say already."""
        try:
            found = await self.probe(request.client_id, request.symbol)
        except VenueError:
            return heard
        return found or heard

    async def _final(self, client_id: str, symbol: str, error: Refused) -> OrderReport:
        found = await self.probe(client_id, symbol)
        if found is None:
            raise error
        return found

    async def _after(self, client_id: str, symbol: str, what: str) -> OrderReport:
        """Return the order after a cancel that was heard; its fills count."""
        try:
            found = await self.probe(client_id, symbol)
        except VenueError as error:
            raise OutcomeUnknown(
                f"{self.venue}: {what}: the cancel was heard, but not how the order ended "
                f"({error}); ask again"
            ) from None
        if found is None:
            raise OutcomeUnknown(
                f"{self.venue}: {what}: the cancel was heard, but it is not listed; ask again"
            )
        return found

    def _wire(self, client_id: str) -> str:
        self._names.remember(client_id)
        return self._connection.quirks.wire_id(client_id)

    def _report(self, row: Row, client_id: str, contract: Contract, what: str) -> OrderReport:
        connection = self._connection
        wire_id = connection.quirks.wire_id(client_id)
        found = connection.quirks.wire_id_of(row)
        if found and found != wire_id:
            raise Garbled(
                f"{self.venue}: {what}: the reply speaks of the order {found}; it is asked again"
            )
        told = connection.told(self.account, what)
        report = order_of(row, client_id, contract, told, connection.now())
        self._names.note(contract.symbol, report.venue_id, wire_id)
        return report
