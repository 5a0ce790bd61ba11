"""A server on loopback that speaks as Binance USD-M does, over REST and over WebSocket."""

import asyncio
import hashlib
import hmac
import json
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from aiohttp import web

from fake_venue import binance_messages as messages
from fake_venue.binance_private import PRIVATE, BinanceRefusal
from fake_venue.binance_public import PUBLIC
from fake_venue.contracts import BINANCE, Reason, Refusal
from fake_venue.exchange import FakeExchange, wall_clock
from fake_venue.faults import Reply
from fake_venue.history import History
from fake_venue.loopback import Client, LoopbackServer, Seen, Socket, replied
from fake_venue.orders import AccountEvent, BookEvent, Event, MarkEvent, OrderEvent

PATH: Final = re.compile(r"/(fapi|sapi|api|dapi)/v\d/(.+)")
CODES: Final = {
    Reason.SYMBOL: (-1121, "Invalid symbol."),
    Reason.LOT: (-1111, "Precision is over the maximum defined for this asset."),
    Reason.TICK: (-4014, "Price not increased by tick size."),
    Reason.NOTIONAL: (-4164, "Order's notional must be no smaller than the minimum."),
    Reason.MARGIN: (-2019, "Margin is insufficient."),
    Reason.DUPLICATE: (-4116, "ClientOrderId is duplicated."),
    Reason.REDUCE_ONLY: (-2022, "ReduceOnly Order is rejected."),
    Reason.POST_ONLY: (-5022, "The Post Only order will be rejected."),
    Reason.POSITION_SIDE: (-4061, "Order's position side does not match user's setting."),
    Reason.UNKNOWN_ORDER: (-2013, "Order does not exist."),
}  # fmt: skip
STATUSES: Final = {-2014: 401, -2015: 401, -5000: 404}
HOME: Final = "https://fapi.binance.com/fapi/"
LISTEN_KEY: Final = "pqia91ma19a5s61cv6a81va65sdf19v8a65a1a5s61cv6a81va65sdf19v8a65a1"


