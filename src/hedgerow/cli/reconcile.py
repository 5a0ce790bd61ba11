"""`hedgerow reconcile`: a venue's statement against what the desk wrote down."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hedgerow.cli.ending import told

if TYPE_CHECKING:
    from hedgerow.ledger.journal import Record

UNEXPLAINED = 1


def reconcile(
    journal: Annotated[
        str,
        typer.Argument(
            metavar="JOURNAL", help="Path of the journal, or postgresql://USER@HOST/DATABASE."
        ),
    ],
    statement: Annotated[
        Path, typer.Option("--statement", metavar="FILE", help="CSV or JSON, as the venue gives.")
    ],
    venue: Annotated[
        str, typer.Option(help="Of the statement, where the journal has several.")
    ] = "",
    account: Annotated[str, typer.Option(help="The account's name in the journal.")] = "",
    day: Annotated[
        str, typer.Option(metavar="YYYY-MM-DD", help="One UTC day; all of the statement's if none.")
    ] = "",
    columns: Annotated[
        Path | None,
        typer.Option("--map", metavar="FILE", help="What its columns mean, for any other venue."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a program.")] = False,
) -> None:
    """Explain each day's profit and loss to the cent: realised, funding, fees, transfers.

    Every line of the statement is held against the journal, one to one by time, amount and type,
    and what is missing on either side is listed. Binance, Bybit, OKX and Deribit are known by
    their columns. It ends with 0 where all is explained, and with 1 where something is missing.
    """
    with told("stopped"):
        import asyncio

        from hedgerow.adapters.statements.explaining import days_of, explained
        from hedgerow.adapters.statements.ours import our_books
        from hedgerow.adapters.statements.reading import read_statement
        from hedgerow.adapters.statements.sessions import by_session
        from hedgerow.cli.reconcile_view import found_json, found_view

        found = read_statement(statement, columns)
        span = _day(day) if day else days_of(found.lines)
        records = asyncio.run(_records(journal))
        books = our_books(records, venue=venue or found.venue, account=account)
        result = explained(*by_session(books, found.lines), *span)
        if as_json:
            typer.echo(found_json(result, found, books.account))
        else:
            from rich.console import Console

            Console(emoji=False).print(found_view(result, found, books.account))
    if not result.is_complete:
        raise typer.Exit(UNEXPLAINED)


async def _records(journal: str) -> "list[Record]":
    """Return the records that say what happened to accounts."""
    from hedgerow.adapters.journal.opening import open_journal

    kept = open_journal(journal)
    try:
        return [one async for one in kept.read() if one.kind in {"opened", "entry"}]
    finally:
        await kept.close()


def _day(text: str) -> tuple[int, int]:
    from datetime import UTC, date, datetime

    from hedgerow.errors import ConfigError
    from hedgerow.units import DAY, nanoseconds

    try:
        chosen = date.fromisoformat(text)
    except ValueError as error:
        raise ConfigError(f"--day {text!r} is not a day; write it like 2024-12-31") from error
    begin = nanoseconds(datetime(chosen.year, chosen.month, chosen.day, tzinfo=UTC))
    return begin, begin + DAY
