"""Names that a market is told of, against those that a book asks it for."""

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Final

from hedgerow.errors import UnknownName
from hedgerow.market.instrument import MONEY

if TYPE_CHECKING:
    from hedgerow.config.book_file_market import Given
    from hedgerow.exposure.book import Book

MOST_NAMES: Final = 20
TABLES: Final = ("spot", "volatility", "forward", "coin_rate", "mark", "funding")
BY_CONTRACT: Final = {"mark", "funding"}


def refuse_unheld(
    given: "Given", book: "Book", places: Mapping[str, str], coins: Collection[str] = ()
) -> None:
    """Raise `UnknownName` if a market names what the book does not hold: it would say nothing.

    Parameters
    ----------
    places
        What each table of the market is called where somebody wrote it.
    coins
        Whose spot price may be told besides.
    """
    columns = book.columns
    held = dict.fromkeys(columns.underlyings)
    spots = {**held, book.numeraire: None, **dict.fromkeys(coins)}
    spots |= dict.fromkeys(given.spot.keys() & MONEY)
    markets = [*columns.names, *(name for group in columns.groups for name in group.markets)]
    perps = [name for coin in held for name in (f"{coin}/USD:{coin}", f"{coin}/USDT:USDT")]
    marks = {name: None for name in (*markets, *perps) if name not in held}
    for table, place in places.items():
        known = marks if table in BY_CONTRACT else spots if table == "spot" else held
        for name in getattr(given, table):
            if name not in known:
                raise UnknownName(
                    "name", name, [one for one in known if one][:MOST_NAMES], where=place
                )
