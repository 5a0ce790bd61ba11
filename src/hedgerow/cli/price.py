"""`hedgerow price`: what one contract is worth, how that moves, and what hedges it."""

import typer

from hedgerow.cli.ending import OWN_PROCESS
from hedgerow.cli.price_options import black76, bsm, coin, implied
from hedgerow.cli.price_perpetual import american, everlasting, perp, power, squeeth
from hedgerow.cli.price_pools import pool, streaming

HELP = """Price one contract, offline: its worth, its sensitivities, its hedge in a perpetual.

\b
For example:
  hedgerow price black76 --forward 60000 --strike 66000 --volatility 0.6 --days 30
  hedgerow price coin --forward 60000 --strike 66000 --volatility 0.6 --days 30 --coins 2
  hedgerow price implied --price 0.0327 --in coin --forward 60000 --strike 66000 --days 30
"""

app = typer.Typer(help=HELP, no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def price(context: typer.Context) -> None:
    """Price one contract, offline: its worth, its sensitivities, its hedge in a perpetual."""
    if context.obj is OWN_PROCESS:
        from hedgerow.kernels.plain import plain_from_now

        plain_from_now()


app.command(short_help="An option on a forward, paid in money.")(black76)
app.command(short_help="An option on a spot price.")(bsm)
app.command(short_help="An option quoted and settled in its coin.")(coin)
app.command(short_help="The volatility that a price implies.")(implied)
app.command(short_help="An option without expiry.")(everlasting)
app.command(short_help="A perpetual on a power of the price.")(power)
app.command(short_help="A squeeth token.")(squeeth)
app.command(short_help="The fair price of a perpetual future.")(perp)
app.command(short_help="An option to exercise at any time, for ever.")(american)
app.command(short_help="Liquidity in a pool.")(pool)
app.command(short_help="An option in a pool whose premium streams.")(streaming)
