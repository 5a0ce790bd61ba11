"""What is changed in every exchange of ccxt that the desk opens: it hides nothing."""

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from hedgerow.adapters.venues.loader import error_kind, load_exchange
from hedgerow.adapters.venues.pace import Pace
from hedgerow.errors import ConfigError

WATCHED: ContextVar[set[str] | None] = ContextVar("WATCHED", default=None)  # sockets of a stream
Shape = Callable[[str, str, object], str]  # of address, body and reply: what is wrong, or nothing


class Tuned:
    """Laid over the class of an exchange; the exchange itself stays as it came.

    Every reply that is not JSON, or not of the shape its address promises, is an error: else HTML
    with status 200 reads as an order without id, or as an account without positions. Errors
    carry the reply's status and headers. No request is ever sent twice underneath, and each waits
    for its turn. A stream can tell which socket it hangs on.
    """

    shape: Shape
    home: Callable[[str], str] | None = None
    pace: Pace | None = None
    reply_headers: Any = None
    session: Any

    def handle_errors(self, *reply: Any) -> Any:  # noqa: ANN401  the signature is of ccxt
        """Raise what the exchange makes of a reply, or what its shape says."""
        status, _, url, _, headers = reply[:5]
        self.reply_headers = headers
        if self.home is not None:  # some read codes by the address
            url = self.home(str(url))
        try:
            found = super().handle_errors(*reply[:2], url, *reply[3:])  # type: ignore[misc]
        except error_kind("BaseError") as error:
            note(error, status, headers)
            if type(error).__name__ == "ExchangeError":  # which may only say: no code that I know
                self._check(reply)
            raise
        self._check(reply)
        return found

    def _check(self, reply: tuple[Any, ...]) -> None:
        """Raise `BadResponse` where a reply that says it went well is none."""
        status, _, url, _, _, body, parsed = reply[:7]
        if not isinstance(status, int) or status >= 400:
            return
        asked = str(reply[8] or "")
        wrong = "no JSON" if parsed is None else self.shape(str(url), asked, parsed)
        if wrong:
            start = " ".join(str(body).split())[:60]
            raise error_kind("BadResponse")(f"status {status}, but {wrong}: {start!r}")

    def handle_http_status_code(self, *reply: Any) -> Any:  # noqa: ANN401
        """Raise what the status says."""
        try:
            return super().handle_http_status_code(*reply)  # type: ignore[misc]
        except error_kind("BaseError") as error:
            note(error, reply[0], self.reply_headers)
            raise

    async def throttle(self, cost: float | None = None) -> None:
        """Wait for the request's turn."""
        if self.pace is not None:
            await self.pace.turn(1.0 if cost is None else cost)

    def open(self, *arguments: Any, **named: Any) -> None:  # noqa: ANN401
        """Open the session, which else sends a request again whose connection died."""
        super().open(*arguments, **named)  # type: ignore[misc]
        if self.session is None:
            return
        if not hasattr(self.session, "_retry_connection"):
            raise ConfigError(
                "this version of aiohttp cannot be kept from sending a request twice; "
                'pip install "aiohttp==3.14.5"'
            )
        self.session._retry_connection = False  # noqa: SLF001  there is no other way

    def watch(self, url: str, *arguments: Any, **named: Any) -> Any:  # noqa: ANN401
        """Watch, and note the socket."""
        self._noted(url)
        return super().watch(url, *arguments, **named)  # type: ignore[misc]

    def watch_multiple(self, url: str, *arguments: Any, **named: Any) -> Any:  # noqa: ANN401
        """Watch, and note the socket."""
        self._noted(url)
        return super().watch_multiple(url, *arguments, **named)  # type: ignore[misc]

    def _noted(self, url: str) -> None:
        watched = WATCHED.get()
        if watched is not None:
            watched.add(url)


class Unfeed:
    """Laid over an exchange that signs fees and referrals for ccxt's authors when it starts."""

    async def initialize_client(self) -> bool:
        """Do nothing, and have it done."""
        return True


def note(error: Any, status: object, headers: object) -> None:  # noqa: ANN401
    """Leave on an error of ccxt what its reply came with."""
    error.status, error.headers = status, headers


def tuned(connector: str, shape: Shape, *layers: type) -> Any:  # noqa: ANN401
    """Return the class of an exchange with all of this laid over."""
    return type(
        f"Tuned{connector.title()}",
        (*layers, Tuned, load_exchange(connector)),
        {"shape": staticmethod(shape)},
    )
