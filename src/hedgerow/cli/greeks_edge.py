"""The hedger's edge below a book's greeks: expected funding less what the forwards imply."""

from typing import TYPE_CHECKING

from hedgerow.cli.greeks_table import table_of, written
from hedgerow.market.instrument import parse_symbol

if TYPE_CHECKING:
    from rich.table import Table

    from hedgerow.exposure.edge import Edge
    from hedgerow.exposure.exposure import Exposure

TITLE = "What a short perpetual is expected to earn beyond a short future; no part of the above"


def edges_of(exposure: "Exposure") -> tuple["Edge", ...]:
    """Return the edges of all perpetuals, on the book's coins, whose funding is known."""
    from hedgerow.exposure.edge import edges

    coins = set(exposure.underlyings)
    known = [one for one in sorted(exposure.market.funding) if parse_symbol(one).base in coins]
    return tuple(line for one in known for line in edges(exposure.market, one))


def edge_table(found: tuple["Edge", ...]) -> "Table":
    """Return the edges as a person reads them: by perpetual and expiry."""
    from hedgerow.units import iso

    table = table_of(
        "perpetual",
        "until",
        "forward",
        "implied\n% a year",
        "funding\n% a year",
        "edge\n% a year",
        "quote\na coin",
    )
    before = ""
    for one in found:
        rates = (written(100.0 * rate) for rate in (one.implied, one.expected, one.edge))
        name = "" if one.instrument == before else one.instrument
        table.add_row(name, iso(one.expiry)[:10], written(one.forward), *rates, written(one.quote))
        before = one.instrument
    return table
