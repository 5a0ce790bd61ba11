"""Streams that heal by themselves: silence is noticed, what closed is opened again."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar

from hedgerow.adapters.venues.connection import Connection
from hedgerow.adapters.venues.failures import BROKEN_REPLY, Asked, translate
from hedgerow.adapters.venues.quirks import Stream
from hedgerow.adapters.venues.tuned import WATCHED
from hedgerow.execution.port import StreamReport, VenueError

T = TypeVar("T")
Read = Callable[[Any], Sequence[T]]

BACKLOG: Final = 10_000  # reports that wait for whoever reads them
LOOK: Final = 0.25  # seconds between two looks at a stream that says nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long a stream may be silent, and how it comes back.

    Attributes
    ----------
    first, longest
        Pause before opening again: doubled from one failure to the next; seconds.
    opening
        How long a stream without an age limit may take until its socket stands.
    """

    first: float = 1.0
    longest: float = 30.0
    opening: float = 20.0


@dataclass(slots=True, kw_only=True, eq=False)
class Runner(Generic[T]):
    """One stream on its way into the common queue."""

    connection: Connection
    stream: Stream
    read: Read[T]
    queue: asyncio.Queue[T | StreamReport]
    patience: Patience
    alive: bool | None = None
    pause: float = 0.0
    sockets: set[str] = field(default_factory=set)

    async def run(self) -> None:
        """Watch for ever."""
        WATCHED.set(self.sockets)
        while True:
            reason = await self._once()
            if reason is None:
                self.pause = 0.0
                continue
            await self._tell(alive=False, reason=reason)
            self.pause = min(max(2 * self.pause, self.patience.first), self.patience.longest)
            await asyncio.sleep(self.pause)

    async def _once(self) -> str | None:
        """Wait for one message and hand it on; return why there is none."""
        loop = asyncio.get_running_loop()
        exchange, stream = self.connection.exchange, self.stream
        watch = getattr(exchange, stream.method)
        parameters = {"params": dict(stream.parameters)} if stream.parameters else {}
        message = asyncio.ensure_future(watch(*stream.arguments, **parameters))
        started = loop.time()
        try:
            while not message.done():
                await asyncio.wait({message}, timeout=LOOK)
                quiet = loop.time() - started
                if message.done():
                    break
                if stream.age is not None and quiet > stream.age:
                    return await self._hang_up(message, f"silent for {stream.age:g} s")
                if stream.age is None and not await self._stands(quiet):
                    return await self._hang_up(message, "the socket does not open")
        except asyncio.CancelledError:
            message.cancel()
            raise
        return await self._hand_on(message)

    async def _hand_on(self, message: "asyncio.Future[Any]") -> str | None:
        if message.cancelled():
            return "closed"
        error = message.exception()
        if error is not None:
            await self._hang_up(message, "")
            return self._words(error)
        try:
            found = self.read(message.result())
        except VenueError as garbled:
            return str(garbled)
        except BROKEN_REPLY as broken:
            return self._words(broken)
        await self._tell(alive=True)
        for report in found:
            await self.queue.put(report)
        return None

    def _words(self, error: BaseException) -> str:
        asked = Asked(
            venue=self.connection.venue,
            what=f"stream {self.stream.name}",
            keys=self.connection.keys,
        )
        return str(translate(error, asked))

    async def _stands(self, quiet: float) -> bool:
        """Whether the socket of a stream that may well be silent is up, or still may come."""
        clients = self.connection.exchange.clients or {}
        mine = [clients[url] for url in self.sockets if url in clients]
        if any(client.isConnected and not client.closed() for client in mine):
            await self._tell(alive=True)
            return True
        return quiet < self.patience.opening

    async def _hang_up(self, message: "asyncio.Future[Any]", reason: str) -> str:
        """Let go of the stream's sockets; others on them come back by themselves."""
        message.cancel()
        clients = self.connection.exchange.clients or {}
        for url in tuple(self.sockets):
            client = clients.pop(url, None)
            if client is not None:
                await client.close()
        self.sockets.clear()
        self.connection.quirks.forget(self.connection.exchange)
        return reason

    async def _tell(self, *, alive: bool, reason: str = "") -> None:
        if alive is self.alive:
            return
        self.alive = alive
        report = StreamReport(
            venue=self.connection.venue,
            stream=self.stream.name,
            alive=alive,
            time=self.connection.now(),
            reason=reason,
        )
        await self.queue.put(report)


async def merged(
    connection: Connection,
    streams: Sequence[tuple[Stream, Read[T]]],
    patience: Patience,
) -> AsyncIterator[T | StreamReport]:
    """Yield what all streams say, and what becomes of them, until the reader stops."""
    queue: asyncio.Queue[T | StreamReport] = asyncio.Queue(BACKLOG)
    runners = [
        Runner(connection=connection, stream=stream, read=read, queue=queue, patience=patience)
        for stream, read in streams
    ]
    tasks = [asyncio.ensure_future(runner.run()) for runner in runners]
    try:
        while True:
            waiting = asyncio.ensure_future(queue.get())
            try:
                await asyncio.wait({waiting, *tasks}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                if not waiting.done():
                    waiting.cancel()
            for task in tasks:
                if task.done():
                    task.result()  # a runner never ends but by a defect of ours
            yield waiting.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
