"""What an account of a venue holds, what happens to it, and what may be done with it."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from decimal import ROUND_DOWN, Decimal
from typing import Any, Final

from hedgerow.adapters.venues.connection import Connection
from hedgerow.adapters.venues.contracts import Contract
from hedgerow.adapters.venues.facts import facts_of
from hedgerow.adapters.venues.history import without_holes
from hedgerow.adapters.venues.names import Names
from hedgerow.adapters.venues.quirks import Row, Stream
from hedgerow.adapters.venues.replies import (
    MILLISECOND,
    Whose,
    by_settlement,
    cash_of,
    funding_of,
    order_of,
    positions_of,
    trade_of,
)
from hedgerow.adapters.venues.seen import Seen
from hedgerow.adapters.venues.streams import Patience, Read, merged
from hedgerow.execution.budget import Priority
from hedgerow.execution.order import (
    AccountSnapshot,
    Cause,
    FundingReport,
    OrderReport,
    TradeReport,
)
from hedgerow.execution.port import (
    CashReport,
    Facts,
    Garbled,
    PrivateReport,
    Refused,
    TransferReport,
)
from hedgerow.units import MINUTE

STEP: Final = Decimal("1e-8")  # of what venues move between their own accounts
BEFORE: Final = MINUTE  # how far back a stream may tell of things that happened before it opened


class VenueAccount:
    """One account; its gateway shares connection and names with it."""

    def __init__(
        self,
        connection: Connection,
        account: str,
        names: Names,
        *,
        patience: Patience | None = None,
    ) -> None:
        self.venue = connection.venue
        self.account = account
        self._connection = connection
        self._names = names
        self._patience = patience or Patience()

    def watch(self) -> AsyncIterator[PrivateReport]:
        """Yield orders and trades as they come, each once, and what becomes of the streams."""
        return self._watch()

    async def _watch(self) -> AsyncIterator[PrivateReport]:
        connection = self._connection
        contracts = await connection.contracts()
        seen = Seen(since=connection.now() - BEFORE)

        def read_orders(message: Any) -> list[OrderReport | TradeReport]:  # noqa: ANN401
            rows = [row for row in message if row.get("symbol") in contracts]
            found = [self._order(row, contracts[row["symbol"]], "orders") for row in rows]
            orders = [report for report in found if report.client_id and seen.order(report)]
            forced = [
                trade
                for row in rows
                if (part := connection.quirks.forced_trade(connection.exchange, row))
                and seen.trade(trade := self._trade(part, contracts[row["symbol"]], "trades"))
            ]
            return [*orders, *forced]

        def read_trades(message: Any) -> list[OrderReport | TradeReport]:  # noqa: ANN401
            rows = [row for row in message if row.get("symbol") in contracts]
            mine = [row for row in rows if connection.quirks.counts(row)]
            found = [self._trade(row, contracts[row["symbol"]], "trades") for row in mine]
            return [report for report in found if seen.trade(report)]

        def reader(stream: Stream) -> Read[OrderReport | TradeReport]:
            return read_orders if stream.method == "watch_orders" else read_trades

        streams = connection.quirks.order_streams(await connection.scopes())
        pairs = [(stream, reader(stream)) for stream in streams]
        async with aclosing(merged(connection, pairs, self._patience)) as reports:
            async for report in reports:
                yield report

    async def snapshot(self) -> AccountSnapshot:
        """Return balances, positions and open orders; stamped before the first of them was asked.

        What trades while they are asked shows in some and not in others, so whoever compares
        passes over what is later than the stamp.
        """
        connection, quirks = self._connection, self._connection.quirks
        contracts, scopes = await connection.contracts(), await connection.scopes()
        exchange = connection.exchange
        time = connection.now()
        balance = await connection.ask("balance", lambda: quirks.balance(exchange, scopes))
        held = await connection.ask("positions", self._positions)
        waiting = await connection.ask("open orders", lambda: quirks.open_orders(exchange, scopes))
        return AccountSnapshot(
            venue=self.venue,
            account=self.account,
            time=time,
            balances=quirks.wallets(balance, held),
            positions=positions_of(held, contracts, connection.told(self.account, "positions")),
            open_orders=tuple(
                self._order(row, contracts[row["symbol"]], "open orders")
                for row in waiting
                if row.get("symbol") in contracts
            ),
        )

    async def _positions(self) -> list[Row]:
        scopes = await self._connection.scopes()
        if all(scope.kind == "spot" for scope in scopes):
            return []
        return await self._connection.quirks.positions(self._connection.exchange, scopes)

    async def trades(self, symbol: str, since: int) -> tuple[TradeReport, ...]:
        """Return trades from `since` (UTC nanoseconds) on, oldest first, without holes."""
        connection, quirks = self._connection, self._connection.quirks
        contract = await connection.contract(symbol)
        what = f"trades of {symbol}"

        async def fetch(first: int, last: int) -> list[Row]:
            return await connection.ask(
                what, lambda: quirks.mine(connection.exchange, symbol, first, last)
            )

        until = connection.now() // MILLISECOND + 1000
        rows = await without_holes(fetch, since // MILLISECOND, until, quirks.trades)
        mine = [row for row in rows if row.get("symbol") == symbol and quirks.counts(row)]
        for row in mine:
            await self._learn_order(row, symbol, what)
        found = (self._trade(row, contract, what) for row in mine)
        return tuple(report for report in found if report.time >= since)

    async def funding(self, symbol: str, since: int) -> tuple[FundingReport, ...]:
        """Return funding payments from `since` on, oldest first, without holes."""
        connection, quirks = self._connection, self._connection.quirks
        if (await connection.contract(symbol)).kind == "spot":
            return ()
        what = f"funding of {symbol}"
        told = connection.told(self.account, what)

        async def fetch(first: int, last: int) -> list[Row]:
            return await connection.ask(
                what, lambda: quirks.paid(connection.exchange, symbol, first, last)
            )

        until = connection.now() // MILLISECOND + 1000
        rows = await without_holes(fetch, since // MILLISECOND, until, quirks.funding)
        mine = [row for row in rows if row.get("symbol", symbol) == symbol]
        reports = by_settlement(funding_of(row, symbol, told) for row in mine)
        return tuple(report for report in reports if report.settlement >= since)

    async def cash(self, since: int) -> tuple[CashReport, ...]:
        """Return cash that came or went past trades and funding, oldest first, without holes."""
        connection, quirks = self._connection, self._connection.quirks
        scopes = await connection.scopes()
        told = connection.told(self.account, "movements of cash")

        async def fetch(first: int, last: int) -> list[Row]:
            return await connection.ask(
                told.what, lambda: quirks.moved(connection.exchange, scopes, first, last)
            )

        until = connection.now() // MILLISECOND + 1000
        rows = await without_holes(fetch, since // MILLISECOND, until, quirks.cash)
        words = quirks.cash_words
        found = (cash_of(row, words[row["word"]], told) for row in rows if row["word"] in words)
        return tuple(report for report in found if report.time >= since and report.amount)

    async def transfer(self, currency: str, amount: Decimal, transfer_id: str) -> TransferReport:
        """Move collateral between the reserve and this account, into it if `amount` > 0.

        Raises
        ------
        Refused
            With the reason ``"unsupported"`` where the venue has no reserve beside the account.
        OutcomeUnknown
            If it may have been done: look at the balances, do not send it again.
        """
        connection, quirks = self._connection, self._connection.quirks
        reserve, trading = quirks.accounts(await connection.scopes())
        if not reserve or not amount:
            raise Refused(
                f"{self.venue}: no transfer of {amount} {currency}: the venue has no reserve "
                "beside this account; move the collateral on its page",
                reason="unsupported",
            )
        source, target = (reserve, trading) if amount > 0 else (trading, reserve)
        what = f"transfer {transfer_id}"
        row = await connection.ask(
            what,
            lambda: connection.exchange.transfer(
                currency,
                f"{abs(amount).quantize(STEP, ROUND_DOWN):f}",
                source,
                target,
                quirks.transfer_parameters(transfer_id),
            ),
            changes=True,
            priority=Priority.CLOSE,
        )
        if not isinstance(row, dict) or not row.get("id"):
            raise connection.garbled(what, "the reply has no id of the transfer")
        return TransferReport(
            venue=self.venue,
            account=self.account,
            currency=currency,
            amount=amount,
            time=connection.now(),
            transfer_id=transfer_id,
            reason="refused" if row.get("status") == "failed" else "",
        )

    async def facts(self, symbols: Sequence[str]) -> Facts:
        """Return what a preflight checks; changes nothing."""
        return await facts_of(self._connection, self.account, symbols)

    async def close(self) -> None:
        """Let go of all connections, the gateway's too."""
        await self._connection.close()
        await asyncio.sleep(0)

    async def _learn_order(self, row: Row, symbol: str, what: str) -> None:
        """Have the client id of a trade's order, which some venues do not tell with the trade."""
        quirks = self._connection.quirks
        venue_id = str(row.get("order") or "")
        wire_id = quirks.wire_id_of(row)
        if wire_id or not quirks.asks_orders or not venue_id:
            return
        if self._names.of_order(symbol, venue_id) is None:
            order = await self._connection.ask(
                what, lambda: self._connection.exchange.fetch_order(venue_id, symbol)
            )
            if str(order.get("id")) != venue_id:
                raise Garbled(f"{self.venue}: {what}: asked for order {venue_id}, was told another")
            self._names.note(symbol, venue_id, quirks.wire_id_of(order))

    def _order(self, row: Row, contract: Contract, what: str) -> OrderReport:
        connection = self._connection
        wire_id = connection.quirks.wire_id_of(row)
        told = connection.told(self.account, what)
        name = self._names.ours(wire_id) or wire_id
        report = order_of(row, name, contract, told, connection.now())
        self._names.note(contract.symbol, report.venue_id, wire_id)
        return report

    def _trade(self, row: Row, contract: Contract, what: str) -> TradeReport:
        quirks = self._connection.quirks
        order = str(row.get("order") or "")
        wire_id = quirks.wire_id_of(row) or self._names.of_order(contract.symbol, order) or ""
        forced = quirks.cause_of({**row, "clientOrderId": wire_id} if wire_id else row)
        client_id = "" if forced else self._names.ours(wire_id)
        cause = forced or (Cause.OURS if client_id else Cause.MANUAL)
        return trade_of(
            row,
            Whose(client_id=client_id, cause=cause),
            contract,
            self._connection.told(self.account, what),
        )
