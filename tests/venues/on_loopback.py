"""A desk's own adapters, opened on a fake venue."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, TypeVar

from fake_venue.loopback import LoopbackServer
from hedgerow.adapters.venues.account import VenueAccount
from hedgerow.adapters.venues.feed import VenueFeed
from hedgerow.adapters.venues.gateway import VenueGateway
from hedgerow.adapters.venues.keys import Keys
from hedgerow.adapters.venues.opening import Where, open_venue
from hedgerow.adapters.venues.streams import Patience
from hedgerow.execution.order import OrderKind, OrderRequest, Side
from hedgerow.execution.secret import Secret

T = TypeVar("T")
Fake = Any  # one of the fake venues, or its class
Change = Any  # a field of an order
QUICK = Patience(first=0.05, longest=0.1, opening=2.0)
SYMBOLS = {"binance": "BTC/USDT:USDT", "deribit": "BTC/USD:BTC"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    feed: VenueFeed
    gateway: VenueGateway
    account: VenueAccount
    symbol: str

    def order(self, client_id: str, amount: str, price: str, **changes: Change) -> OrderRequest:
        plain = OrderRequest(
            client_id=client_id,
            venue=self.gateway.venue,
            account="main",
            symbol=self.symbol,
            side=Side.BUY,
            amount=Decimal(amount),
            kind=OrderKind.LIMIT,
            price=Decimal(price),
        )
        return replace(plain, **changes)


@asynccontextmanager
async def opened(
    venue: LoopbackServer, *symbols: str, patience: int = 2_000, keys: Keys | None = None
) -> AsyncIterator[Opened]:
    """Lend feed, gateway and account on a fake venue; all closed in the end."""
    names = symbols or (SYMBOLS[venue.name],)
    secrets = keys or Keys(key=Secret(venue.key), secret=Secret(venue.secret))
    feed, gateways, accounts = open_venue(
        venue.name,
        {"main": names},
        {"main": secrets},
        Where(loopback_url=venue.url, timeout=patience, patience=QUICK),
    )
    for each in (feed, accounts["main"]):
        each._connection.exchange.timeout_on_exit = 0
        each._connection.exchange.pace = None  # nothing is worn out here
    try:
        yield Opened(feed=feed, gateway=gateways["main"], account=accounts["main"], symbol=names[0])
    finally:
        await feed.close()
        await accounts["main"].close()


async def first(
    reports: AsyncIterator[T], wanted: Callable[[T], bool], seconds: float = 5.0
) -> list[T]:
    """Return the reports up to the first that is wanted, and stop the stream."""
    found: list[T] = []
    async with asyncio.timeout(seconds), aclosing(reports) as stream:  # type: ignore[type-var]
        async for report in stream:
            found.append(report)
            if wanted(report):
                break
    return found


def told(
    server: Callable[[], LoopbackServer], story: Callable[[Fake, Opened], Awaitable[None]]
) -> None:
    """Run a story on a fake venue."""

    async def run() -> None:
        async with server() as venue, opened(venue) as desk:
            await story(venue, desk)

    asyncio.run(run())
