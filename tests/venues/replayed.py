"""A server on loopback that answers with recorded replies, and keeps what it was asked."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import parse_qsl

from aiohttp import web

from hedgerow.adapters.venues.account import VenueAccount
from hedgerow.adapters.venues.feed import VenueFeed
from hedgerow.adapters.venues.gateway import VenueGateway
from hedgerow.adapters.venues.keys import Keys
from hedgerow.adapters.venues.opening import Where, open_venue
from hedgerow.execution.secret import Secret

Reply = Any  # JSON, a response, a function that makes one, or several

KEYS = {
    "okx": Keys(key=Secret("a-key-0001"), secret=Secret("a-secret"), passphrase=Secret("pass")),
    "hyperliquid": Keys(
        secret=Secret("0x" + "11" * 32), wallet="0x2222222222222222222222222222222222222222"
    ),
}
PLAIN = Keys(key=Secret("a-key-0001"), secret=Secret("a-secret"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    method: str
    path: str
    query: dict[str, str]
    body: Any
    headers: dict[str, str]

    @property
    def names(self) -> str:
        """What picks the reply: the end of the path, or the type in the body."""
        kind = self.body.get("type") if isinstance(self.body, dict) else None
        return kind or self.path


@dataclass(slots=True)
class Replayed:
    """Answers each question with the reply whose name its path ends with, or its type is.

    A list of replies is used up one by one, its last one stays; a function makes the reply.
    """

    replies: dict[str, Any]
    asked: list[Asked] = field(default_factory=list)
    url: str = ""
    _runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    def of(self, name: str) -> list[Asked]:
        """Return what was asked under a name."""
        return [one for one in self.asked if one.names.endswith(name)]

    async def _answer(self, request: web.Request) -> web.Response:
        text = await request.text()
        try:
            body = json.loads(text) if text else None
        except ValueError:
            body = dict(parse_qsl(text))
        one = Asked(
            method=request.method,
            path=request.path,
            query=dict(request.query),
            body=body,
            headers=dict(request.headers),
        )
        self.asked.append(one)
        for name, reply in self.replies.items():
            if one.names.endswith(name):
                return self._made(reply, one)
        return web.Response(status=404, text=f"nothing recorded for {one.names}")

    def _made(self, reply: Reply, one: Asked) -> web.Response:
        while callable(reply) or (isinstance(reply, Several)):
            reply = reply(one) if callable(reply) else reply.next()
        if isinstance(reply, web.Response):
            return reply
        return web.Response(text=json.dumps(reply), content_type="application/json")


class Several:
    """Replies one after another; the last stays."""

    def __init__(self, *replies: Reply) -> None:
        self._replies = list(replies)

    def next(self) -> Reply:
        return self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]


@dataclass(frozen=True, slots=True)
class Desk:
    server: Replayed
    feed: VenueFeed
    gateway: VenueGateway
    account: VenueAccount


Story = Callable[[Desk], Awaitable[None]]


def told(
    venue: str,
    symbols: tuple[str, ...],
    replies: dict[str, Any],
    story: Story,
) -> None:
    """Run a story on recorded replies."""

    async def run() -> None:
        async with Replayed(replies) as server:
            feed, gateways, accounts = open_venue(
                venue,
                {"main": symbols},
                {"main": KEYS.get(venue, PLAIN)},
                Where(loopback_url=server.url, timeout=2_000),
            )
            for each in (feed, accounts["main"]):
                each._connection.exchange.timeout_on_exit = 0
                each._connection.exchange.pace = None  # nothing is worn out here
            try:
                await story(Desk(server, feed, gateways["main"], accounts["main"]))
            finally:
                await feed.close()
                await accounts["main"].close()

    asyncio.run(run())
