"""The public side of a venue's own adapter, asked one question after another."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar, Final, Protocol

from hedgerow.adapters.venues.connection import Connection
from hedgerow.adapters.venues.connection import connect as open_connection
from hedgerow.adapters.venues.contracts import Kind, contract_of
from hedgerow.adapters.venues.known import VENUES, quirks_of
from hedgerow.adapters.venues.quirks import Quirks
from hedgerow.errors import UnknownName


class Derive(Quirks):
    """Derive, whose rules are known and where the desk does not trade."""

    venue: ClassVar[str] = "derive"
    connector: ClassVar[str] = "derive"

    def options(self, kinds: frozenset[Kind]) -> dict[str, Any]:
        """Return the options of ccxt."""
        del kinds
        return {"defaultType": "swap"}


class Dydx(Derive):
    """The same of dYdX."""

    venue = "dydx"
    connector = "dydx"


UNTRADED: Final[Mapping[str, type[Quirks]]] = {one.venue: one for one in (Derive, Dydx)}


class Exchange(Protocol):
    """The public part of an exchange that an update uses; it raises `VenueError`."""

    @property
    def has(self) -> Mapping[str, Any]:
        """What it can be asked."""
        ...

    def load_markets(self) -> Mapping[str, Any]:
        """Return all markets by unified symbol."""
        ...

    def fetch_leverage_tiers(self, symbols: Sequence[str]) -> Mapping[str, Any]:
        """Return brackets by symbol."""
        ...

    def fetch_market_leverage_tiers(self, symbol: str) -> Sequence[Any]:
        """Return the brackets of one contract."""
        ...

    def fetch_funding_intervals(self, symbols: Sequence[str]) -> Mapping[str, Any]:
        """Return intervals, and bounds where the venue gives them, by symbol."""
        ...

    def fetch_funding_rates(self, symbols: Sequence[str]) -> Mapping[str, Any]:
        """Return current rates with their intervals by symbol."""
        ...

    def fetch_funding_rate(self, symbol: str) -> Mapping[str, Any]:
        """Return the current rate of one contract."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


class PublicSide:
    """A connection of the desk's own adapter, for a command that waits for each answer.

    Every reply is checked as the desk checks it, none is asked for twice underneath, and a market
    whose sizes the venue counts in coins or face comes in contracts, as tables count.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._exchange = connection.exchange
        self._runner = asyncio.Runner()

    @property
    def has(self) -> Mapping[str, Any]:
        """What ccxt knows to ask."""
        found: Mapping[str, Any] = self._exchange.has
        return found

    @property
    def urls(self) -> Mapping[str, Any]:
        """Where the venue speaks of itself."""
        found: Mapping[str, Any] = self._exchange.urls
        return found

    def load_markets(self) -> Mapping[str, Any]:
        """Return all markets by unified symbol."""
        markets = dict(self._ask("markets", self._exchange.load_markets))
        for symbol in self._connection.symbols:
            if symbol in markets:
                markets[symbol] = self._counted(markets[symbol])
        return markets

    def fetch_leverage_tiers(self, symbols: Sequence[str]) -> Mapping[str, Any]:
        """Return brackets by symbol."""
        question = self._exchange.fetch_leverage_tiers
        return dict(self._ask("brackets", lambda: question([*symbols])))

    def fetch_market_leverage_tiers(self, symbol: str) -> Sequence[Any]:
        """Return the brackets of one contract."""
        question = self._exchange.fetch_market_leverage_tiers
        return list(self._ask("brackets", lambda: question(symbol)))

    def fetch_funding_intervals(self, symbols: Sequence[str]) -> Mapping[str, Any]:
        """Return intervals, and bounds where the venue gives them, by symbol."""
        question = self._exchange.fetch_funding_intervals
        return dict(self._ask("funding intervals", lambda: question([*symbols])))

    def fetch_funding_rates(self, symbols: Sequence[str]) -> Mapping[str, Any]:
        """Return current rates with their intervals by symbol."""
        question = self._exchange.fetch_funding_rates
        return dict(self._ask("funding", lambda: question([*symbols])))

    def fetch_funding_rate(self, symbol: str) -> Mapping[str, Any]:
        """Return the current rate of one contract."""
        question = self._exchange.fetch_funding_rate
        return dict(self._ask("funding", lambda: question(symbol)))

    def close(self) -> None:
        """Let go of all sockets."""
        try:
            self._runner.run(self._connection.close())
        finally:
            self._runner.close()

    def _ask(self, what: str, question: Callable[[], Awaitable[Any]]) -> Any:  # noqa: ANN401  a reply
        return self._runner.run(self._connection.ask(what, question))

    def _counted(self, market: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return a market with its lot in contracts; raise where a step of it is missing.

        The least size of an inverse contract is an amount of quote: its least notional.
        """
        quirks, mode = self._connection.quirks, self._exchange.precisionMode
        contract = contract_of(market, mode=mode, in_units=quirks.in_units)
        unit = Decimal(str(market.get("contractSize") or 1))
        precision = {"price": contract.tick, "amount": contract.lot / unit}
        limits = {**(market.get("limits") or {})}
        if contract.kind == "inverse" and not contract.minimum_notional:
            limits["cost"] = {"min": contract.minimum_size}
        return {**market, "precision": {**market["precision"], **precision}, "limits": limits}


def connect(venue: str, symbols: Sequence[str], loopback_url: str | None = None) -> PublicSide:
    """Return the public side of `venue` for some contracts; `close` it.

    Parameters
    ----------
    loopback_url
        Base of a server on this machine that stands in for the venue.

    Raises
    ------
    ConfigError
        If ccxt is not installed.
    UnknownName
        If no connector serves the venue.
    """
    if venue not in VENUES and venue not in UNTRADED:
        raise UnknownName("venue with a live interface", venue, sorted({*VENUES, *UNTRADED}))
    quirks = UNTRADED[venue]() if venue in UNTRADED else quirks_of(venue)
    return PublicSide(open_connection(quirks, symbols=symbols, loopback_url=loopback_url))
