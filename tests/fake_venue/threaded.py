"""A fake venue that runs in a thread of its own, for tests of programs that block."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from fake_venue.loopback import LoopbackServer

V = TypeVar("V", bound=LoopbackServer)


@contextmanager
def standing(make: Callable[[], V]) -> Iterator[V]:
    """Lend a server that stands until the block ends; `make` is called in its thread."""
    ready = threading.Event()
    made: list[V] = []
    loops: list[asyncio.AbstractEventLoop] = []
    done: list[asyncio.Event] = []

    async def serve() -> None:
        async with make() as venue:
            made.append(venue)
            loops.append(asyncio.get_running_loop())
            done.append(asyncio.Event())
            ready.set()
            await done[0].wait()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    ready.wait(5)
    try:
        yield made[0]
    finally:
        loops[0].call_soon_threadsafe(done[0].set)
        thread.join(5)
