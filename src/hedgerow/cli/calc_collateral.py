"""`hedgerow calc collateral`: the ways to margin one hedge, side by side."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hedgerow.cli.calc_checks import alone, at_least_zero, fraction, number
from hedgerow.cli.calc_output import (
    InstrumentOption,
    JsonOption,
    OnOption,
    TableOption,
    VenueOption,
    above_zero,
    rulebook,
    stamps,
)
from hedgerow.cli.ending import told
from hedgerow.cli.odds_market import GivenNumbers, diffusion_from, recorded
from hedgerow.errors import ConfigError

if TYPE_CHECKING:
    from rich.table import Table

    from hedgerow.margin.odds.collateral_choice import CollateralRow, Loan
    from hedgerow.margin.portfolio.requirement import ScenarioRule
    from hedgerow.margin.terms import MarginTerms


def collateral(
    venue: VenueOption,
    instrument: InstrumentOption,
    coins: Annotated[float, typer.Option(help="The holding, base coin.")],
    price: Annotated[float, typer.Option(help="Price now; the short is opened here.")],
    deposit: Annotated[float, typer.Option(help="Cash for the account, where cash is used.")],
    reserve: Annotated[
        float, typer.Option(help="More cash: off the venue if isolated, inside if cross.")
    ] = 0.0,
    hedged: Annotated[
        float | None, typer.Option(help="Coins that the short covers; all by default.")
    ] = None,
    inverse: Annotated[
        str, typer.Option(help="Coin-margined contract of the venue, e.g. BTC/USD:BTC.")
    ] = "",
    haircut: Annotated[
        float | None, typer.Option(help="Of the coin as collateral of the linear contract.")
    ] = None,
    portfolio: Annotated[str, typer.Option(help="Portfolio margin: deribit or paradex.")] = "",
    loan_start: Annotated[
        float | None, typer.Option(help="Loan to value up to which a loan is given.")
    ] = None,
    loan_liquidation: Annotated[
        float | None, typer.Option(help="Loan to value at which the coins are sold.")
    ] = None,
    loan_rate: Annotated[float | None, typer.Option(help="Interest a year.")] = None,
    days: Annotated[float, typer.Option(help="Horizon.")] = 90.0,
    volatility: Annotated[float | None, typer.Option(help="A year: 0.6 is 60 %.")] = None,
    drift: Annotated[float, typer.Option(help="Expected return a year.")] = 0.0,
    data: Annotated[
        Path | None, typer.Option(metavar="LAKE", help="Take the volatility from recorded prices.")
    ] = None,
    series: Annotated[
        str, typer.Option(metavar="VENUE:SYMBOL", help="Other recorded prices to take it from.")
    ] = "",
    funding: Annotated[
        float, typer.Option(help="Expected funding a year; above 0 the short receives.")
    ] = 0.0,
    cash_rate: Annotated[float, typer.Option(help="What idle cash would earn a year.")] = 0.0,
    on: OnOption = "",
    table: TableOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put the ways to margin one hedge side by side: capital, cash, odds, and what kills it.

    \b
    Example:
      hedgerow calc collateral --venue binance --instrument BTC/USDT:USDT --coins 120 \\
        --price 50000 --deposit 2000000 --reserve 1000000 --inverse BTC/USD:BTC \\
        --haircut 0.05 --portfolio deribit --loan-start 0.6 --loan-liquidation 0.83 \\
        --loan-rate 0.08 --volatility 0.6
    """  # noqa: D301 - the control character keeps the lines of the help apart
    with told("Stopped."):
        from hedgerow.margin.odds.collateral_choice import (
            HeldHedge,
            Offers,
            Outlook,
            collateral_choice,
        )
        from hedgerow.margin.odds.models import Horizon
        from hedgerow.margin.terms import terms_of

        for option, value in (("--coins", coins), ("--price", price), ("--hedged", hedged)):
            if value is not None:
                above_zero(option, value)
        for option, value in (
            ("--deposit", deposit),
            ("--reserve", reserve),
            ("--days", days),
            ("--volatility", volatility),
        ):
            at_least_zero(option, value)
        for option, value in (
            ("--drift", drift),
            ("--funding", funding),
            ("--cash-rate", cash_rate),
            ("--loan-rate", loan_rate),
        ):
            number(option, value)
        for option, value in (
            ("--haircut", haircut),
            ("--loan-start", loan_start),
            ("--loan-liquidation", loan_liquidation),
        ):
            fraction(option, value)
        alone("--series", series, "--data", data)
        book = rulebook(venue, on, table)
        used = [book.contract(name) for name in (instrument, inverse) if name]
        memory = None if data is None else recorded(data, used[0], series, 0.0)
        given = GivenNumbers(volatility=volatility, drift=drift)
        model = diffusion_from(given, memory)
        hedge = HeldHedge(
            coins=coins,
            hedged=coins if hedged is None else hedged,
            price=price,
            cash=deposit,
            reserve=reserve,
        )
        linear = _linear(terms_of(used[0]))
        offers = Offers(
            linear=linear,
            inverse=_inverse(terms_of(used[1]), linear) if inverse else None,
            haircut=haircut,
            portfolio=_portfolio(portfolio),
            loan=_loan(loan_start, loan_liquidation, loan_rate),
        )
        outlook = Outlook(
            model=model, horizon=Horizon(days=days), funding=funding, cash_rate=cash_rate
        )
        offers.linear.check(-hedge.hedged, price)
        rows = collateral_choice(hedge, offers, outlook)
    from hedgerow.cli.odds_view import calibrated_with

    rules, warnings = stamps(used)
    if as_json:
        shown = {
            "rows": [asdict(row) for row in rows],
            "calibrated_with": calibrated_with(model, memory),
            "rules": rules,
            "warnings": warnings,
        }
        typer.echo(json.dumps(shown, indent=2, allow_nan=False))
        return
    from rich.console import Console

    console = Console(emoji=False)
    console.print(_view(rows, days, model.volatility))
    for style, lines in (("yellow", warnings), ("dim", rules)):
        for line in lines:
            console.print(line, style=style, highlight=False, soft_wrap=True)


