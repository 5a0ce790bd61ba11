"""Public market data of one venue, by stream and by request."""

from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from typing import Any, Final

from hedgerow.adapters.venues.connection import Connection
from hedgerow.adapters.venues.contracts import Contract
from hedgerow.adapters.venues.intervals import intervals_of
from hedgerow.adapters.venues.quirks import Row
from hedgerow.adapters.venues.quotes import quote_of
from hedgerow.adapters.venues.streams import Patience, merged
from hedgerow.execution.port import NO_ANSWER, FeedReport, QuoteReport
from hedgerow.units import MINUTE

RELEARNS: Final = 5 * MINUTE  # between two questions how often funding is settled


class VenueFeed:
    """The feed of a venue; what a stream does not carry is None in its reports."""

    def __init__(self, connection: Connection, *, patience: Patience | None = None) -> None:
        self.venue = connection.venue
        self._connection = connection
        self._patience = patience or Patience()
        self._hours: dict[str, float | None] = {}

    def watch(self, symbols: Sequence[str]) -> AsyncIterator[FeedReport]:
        """Yield quotes as they come, and what becomes of the streams."""
        return self._watch(frozenset(symbols))

    async def _watch(self, symbols: frozenset[str]) -> AsyncIterator[FeedReport]:
        connection = self._connection
        contracts = await connection.contracts()
        wanted = {symbol: contracts[symbol] for symbol in contracts if symbol in symbols}
        await self._learn_hours(wanted)

        def read(message: Any) -> list[QuoteReport]:  # noqa: ANN401  of ccxt
            parts = connection.quirks.parts_of(message)
            return [
                self._quote([part], wanted[symbol]) for symbol, part in parts if symbol in wanted
            ]

        streams = connection.quirks.quote_streams(await connection.scopes())
        pairs = [(stream, read) for stream in streams]
        learned = connection.now()
        async with aclosing(merged(connection, pairs, self._patience)) as reports:
            async for report in reports:
                yield report
                if connection.now() - learned > RELEARNS:
                    learned = connection.now()
                    await self._learn_again(wanted)

    async def quote(self, symbol: str) -> QuoteReport:
        """Return one quote by request, also of a symbol that the feed was not opened for."""
        connection = self._connection
        contract = await connection.any_contract(symbol)
        if symbol in connection.symbols:
            await self._learn_hours({symbol: contract})
        parts = await connection.ask(
            f"quote of {symbol}",
            lambda: connection.quirks.quote_parts(connection.exchange, symbol, contract.kind),
        )
        return self._quote(parts, contract)

    async def close(self) -> None:
        """Let go of all connections."""
        await self._connection.close()

    def _quote(self, parts: Sequence[Row], contract: Contract) -> QuoteReport:
        return quote_of(
            parts,
            contract,
            self.venue,
            self._connection.now(),
            self._hours.get(contract.symbol),
        )

    async def _learn_again(self, contracts: dict[str, Contract]) -> None:
        """Ask how often funding is settled now: venues change it in flight."""
        swaps = [symbol for symbol, each in contracts.items() if each.kind != "spot"]
        try:
            await self._connection.listed()  # where some venues name it
            told = await intervals_of(self._connection, swaps)
        except NO_ANSWER:
            return  # what was known holds until it answers
        self._hours |= told

    async def _learn_hours(self, contracts: dict[str, Contract]) -> None:
        swaps = [symbol for symbol, each in contracts.items() if each.kind != "spot"]
        missing = [symbol for symbol in swaps if symbol not in self._hours]
        if missing:
            told = await intervals_of(self._connection, missing)
            self._hours |= {symbol: told.get(symbol) for symbol in missing}
