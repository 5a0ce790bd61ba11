"""A paper exchange behind the feed, the gateway and the account of a venue."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from decimal import Decimal

from hedgerow.execution.order import (
    AccountSnapshot,
    FundingReport,
    OrderReport,
    OrderRequest,
    TradeReport,
)
from hedgerow.execution.port import (
    CashReport,
    Facts,
    Feed,
    FeedReport,
    OutcomeUnknown,
    PrivateReport,
    QuoteReport,
    Refused,
    StreamReport,
    TransferReport,
    VenueError,
)
from hedgerow.live.paper.exchange import PaperExchange

PULSE = 0.25  # seconds between two looks at the clock while nothing else happens


class PaperVenue:
    """An exchange, what it hears of a market, and the queues of those who listen to its accounts.

    Parameters
    ----------
    exchange
        Who keeps accounts and orders.
    source
        Whose quotes it trades on: of a real venue, recorded or made up.
    now
        Returns UTC nanoseconds.
    """

    def __init__(self, exchange: PaperExchange, source: Feed, now: Callable[[], int]) -> None:
        self.exchange = exchange
        self.source = source
        self.now = now
        self._queues: dict[str, list[asyncio.Queue[PrivateReport]]] = {}

    def feed(self) -> "PaperFeed":
        """Return its feed: whoever watches it also drives the exchange."""
        return PaperFeed(self)

    def gateway(self, account: str) -> "PaperGateway":
        """Return the gateway of an account."""
        return PaperGateway(self, account)

    def account(self, account: str) -> "PaperAccountPort":
        """Return what is heard of an account."""
        return PaperAccountPort(self, account)

    def tell(self, reports: Sequence[PrivateReport], account: str) -> None:
        """Give reports to those who listen; an order's own account is `account`."""
        for report in reports:
            owner = getattr(report, "account", None) or self._owner(report, account)
            self.send(report, owner)

    def send(self, report: PrivateReport, owner: str) -> None:
        """Give one report to those who listen to an account."""
        for queue in self._queues.get(owner, ()):
            queue.put_nowait(report)

    def hear(self, quote: QuoteReport) -> None:
        """Let the exchange hear a quote."""
        self.tell(self.exchange.quote(quote, self.now()), "")

    def advance(self) -> None:
        """Let the exchange notice the time."""
        self.tell(self.exchange.advance(self.now()), "")

    def listen(self, account: str) -> "asyncio.Queue[PrivateReport]":
        """Return a new queue of an account's reports."""
        queue: asyncio.Queue[PrivateReport] = asyncio.Queue()
        self._queues.setdefault(account, []).append(queue)
        return queue

    def leave(self, account: str, queue: "asyncio.Queue[PrivateReport]") -> None:
        """Stop filling a queue."""
        self._queues[account].remove(queue)

    def _owner(self, report: PrivateReport, account: str) -> str:
        """Return whose order a report is about: an order's report does not say."""
        if account or not isinstance(report, OrderReport):
            return account
        return next(
            (
                name
                for name, held in self.exchange.accounts.items()
                if report.client_id in held.orders
            ),
            "",
        )


class PaperFeed:
    """The quotes of the source, once the exchange has heard them."""

    def __init__(self, venue: PaperVenue) -> None:
        self._venue = venue
        self.venue = venue.exchange.venue

    async def watch(self, symbols: Sequence[str]) -> AsyncGenerator[FeedReport, None]:
        """Yield quotes as they come, and what becomes of the streams."""
        async for report in self._venue.source.watch(symbols):
            if isinstance(report, QuoteReport):
                self._venue.hear(report)
            yield report

    async def quote(self, symbol: str) -> QuoteReport:
        """Return one quote by request."""
        return await self._venue.source.quote(symbol)

    async def close(self) -> None:
        """Let go of the source."""
        await self._venue.source.close()


