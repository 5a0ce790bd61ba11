"""`hedgerow venues`: look at the rules a venue imposes, and at where they come from."""

import json
from dataclasses import asdict
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import typer

from hedgerow.cli.calc_output import day_of
from hedgerow.cli.ending import fail
from hedgerow.cli.venues_diff import diff
from hedgerow.cli.venues_update import update
from hedgerow.errors import HedgeError

if TYPE_CHECKING:
    from hedgerow.market.table_file import Table
    from hedgerow.market.venue import ContractRules

app = typer.Typer(help="Look at the rules a venue imposes.", no_args_is_help=True)


@app.callback()
def venues() -> None:
    """Look at the rules a venue imposes, and at where they come from."""


@app.command("list")
def list_venues() -> None:
    """List the venues with their dated tables of rules, your own at the end."""
    try:
        from hedgerow.config.own_tables import own_tables
        from hedgerow.market import tables as rules

        found = [table for venue in rules.venues() for table in rules.tables(venue)]
        found += own_tables()
    except HedgeError as error:
        fail(str(error))
    from rich.console import Console

    from hedgerow.cli.venues_view import tables_view

    Console(emoji=False).print(tables_view(found, _today()))


@app.command()
def show(
    name: Annotated[str, typer.Argument(help="Venue, as `hedgerow venues list` prints it.")],
    instrument: Annotated[str, typer.Option(help="One contract in full, e.g. BTC/USDT:USDT.")] = "",
    on: Annotated[str, typer.Option(help="Rules in force on this day, YYYY-MM-DD.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show the contracts of a venue, or one of them in full, as of a day (today by default)."""
    try:
        from hedgerow.config.own_tables import own_tables
        from hedgerow.market import tables as rules

        day, own = day_of(on), own_tables()
        symbols = (instrument,) if instrument else rules.contracts(name, own)
        known = [rules.known_rules(name, symbol, day, own) for symbol in symbols]
        partial = [] if instrument else [part for part in known if part.missing]
        found = [
            rules.contract_rules(name, part.symbol, day, own)
            for part in known
            if instrument or not part.missing
        ]
    except HedgeError as error:
        fail(str(error))
    if as_json:
        shown = [contract_json(contract) for contract in found]
        typer.echo(json.dumps(shown[0] if instrument else shown, indent=2))
        return
    from rich.console import Console

    from hedgerow.cli.venues_view import contract_view, partial_view, tables_view, venue_view

    if instrument:
        parts = contract_view(found[0], day, _today())
    else:
        tables = [table for table in (*_shipped(name), *own) if table.venue == name]
        parts = [venue_view(name, found, day)] if found else []
        parts += [*partial_view(partial), tables_view(tables, _today())]
    console = Console(emoji=False)
    for part in parts:
        console.print(part)


app.command()(diff)
app.command()(update)


def contract_json(rules: "ContractRules") -> dict[str, object]:
    """Return the rules as plain values; exact numbers stay text."""
    return {key: _plain(value) for key, value in asdict(rules).items()}


def _shipped(name: str) -> "tuple[Table, ...]":
    from hedgerow.market import tables as rules

    return rules.tables(name) if name in rules.venues() else ()


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.isoformat() if isinstance(value, date) else value


def _today() -> date:
    return datetime.now(UTC).date()
