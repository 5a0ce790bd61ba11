"""The real API server in a thread, and a plain client of it."""

import asyncio
import http.client
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from hedgerow.dashboard.listening import Listening
from hedgerow.dashboard.opening import Api, desk_metrics, open_api
from hedgerow.execution.secret import Secret
from sample_desk import SampleDesk

TOKEN = "a-token-that-nobody-guesses"  # noqa: S105 - it opens nothing but this desk


@contextmanager
def served(desk: SampleDesk, folder: Path, token: str = TOKEN) -> Iterator[Api]:
    """Serve `desk` on a free port of the loopback, its address in `folder`."""
    ready: list[tuple[Api, asyncio.AbstractEventLoop, asyncio.Event]] = []
    up = threading.Event()

    async def serve() -> None:
        done = asyncio.Event()
        api = await open_api(
            desk, Listening(), folder, token=Secret(token), metrics=desk_metrics(desk)
        )
        ready.append((api, asyncio.get_running_loop(), done))
        up.set()
        await done.wait()
        await api.close()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert up.wait(10), "the server did not start"
    api, loop, done = ready[0]
    try:
        yield api
    finally:
        loop.call_soon_threadsafe(done.set)
        thread.join(10)
        assert not thread.is_alive()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def text(self) -> str:
        return self.content.decode()

    def json(self) -> Any:  # noqa: ANN401 - whatever it holds
        return json.loads(self.content)


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """Asks with `token` where there is one; `headers` replace those it would send."""

    url: str
    token: str | None = TOKEN

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
        place = urlsplit(self.url)
        assert place.hostname is not None
        wire = http.client.HTTPConnection(place.hostname, place.port or 80, timeout=10)
        sent = {} if self.token is None else {"authorization": f"Bearer {self.token}"}
        try:
            wire.request(method, path, body, sent | headers)
            answer = wire.getresponse()
            content = answer.read()
            found = {key.lower(): value for key, value in answer.getheaders()}
            return Answer(status=answer.status, headers=found, content=content)
        finally:
            wire.close()

    def get(self, path: str, **query: object) -> Answer:
        return self.ask("GET", f"{path}?{urlencode(query)}" if query else path)

    def post(self, path: str, body: object = None) -> Answer:
        if body is None:
            return self.ask("POST", path)
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.ask("POST", path, content, **{"content-type": "application/json"})
