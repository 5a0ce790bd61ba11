"""Streams that heal by themselves: silence is noticed, what closed is opened again."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar

from hedgerow.adapters.venues.connection import Connection
from hedgerow.adapters.venues.failures import Asked, translate
from hedgerow.adapters.venues.loader import error_kind
from hedgerow.adapters.venues.quirks import Stream
from hedgerow.adapters.venues.tuned import WATCHED
from hedgerow.execution.port import NO_ANSWER, StreamReport

T = TypeVar("T")
Read = Callable[[Any], Sequence[T]]

BACKLOG: Final = 10_000  # reports that wait; beyond it a stream waits for whoever reads them
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
    """One stream on its way into the common queue.

    ccxt wakes whoever waits for a message, and nobody else: so one task does nothing but wait,
    read and wait again, without a pause in which a message could come unheard, and another looks
    at the first from time to time.
    """

    connection: Connection
    stream: Stream
    read: Read[T]
    queue: asyncio.Queue[T | StreamReport]
    patience: Patience
    alive: bool | None = None
    pause: float = 0.0
    heard: float = 0.0
    sockets: set[str] = field(default_factory=set)

    async def run(self) -> None:
        """Watch for ever."""
        WATCHED.set(self.sockets)
        while True:
            self.heard = asyncio.get_running_loop().time()
            listening = asyncio.ensure_future(self._listen())
            try:
                reason = await self._mind(listening)
            finally:
                listening.cancel()
            await self._hang_up()
            self._tell(alive=False, reason=reason)
            self.pause = min(max(2 * self.pause, self.patience.first), self.patience.longest)
            await asyncio.sleep(self.pause)

    async def _listen(self) -> None:
        """Wait for message after message and hand them on, until something breaks."""
        loop, stream = asyncio.get_running_loop(), self.stream
        watch = getattr(self.connection.exchange, stream.method)
        parameters = {"params": dict(stream.parameters)} if stream.parameters else {}
        while True:
            message = await watch(*stream.arguments, **parameters)
            self._hand_on(message)
            self.heard, self.pause = loop.time(), 0.0
            if self.queue.qsize() > BACKLOG:
                await asyncio.sleep(LOOK)

    def _hand_on(self, message: Any) -> None:  # noqa: ANN401  of ccxt
        try:
            found = self.read(message)
        except NO_ANSWER as garbled:
            self._tell(alive=False, reason=self._words(garbled))
            return
        self._tell(alive=True)
        for report in found:
            self.queue.put_nowait(report)

    async def _mind(self, listening: "asyncio.Future[None]") -> str:
        """Look at the listener until it breaks or is silent for too long; return why it ends."""
        loop, age = asyncio.get_running_loop(), self.stream.age
        while True:
            await asyncio.wait({listening}, timeout=LOOK)
            if listening.done():
                break
            quiet = loop.time() - self.heard
            if age is not None and quiet > age:
                return f"silent for {age:g} s"
            if age is None and not self._stands(quiet):
                return "the socket does not open"
        if listening.cancelled():
            return "closed"
        error = listening.exception()
        if error is None or not isinstance(error, (error_kind("BaseError"), *NO_ANSWER)):
            listening.result()  # a defect of ours
        return self._words(error) if error else "ended"

    def _words(self, error: BaseException) -> str:
        asked = Asked(
            venue=self.connection.venue,
            what=f"stream {self.stream.name}",
            keys=self.connection.keys,
        )
        return str(translate(error, asked))

    def _stands(self, quiet: float) -> bool:
        """Whether the socket of a stream that may well be silent is up, or still may come."""
        clients = self.connection.exchange.clients or {}
        mine = [clients[url] for url in self.sockets if url in clients]
        if any(client.isConnected and not client.closed() for client in mine):
            self._tell(alive=True)
            return True
        return quiet < self.patience.opening

    async def _hang_up(self) -> None:
        """Let go of the stream's sockets; others on them come back by themselves."""
        clients = self.connection.exchange.clients or {}
        for url in tuple(self.sockets):
            client = clients.pop(url, None)
            if client is not None:
                await client.close()
        self.sockets.clear()
        self.connection.quirks.forget(self.connection.exchange)

    def _tell(self, *, alive: bool, reason: str = "") -> None:
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
        self.queue.put_nowait(report)


async def merged(
    connection: Connection,
    streams: Sequence[tuple[Stream, Read[T]]],
    patience: Patience,
) -> AsyncGenerator[T | StreamReport, None]:
    """Yield what all streams say, and what becomes of them, until the reader stops."""
    queue: asyncio.Queue[T | StreamReport] = asyncio.Queue()
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
