"""`hedgerow data pull`: fetch history from a venue into a lake, and go on where it ended."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hedgerow.cli.data_view import print_health, progress_bar, wide_console
from hedgerow.cli.ending import told

if TYPE_CHECKING:
    from collections.abc import Callable

    from hedgerow.adapters.check import SeriesHealth
    from hedgerow.adapters.lake import Lake
    from hedgerow.adapters.pull.pulling import SeriesPull, Wanted
    from hedgerow.adapters.series_key import SeriesKey


def pull(
    venue: Annotated[str, typer.Argument(metavar="VENUE", help="Venue, such as binance.")],
    symbols: Annotated[
        list[str],
        typer.Argument(metavar="SYMBOL...", help="Unified symbols, such as BTC/USDT:USDT."),
    ],
    to: Annotated[Path, typer.Option("--to", metavar="LAKE", help="The lake; made if new.")],
    since: Annotated[str, typer.Option("--from", metavar="DAY", help="First day, UTC.")],
    until: Annotated[
        str, typer.Option("--to-day", metavar="DAY", help="Last day, UTC; today by default.")
    ] = "",
    bar: Annotated[str, typer.Option(help="Length of a bar, such as 1m, 1h or 1d.")] = "1h",
    kind: Annotated[
        list[str] | None,
        typer.Option(
            help="Only this series: trade, mark, index or funding; may be given more than once."
        ),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print errors only.")] = False,
    stand_in: Annotated[
        str, typer.Option("--stand-in", hidden=True, help="A server on this machine.")
    ] = "",
) -> None:
    """Fetch bars, marks, index and funding that the lake lacks; needs the extra `live`, no key.

    What the lake holds already is not asked for again but for a few rows at its edges, which must
    agree. Stopped with Ctrl-C, or by the venue, it keeps what came and goes on from there the
    next time. A bar that still runs is never stored. At the end the gaps are named.
    """
    with told("Stopped; what came is kept, and the same command goes on from there."):
        import asyncio

        wanted = _wanted(symbols, since, until, bar, tuple(kind or ()))
        with progress_bar(quiet=quiet) as progress:
            done = asyncio.run(_pulled(venue, wanted, to, stand_in or None, progress))
        if not quiet:
            _print_pull(done, to)


async def _pulled(
    venue: str,
    wanted: "Wanted",
    lake: Path,
    stand_in: str | None,
    progress: "Callable[[str, int, int], None] | None",
) -> "tuple[SeriesPull, ...]":
    from hedgerow.adapters.pull.pulling import pull as pull_history
    from hedgerow.adapters.venues.connection import connect

    connection = connect(venue, symbols=wanted.symbols, loopback_url=stand_in)
    try:
        return await pull_history(connection, wanted, lake, progress=progress)
    finally:
        await connection.close()


def _wanted(
    symbols: list[str], since: str, until: str, bar: str, kinds: tuple[str, ...]
) -> "Wanted":
    from datetime import UTC, datetime

    from hedgerow.adapters.pull.missing import Span
    from hedgerow.adapters.pull.pulling import Wanted
    from hedgerow.adapters.series_key import parse_step
    from hedgerow.errors import ConfigError
    from hedgerow.units import DAY

    start = _day("--from", since)
    end = _day("--to-day", until or datetime.now(UTC).date().isoformat()) + DAY - 1
    if end < start:
        raise ConfigError(f"--to-day {until}: is before --from {since}; turn them round")
    return Wanted(
        symbols=tuple(symbols), span=Span(start=start, end=end), step=parse_step(bar), kinds=kinds
    )


def _day(option: str, text: str) -> int:
    from datetime import UTC, datetime, time

    from hedgerow.config.moments import read_day
    from hedgerow.errors import ConfigError
    from hedgerow.units import nanoseconds

    try:
        day = read_day(text)
    except ValueError as error:
        raise ConfigError(f"{option} {text!r} is not a day; write one as 2024-01-31") from error
    return nanoseconds(datetime.combine(day, time(), tzinfo=UTC))


def _print_pull(done: "tuple[SeriesPull, ...]", to: Path) -> None:
    from rich.table import Table

    from hedgerow.adapters.lake import Lake

    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("series")
    for name in ("added", "seen again", "rows now", "requests"):
        table.add_column(name, justify="right")
    for one in done:
        counts = (one.added, one.unchanged, one.rows, one.asked)
        table.add_row(str(one.key), *(f"{count:,}" for count in counts))
    console = wide_console()
    console.print(table)
    console.print()
    held = [one.key for one in done if one.rows]
    if not held:
        console.print("the venue has nothing of that span", style="yellow")
        return
    lake = Lake(to)
    print_health(lake.name, [_health(lake, key) for key in held])


def _health(lake: "Lake", key: "SeriesKey") -> "SeriesHealth":
    from hedgerow.adapters.check import bars_health, funding_health
    from hedgerow.market.series import PriceKind

    if key.is_funding:
        return funding_health(key, lake.funding(key.venue, key.symbol).time)
    return bars_health(key, lake.bars(key.venue, key.symbol, PriceKind(key.kind), key.step))
