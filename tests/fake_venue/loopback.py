"""What every fake venue's server has: a port on loopback, a log, sockets, and its faults."""

import asyncio
import contextlib
import json
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Self, TypeAlias
from urllib.parse import parse_qsl, urlsplit

from aiohttp import WSMsgType, web

from fake_venue.exchange import FakeExchange
from fake_venue.faults import Faults, Mishap, Reply, RequestFault
from fake_venue.holdings import Account
from fake_venue.orders import Event

Client: TypeAlias = Any  # of ccxt, which ships no types
KEY, SECRET = "a-test-key", "a-test-secret"  # what the fake venues accept


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One request as it arrived; a call over a socket has the method "WS"."""

    method: str
    path: str
    query: str
    body: str
    headers: Mapping[str, str]
    time: int

    @property
    def values(self) -> dict[str, str]:
        """What was asked, from query and body."""
        return dict(parse_qsl(self.query, keep_blank_values=True)) | dict(
            parse_qsl(self.body, keep_blank_values=True)
        )


@dataclass(slots=True, kw_only=True, eq=False)
class Socket:
    """One open socket: what it hears, and what waits to be sent."""

    wire: web.WebSocketResponse
    transport: asyncio.Transport | None
    path: str
    query: Mapping[str, str]
    topics: list[str] = field(default_factory=list)
    user: bool = False
    cancels: bool = False  # orders of this connection die with it
    outbox: asyncio.Queue[str] = field(default_factory=asyncio.Queue)
    held: list[str] = field(default_factory=list)


class LoopbackServer:
    """A venue on ``127.0.0.1``; subclasses know its language.

    Attributes
    ----------
    exchange
        What stands behind it: markets, orders, account.
    requests
        All that was asked, in order.
    faults
        What is to go wrong.
    skew
        How far the venue's clock is ahead of the exchange's, milliseconds.
    maintenance
        Nothing answers but the notice.
    silent
        Sockets stay open and say nothing, not even a pong.
    """

    name = ""

    def __init__(self, exchange: FakeExchange, port: int = 0) -> None:
        self.exchange = exchange
        self.port = port
        self.requests: list[Seen] = []
        self.sockets: list[Socket] = []
        self.faults = Faults()
        self.key, self.secret = KEY, SECRET
        self.skew = 0
        self.maintenance = False
        self.silent = False
        self.refuse_sockets = False
        self._runner: web.AppRunner | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        exchange.listeners.append(self.on_event)

    # What a subclass knows.

    async def answer(self, seen: Seen) -> web.Response:
        """Carry a request out and return the reply."""
        raise NotImplementedError

    def refusal(self, reply: Reply) -> web.Response:
        """Return a no in the venue's own shape."""
        raise NotImplementedError

    def closed_for_maintenance(self) -> web.Response:
        """Return the notice."""
        raise NotImplementedError

    def on_event(self, event: Event) -> None:
        """Tell the sockets."""
        raise NotImplementedError

    async def hear(self, socket: Socket, text: str) -> None:
        """Act upon what came over a socket."""
        raise NotImplementedError

    def admitted(self, socket: Socket) -> bool:
        """Whether a socket may stay."""
        return bool(socket)

    # What a test uses.

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in tuple(self._tasks):
            task.cancel()
        await self.hang_up()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    @property
    def url(self) -> str:
        """Where it stands."""
        return f"http://127.0.0.1:{self.port}"

    def rewrite(self, client: Client) -> Client:
        """Point every address of an unmodified ccxt client here and return the client."""
        client.urls["api"] = self._rewritten(client.urls["api"])
        client.enableRateLimit = False
        return client

    def seen(self, call: str) -> list[Seen]:
        """Return the requests that `call` means, as a fault's does."""
        wanted = RequestFault(call=call)
        return [one for one in self.requests if wanted.matches(one.method, one.path)]

    def now(self) -> int:
        """Return the venue's time, milliseconds."""
        return self.exchange.clock() + self.skew

    @property
    def account(self) -> Account:
        """What the user holds."""
        return self.exchange.account

    def book(self, name: str, bid: Decimal, ask: Decimal, depth: Decimal, levels: int = 5) -> None:
        """Quote `depth` at the best bid and ask and at each of the next levels, a tick apart."""
        self.exchange.book(name, bid, ask, depth, levels)

    def partial(self, fraction: Decimal) -> None:
        """Let the next order trade no more than this of its amount when it arrives."""
        self.exchange.fractions.append(fraction)

    async def until(self, condition: Callable[[], bool], seconds: float = 5.0) -> None:
        """Wait until `condition` holds; it must, within `seconds`."""
        for _ in range(round(seconds * 100)):
            if condition():
                return
            await asyncio.sleep(0.01)
        raise AssertionError(f"{self.name}: what was waited for did not come in {seconds} s")

    def hears(self, topic: str = "") -> bool:
        """Whether some socket listens to a topic that begins so; "" is the private stream."""
        if not topic:
            return any(socket.user for socket in self.sockets)
        return any(name.startswith(topic) for socket in self.sockets for name in socket.topics)

    def pulse(self, seconds: float = 0.1) -> None:
        """Tell book and mark again and again, as a living market does, until the server ends."""
        self._spawn(self._beat(seconds))

    async def hang_up(self) -> None:
        """Close all sockets."""
        for socket in tuple(self.sockets):
            with contextlib.suppress(ConnectionError, asyncio.TimeoutError):
                await asyncio.wait_for(socket.wire.close(code=1001), 0.5)

    def cut(self) -> None:
        """Let all sockets die without a word."""
        for socket in tuple(self.sockets):
            if socket.transport is not None:
                socket.transport.abort()

    def send(self, name: str, message: object, to: Callable[[Socket], bool]) -> None:
        """Send a message called `name` to the sockets that want it, faults willing."""
        wanting = [socket for socket in self.sockets if to(socket)]
        if not wanting or self.silent:
            return
        mishap = self.faults.of_message(name)
        text = json.dumps(message)
        for socket in wanting:
            self._enqueue(socket, text, mishap)

    # How it works.

    def _enqueue(self, socket: Socket, text: str, mishap: Mishap | None) -> None:
        if mishap is Mishap.LOST:
            return
        if mishap is Mishap.HELD:
            socket.held.append(text)
            return
        copies = 2 if mishap is Mishap.TWICE else 1
        for one in [text] * copies + socket.held:
            socket.outbox.put_nowait(one)
        socket.held.clear()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return await self._converse(request)
        seen = Seen(
            method=request.method,
            path=request.path,
            query=request.raw_path.partition("?")[2],
            body=await request.text(),
            headers=dict(request.headers),
            time=self.now(),
        )
        self.requests.append(seen)
        if self.maintenance:
            return self.closed_for_maintenance()
        fault = self.faults.of_request(seen.method, seen.path)
        if fault is None:
            return await self.answer(seen)
        return await self._suffer(request, seen, fault)

    async def _suffer(
        self, request: web.Request, seen: Seen, fault: RequestFault
    ) -> web.StreamResponse:
        await asyncio.sleep(fault.before)
        response = await self.answer(seen) if fault.processed else web.Response()
        await asyncio.sleep(fault.after)
        if fault.dropped:
            if request.transport is not None:
                request.transport.abort()
            return response
        if fault.reply is None:
            return response
        if fault.reply.code is not None:
            return self.refusal(fault.reply)
        return web.Response(
            status=fault.reply.status,
            text=fault.reply.body,
            content_type=fault.reply.content_type,
            headers=dict(fault.reply.headers),
        )

    async def _converse(self, request: web.Request) -> web.StreamResponse:
        if self.maintenance or self.refuse_sockets:
            return web.Response(status=503)
        wire = web.WebSocketResponse(autoping=False, timeout=0.2)
        await wire.prepare(request)
        socket = Socket(
            wire=wire, transport=request.transport, path=request.path, query=dict(request.query)
        )
        if not self.admitted(socket):
            await wire.close(code=1008)
            return wire
        self.sockets.append(socket)
        sender = self._spawn(self._send_all(socket))
        try:
            async for message in wire:
                if self.silent:
                    continue
                if message.type is WSMsgType.TEXT:
                    await self.hear(socket, message.data)
                elif message.type is WSMsgType.PING:
                    await wire.pong(message.data)
        finally:
            sender.cancel()
            self.sockets.remove(socket)
            self.gone(socket)
        return wire

    def gone(self, socket: Socket) -> None:
        """Act upon the end of a socket."""
        if socket.cancels:
            for order in self.exchange.open_orders():
                self.exchange.cancel(order)

    async def _send_all(self, socket: Socket) -> None:
        with contextlib.suppress(ConnectionError):
            while True:
                text = await socket.outbox.get()
                if not self.silent:
                    await socket.wire.send_str(text)

    async def _beat(self, seconds: float) -> None:
        while True:
            self.exchange.tick()
            await asyncio.sleep(seconds)

    def _spawn(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task: asyncio.Task[None] = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _rewritten(self, leaf: Client) -> Client:
        if isinstance(leaf, str):
            parts = urlsplit(leaf)
            scheme = "ws" if parts.scheme.startswith("ws") else "http"
            return f"{scheme}://127.0.0.1:{self.port}{parts.path}"
        if isinstance(leaf, Mapping):
            return {name: self._rewritten(value) for name, value in leaf.items()}
        if isinstance(leaf, Sequence):
            return [self._rewritten(value) for value in leaf]
        return leaf


def replied(document: object, status: int = 200) -> web.Response:
    """Return a reply in JSON."""
    return web.Response(status=status, text=json.dumps(document), content_type="application/json")
