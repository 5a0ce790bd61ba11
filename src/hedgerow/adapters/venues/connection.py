"""The one way to open an exchange: tuned, quiet, and pointed where it should."""

import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Final, TypeVar

from hedgerow.adapters.venues.contracts import Contract, Kind, contract_of
from hedgerow.adapters.venues.failures import BROKEN_REPLY, Asked, translate
from hedgerow.adapters.venues.keys import NOBODY, Keys
from hedgerow.adapters.venues.known import quirks_of
from hedgerow.adapters.venues.loader import error_kind
from hedgerow.adapters.venues.pace import Pace, going_as
from hedgerow.adapters.venues.quirks import Quirks, Scope, scopes_of
from hedgerow.adapters.venues.replies import Told
from hedgerow.adapters.venues.tuned import tuned
from hedgerow.adapters.venues.wire import Homes, turned
from hedgerow.errors import ConfigError, MarketDataError, UnknownName
from hedgerow.execution.budget import Priority, RateBudget
from hedgerow.execution.port import RateLimited, Refused, VenueError
from hedgerow.market.instrument import Settlement, parse_symbol

T = TypeVar("T")

TIMEOUT: Final = 10_000  # milliseconds
PING: Final = 10_000  # milliseconds between two pings of a socket; two missed ones are its death


def kind_of_symbol(symbol: str) -> Kind:
    """Return which kind a unified symbol is of.

    >>> kind_of_symbol("BTC/USD:BTC"), kind_of_symbol("BTC/USDT")
    ('inverse', 'spot')
    """
    parts = parse_symbol(symbol)
    if parts.is_spot:
        return "spot"
    return "inverse" if parts.settlement is Settlement.INVERSE else "linear"


class Connection:
    """One exchange of ccxt for some symbols, and how to ask it something.

    Attributes
    ----------
    venue
        Its name here.
    exchange
        The object of ccxt.
    quirks
        What is peculiar to the venue.
    testnet
        Whether it is the venue's test net.
    elsewhere
        Opens the other one of live venue and test net with the same key, to learn which of them
        the key is of; None where there is no other.
    """

    def __init__(
        self,
        quirks: Quirks,
        exchange: Any,  # noqa: ANN401
        *,
        keys: Keys = NOBODY,
        symbols: Iterable[str] = (),
        testnet: bool = False,
        now: Callable[[], int] = time.time_ns,
        elsewhere: "Callable[[], Connection] | None" = None,
    ) -> None:
        self.venue = quirks.venue
        self.elsewhere = elsewhere
        self.quirks = quirks
        self.exchange = exchange
        self.keys = keys
        self.testnet = testnet
        self.now = now
        self.symbols = tuple(dict.fromkeys(symbols))
        self._contracts: dict[str, Contract] = {}
        self._unusable: dict[str, str] = {}

    async def contracts(self) -> dict[str, Contract]:
        """Return the contracts asked for that the venue lists, by symbol; loads them once.

        One whose steps the venue does not say is left out: nothing can be ordered of it.
        """
        if not self._contracts:
            markets = await self.ask("markets", self.exchange.load_markets)
            self._unusable = {}
            self._contracts = {
                symbol: contract
                for symbol in self.symbols
                if symbol in markets and (contract := self._usable(markets[symbol])) is not None
            }
        return self._contracts

    def _usable(self, market: Any) -> Contract | None:  # noqa: ANN401  of ccxt
        """Return how a market is counted, None where it is closed or does not say."""
        if market.get("active") is False:
            return None
        mode = self.exchange.precisionMode
        try:
            return contract_of(market, mode=mode, in_units=self.quirks.in_units)
        except (MarketDataError, *BROKEN_REPLY) as error:
            self._unusable[str(market.get("symbol"))] = str(error)
            return None

    async def listed(self) -> dict[str, Contract]:
        """Return the contracts that the venue lists at this hour.

        One that it no longer lists stays known: what is held of it must still be counted.
        """
        if self._contracts:
            await self.ask("markets", lambda: self.exchange.load_markets(True))
        before, self._contracts = self._contracts, {}
        try:
            now = await self.contracts()
        finally:
            self._contracts = {**before, **self._contracts}
        return now

    async def contract(self, symbol: str) -> Contract:
        """Return how the venue counts a symbol.

        Raises
        ------
        UnknownName
            If the connection was not opened for it.
        Refused
            If the venue does not list it.
        """
        known = await self.contracts()
        if symbol in self.symbols and symbol not in known:
            raise self._unsaid(symbol) if symbol in self._unusable else self._gone(symbol)
        if symbol not in known:
            raise UnknownName("instrument", symbol, sorted(known), where=f"{self.venue}, live")
        return known[symbol]

    async def any_contract(self, symbol: str) -> Contract:
        """Return how the venue counts a symbol, also one that it was not opened for.

        Raises
        ------
        Refused
            If the venue does not list it among the kinds that were loaded.
        """
        if symbol in self.symbols:
            return await self.contract(symbol)
        await self.contracts()
        market = (self.exchange.markets or {}).get(symbol)
        if market is None or market.get("active") is False:
            raise self._gone(symbol)
        mode = self.exchange.precisionMode
        try:
            return contract_of(market, mode=mode, in_units=self.quirks.in_units)
        except MarketDataError as error:
            raise Refused(f"{self.venue}: {error}", reason="symbol") from error

    def _unsaid(self, symbol: str) -> Refused:
        return Refused(f"{self.venue}: {self._unusable[symbol]}", reason="symbol")

    @property
    def unusable(self) -> dict[str, str]:
        """The symbols that the venue lists, and nothing can be ordered of, with the reason."""
        return dict(self._unusable)

    def _gone(self, symbols: str) -> Refused:
        return Refused(
            f"{self.venue}: {symbols} is not traded there: delisted, renamed or paused; "
            "hedgerow doctor names the nearest",
            reason="symbol",
        )

    async def scopes(self) -> tuple[Scope, ...]:
        """Return the symbols by kind and settle asset.

        Raises
        ------
        Refused
            If the venue lists none of them.
        """
        known = await self.contracts()
        if not known:
            raise self._gone(", ".join(self.symbols))
        return scopes_of(known.values())

    async def ask(
        self,
        what: str,
        question: Callable[[], Awaitable[T]],
        *,
        changes: bool = False,
        priority: Priority = Priority.LOOK,
    ) -> T:
        """Return the answer to a question, which waits for its turn by `priority`.

        Raises
        ------
        VenueError
            What the desk may conclude where there is none.
        """
        try:
            with going_as(priority):
                return await question()
        except (error_kind("BaseError"), OSError, *BROKEN_REPLY) as error:
            asked = Asked(venue=self.venue, what=what, changes=changes, keys=self.keys)
            found = translate(error, asked)
            pace: Pace | None = self.exchange.pace
            if isinstance(found, RateLimited) and pace and getattr(error, "sent", True):
                pace.banned(found.retry_after)
            raise found from None

    @property
    def kinds(self) -> frozenset[Kind]:
        """The kinds of the symbols it was opened for."""
        return frozenset(kind_of_symbol(symbol) for symbol in self.symbols)

    def garbled(self, what: str, found: str) -> VenueError:
        """Return the error of a reply that is none, to a request that changes something."""
        return Asked(venue=self.venue, what=what, changes=True, keys=self.keys).garbled(found)

    def told(self, account: str, what: str) -> Told:
        """Return whom an answer comes from, for its reading."""
        return Told(venue=self.venue, account=account, what=what)

    async def close(self) -> None:
        """Let go of all sockets."""
        await self.exchange.close()


