"""The `hedgerow` command and its sub-commands."""

from typing import Annotated

import typer

from hedgerow.cli import calc, data, desk_commands, journal, price, venues
from hedgerow.cli.backtest import backtest
from hedgerow.cli.compare import compare
from hedgerow.cli.demo import demo
from hedgerow.cli.doctor import doctor
from hedgerow.cli.drill import drill
from hedgerow.cli.greeks import greeks
from hedgerow.cli.init import init
from hedgerow.cli.payoff import payoff
from hedgerow.cli.reconcile import reconcile
from hedgerow.cli.run import run
from hedgerow.cli.soak import soak
from hedgerow.cli.surface import surface
from hedgerow.cli.usage import House
from hedgerow.cli.watch import watch

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
Options, and books of them:
  hedgerow surface quotes.parquet --html smile.html  volatilities fitted, and how well
  hedgerow greeks book.toml --chain quotes.parquet   what a book is worth, and its hedge
  hedgerow payoff book.toml --chain quotes.parquet   what it earns over the price

\b
Around the clock:
  hedgerow run treasury.toml --generated           on paper, on a made-up market
  hedgerow watch                                   what it holds, pays and thinks
  hedgerow doctor treasury.toml                    what is in the way of running it live

\b
Every command teaches with --help. It ends with 0, or with 2 and one paragraph
that says what is wrong and how to mend it. Commands that look for trouble end with 1 where
they find some.
"""

app = typer.Typer(
    cls=House,
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
app.command(short_help="Put finished runs side by side.")(compare)
app.command(short_help="Check config, keys, clock, venues and machine before a desk runs.")(doctor)
app.command(short_help="Hold a hedge around the clock, on paper or live.")(run)
app.command(short_help="Show a running desk as it moves.")(watch)
app.command(short_help="Show the state of a running desk.")(desk_commands.status)
app.command(short_help="Show what it holds, leg by leg.")(desk_commands.positions)
app.command(short_help="Show its orders that work.")(desk_commands.orders)
app.command(short_help="Show its last decisions, in words.")(desk_commands.why)
app.command(short_help="Let it measure and decide, and open nothing.")(desk_commands.arm)
app.command(short_help="Let it trade.")(desk_commands.resume)
app.command(short_help="Let it open nothing; closing goes on.")(desk_commands.pause)
app.command(short_help="Close every hedge, then stay paused.")(desk_commands.flatten)
app.command(short_help="Cancel what waits and freeze the hedge as it is.")(desk_commands.kill)
app.command(short_help="Clear a tripped guard or breaker.")(desk_commands.reset)
app.command(short_help="Hold a venue's statement against the journal.")(reconcile)
app.command(short_help="Let everything fail on paper, and see whether the hedge survives.")(drill)
app.command(short_help="Live through simulated days full of faults, and count what breaks.")(soak)
app.command(short_help="Worth and sensitivities of a book, and its hedge.")(greeks)
app.command(short_help="Fit a volatility surface to option quotes, and judge it.")(surface)
app.command(short_help="What a book earns over the price, now and at expiry.")(payoff)
app.add_typer(journal.app, name="journal", short_help="Verify, export and replay a journal.")
app.add_typer(calc.app, name="calc", short_help="Liquidation, margin, profit, funding, odds.")
app.add_typer(price.app, name="price", short_help="Worth, greeks and hedge of one contract.")
app.add_typer(data.app, name="data", short_help="Fill, list and check a lake of market data.")
app.add_typer(venues.app, name="venues", short_help="Look at the rules a venue imposes.")
