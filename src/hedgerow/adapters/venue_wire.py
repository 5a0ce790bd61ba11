"""What is asked of an exchange's public interface, and what can go wrong on the way."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from hedgerow.adapters.venues.loader import load_exchange
from hedgerow.errors import UnknownName

# The name of the connector by the venue's name here.
CONNECTORS = {
    "binance": "binance",
    "bybit": "bybit",
    "deribit": "deribit",
    "derive": "derive",
    "dydx": "dydx",
    "hyperliquid": "hyperliquid",
    "okx": "okx",
}


class Exchange(Protocol):
    """The public part of a ccxt exchange that an update uses."""

    has: Mapping[str, Any]

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


def connect(venue: str) -> Exchange:
    """Return a connection to the public interface of `venue`.

    Raises
    ------
    ConfigError
        If ccxt is not installed.
    UnknownName
        If no connector serves the venue.
    """
    if venue not in CONNECTORS:
        raise UnknownName("venue with a live interface", venue, sorted(CONNECTORS))
    exchange: Exchange = load_exchange(CONNECTORS[venue], "ccxt")(
        {"enableRateLimit": True, "options": {"defaultType": "swap", "fetchCurrencies": False}}
    )
    return exchange


def why(error: Exception) -> str:
    """Return in a few words what the wire said; the kind of an error of ccxt is its class."""
    text = str(error).split("\n", maxsplit=1)[0].strip()
    return f"{type(error).__name__}: {text}"[:200] if text else type(error).__name__


def is_of_the_wire(error: Exception) -> bool:
    """Whether the error comes from the venue or the way to it, and not from a defect of ours."""
    names = {kind.__name__ for kind in type(error).__mro__}
    return bool(names & {"BaseError", "OSError", "NotSupported"})