def connect(
    venue: str | Quirks,
    *,
    symbols: Iterable[str],
    secrets: Keys | None = None,
    loopback_url: str | None = None,
    testnet: bool = False,
    budget: RateBudget | None = None,
    timeout: int = TIMEOUT,
    now: Callable[[], int] = time.time_ns,
) -> Connection:
    """Return a connection to a venue; nothing is asked of it yet.

    Parameters
    ----------
    venue
        Name of `known.VENUES`, or what is peculiar to another.
    symbols
        Unified symbols; the markets of their kinds are what it will load.
    secrets
        The account's key; none for public data.
    loopback_url
        Base of a server on this machine that stands in for the venue.
    testnet
        Whether to use the venue's test net.
    budget
        Of requests to the venue, shared with its other connections; None for one of its own.
    timeout
        Of a request, milliseconds.

    Raises
    ------
    UnknownName
        If the desk cannot trade there.
    ConfigError
        If ccxt is missing, or the stand-in is not on this machine.
    """
    quirks = quirks_of(venue) if isinstance(venue, str) else venue
    wanted = tuple(symbols)
    kinds = frozenset(kind_of_symbol(symbol) for symbol in wanted)
    keys = secrets or NOBODY
    exchange = tuned(quirks.connector, quirks.shape, *quirks.layers)(
        {
            **quirks.config(keys),
            "enableRateLimit": True,
            "timeout": timeout,
            "options": {"fetchCurrencies": False, **quirks.options(kinds)},
        }
    )
    exchange.has = {**exchange.has, "fetchCurrencies": False}
    exchange.streaming = {**exchange.streaming, "keepAlive": PING, "maxPingPongMisses": 2.0}
    exchange.enableLastHttpResponse = exchange.enableLastJsonResponse = False
    if testnet:
        quirks.to_testnet(exchange)
    if loopback_url is not None:
        real = exchange.urls["api"]
        exchange.urls = {**exchange.urls, "api": turned(real, loopback_url)}
        exchange.home = Homes(real, exchange.urls["api"])
    exchange.pace = Pace(
        budget=budget or RateBudget({quirks.venue: quirks.rate}), venue=quirks.venue
    )
    if not wanted:
        raise ConfigError(f"{quirks.venue}: no symbol to connect for")

    def elsewhere() -> Connection:
        return connect(
            venue, symbols=wanted, secrets=keys, testnet=not testnet, timeout=timeout, now=now
        )

    return Connection(
        quirks,
        exchange,
        keys=keys,
        symbols=wanted,
        testnet=testnet,
        now=now,
        elsewhere=elsewhere if loopback_url is None and secrets is not None else None,
    )
