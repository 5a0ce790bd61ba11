"""The venues that the desk trades on."""

from typing import Final

from hedgerow.adapters.venues.quirks import Quirks
from hedgerow.adapters.venues.quirks_binance import Binance
from hedgerow.adapters.venues.quirks_bybit import Bybit
from hedgerow.adapters.venues.quirks_deribit import Deribit
from hedgerow.adapters.venues.quirks_hyperliquid import Hyperliquid
from hedgerow.adapters.venues.quirks_okx import Okx
from hedgerow.errors import UnknownName
from hedgerow.execution.budget import RateBudget

VENUES: Final[dict[str, type[Quirks]]] = {
    quirks.venue: quirks for quirks in (Binance, Bybit, Deribit, Hyperliquid, Okx)
}


def rate_budget() -> RateBudget:
    """Return one budget of requests for all connections to all venues."""
    return RateBudget({name: quirks.rate for name, quirks in VENUES.items()})


def quirks_of(venue: str) -> Quirks:
    """Return what is peculiar to a venue.

    Raises
    ------
    UnknownName
        If the desk cannot trade there.
    """
    if venue not in VENUES:
        raise UnknownName("venue with live trading", venue, sorted(VENUES))
    return VENUES[venue]()
