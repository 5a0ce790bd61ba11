"""`hedgerow payoff`: what a book earns over the price of a coin, now and at expiry."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hedgerow.cli.ending import told
from hedgerow.cli.greeks_market import (
    MEND,
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
    refuse_beyond,
    within_doubles,
)
from hedgerow.cli.outputs import HtmlOption, JsonOption, Outputs, QuietOption

if TYPE_CHECKING:
    from hedgerow.cli.calc_output import Json
    from hedgerow.cli.greeks_market import Opened
    from hedgerow.report.payoff import Curve, Payoff


def payoff(
    book: BookArgument,
    chain: ChainOption = None,
    columns: ColumnsOption = "",
    at: AtOption = "",
    surface: SurfaceOption = SurfaceKind.SVI,
    numeraire: NumeraireOption = "",
    underlying: Annotated[
        str, typer.Option(help="The coin whose price moves; the one with most options by default.")
    ] = "",
    low: Annotated[float | None, typer.Option("--from", help="Lowest price shown.")] = None,
    high: Annotated[float | None, typer.Option("--to", help="Highest price shown.")] = None,
    days: Annotated[
        float | None, typer.Option(help="Look as far ahead; to the last expiry by default.")
    ] = None,
    spot: SpotsOption = None,
    mark: MarksOption = None,
    funding: FundingsOption = None,
    volatility: VolatilitiesOption = None,
    rate: RateOption = None,
    html: HtmlOption = "",
    json_: JsonOption = "",
    quiet: QuietOption = False,
) -> None:
    """Draw what a book earns over the price of a coin: at once, on the way, and at expiry.

    \b
    Examples:
      hedgerow payoff book.toml --chain quotes.parquet
      hedgerow payoff book.toml --chain quotes.parquet --from 40000 --to 90000 --html payoff.html
      hedgerow payoff book.toml --spot BTC=60000 --volatility BTC=0.6 --days 14
    """  # noqa: D301 - the control character keeps the lines of the help apart
    with told("Stopped."):
        outputs = Outputs(json=json_, html=html)
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
        market = opened(question)
        from hedgerow.report.payoff import Window
        from hedgerow.report.payoff import payoff as drawn

        window = Window(underlying=underlying.strip(), low=low, high=high, days=days)
        with within_doubles():
            found = drawn(market.file.book, market.view, window, market.file.premiums)
            for curve in found.curves:
                refuse_beyond(curve.profit)
        notes = _notes(market, found)
        _write(found, notes, outputs, book.stem)
        if outputs.to_screen or quiet:
            return
        _show(found, notes, book.stem)


def _write(found: "Payoff", notes: list[str], outputs: Outputs, title: str) -> None:
    if outputs.html:
        from hedgerow.report.payoff_html import write_payoff

        write_payoff(found, Path(outputs.html), title=title, sources=notes)
    if outputs.json:
        text = json.dumps(payoff_json(found, notes), indent=2, allow_nan=False)
        if outputs.to_screen:
            typer.echo(text)
        else:
            from hedgerow.report.files import write_whole

            write_whole(Path(outputs.json), text + "\n")


def _show(found: "Payoff", notes: list[str], title: str) -> None:
    from rich.console import Console

    from hedgerow.cli.payoff_view import PayoffView

    console = Console(emoji=False)
    console.print(PayoffView(payoff=found, title=title))
    for note in notes:
        console.print(note, style="yellow", highlight=False, markup=False)
    if found.exposure.problems:
        console.print(MEND, style="yellow", highlight=False, markup=False)


def payoff_json(found: "Payoff", notes: list[str]) -> "Json":
    """Return a payoff as plain values."""
    from hedgerow.units import iso

    return {
        "time": iso(found.exposure.market.now),
        "numeraire": found.exposure.numeraire,
        "underlying": found.underlying,
        "spot": found.spot,
        "worth": found.exposure.worth,
        "gained": found.gained,
        "strikes": list(found.strikes),
        "curves": [_curve_json(curve) for curve in found.curves],
        "warnings": notes,
    }


def _curve_json(curve: "Curve") -> "Json":
    return {
        "label": curve.label,
        "days": curve.days,
        "break_evens": list(curve.break_evens),
        "lowest": _extreme(curve.lowest.price, curve.lowest.profit),
        "highest": _extreme(curve.highest.price, curve.highest.profit),
        "prices": curve.prices.tolist(),
        "profit": curve.profit.tolist(),
    }


def _extreme(price: float, profit: float) -> "Json":
    return {"price": price, "profit": profit}


def _notes(market: "Opened", found: "Payoff") -> list[str]:
    """Return what is missing of the market, and of the book."""
    problems = [
        f"row {one.row + 1}, {one.position or 'without a name'}: {one.reason}"
        for one in found.exposure.problems
    ]
    return [*market.notes, *problems]
