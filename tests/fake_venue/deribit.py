"""A server on loopback that speaks as Deribit does: JSON-RPC over HTTP and over WebSocket."""

import hashlib
import hmac
import json
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from aiohttp import web

from fake_venue import deribit_payloads as payloads
from fake_venue.contracts import DERIBIT, Reason, Refusal
from fake_venue.deribit_methods import METHODS
from fake_venue.exchange import FakeExchange, wall_clock
from fake_venue.faults import Reply
from fake_venue.history import History
from fake_venue.loopback import LoopbackServer, Seen, Socket, replied
from fake_venue.orders import AccountEvent, BookEvent, Event, MarkEvent, OrderEvent

CODES: Final = {
    Reason.SYMBOL: (13020, "not_found"),
    Reason.LOT: (-32602, "Invalid params"),
    Reason.TICK: (10043, "price_wrong_tick"),
    Reason.NOTIONAL: (10002, "qty_too_low"),
    Reason.MARGIN: (10009, "not_enough_funds"),
    Reason.DUPLICATE: (11029, "invalid_arguments"),
    Reason.REDUCE_ONLY: (11030, "other_reject"),
    Reason.POST_ONLY: (11054, "post_only_reject"),
    Reason.POSITION_SIDE: (11029, "invalid_arguments"),
    Reason.UNKNOWN_ORDER: (10004, "order_not_found"),
}
ORDERING: Final = frozenset({"private/buy", "private/sell"})
SIGNED: Final = re.compile(r"deri-hmac-sha256 id=([^,]+),ts=(\d+),sig=([0-9a-f]+),nonce=(.+)")
MINUTE: Final = 60_000
BEARER: Final = "1529453804065.h2QrBgvn.oS36pCOmuK9EX7954lzCSkUioEtTMg7F5ShToM0ZfYlqU05OquXkQIe2"


class DeribitRefusal(Exception):
    """A no with its own code."""

    def __init__(self, code: int, message: str, data: object = None) -> None:
        super().__init__(message)
        self.code, self.message, self.data = code, message, data


