"""Which legs a symbol, an account, an asset or a currency is."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from hedgerow.execution.order import Listing


class Place(NamedTuple):
    """One leg as guards know it."""

    leg: int
    venue: str
    account: str
    symbol: str
    asset: str
    quote: str
    settle: str
    spot: bool


class Places:
    """All legs of a desk."""

    __slots__ = ("all", "by_symbol")

    def __init__(self, listings: Sequence[Listing]) -> None:
        self.all = tuple(_place(leg, listing) for leg, listing in enumerate(listings))
        self.by_symbol: dict[tuple[str, str], tuple[Place, ...]] = {}
        for place in self.all:
            key = place.venue, place.symbol
            self.by_symbol[key] = (*self.by_symbol.get(key, ()), place)

    def legs(self, wanted: Callable[[Place], bool]) -> frozenset[int]:
        """Return the legs that are wanted."""
        return frozenset(place.leg for place in self.all if wanted(place))

    def at(self, venue: str, symbol: str) -> frozenset[int]:
        """Return the legs of a symbol at a venue."""
        return frozenset(place.leg for place in self.by_symbol.get((venue, symbol), ()))


def _place(leg: int, listing: Listing) -> Place:
    pair, _, settle = listing.symbol.partition(":")
    asset, _, quote = pair.partition("/")
    return Place(
        leg=leg,
        venue=listing.venue,
        account=listing.account,
        symbol=listing.symbol,
        asset=asset,
        quote=quote,
        settle=settle or quote,
        spot=listing.spot,
    )
