"""The API served beside the desk, in its own event loop, on the loopback unless told otherwise."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final

import uvicorn

from hedgerow.dashboard.listening import Listening
from hedgerow.dashboard.port import held_port
from hedgerow.errors import ConfigError

if TYPE_CHECKING:
    from starlette.types import ASGIApp

LARGEST_MESSAGE: Final = 4096  # bytes of a client's socket message
GRACE: Final = 2  # seconds that open connections get when the desk ends


class ApiServer:
    """One server; `start` it, read its `url`, `stop` it.

    Parameters
    ----------
    port
        As `held_port` holds it; one is taken at the start unless given.
    """

    __slots__ = ("_listening", "_server", "_socket", "_task", "url")

    def __init__(
        self, app: "ASGIApp", listening: Listening, port: socket.socket | None = None
    ) -> None:
        listening.check()
        self._listening = listening
        self._server = _Quiet(
            uvicorn.Config(
                app,
                http="httptools",
                ws="websockets-sansio",
                lifespan="off",
                log_config=None,
                log_level="warning",
                access_log=False,
                server_header=False,
                proxy_headers=False,
                ws_max_size=LARGEST_MESSAGE,
                ws_per_message_deflate=False,
                timeout_graceful_shutdown=GRACE,
                ssl_certfile=listening.certificate or None,
                ssl_keyfile=listening.key or None,
            )
        )
        self._socket = port
        self._task: asyncio.Task[None] | None = None
        self.url = ""

    async def start(self) -> str:
        """Listen, and return the address.

        Raises
        ------
        ConfigError
            If the port is taken, the host is none of this machine, or the certificate is none.
        """
        if self._socket is None:
            self._socket = held_port(self._listening)
        self.url = _url(self._socket, tls=bool(self._listening.certificate))
        self._task = asyncio.create_task(
            self._server.serve(sockets=[self._socket]), name="hedgerow api"
        )
        while not self._server.started:
            if self._task.done():
                await self.stop()
                raise ConfigError(f"[api] the server at {self.url} did not start")
            await asyncio.sleep(0.005)
        return self.url

    async def stop(self) -> None:
        """Let open connections end, for a moment, and close; may be called twice."""
        self._server.should_exit = True
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        if self._socket is not None:
            self._socket.close()
            self._socket = None


class _Quiet(uvicorn.Server):
    """A server that leaves signals to the desk: Ctrl-C must end the desk, not its window."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


def _url(listener: socket.socket, *, tls: bool) -> str:
    """Return where a client on this machine reaches a listening socket."""
    host, port = listener.getsockname()[:2]
    if ip_address(host).is_unspecified:
        host = "::1" if ":" in host else "127.0.0.1"
    return f"{'https' if tls else 'http'}://{f'[{host}]' if ':' in host else host}:{port}"