class DeribitServer(LoopbackServer):
    """Deribit on ``127.0.0.1``: one account of 5 BTC, 50 ETH and 100,000 USDC.

    A label is no key: two orders may carry the same one.

    Attributes
    ----------
    history
        What chart data and funding rates are told of the past; funding by the hour.
    scope
        Rights that a token is given.
    unknown
        Methods that this server does not know.
    """

    name = "deribit"

    def __init__(
        self,
        *,
        port: int = 0,
        clock: Callable[[], int] = wall_clock,
        wallet: dict[str, Decimal] | None = None,
    ) -> None:
        own = {"BTC": Decimal(5), "ETH": Decimal(50), "USDC": Decimal(100_000)}
        self.history = History(funding_limit=744, intervals=[(0, 1)])
        self.scope = "account:read connection mainaccount trade:read_write wallet:read"
        self.unknown: list[str] = []
        super().__init__(FakeExchange(DERIBIT, own if wallet is None else wallet, clock), port)
        self.exchange.unique_names = False

    # HTTP.

    async def answer(self, seen: Seen) -> web.Response:
        """Carry a request out, a GET with its query or a POST of JSON-RPC."""
        asked = json.loads(seen.body) if seen.body else {}
        method = asked.get("method") or seen.path.removeprefix("/api/v2/")
        values = asked.get("params") or seen.values
        try:
            if method.startswith("private/"):
                self._check_signature(seen)
            result = self._answered(method, values)
        except DeribitRefusal as refused:
            return self._no(refused, asked.get("id"))
        return replied(self._envelope(asked.get("id")) | {"result": result})

    def refusal(self, reply: Reply) -> web.Response:
        """Return a no in Deribit's shape."""
        known = dict(CODES.values()) | {-1003: "too_many_requests", 10028: "too_many_requests"}
        code = 10028 if reply.code == -1003 else (reply.code or 0)
        message = known.get(code, reply.message or "error")
        refused = DeribitRefusal(code, message)
        return self._no(refused, None, reply.status, dict(reply.headers))

    def closed_for_maintenance(self) -> web.Response:
        """Return what Deribit says while it is being mended."""
        return self._no(DeribitRefusal(11051, "system_maintenance"), None, 400)

    def _answered(self, method: str, values: dict[str, Any]) -> object:
        if method == "public/auth":
            return self._token(values)
        call = METHODS.get(method)
        if call is None:
            self.unknown.append(method)
            raise DeribitRefusal(-32601, "Method not found")
        if method in ORDERING and "trade:read_write" not in self.scope:
            raise DeribitRefusal(13021, "forbidden")
        try:
            return call(self, values)
        except Refusal as refused:
            raise DeribitRefusal(*CODES[refused.reason], {"reason": refused.reason}) from None
        except KeyError as missing:
            data = {"reason": "required", "param": str(missing.args[0])}
            raise DeribitRefusal(-32602, "Invalid params", data) from None

    def _no(
        self,
        refused: DeribitRefusal,
        asked: object,
        status: int = 400,
        headers: dict[str, str] | None = None,
    ) -> web.Response:
        response = replied(self._envelope(asked) | {"error": self._error(refused)}, status)
        response.headers.update(headers or {})
        return response

    def _error(self, refused: DeribitRefusal) -> dict[str, object]:
        error = {"message": refused.message, "code": refused.code, "data": refused.data}
        return {name: value for name, value in error.items() if value is not None}

    def _envelope(self, asked: object) -> dict[str, object]:
        now = self.now() * 1_000
        told = {"jsonrpc": "2.0", "usIn": now, "usOut": now + 9, "usDiff": 9, "testnet": False}
        return told | ({} if asked is None else {"id": asked})

    # Keys.

    def _check_signature(self, seen: Seen) -> None:
        """Accept a signed request or a bearer's token."""
        header = seen.headers.get("Authorization", "")
        if header == f"Bearer {BEARER}":
            return
        found = SIGNED.fullmatch(header)
        if found is None:
            raise DeribitRefusal(10000, "authorization_required")
        key, stamp, signature, nonce = found.groups()
        address = seen.path + (f"?{seen.query}" if seen.query else "")
        text = f"{stamp}\n{nonce}\n{seen.method}\n{address}\n{seen.body}\n"
        self._check(key, stamp, text, signature)

    def _token(self, values: dict[str, Any]) -> dict[str, object]:
        grant, key = values["grant_type"], str(values.get("client_id", ""))
        if grant == "client_signature":
            stamp = str(values["timestamp"])
            parts = (stamp, str(values.get("nonce", "")), str(values.get("data", "")))
            self._check(key, stamp, "\n".join(parts), str(values["signature"]))
        elif grant == "client_credentials":
            if (key, values.get("client_secret")) != (self.key, self.secret):
                raise DeribitRefusal(13004, "invalid_credentials")
        elif values.get("refresh_token") != BEARER:
            raise DeribitRefusal(13009, "unauthorized")
        return {
            "access_token": BEARER, "refresh_token": BEARER, "expires_in": 900,
            "token_type": "bearer", "scope": self.scope, "enabled_features": [],
        }  # fmt: skip

    def _check(self, key: str, stamp: str, text: str, signature: str) -> None:
        expected = hmac.new(self.secret.encode(), text.encode(), hashlib.sha256).hexdigest()
        if key != self.key or not hmac.compare_digest(expected, signature):
            raise DeribitRefusal(13004, "invalid_credentials")
        if abs(self.now() - int(stamp)) > MINUTE:
            raise DeribitRefusal(13009, "unauthorized", {"reason": "timestamp_expired"})

    # WebSocket.

    async def hear(self, socket: Socket, text: str) -> None:
        """Answer a call over a socket; orders may suffer the same faults as over HTTP."""
        asked = json.loads(text)
        method, values = asked["method"], asked.get("params", {})
        seen = Seen(
            method="WS", path=f"/api/v2/{method}", query="", body=text, headers={}, time=self.now()
        )
        self.requests.append(seen)
        fault = self.faults.of_request("WS", seen.path)
        scripted = fault.reply if fault is not None else None
        reply: dict[str, object] = {"result": None}
        if scripted is not None and scripted.code is not None:
            reply = {"error": self._error(DeribitRefusal(scripted.code, scripted.message))}
        elif fault is None or fault.processed:
            reply = self._replied(socket, method, values)
        if fault is not None and fault.dropped:
            if socket.transport is not None:
                socket.transport.abort()
            return
        socket.outbox.put_nowait(json.dumps(self._envelope(asked.get("id")) | reply))
        if method.endswith("/subscribe"):
            self._greet(socket, values.get("channels", []))

    def _replied(self, socket: Socket, method: str, values: dict[str, Any]) -> dict[str, object]:
        try:
            return {"result": self._called(socket, method, values)}
        except DeribitRefusal as refused:
            return {"error": self._error(refused)}

    def _called(self, socket: Socket, method: str, values: dict[str, Any]) -> object:
        if method.startswith("private/") and not socket.user:
            raise DeribitRefusal(13009, "unauthorized")
        channels = values.get("channels", [])
        if method.endswith("/subscribe"):
            socket.topics += [one for one in channels if one not in socket.topics]
            return channels
        if method.endswith("/unsubscribe"):
            socket.topics = [one for one in socket.topics if one not in channels]
            return channels
        if method == "private/enable_cancel_on_disconnect":
            socket.cancels = True
            return "ok"
        if method == "private/disable_cancel_on_disconnect":
            socket.cancels = False
            return "ok"
        result = self._answered(method, values)
        if method == "public/auth":
            socket.user = True
        return result

    def _greet(self, socket: Socket, channels: list[str]) -> None:
        """Show at once what a subscription begins with."""
        for channel in channels:
            room, _, rest = channel.partition(".")
            name = rest.partition(".")[0]
            if name not in self.exchange.markets:
                continue
            market = self.exchange.markets[name]
            if room == "ticker":
                socket.outbox.put_nowait(_notice(channel, payloads.ticker(market, self.now())))
            elif room == "book":
                socket.outbox.put_nowait(_notice(channel, payloads.snapshot(market, self.now())))

    def on_event(self, event: Event) -> None:
        """Tell the sockets, as Deribit does."""
        if isinstance(event, OrderEvent):
            self._tell_order(event)
        elif isinstance(event, AccountEvent):
            data = payloads.summary(self.exchange, event.asset)
            self._tell("user.portfolio.", ("any", event.asset), data)
        elif isinstance(event, BookEvent):
            self._tell("book.", (event.name,), payloads.book_change(event, self.now()))
        elif isinstance(event, MarkEvent):
            market = self.exchange.markets[event.name]
            self._tell("ticker.", (event.name,), payloads.ticker(market, self.now()))

    def _tell_order(self, event: OrderEvent) -> None:
        """Tell an order, its trade, and both with the position in user.changes."""
        name = event.order.ticket.name
        market = self.exchange.markets[name]
        order = payloads.order_document(event.order, market.contract)
        trades = [payloads.trade_document(event.trade, event.order, market)] if event.trade else []
        if event.what != "new" or event.order.ticket.price is not None:
            self._tell("user.orders.", (name, "any", "future"), order)
        if trades:
            self._tell("user.trades.", (name, "any", "future"), trades)
        position = self.exchange.account.position(market.contract)
        changes = {
            "instrument_name": name,
            "orders": [order],
            "trades": trades,
            "positions": [payloads.position_document(self.exchange, position)] if trades else [],
        }
        self._tell("user.changes.", (name, "any", "future"), changes)

    def _tell(self, room: str, scopes: tuple[str, ...], data: object) -> None:
        """Send `data` on every channel of `room` that some socket hears."""
        heard = {topic for socket in self.sockets for topic in socket.topics}
        for channel in sorted(heard):
            if channel.startswith(room) and channel.removeprefix(room).split(".")[0] in scopes:
                self.send(channel, json.loads(_notice(channel, data)), _hears(channel))


def _hears(channel: str) -> Callable[[Socket], bool]:
    return lambda socket: channel in socket.topics


def _notice(channel: str, data: object) -> str:
    params = {"channel": channel, "data": data}
    return json.dumps({"jsonrpc": "2.0", "method": "subscription", "params": params})
