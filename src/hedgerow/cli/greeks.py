"""`hedgerow greeks`: what a book is worth at a market, how that moves, and what takes it away."""

import json
import os
from pathlib import Path
from typing import Annotated, Final

import typer

from hedgerow.cli.ending import told
from hedgerow.cli.greeks_market import (
    AtOption,
    BookArgument,
    ChainOption,
    ColumnsOption,
    FundingsOption,
    MarksOption,
    NumeraireOption,
    Question,
    RateOption,
    SpotsOption,
    SurfaceKind,
    SurfaceOption,
    VolatilitiesOption,
    opened,
)
from hedgerow.cli.greeks_view import By, answered, greeks_json, lines, sections
from hedgerow.cli.outputs import JsonOption, Outputs, QuietOption

PIPED: Final = 110  # characters at least where nothing sets a width


def greeks(
    book: BookArgument,
    chain: ChainOption = None,
    columns: ColumnsOption = "",
    at: AtOption = "",
    surface: SurfaceOption = SurfaceKind.SVI,
    numeraire: NumeraireOption = "",
    by: Annotated[By, typer.Option(help="What the second table shows apart.")] = By.EXPIRY,
    spot: SpotsOption = None,
    mark: MarksOption = None,
    funding: FundingsOption = None,
    volatility: VolatilitiesOption = None,
    rate: RateOption = None,
    json_: JsonOption = "",
    quiet: QuietOption = False,
) -> None:
    """Say what a book is worth, how that moves, and which perpetual takes the move away.

    \b
    Examples:
      hedgerow greeks book.toml --chain quotes.parquet
      hedgerow greeks book.toml --chain quotes.parquet --numeraire BTC --by position
      hedgerow greeks book.csv --spot BTC=60000 --volatility BTC=0.6 --json -
    """  # noqa: D301 - the control character keeps the lines of the help apart
    with told("Stopped."):
        outputs = Outputs(json=json_)
        question = Question(
            book=book,
            chain=chain,
            columns=columns,
            at=at,
            surface=surface,
            numeraire=numeraire,
            spot=spot or (),
            mark=mark or (),
            funding=funding or (),
            volatility=volatility or (),
            rate=rate,
        )
        outputs.check(question.inputs, None)
        answer = answered(opened(question))
        if json_:
            text = json.dumps(greeks_json(answer), indent=2, allow_nan=False)
            if outputs.to_screen:
                typer.echo(text)
                return
            from hedgerow.report.files import write_whole

            write_whole(Path(json_), text + "\n")
        if quiet:
            return
        from rich.console import Console

        console = Console(emoji=False)
        if not console.is_terminal and "COLUMNS" not in os.environ:
            console.width = max(console.width, PIPED)
        for section in sections(answer, by, console):
            console.print(section)
        for line, style in lines(answer):
            console.print(line, style=style, highlight=False, markup=False)
