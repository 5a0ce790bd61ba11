"""`hedgerow compare`: runs side by side."""

from pathlib import Path
from typing import Annotated

import typer

from hedgerow.errors import HedgeError


def compare(
    runs: Annotated[
        list[Path],
        typer.Argument(
            metavar="RUN.json...",
            help="Two or more results, as `hedgerow backtest CONFIG --json FILE` writes them.",
            show_default=False,
        ),
    ],
    json_file: Annotated[
        str,
        typer.Option(
            "--json", metavar="FILE|-", help="Write the comparison as JSON, - to the screen."
        ),
    ] = "",
) -> None:
    """Put runs side by side: P&L, where it came from, risk, hedge effectiveness, margin.

    The best of each line is green. What makes runs hard to compare, another span, other data or
    another numeraire, is said below the table.
    """
    from rich.console import Console

    from hedgerow.report import compare as room
    from hedgerow.report.loading import load
    from hedgerow.report.result import to_json, write_json
    from hedgerow.report.side_by_side import side_by_side

    try:
        comparison = room.compare([load(path) for path in runs])
        if json_file == "-":
            typer.echo(to_json(room.comparison_json(comparison)), nl=False)
            return
        if json_file:
            write_json(room.comparison_json(comparison), Path(json_file))
    except HedgeError as error:
        typer.secho(str(error), err=True, fg="red")
        raise typer.Exit(2) from error
    Console(emoji=False).print(side_by_side(comparison))
