"""The door of the API: the right host, the right token, or nothing at all.

It stands before every route, known or not, so that without a token nobody learns even which
routes there are. `FREE` alone answer without one, and say nothing of the desk.
"""

import json
from collections import deque
from collections.abc import Callable, Mapping
from time import monotonic
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from hedgerow.execution.secret import Secret

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

FREE: Final = frozenset({"/healthz", "/docs", "/docs/page.js", "/docs/page.css"})
LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "[::1]"})
AUTHORISED: Final = "hedgerow.authorised"  # in the scope of a socket: its token was right
BEARER: Final = "bearer"
POLICY_VIOLATION: Final = 1008  # RFC 6455, section 7.4.1


class Failures:
    """How many wrong tokens came in the last `window` seconds."""

    __slots__ = ("_clock", "_times", "most", "window")

    def __init__(
        self, *, most: int = 10, window: float = 60.0, clock: Callable[[], float] = monotonic
    ) -> None:
        self.most = most
        self.window = window
        self._clock = clock
        self._times: deque[float] = deque(maxlen=most)

    def note(self) -> None:
        """Count one."""
        self._times.append(self._clock())

    @property
    def wait(self) -> float:
        """Seconds until the next one is listened to; 0 where it is now."""
        if len(self._times) < self.most:
            return 0.0
        return max(0.0, self._times[0] + self.window - self._clock())


class Gate:
    """An ASGI application before another one.

    Parameters
    ----------
    hosts
        Names that a request may call us by, without port; others are refused, lest a page of
        somebody else's reaches us under a name that it points here (DNS rebinding). Any will do
        where it is empty.
    """

    def __init__(
        self,
        inner: "ASGIApp",
        *,
        token: Secret,
        hosts: frozenset[str] = LOOPBACK,
        failures: Failures | None = None,
    ) -> None:
        if not token:
            raise ValueError("an API without a token would obey everybody")
        self._inner = inner
        self._token = token
        self._hosts = hosts
        self._failures = Failures() if failures is None else failures

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Let a request through, or answer it here."""
        if scope["type"] not in {"http", "websocket"}:
            await self._inner(scope, receive, send)
            return
        headers = {
            key.decode("latin-1"): value.decode("latin-1") for key, value in scope["headers"]
        }
        if not self._known_host(headers) or not self._own_page(headers):
            await _refuse(
                scope, receive, send, 421, "not a name of this desk; call its own address"
            )
            return
        token = token_of(headers)
        if token and self._token.matches(token):
            scope[AUTHORISED] = True
        elif scope["type"] == "websocket" and not token:
            scope[AUTHORISED] = False  # it may still say its token first of all
        elif scope["path"] not in FREE:
            await self._turn_away(scope, receive, send, tried=bool(token))
            return
        await self._inner(scope, receive, _closed_to_caches(send))

    def admits(self, token: str) -> bool:
        """Return whether a token that came another way is right; counts it if not."""
        if self._token.matches(token):
            return True
        self._failures.note()
        return False

    async def _turn_away(
        self, scope: "Scope", receive: "Receive", send: "Send", *, tried: bool
    ) -> None:
        wait = self._failures.wait if tried else 0.0
        if tried:
            self._failures.note()
        if wait > 0.0:
            await _refuse(scope, receive, send, 429, "too many wrong tokens", retry_after=wait)
        else:
            await _refuse(scope, receive, send, 401, "the token is missing or wrong")

    def _known_host(self, headers: Mapping[str, str]) -> bool:
        return not self._hosts or _host(headers.get("host", "")) in self._hosts

    def _own_page(self, headers: Mapping[str, str]) -> bool:
        """Return whether no page made the request, or one that we served ourselves."""
        origin = headers.get("origin")
        if origin is None:
            return True
        try:
            return urlsplit(origin).netloc.lower() == headers.get("host", "").lower()
        except ValueError:
            return False


def token_of(headers: Mapping[str, str]) -> str:
    """Return the token of ``Authorization: Bearer``, or of the subprotocol ``bearer.TOKEN``.

    >>> token_of({"authorization": "Bearer abc"}), token_of({})
    ('abc', '')
    >>> token_of({"sec-websocket-protocol": "hedgerow, bearer.abc"})
    'abc'
    """
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() == BEARER:
        return token.strip()
    for offer in headers.get("sec-websocket-protocol", "").split(","):
        name, _, said = offer.strip().partition(".")
        if name.lower() == BEARER:
            return said
    return ""


def _host(header: str) -> str:
    """Return a Host header without its port.

    >>> _host("127.0.0.1:8321"), _host("[::1]:80"), _host("LOCALHOST")
    ('127.0.0.1', '[::1]', 'localhost')
    """
    header = header.strip().lower()
    if header.startswith("["):
        return header.partition("]")[0] + "]"
    return header.partition(":")[0]


def _closed_to_caches(send: "Send") -> "Send":
    async def sent(message: "Message") -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [
                *message.get("headers", ()),
                (b"cache-control", b"no-store"),
                (b"x-content-type-options", b"nosniff"),
                (b"referrer-policy", b"no-referrer"),
            ]
        await send(message)

    return sent


async def _refuse(
    scope: "Scope",
    receive: "Receive",
    send: "Send",
    status: int,
    reason: str,
    *,
    retry_after: float = 0.0,
) -> None:
    if scope["type"] == "websocket":
        await receive()  # its opening
        await send({"type": "websocket.close", "code": POLICY_VIOLATION, "reason": reason})
        return
    headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
    if status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    if retry_after > 0.0:
        headers.append((b"retry-after", str(int(retry_after) + 1).encode()))
    body = json.dumps({"detail": reason}).encode()
    headers.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