def _linear(terms: "MarginTerms") -> "MarginTerms":
    if terms.inverse:
        raise ConfigError(
            f"--instrument {terms.symbol}: name the linear contract here and the coin-margined one "
            "with --inverse"
        )
    return terms


def _inverse(terms: "MarginTerms", linear: "MarginTerms") -> "MarginTerms":
    if not terms.inverse:
        raise ConfigError(
            f"--inverse {terms.symbol}: it is margined in {terms.settle}, not in {linear.asset}; "
            "name the coin-margined contract, or leave --inverse out"
        )
    if terms.asset != linear.asset:
        raise ConfigError(
            f"--inverse {terms.symbol}: it is on {terms.asset}, and --instrument {linear.symbol} "
            f"hedges {linear.asset}; name a coin-margined contract on {linear.asset}"
        )
    return terms


def _portfolio(name: str) -> "ScenarioRule | None":
    from hedgerow.errors import UnknownName
    from hedgerow.margin.portfolio.requirement import deribit, paradex

    if not name:
        return None
    known = {"deribit": lambda: deribit(numeraire="quote"), "paradex": paradex}
    if name not in known:
        raise UnknownName("portfolio margin", name, sorted(known))
    return known[name]()


def _loan(start: float | None, liquidation: float | None, rate: float | None) -> "Loan | None":
    from hedgerow.margin.odds.collateral_choice import Loan

    named = {"--loan-start": start, "--loan-liquidation": liquidation, "--loan-rate": rate}
    if start is None or liquidation is None or rate is None:
        missing = [name for name, value in named.items() if value is None]
        if len(missing) == len(named):
            return None
        raise ConfigError(f"{', '.join(missing)} missing: a loan needs all three numbers")
    return Loan(start=start, liquidation=liquidation, rate=rate)


def _view(rows: "tuple[CollateralRow, ...]", days: float, volatility: float) -> "Table":
    from rich.table import Table

    title = f"Ways to margin the hedge: {days:g} days, volatility {volatility:.0%}"
    view = Table(title=title, title_justify="left", box=None, padding=(0, 1, 0, 0))
    view.add_column("", style="bold", no_wrap=True)
    for name in ("tied up", "cash", "coins", "dies below", "odds", "dies above", "odds", "cost"):
        view.add_column(name, justify="right", header_style="dim")
    for row in rows:
        view.add_row(
            row.name if row.feasible else f"{row.name} [red](!)[/red]",
            _short(row.capital_tied),
            _short(row.cash_needed),
            _short(row.coins_pledged),
            *_side(row.below, row.odds_below),
            *_side(row.above, row.odds_above),
            _short(row.expected_cost),
        )
    if not all(row.feasible for row in rows):
        view.caption = "(!) cannot be opened: too little collateral, or too large a loan"
    return view


def _side(price: float | None, odds: float) -> tuple[str, str]:
    return ("never", "-") if price is None else (f"{price:,.0f}", f"{odds:.2%}")


def _short(amount: float) -> str:
    """Return an amount in a few characters.

    >>> [_short(amount) for amount in (0.0, 120.0, 39_452.0, -6_000_000.0)]
    ['0', '120', '39.5k', '-6.00M']
    """
    if abs(amount) >= 999_500.0:
        return f"{amount / 1e6:.2f}M"
    return f"{amount / 1e3:.1f}k" if abs(amount) >= 9_999.5 else f"{amount:,.4g}"
