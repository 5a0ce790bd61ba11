"""`hedgerow calc`: one question about one position, answered offline by the venue's rules."""

import typer

from hedgerow.cli.calc_collateral import collateral
from hedgerow.cli.calc_funding import funding
from hedgerow.cli.calc_liquidation import liquidation
from hedgerow.cli.calc_margin import margin
from hedgerow.cli.calc_odds import odds
from hedgerow.cli.calc_pnl import pnl
from hedgerow.cli.calc_portfolio import portfolio

HELP = """Answer one question about one position, offline, by the venue's own rules.

\b
For example:
  hedgerow calc liquidation --venue binance --instrument BTC/USDT:USDT \\
      --side short --quantity 120 --entry 50000 --deposit 6500000
"""

app = typer.Typer(help=HELP, no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def calc() -> None:
    """Answer one question about one position, offline, by the venue's own rules."""


app.command(short_help="The price at which a position takes its account down.")(liquidation)
app.command(short_help="What a position asks for, and how large one may be.")(margin)
app.command(short_help="What a position makes, all costs in.")(pnl)
app.command(short_help="The funding rate, and what it pays.")(funding)
app.command(short_help="How likely a hedge is to be liquidated.")(odds)
app.command(short_help="Which collateral to put behind a hedge.")(collateral)
app.command(short_help="What portfolio margin asks of a book.")(portfolio)
