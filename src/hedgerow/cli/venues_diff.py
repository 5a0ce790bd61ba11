"""`hedgerow venues diff`: what changed between two days, or against a table of one's own."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hedgerow.cli.ending import told
from hedgerow.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import RenderableType

    from hedgerow.market.differences import Difference
    from hedgerow.market.known import KnownRules
    from hedgerow.market.table_file import Table


def diff(
    name: Annotated[str, typer.Argument(help="Venue, as `hedgerow venues list` prints it.")],
    since: Annotated[str, typer.Option("--from", help="The earlier day, YYYY-MM-DD.")] = "",
    until: Annotated[str, typer.Option("--to", help="The later day; today by default.")] = "",
    instrument: Annotated[str, typer.Option(help="Only this contract.")] = "",
    table: Annotated[
        Path | None, typer.Option(help="A table of your own, against the rules without it.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say key by key what changed in a venue's rules."""
    with told("stopped"):
        from hedgerow.config.own_tables import own_tables
        from hedgerow.market.table_file import load_table

        own = own_tables()
        if (table is None) == (not since):
            raise ConfigError("give either --from DAY or --table FILE: one says what to compare")
        last = _day("--to", until)
        if table is not None:
            added = load_table(table)
            if added.venue != name:
                raise ConfigError(f"{table}: speaks of {added.venue}, not of {name}")
            last = max(last, added.effective)
            found = changes(name, (last, own), (last, (*own, added)), instrument)
        else:
            found = changes(name, (_day("--from", since), own), (last, own), instrument)
    if as_json:
        rows = {
            symbol: [
                {"key": part.key, "before": part.before, "after": part.after} for part in parts
            ]
            for symbol, parts in found.items()
        }
        typer.echo(json.dumps(rows, indent=2))
        return
    from rich.console import Console

    Console(emoji=False).print(changes_view(found))


def changes(
    venue: str,
    before: "tuple[date, tuple[Table, ...]]",
    after: "tuple[date, tuple[Table, ...]]",
    instrument: str = "",
) -> "Mapping[str, tuple[Difference, ...]]":
    """Return by contract what differs between two states, each a day and one's own tables."""
    from hedgerow.errors import UnknownName
    from hedgerow.market import tables as rules
    from hedgerow.market.differences import differences

    every = {
        symbol
        for _, own in (before, after)
        if venue in rules.venues() or any(table.venue == venue for table in own)
        for symbol in rules.contracts(venue, own)
    }
    if not every:
        raise UnknownName("venue", venue, rules.venues())
    if instrument and instrument not in every:
        raise UnknownName("instrument", instrument, sorted(every), where=venue)
    symbols = (instrument,) if instrument else sorted(every)
    found = {
        symbol: differences(_known(venue, symbol, before), _known(venue, symbol, after))
        for symbol in symbols
    }
    return {symbol: parts for symbol, parts in found.items() if parts}


def _known(venue: str, symbol: str, state: "tuple[date, tuple[Table, ...]]") -> "KnownRules":
    from hedgerow.errors import UnknownName
    from hedgerow.market.known import KnownRules
    from hedgerow.market.tables import known_rules

    day, own = state
    try:
        return known_rules(venue, symbol, day, own)
    except UnknownName:
        return KnownRules(venue=venue, symbol=symbol, market="")


def changes_view(found: "Mapping[str, tuple[Difference, ...]]") -> "RenderableType":
    """Return a table of changes, or a sentence if there are none."""
    from rich import box
    from rich.table import Table as Grid

    if not found:
        return "nothing changed"
    grid = Grid(box=box.SIMPLE_HEAD, title="What changed", title_justify="left")
    for heading in ("contract", "rule", "before", "after"):
        grid.add_column(heading, overflow="fold")
    for symbol, parts in found.items():
        for number, part in enumerate(parts):
            grid.add_row(
                "" if number else symbol,
                part.key.replace("[", "\\["),
                part.before or "[dim]not known[/]",
                part.after or "[dim]not known[/]",
            )
        grid.add_section()
    return grid


def _day(option: str, text: str) -> date:
    if not text:
        return datetime.now(UTC).date()
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ConfigError(f"{option} {text!r} is not a day; write it like 2024-12-31") from error
