"""The longest run of whole days that a lake covers for one linear perpetual."""

from datetime import date, timedelta
from typing import TYPE_CHECKING

from hedgerow.errors import SpanError

if TYPE_CHECKING:
    from hedgerow.adapters.lake import Lake


def covered(lake: "Lake", venue: str, symbol: str) -> tuple[date, date]:
    """Return first and last day with hourly spot, hourly perpetual and all funding.

    Raises
    ------
    SpanError
        If there is no such day.
    """
    from hedgerow.market.instrument import parse_symbol
    from hedgerow.market.tables import contract_rules
    from hedgerow.units import DAY, HOUR, moment

    spans = {
        (held.key.symbol, held.key.kind): (held.first, held.last + held.key.step)
        for held in lake.series()
        if held.key.venue == venue and held.key.step in (0, HOUR)
    }
    wanted = ((parse_symbol(symbol).spot, "trade"), (symbol, "trade"), (symbol, "funding"))
    for name, kind in wanted:
        if (name, kind) not in spans:
            what = "funding" if kind == "funding" else "hourly prices"
            raise SpanError(
                f"lake {lake.name}: has no {what} of {name} at {venue}, which the demo needs; "
                "import them with `hedgerow data import`"
            )
    first = max(spans[name][0] for name in wanted[:2])
    last = min(spans[name][1] for name in wanted[:2])
    interval = contract_rules(venue, symbol, moment(first).date()).funding.interval_hours * HOUR
    best: tuple[int, int] = (0, 0)
    for start, end in _unbroken(lake.funding(venue, symbol).time.tolist(), interval):
        opening = -(-max(start, first) // DAY)
        closing = min(end, last) // DAY
        best = max(best, (opening, closing), key=lambda span: span[1] - span[0])
    if best[1] <= best[0]:
        raise SpanError(
            f"lake {lake.name}: covers no whole day of {symbol} at {venue} with its funding; "
            "import more"
        )
    epoch = date(1970, 1, 1)
    return epoch + timedelta(days=best[0]), epoch + timedelta(days=best[1] - 1)


def _unbroken(times: list[int], interval: int) -> list[tuple[int, int]]:
    """Return stretches of settlements without one missing, to where the next one is due.

    >>> _unbroken([0, 8, 16, 40, 48], 8)
    [(0, 24), (40, 56)]
    """
    stretches: list[tuple[int, int]] = []
    for time in times:
        if stretches and 2 * (time - (stretches[-1][1] - interval)) <= 3 * interval:
            stretches[-1] = (stretches[-1][0], time + interval)
        else:
            stretches.append((time, time + interval))
    return stretches
