"""`hedgerow venues update`: fetch what a venue says today into a table of one's own."""

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from hedgerow.cli.ending import told


def update(
    name: Annotated[str, typer.Argument(help="Venue, as `hedgerow venues list` prints it.")],
    instrument: Annotated[
        list[str] | None, typer.Option(help="Only this contract; may be given more than once.")
    ] = None,
    into: Annotated[
        Path | None,
        typer.Option("--table", help="Folder of the new tables; your own folder by default."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Write without asking.")] = False,
) -> None:
    """Fetch sizes, fees, brackets and intervals; show what changes; write it if you agree.

    Needs the extra `live`. The new tables hold from today and win over those that ship.
    """
    with told("stopped; nothing was written"):
        from rich.console import Console

        from hedgerow.adapters.venue_update import fetch_update
        from hedgerow.adapters.venue_wire import connect
        from hedgerow.cli.venues_diff import changes, changes_view
        from hedgerow.config.own_tables import own_tables, tables_folder
        from hedgerow.market import tables as rules

        today, own = datetime.now(UTC).date(), own_tables()
        symbols = instrument or rules.contracts(name, own)
        known = [rules.known_rules(name, symbol, today, own) for symbol in symbols]
        with closing(connect(name, symbols)) as venue:
            found = fetch_update(venue, name, known, today)
        before, after = (today, own), (today, (*own, *found.tables()))
        changed = changes(name, before, after)
        console = Console(emoji=False)
        console.print(changes_view(changed))
        for line in found.left_out:
            typer.secho(f"not fetched: {line}", err=True, fg="yellow")
        if not changed:
            return
        folder = into or tables_folder()
        files = ", ".join(draft.file for draft in found.drafts)
        if not yes and not typer.confirm(f"Write {files} into {folder}?"):
            typer.echo("nothing was written")
            return
        for file in found.write(folder):
            typer.echo(f"wrote {file}")
