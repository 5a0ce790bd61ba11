"""A client of a running desk, on the standard library alone, for it starts with every command."""

import getpass
import http.client
import json
import ssl
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode, urlsplit

from hedgerow.errors import ConfigError, HedgeError

if TYPE_CHECKING:
    from hedgerow.dashboard.address import Address

END: Final = "-----END CERTIFICATE-----\n"
PATIENCE: Final = 10.0  # seconds for one answer
ACCEPTED: Final = 200
CONFLICT: Final = 409
UNAUTHORISED: Final = (401, 429)


class DeskAway(HedgeError):
    """The desk does not answer; it may again."""


class DeskRefused(HedgeError):
    """The desk answered, and the answer is no."""


class DeskClient:
    """Asks one desk over one connection; close it when done."""

    __slots__ = ("_address", "_patience", "_wire")

    def __init__(self, address: "Address", *, patience: float = PATIENCE) -> None:
        self._address = address
        self._patience = patience
        self._wire: http.client.HTTPConnection | None = None

    def close(self) -> None:
        """Let go of the connection."""
        if self._wire is not None:
            self._wire.close()
            self._wire = None

    def get(self, path: str, **query: object) -> bytes:
        """Return what the desk shows there."""
        return self._ask("GET", f"{path}?{urlencode(query)}" if query else path)

    def tell(self, order: str, **said: str) -> str:
        """Give an order and return the desk's words.

        Raises
        ------
        DeskRefused
            With the desk's reason, where nothing was done.
        """
        body = json.dumps({"by": whoami(), **said}).encode()
        reply = json.loads(self._ask("POST", f"/{order}", body))
        name, state, words = self._address.name, reply["state"], reply["words"] or "done"
        return f"{name}: {words}" if words.startswith(state) else f"{name} is {state}: {words}"

    def _ask(self, method: str, path: str, body: bytes | None = None) -> bytes:
        headers = {"Authorization": f"Bearer {self._address.token.reveal()}"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        fresh = self._wire is None
        try:
            status, content = self._exchange(method, path, body, headers)
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError) as error:
            self.close()
            if fresh or method != "GET":  # an order is never given twice
                raise self._away(error) from None
            # An idle connection was closed meanwhile: a look may be repeated.
            return self._ask(method, path, body)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise self._away(error) from None
        if status != ACCEPTED:
            raise self._refused(status, content)
        return content

    def _exchange(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str]
    ) -> tuple[int, bytes]:
        if self._wire is None:
            self._wire = self._connection()
        self._wire.request(method, path, body, headers)
        with self._wire.getresponse() as answer:
            return answer.status, answer.read()

    def _connection(self) -> http.client.HTTPConnection:
        place = urlsplit(self._address.url)
        if place.hostname is None or place.scheme not in {"http", "https"}:
            raise ConfigError(
                f"the address of the desk {self._address.name} is none; start it again"
            )
        if place.scheme == "http":
            return http.client.HTTPConnection(place.hostname, place.port, timeout=self._patience)
        return http.client.HTTPSConnection(
            place.hostname,
            place.port,
            timeout=self._patience,
            context=_trust(self._address.certificate),
        )

    def _away(self, error: Exception) -> DeskAway:
        name, url, pid = self._address.name, self._address.url, self._address.pid
        if isinstance(error, TimeoutError):
            return DeskAway(
                f"the desk {name} at {url} did not answer within {self._patience:g} s; process "
                f"{pid} may be stuck: look at its log"
            )
        if isinstance(error, ConnectionRefusedError):
            return DeskAway(
                f"nobody answers at {url}, where the desk {name} (process {pid}) should; it may "
                "be starting or ending: try again, then look at its log"
            )
        reason = str(error) or type(error).__name__
        return DeskAway(f"the desk {name} at {url} cannot be reached: {reason}")

    def _refused(self, status: int, content: bytes) -> HedgeError:
        try:
            said = json.loads(content)
        except ValueError:
            said = None
        if not isinstance(said, dict):
            return DeskAway(f"{self._address.url} answers {status}, and not as a desk does")
        if status in UNAUTHORISED:
            return DeskRefused(
                f"the desk at {self._address.url} does not take the token of {self._address.name}: "
                "another desk has taken its place; start it again, or name another with --desk"
            )
        if status == CONFLICT:
            return DeskRefused(
                f"{self._address.name} stays {said.get('state')}: {said.get('words')}"
            )
        return DeskRefused(f"{self._address.name} says no ({status}): {said.get('detail')}")


def _trust(certificate: str) -> ssl.SSLContext:
    """Trust the one certificate that the desk was given, whatever name it bears, and no other.

    The desk is on this machine and is called by its loopback address, which is seldom in a
    certificate; that it holds the key to this very certificate proves more than a name would.
    """
    try:
        text = Path(certificate).read_text(encoding="ascii")
        leaf = text[: text.index(END) + len(END)]
        trust = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        trust.check_hostname = False
        trust.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        trust.load_verify_locations(cadata=leaf)
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"{certificate}: the desk's certificate cannot be read ({error}); run this command "
            "where the desk runs"
        ) from None
    return trust


def whoami() -> str:
    """Return who gives an order, for the journal."""
    try:
        return f"cli:{getpass.getuser()}"
    except (KeyError, OSError):  # a user without a name, as in some containers
        return "cli"
