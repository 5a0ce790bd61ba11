"""What one venue does in its own way; the rest is the same for all."""

# ruff: noqa: ARG002  every venue is asked in the same way, and not all need all of it

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar, Final

from hedgerow.adapters.venues.contracts import ZERO, Contract, Kind, exact
from hedgerow.adapters.venues.keys import Keys
from hedgerow.adapters.venues.quotes import book_part
from hedgerow.execution.budget import Rate
from hedgerow.execution.order import Cause, OrderKind, OrderRequest
from hedgerow.execution.port import CashKind, Garbled
from hedgerow.units import MINUTE

Row = Mapping[str, Any]

DAY: Final = 86_400_000  # milliseconds, as the wire counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """How far one request of a history reaches: its span in milliseconds, its rows."""

    span: int
    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """What a key may do; None where the venue does not tell."""

    trade: bool | None
    withdraw: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Symbols of one kind and one settle asset: what one request covers at some venues."""

    kind: Kind
    settle: str
    symbols: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """One subscription: a method of ccxt, and how long it may be quiet."""

    name: str
    method: str
    arguments: tuple[Any, ...]
    parameters: Mapping[str, Any]
    age: float | None


def scopes_of(contracts: Iterable[Contract]) -> tuple[Scope, ...]:
    """Return the contracts by kind and settle asset."""
    found: dict[tuple[Kind, str], list[str]] = {}
    for contract in contracts:
        key = (contract.kind, contract.settle if contract.kind != "spot" else "")
        found.setdefault(key, []).append(contract.symbol)
    return tuple(
        Scope(kind=kind, settle=settle, symbols=tuple(symbols))
        for (kind, settle), symbols in found.items()
    )


def by_kind(scopes: Sequence[Scope]) -> dict[Kind, tuple[str, ...]]:
    """Return the symbols by kind alone."""
    found: dict[Kind, tuple[str, ...]] = {}
    for scope in scopes:
        found[scope.kind] = (*found.get(scope.kind, ()), *scope.symbols)
    return found


class Quirks:
    """One venue; a subclass says what differs.

    Attributes
    ----------
    venue, connector
        Its name here and in ccxt.
    layers
        Classes laid over that of ccxt.
    in_units
        Sizes on the wire are coins or face, not contracts.
    follows_up
        Whether the answer to an order is only that it was heard, so that one question more tells
        what became of one that cannot rest.
    reserve
        Where collateral waits: the venue's account beside the trading one, both in ccxt's words.
    trades, funding, cash
        How its histories are paged.
    cash_words
        What the venue calls the movements of cash that are no trade, fee or funding.
    client_keys
        Where a client id stands in an order or a trade, first that is there.
    asks_orders
        Whether its history of trades has no client ids, so that orders are asked for them.
    one_wallet
        Whether all kinds of instruments share a wallet.
    quote_age
        How long its quotes may be silent before the socket is taken for dead, seconds.
    rate
        What it takes, in the weights of ccxt.
    """

    venue: ClassVar[str]
    connector: ClassVar[str]
    layers: ClassVar[tuple[type, ...]] = ()
    in_units: ClassVar[bool] = False
    follows_up: ClassVar[bool] = False
    one_wallet: ClassVar[bool] = True
    reserve: ClassVar[tuple[str, str]] = ("", "")
    trades: ClassVar[Pages] = Pages(span=7 * DAY, limit=100)
    funding: ClassVar[Pages] = Pages(span=7 * DAY, limit=100)
    cash: ClassVar[Pages] = Pages(span=7 * DAY, limit=100)
    cash_words: ClassVar[Mapping[str, CashKind]] = {}
    quote_age: ClassVar[float] = 10.0
    client_keys: ClassVar[tuple[str, ...]] = ("clientOrderId",)
    asks_orders: ClassVar[bool] = False
    rate: ClassVar[Rate] = Rate(weight=1200.0, window=MINUTE)

    # Opening.

    def config(self, keys: Keys) -> dict[str, Any]:
        """Return the credentials in the words of ccxt."""
        return {"apiKey": keys.key.reveal(), "secret": keys.secret.reveal()}

    def options(self, kinds: frozenset[Kind]) -> dict[str, Any]:
        """Return the options of ccxt."""
        return {"fetchMarkets": {"types": sorted(kinds)}}

    def to_testnet(self, exchange: Any) -> None:  # noqa: ANN401
        """Point the exchange at the venue's test net."""
        exchange.set_sandbox_mode(True)

    def shape(self, url: str, asked: str, reply: object) -> str:
        """Return what is wrong with the reply to what was asked, nothing where it is right."""
        return "" if isinstance(reply, dict | list) else f"a {type(reply).__name__}"

    # Orders.

    def wire_id(self, client_id: str) -> str:
        """Return a client id as the venue takes it."""
        return client_id

    def parameters(self, request: OrderRequest, *, spot: bool) -> dict[str, Any]:
        """Return how an order is sent beside side, size and price.

        A market order goes out as an immediate one at its collar: no venue of ours takes a
        collar with a market order.
        """
        found: dict[str, Any] = self.named(self.wire_id(request.client_id))
        if request.kind is OrderKind.POST_ONLY:
            found["postOnly"] = True
        elif request.kind is not OrderKind.LIMIT:
            found["timeInForce"] = "IOC"
        if request.reduce_only and not spot:
            found["reduceOnly"] = True
        return found

    def named(self, wire_id: str) -> dict[str, Any]:
        """Return how the venue is told a client id."""
        return {"clientOrderId": wire_id}

    def acknowledged(self, row: Row, request: OrderRequest) -> Row:
        """Return the answer to an order with what the venue leaves out, none of it guessed."""
        if not self.follows_up or row.get("status"):
            return row
        return {**row, "status": "open", "filled": 0}

    async def cancel(self, exchange: Any, wire_id: str, symbol: str) -> Row | None:  # noqa: ANN401
        """Cancel by client id; return the order if the reply has all of it."""
        await exchange.cancel_order(None, symbol, self.named(wire_id))
        return None

    async def probe(self, exchange: Any, wire_id: str, symbol: str) -> Row:  # noqa: ANN401
        """Return an order by client id; ccxt's OrderNotFound where there is none."""
        found: Row = await exchange.fetch_order(None, symbol, self.named(wire_id))
        return found

    async def switch(self, exchange: Any, seconds: float, scopes: Sequence[Scope]) -> bool:  # noqa: ANN401
        """Set the dead-man switch."""
        await exchange.cancel_all_orders_after(round(seconds * 1000))
        return True

    def wire_id_of(self, row: Row) -> str:
        """Return the client id in an order or trade of ccxt, empty where it has none."""
        info = row.get("info")
        info = info if isinstance(info, Mapping) else {}
        for source in (row, info):
            for key in self.client_keys:
                if source.get(key):
                    return str(source[key])
        return ""

    def forced_trade(self, exchange: Any, row: Row) -> Row | None:  # noqa: ANN401
        """Return the trade in an order of a stream that ccxt does not tell as a trade."""
        return None

    def cause_of(self, row: Row) -> Cause | None:
        """Return whether the venue itself made a trade, None where a person or the desk did."""
        return None

    # The account.

    async def positions(self, exchange: Any, scopes: Sequence[Scope]) -> list[Row]:  # noqa: ANN401
        """Return all positions."""
        found: list[Row] = await exchange.fetch_positions()
        return found

    async def open_orders(self, exchange: Any, scopes: Sequence[Scope]) -> list[Row]:  # noqa: ANN401
        """Return all orders that wait."""
        found: list[Row] = await exchange.fetch_open_orders()
        return found

    async def balance(self, exchange: Any, scopes: Sequence[Scope]) -> Row:  # noqa: ANN401
        """Return the balances."""
        found: Row = await exchange.fetch_balance()
        return found

    def wallets(self, balance: Row, positions: Sequence[Row]) -> dict[str, Decimal]:
        """Return the wallet by currency, open profit not counted."""
        raise NotImplementedError

    def accounts(self, scopes: Sequence[Scope]) -> tuple[str, str]:
        """Return reserve and trading account in the words of ccxt, empty where there are none."""
        return self.reserve

    def transfer_parameters(self, transfer_id: str) -> dict[str, Any]:
        """Return what makes a transfer the same one if it is sent again, where there is such."""
        return {}

    async def mine(self, exchange: Any, symbol: str, since: int, until: int) -> list[Row]:  # noqa: ANN401
        """Return the account's trades of a span, milliseconds."""
        found: list[Row] = await exchange.fetch_my_trades(
            symbol, since, self.trades.limit, {"until": until}
        )
        return found

    def counts(self, row: Row) -> bool:
        """Whether a row among the trades is one."""
        return True

    async def paid(self, exchange: Any, symbol: str, since: int, until: int) -> list[Row]:  # noqa: ANN401
        """Return funding payments of a span, milliseconds."""
        found: list[Row] = await exchange.fetch_funding_history(
            symbol, since, self.funding.limit, {"until": until}
        )
        return found

    async def moved(
        self,
        exchange: Any,  # noqa: ANN401
        scopes: Sequence[Scope],
        since: int,
        until: int,
    ) -> list[Row]:
        """Return what changed the account's cash in a span, milliseconds.

        Each with id, timestamp, amount, code and the venue's word for it; a page is counted
        before the movements are chosen, so trades are among them where the venue tells them too.
        """
        raise NotImplementedError

    async def rights(self, exchange: Any, keys: Keys) -> Rights:  # noqa: ANN401
        """Return what the key may do."""
        raise NotImplementedError

    async def one_way(self, exchange: Any, scopes: Sequence[Scope]) -> bool | None:  # noqa: ANN401
        """Return whether a symbol has one position only; None where there is no such choice."""
        return None

    async def margin(
        self,
        exchange: Any,  # noqa: ANN401
        scopes: Sequence[Scope],
    ) -> tuple[dict[str, str], dict[str, float]]:
        """Return margin mode and leverage by symbol, where the venue says."""
        return {}, {}

    # Streams.

    def quote_streams(self, scopes: Sequence[Scope]) -> tuple[Stream, ...]:
        """Return what to subscribe for quotes."""
        raise NotImplementedError

    async def quote_parts(self, exchange: Any, symbol: str, kind: Kind) -> list[Row]:  # noqa: ANN401
        """Return the parts of a quote by request."""
        found: Row = await exchange.fetch_ticker(symbol)
        return [found]

    def order_streams(self, scopes: Sequence[Scope]) -> tuple[Stream, ...]:
        """Return what to subscribe for orders and trades of the account."""
        return (
            Stream(name="orders", method="watch_orders", arguments=(), parameters={}, age=None),
            Stream(name="trades", method="watch_my_trades", arguments=(), parameters={}, age=None),
        )

    def parts_of(self, message: object) -> list[tuple[str, Row]]:
        """Return the parts of quotes in a message of a stream, by symbol."""
        if not isinstance(message, Mapping):
            raise Garbled(f"{self.venue}: a stream told a {type(message).__name__}")
        if isinstance(message.get("bids"), list):
            return [(str(message.get("symbol")), book_part(message))]
        if "symbol" in message:
            return [(str(message["symbol"]), message)]
        return [(str(symbol), part) for symbol, part in message.items()]

    def forget(self, exchange: Any) -> None:  # noqa: ANN401
        """Let go of what only the socket that died was good for."""

    # Shared tools.

    def stream(self, name: str, method: str, *arguments: object, quiet: bool = False) -> Stream:
        """Return a subscription with the venue's own patience, or much more where it is slow."""
        age = 6 * self.quote_age if quiet else self.quote_age
        return Stream(name=name, method=method, arguments=arguments, parameters={}, age=age)

    def worth(self, rows: object, name: str, key: str) -> dict[str, Decimal]:
        """Return a number by currency from the venue's own list of them, zeros left out."""
        if not isinstance(rows, list):
            raise Garbled(f"{self.venue}: balance: the reply has no list of currencies")
        found: dict[str, Decimal] = {}
        for row in rows:
            value = exact(row.get(key))
            currency = row.get(name)
            if value is None or not currency:
                raise Garbled(f"{self.venue}: balance: {currency!r} has no {key}")
            if value:
                found[str(currency)] = value
        return found


def inside(reply: object, *keys: str) -> Any:  # noqa: ANN401  a reply
    """Return what lies below `keys` in a reply, None where it is not there."""
    for key in keys:
        if not isinstance(reply, Mapping):
            return None
        reply = reply.get(key)
    return reply


def total(rows: Sequence[Row], key: str) -> Decimal:
    """Return the sum of a number in what the venue said of positions; none missing."""
    found = ZERO
    for row in rows:
        value = exact(inside(row, "info", key))
        if value is None:
            raise Garbled(f"positions: {row.get('symbol')} has no {key}")
        found += value
    return found