class PaperGateway:
    """Orders of one account."""

    def __init__(self, venue: PaperVenue, account: str) -> None:
        self._venue = venue
        self.venue = venue.exchange.venue
        self.account = account

    async def place(self, request: OrderRequest) -> OrderReport:
        """Send an order; its trades come by the account's stream as well.

        One that the venue has already is of unknown outcome, as at a real venue: ask for it.
        """
        self._venue.advance()
        try:
            reports = self._venue.exchange.place(request, self._venue.now())
        except Refused as refusal:
            if refusal.reason == "duplicate":
                raise OutcomeUnknown(str(refusal)) from refusal
            raise
        return self._answer(reports, request.client_id)

    async def cancel(self, client_id: str, symbol: str) -> OrderReport:
        """Cancel an order; one that is already final is reported as it is."""
        del symbol
        self._venue.advance()
        reports = self._venue.exchange.cancel(self.account, client_id, self._venue.now())
        return self._answer(reports, client_id)

    async def probe(self, client_id: str, symbol: str) -> OrderReport | None:
        """Return what became of an order; None if it was never taken."""
        del symbol
        self._venue.advance()
        return self._venue.exchange.probe(self.account, client_id)

    async def cancel_all_after(self, seconds: float) -> bool:
        """Set the dead-man switch; 0 clears it."""
        exchange, now = self._venue.exchange, self._venue.now()
        self._venue.tell(exchange.cancel_all_after(self.account, seconds, now), "")
        return True

    def _answer(self, reports: list[PrivateReport], client_id: str) -> OrderReport:
        self._venue.tell(reports, "")
        found = self._venue.exchange.probe(self.account, client_id)
        if found is None:
            raise VenueError(f"{self.venue}: order {client_id} was taken and is not known")
        return found


class PaperAccountPort:
    """What an account holds, and what happens to it."""

    def __init__(self, venue: PaperVenue, account: str) -> None:
        self._venue = venue
        self.venue = venue.exchange.venue
        self.account = account

    async def watch(self) -> AsyncGenerator[PrivateReport, None]:
        """Yield reports as they come."""
        queue = self._venue.listen(self.account)
        try:
            yield StreamReport(
                venue=self.venue,
                stream=f"account {self.account}",
                alive=True,
                time=self._venue.now(),
            )
            while True:
                try:
                    async with asyncio.timeout(PULSE):
                        report = await queue.get()
                except TimeoutError:
                    self._venue.advance()
                else:
                    yield report
        finally:
            self._venue.leave(self.account, queue)

    async def snapshot(self) -> AccountSnapshot:
        """Return balances, positions and open orders."""
        self._venue.advance()
        return self._venue.exchange.snapshot(self.account, self._venue.now())

    async def trades(self, symbol: str, since: int) -> tuple[TradeReport, ...]:
        """Return trades from `since` on, oldest first."""
        self._venue.advance()
        return self._venue.exchange.trades(self.account, symbol, since)

    async def funding(self, symbol: str, since: int) -> tuple[FundingReport, ...]:
        """Return funding payments from `since` on, oldest first."""
        self._venue.advance()
        return self._venue.exchange.funding(self.account, symbol, since)

    async def cash(self, since: int) -> tuple[CashReport, ...]:
        """Return cash that came or went past trades and funding, oldest first."""
        self._venue.advance()
        return self._venue.exchange.cash(self.account, since)

    async def transfer(self, currency: str, amount: Decimal, transfer_id: str) -> TransferReport:
        """Move collateral into the account, or out of it if `amount` < 0."""
        self._venue.advance()
        exchange, now = self._venue.exchange, self._venue.now()
        try:
            reports = exchange.transfer(self.account, currency, amount, transfer_id, now)
        except Refused as refusal:
            if refusal.reason == "duplicate":
                raise OutcomeUnknown(str(refusal)) from refusal
            raise
        self._venue.tell(reports, "")
        report = reports[-1]
        if not isinstance(report, TransferReport):
            raise VenueError(f"{self.venue}: transfer {transfer_id} has no report")
        return report

    async def close(self) -> None:
        """Nothing is held."""

    async def facts(self, symbols: Sequence[str]) -> Facts:
        """Return what a preflight checks."""
        return self._venue.exchange.facts(self.account, symbols)