class BinanceServer(LoopbackServer):
    """Binance USD-M on ``127.0.0.1``: one account of 100,000 USDT, three perpetuals.

    Attributes
    ----------
    history
        What klines and funding rates are told of the past.
    spot_wallet
        The reserve that transfers come from.
    unknown
        Calls that this server does not know; a test may want none.
    """

    name = "binance"

    def __init__(
        self,
        *,
        port: int = 0,
        clock: Callable[[], int] = wall_clock,
        wallet: dict[str, Decimal] | None = None,
    ) -> None:
        wallet = {"USDT": Decimal(100_000)} if wallet is None else wallet
        self.history = History()
        self.spot_wallet = {"USDT": Decimal(50_000)}
        self.transfers: list[dict[str, Any]] = []
        self.unknown: list[str] = []
        self._listening = False
        self._switches: dict[str, asyncio.Task[None]] = {}
        super().__init__(FakeExchange(BINANCE, wallet, clock), port)

    def rewrite(self, client: Client) -> Client:
        """Point the client here; it still reads error codes as those of the real address.

        ccxt chooses the meaning of a code by the address that it came from, so a client that
        stands on loopback would take "-2019" for any error at all.
        """
        meaning = client.get_exceptions_by_url

        def as_at_home(url: str | None, precision: str) -> Client:
            return meaning(url and url.replace(f"{self.url}/fapi/", HOME), precision)

        client.get_exceptions_by_url = as_at_home
        return super().rewrite(client)

    # REST.

    async def answer(self, seen: Seen) -> web.Response:
        """Carry a request out and return the reply."""
        try:
            response = replied(self._answered(seen))
        except BinanceRefusal as refused:
            status = STATUSES.get(refused.code, 400)
            return self._no(refused.code, refused.message, status)
        except Refusal as refused:
            return self._no(*CODES[refused.reason])
        response.headers["X-MBX-USED-WEIGHT-1M"] = str(len(self.requests) % 2_400)
        return response

    def _answered(self, seen: Seen) -> object:
        found = PATH.fullmatch(seen.path)
        room, name = found.groups() if found else ("", seen.path)
        if name == "listenKey":
            return self._listen(seen)
        if room in {"api", "dapi"} and name == "exchangeInfo":
            return {"timezone": "UTC", "rateLimits": [], "symbols": []}
        if seen.method == "GET" and room == "fapi" and name in PUBLIC:
            return PUBLIC[name](self, seen.values)
        call = PRIVATE.get(f"{seen.method} {room}/{name}")
        if call is None:
            self.unknown.append(f"{seen.method} {seen.path}")
            raise BinanceRefusal(-5000, f"Path {seen.path}, Method {seen.method} is invalid")
        return call(self, self._authorised(seen))

    def refusal(self, reply: Reply) -> web.Response:
        """Return a no in Binance's shape."""
        known = dict(CODES.values())
        message = reply.message or known.get(reply.code or 0, "Refused.")
        return self._no(reply.code or 0, message, reply.status, dict(reply.headers))

    def closed_for_maintenance(self) -> web.Response:
        """Return what Binance says while it is being mended."""
        return web.Response(status=503, text="Service Unavailable: system maintenance")

    def count_down(self, name: str, milliseconds: int) -> None:
        """Set the dead man's switch of one symbol; 0 clears it."""
        if name in self._switches:
            self._switches.pop(name).cancel()
        if milliseconds:
            self._switches[name] = self._spawn(self._cancel_after(name, milliseconds / 1_000))

    async def _cancel_after(self, name: str, seconds: float) -> None:
        await asyncio.sleep(seconds)
        for order in self.exchange.open_orders(name):
            self.exchange.cancel(order)

    def _no(
        self, code: int, message: str, status: int = 400, headers: dict[str, str] | None = None
    ) -> web.Response:
        response = replied({"code": code, "msg": message}, status)
        response.headers.update(headers or {})
        return response

    def _keyed(self, seen: Seen) -> None:
        if seen.headers.get("X-MBX-APIKEY") != self.key:
            raise BinanceRefusal(-2015, "Invalid API-key, IP, or permissions for action.")

    def _authorised(self, seen: Seen) -> dict[str, str]:
        """Return what was asked, once key, signature, time and rights are in order."""
        self._keyed(seen)
        signed, _, signature = (seen.query + seen.body).rpartition("&signature=")
        expected = hmac.new(self.secret.encode(), signed.encode(), hashlib.sha256).hexdigest()
        if not hmac.compare_digest(signature, expected):
            raise BinanceRefusal(-1022, "Signature for this request is not valid.")
        values = seen.values
        stamp, window = int(values["timestamp"]), int(values.get("recvWindow", 5_000))
        if stamp >= self.now() + 1_000:
            raise BinanceRefusal(
                -1021, "Timestamp for this request was 1000ms ahead of the server's time."
            )
        if self.now() - stamp > window:
            raise BinanceRefusal(-1021, "Timestamp for this request is outside of the recvWindow.")
        if seen.method != "GET" and "trade" not in self.exchange.account.rights:
            raise BinanceRefusal(-2015, "Invalid API-key, IP, or permissions for action.")
        return values

    def _listen(self, seen: Seen) -> dict[str, str]:
        self._keyed(seen)
        self._listening = seen.method != "DELETE"
        return {"listenKey": LISTEN_KEY} if self._listening else {}

    # WebSocket.

    def admitted(self, socket: Socket) -> bool:
        """Whether a socket may stay: a private one needs the listen key."""
        socket.user = "/private/" in socket.path
        return not socket.user or socket.query.get("listenKey") == LISTEN_KEY

    async def hear(self, socket: Socket, text: str) -> None:
        """Subscribe or unsubscribe, and show at once what a stream tells every second."""
        asked = json.loads(text)
        topics = asked.get("params", [])
        if asked["method"] == "SUBSCRIBE":
            socket.topics += [topic for topic in topics if topic not in socket.topics]
        elif asked["method"] == "UNSUBSCRIBE":
            socket.topics = [topic for topic in socket.topics if topic not in topics]
        socket.outbox.put_nowait(json.dumps({"result": None, "id": asked.get("id")}))
        if asked["method"] == "SUBSCRIBE":
            for market in self.exchange.markets.values():
                self._show(market.contract.name, lambda one: one is socket)

    def expire_listen_key(self) -> None:
        """Let the listen key run out, as it does after an hour without a PUT."""
        document = {"e": "listenKeyExpired", "E": self.now(), "listenKey": LISTEN_KEY}
        self.send("listenKeyExpired", document, lambda socket: socket.user)
        self._listening = False

    def on_event(self, event: Event) -> None:
        """Tell the sockets, as Binance does."""
        if isinstance(event, OrderEvent):
            document = messages.order_update(event, self.now())
            self._tell_user(document)
        elif isinstance(event, AccountEvent):
            self._tell_user(messages.account_update(self.exchange, event, self.now()))
        elif isinstance(event, BookEvent):
            topic = f"{event.name.lower()}@depth"
            document = messages.depth_update(event, self.now())
            self.send("depthUpdate", document, lambda socket: _wants(socket, topic))
            self._show(event.name, lambda _: True, only="@bookTicker")
        elif isinstance(event, MarkEvent):
            self._show(event.name, lambda _: True)

    def _tell_user(self, document: dict[str, Any]) -> None:
        self.send(document["e"], document, lambda socket: socket.user and self._listening)

    def _show(self, name: str, to: Callable[[Socket], bool], only: str = "") -> None:
        market, now = self.exchange.markets[name], self.now()
        for suffix, write in (
            ("@bookTicker", messages.book_ticker),
            ("@markPrice", messages.mark_update),
            ("@ticker", messages.day_ticker),
        ):
            if only in {"", suffix}:
                document = write(market, now)
                topic = f"{name.lower()}{suffix}"
                self.send(
                    document["e"],
                    document,
                    lambda socket, topic=topic: to(socket) and _wants(socket, topic),  # type: ignore[misc]
                )


def _wants(socket: Socket, topic: str) -> bool:
    return any(wanted == topic or wanted.startswith(f"{topic}@") for wanted in socket.topics)
