"""The unmodified ccxt client, pointed at a fake venue."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fake_venue.loopback import Client, LoopbackServer

CLASSES = {"binance": "binanceusdm", "deribit": "deribit"}


@asynccontextmanager
async def connected(venue: LoopbackServer, **options: object) -> AsyncIterator[Client]:
    """Lend a client with the venue's key, its markets loaded."""
    import ccxt.pro

    settings: dict[str, object] = {
        "apiKey": venue.key,
        "secret": venue.secret,
        "timeout": 2_000,
        "options": {"fetchCurrencies": False},
    }
    client = venue.rewrite(getattr(ccxt.pro, CLASSES[venue.name])(settings | options))
    try:
        await client.load_markets()
        yield client
    finally:
        await client.close()


__all__ = ("Client", "connected")
