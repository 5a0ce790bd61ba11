"""The `hedgerow` command and its sub-commands."""

from typing import Annotated

import typer

from hedgerow.cli import calc, data, journal, venues
from hedgerow.cli.backtest import backtest
from hedgerow.cli.compare import compare
from hedgerow.cli.demo import demo
from hedgerow.cli.doctor import doctor
from hedgerow.cli.init import init
from hedgerow.cli.reconcile import reconcile
from hedgerow.cli.run import run
from hedgerow.cli.soak import soak

HELP = """Find out what a hedge with perpetual futures would have cost, saved and survived.

\b
Without data or network:
  hedgerow demo                                    a whole run on a simulated market

\b
On real history:
  hedgerow init > treasury.toml                    a commented config to start from
  hedgerow data import DOWNLOADS... --to lake      prices and funding from files
  hedgerow data check lake                         gaps, outliers, funding intervals
  hedgerow backtest treasury.toml --data lake --html hedge.html

\b
Every command teaches with --help. It ends with 0, or with 2 and one paragraph
that says what is wrong and how to mend it.
"""

app = typer.Typer(
    name="hedgerow",
    help=HELP,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"hedgerow {version('hedgerow')}")
        raise typer.Exit


@app.callback()
def hedgerow(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    """Take the options that stand before a command."""


app.command(short_help="Print a commented config to start from.")(init)
app.command(short_help="Hedge a treasury on a simulated market.")(demo)
app.command(short_help="Run a config over recorded history.")(backtest)
app.command(short_help="Hold a hedge around the clock, on paper or live.")(run)
app.command(short_help="Put finished runs side by side.")(compare)
app.command(short_help="Live through simulated days full of faults, and count what breaks.")(soak)
app.command(short_help="Check config, keys, clock, venues and machine before a desk runs.")(doctor)
app.command(short_help="Hold a venue's statement against the journal.")(reconcile)
app.add_typer(journal.app, name="journal", short_help="Verify, export and replay a journal.")
app.add_typer(calc.app, name="calc", short_help="Liquidation, margin, profit, funding, odds.")
app.add_typer(data.app, name="data", short_help="Fill, list and check a lake of market data.")
app.add_typer(venues.app, name="venues", short_help="Look at the rules a venue imposes.")
