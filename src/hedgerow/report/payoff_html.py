"""A payoff as one HTML file that needs nothing else: no network, no other file."""

from importlib.metadata import version
from pathlib import Path
from typing import Final

from markupsafe import Markup

from hedgerow.report.files import write_whole
from hedgerow.report.paper import asset, environment
from hedgerow.report.payoff import Payoff
from hedgerow.report.payoff_drawing import NARROW, payoff_drawing
from hedgerow.report.payoff_words import (
    assumptions,
    counted_from,
    facts,
    money_of,
    position_table,
    profit_table,
)
from hedgerow.report.wording import minute

ASSETS: Final = {
    "style": "report.css",
    "drawing_style": "drawing.css",
    "own_style": "payoff.css",
    "script": "theme.js",
}


def render_payoff(given: Payoff, *, title: str, sources: list[str]) -> str:
    """Return the page of a payoff; the same figures give the same text.

    Parameters
    ----------
    title
        What the book is called.
    sources
        Where its market comes from, and what is missing of it, a sentence each.
    """
    money = money_of(given)
    worth = money.plain(given.exposure.worth)
    page = {
        "version": version("hedgerow"),
        "title": f"{title}: profit over the {given.underlying} price",
        "when": minute(given.exposure.market.now),
        "subtitle": f"{minute(given.exposure.market.now)} · worth {worth} now · {_ahead(given)}",
        "counted": counted_from(given),
        "facts": facts(given),
        "drawing": Markup(payoff_drawing(given)),  # noqa: S704 - escaped where it is drawn
        "narrow_drawing": Markup(payoff_drawing(given, NARROW)),  # noqa: S704 - as above
        "unit": money.unit,
        "profits": profit_table(given),
        "positions": position_table(given),
        "stamps": [*assumptions(given), *sources],
    }
    assets = {name: asset(path) for name, path in ASSETS.items()}
    return environment().get_template("payoff.html.j2").render(page=page, assets=assets)


def _ahead(given: Payoff) -> str:
    days = f"{given.last.days:.0f} days"
    return f"last expiry in {days}" if given.ends else f"looks {days} ahead"


def write_payoff(given: Payoff, path: Path, *, title: str, sources: list[str]) -> None:
    """Write the page of a payoff to `path`, whole or not at all."""
    write_whole(path, render_payoff(given, title=title, sources=sources))
