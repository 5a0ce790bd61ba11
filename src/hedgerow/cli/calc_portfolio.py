"""`hedgerow calc portfolio`: what portfolio margin asks of a book, and where the book dies."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hedgerow.cli.ending import told

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table

    from hedgerow.margin.portfolio.account import RuleOrigin
    from hedgerow.margin.portfolio.frontier import Frontier
    from hedgerow.margin.portfolio.grid import ScenarioProfit
    from hedgerow.margin.portfolio.requirement import PortfolioRequirement


def portfolio(
    file: Annotated[
        Path, typer.Argument(help="TOML or JSON with index, [rule], [[future]] and [[option]].")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say what portfolio margin asks of a book, which move decides, and where the book dies."""
    with told("Stopped."):
        from hedgerow.config.portfolio_file import load_portfolio
        from hedgerow.margin.portfolio.frontier import account_frontier

        account = load_portfolio(file)
        asked = account.requirement()
        frontier = account_frontier(account)
    stamps = _stamps(account.origin)
    if as_json:
        shown = portfolio_json(asked, frontier, account.profits()) | {"rules": stamps}
        typer.echo(json.dumps(shown, indent=2, allow_nan=False))
        return
    from rich.console import Console

    console = Console(emoji=False)
    console.print(_view(asked, frontier, account.index, scenarios=bool(account.profits())))
    for line in stamps:
        console.print(line, style="dim", highlight=False, soft_wrap=True)


def portfolio_json(
    asked: "PortfolioRequirement", frontier: "Frontier", profits: "Sequence[ScenarioProfit]"
) -> dict[str, object]:
    """Return the answer as plain values."""
    return {
        "numeraire": asked.numeraire,
        "initial_margin": asked.initial,
        "maintenance_margin": asked.maintenance,
        "equity": asked.equity,
        "headroom": asked.headroom,
        "scenario_loss": asked.scenario_loss,
        "contingency": asked.contingency,
        "minimum": asked.minimum,
        "worst": {"price_move": asked.worst_price_move, "volatility": asked.worst_volatility},
        "liquidation_below": frontier.below,
        "liquidation_above": frontier.above,
        "grid": [row._asdict() for row in profits],
    }


def _view(
    asked: "PortfolioRequirement", frontier: "Frontier", index: float, *, scenarios: bool
) -> "Table":
    from rich.table import Table

    unit = "coin" if asked.numeraire == "coin" else "quote"
    table = Table(title="Portfolio margin", show_header=False, title_justify="left")
    table.add_column(style="bold")
    table.add_column(justify="right")
    rows = [
        ("Initial margin", asked.initial),
        ("Maintenance margin", asked.maintenance),
        ("Equity", asked.equity),
        ("Headroom", asked.headroom),
    ]
    if scenarios:
        rows.append(("Worst scenario loses", asked.scenario_loss))
        rows.append(("Contingencies", asked.contingency))
    for name, value in rows:
        table.add_row(name, f"{value:,.6f} {unit}" if unit == "coin" else f"{value:,.2f} {unit}")
    if asked.worst_price_move is not None:
        worst = f"{asked.worst_price_move:+.1%}, volatility {asked.worst_volatility}"
        table.add_row("at price", worst)
    for name, price in (("Dies below", frontier.below), ("Dies above", frontier.above)):
        shown = "never" if price is None else f"{price:,.2f} ({price / index - 1.0:+.1%})"
        table.add_row(name, shown)
    return table


def _stamps(origin: "RuleOrigin") -> list[str]:
    stamp = f"{origin.name}: {origin.source} (confidence: {origin.confidence})"
    return [stamp, origin.note] if origin.note else [stamp]
