"""`hedgerow surface`: a volatility surface from a file of option quotes."""

import math
import os
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from hedgerow.cli.ending import told
from hedgerow.errors import ConfigError, MarketDataError

if TYPE_CHECKING:
    from hedgerow.adapters.chains import ChainFile
    from hedgerow.market.chain import Chain
    from hedgerow.report.surface_figures import SurfaceFigures


PIPED: Final = 110  # characters at least where nothing sets a width


class Model(StrEnum):
    """What a smile is made of."""

    SVI = "svi"
    SSVI = "ssvi"
    VANNA_VOLGA = "vanna-volga"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a person wants fitted."""

    path: Path
    underlying: str
    at: str
    columns: str
    futures: tuple[str, ...]
    model: Model


def surface(
    chain: Annotated[
        Path,
        typer.Argument(
            metavar="CHAIN",
            help="Option quotes: Parquet or CSV, gzip or zip too; Deribit's and Tardis' columns "
            "are known.",
            show_default=False,
        ),
    ],
    underlying: Annotated[
        str, typer.Option(metavar="COIN", help="Which coin, if the file holds several.")
    ] = "",
    at: Annotated[
        str,
        typer.Option(
            metavar="TIME",
            help="The last snapshot by then, e.g. 2026-02-05 or 2026-02-05T15:30; else the last.",
        ),
    ] = "",
    future: Annotated[
        list[str] | None,
        typer.Option(
            metavar="DAY=PRICE",
            help="A future that ends on this day, where the file names no forward; may be "
            "repeated.",
        ),
    ] = None,
    model: Annotated[Model, typer.Option(help="What a smile is made of.")] = Model.SVI,
    columns: Annotated[
        str,
        typer.Option(
            metavar="MAP",
            help="What the columns mean: a TOML file, or tardis, snapshots or tickers.",
        ),
    ] = "",
    html_file: Annotated[
        str,
        typer.Option("--html", metavar="FILE", help="Write the page, one offline HTML file."),
    ] = "",
    json_file: Annotated[
        str,
        typer.Option(
            "--json", metavar="FILE|-", help="Write all figures as JSON, - to the screen."
        ),
    ] = "",
    csv_file: Annotated[
        str,
        typer.Option(
            "--csv",
            metavar="FILE",
            help="Write every quote with its volatilities, its fit, and why it was left out.",
        ),
    ] = "",
) -> None:
    """Fit a volatility surface to a snapshot of option quotes, and say how good it is.

    \b
    Examples:
      hedgerow surface chain.parquet
      hedgerow surface deribit_options_chain_2020-06-08_OPTIONS.csv.gz --underlying BTC
      hedgerow surface mine.csv --columns mine.toml --html surface.html
      hedgerow surface chain.parquet --json - | jq '.slices[].at_the_money'

    Quotes that are crossed, stale, wide, one-sided or beyond their bounds are left out, each with
    its reason. No butterfly and no calendar arbitrage is left in SVI and SSVI.
    """  # noqa: D301 - the control character keeps the lines of the help apart
    with told("Stopped; nothing was written."):
        from hedgerow.cli.outputs import check_writable

        outputs = {"--html": html_file, "--json": json_file, "--csv": csv_file}
        named = {option: name for option, name in outputs.items() if name and name != "-"}
        taken = {chain.resolve(): f"the input {chain}"}
        for option, name in named.items():
            place = Path(name).resolve()
            if place in taken:
                raise ConfigError(
                    f"{option} {name}: would replace {taken[place]}; choose another name"
                )
            taken[place] = f"what {option} writes"
            check_writable(option, Path(name))
        if html_file == "-" or csv_file == "-":
            raise ConfigError("only --json may go to the screen; name a file for the others")
        asked = Asked(
            path=chain,
            underlying=underlying,
            at=at,
            columns=columns,
            futures=tuple(future or ()),
            model=model,
        )
        found = _fitted(asked)
        written = _write(found, named)
        _show(found, written, as_json=json_file == "-")


def _fitted(asked: Asked) -> "SurfaceFigures":
    from hedgerow.adapters.chains import open_chains
    from hedgerow.adapters.files import SourceFile
    from hedgerow.pricing.surface import fit
    from hedgerow.report.surface_figures import Origin, figures

    path = asked.path
    moment = _instant(asked.at)
    file = open_chains(path, map=asked.columns or None)
    quotes = file.chain(at=moment, underlying=asked.underlying)
    if not asked.underlying and len(quotes.underlyings) > 1:
        coins = ", ".join(quotes.underlyings)
        raise ConfigError(
            f"{path}: holds options on {coins}; add --underlying {quotes.underlyings[0]}"
        )
    if not quotes.expiries.size:
        raise _all_expired(file, quotes)
    origin = Origin(
        name=path.name,
        sha256=SourceFile(path=path, walked=False).sha256,
        snapshots=len(file.times),
    )
    futures = dict(_future(text, quotes) for text in asked.futures)
    return figures(fit(quotes, kind=asked.model.value, futures=futures), origin)


def _all_expired(file: "ChainFile", quotes: "Chain") -> MarketDataError:
    """Return what to say of quotes whose options have all ended by the moment of the chain."""
    from hedgerow.units import iso

    first, last = map(iso, file.span)
    held = f"of {first}" if first == last else f"from {first} to {last}"
    return MarketDataError(
        f"{file.name}: at {iso(quotes.time)} all its options have expired, the last at "
        f"{iso(int(quotes.expiry.max()))}; it holds quotes {held}: choose --at among them, or "
        "another file"
    )


def _future(text: str, quotes: "Chain") -> tuple[int, float]:
    """Return the expiry and the price of one `--future`."""
    from hedgerow.config.moments import read_day
    from hedgerow.units import moment

    name, _, price = text.partition("=")
    try:
        day, value = read_day(name), float(price)
    except ValueError:
        day, value = None, math.nan
    if day is None or not 0.0 < value < math.inf:
        raise ConfigError(f"--future {text}: write a day and a price, like 2026-06-26=77000")
    days = {moment(one).date(): one for one in quotes.expiries.tolist()}
    if day not in days:
        raise ConfigError(
            f"--future {text}: no option of {quotes.underlyings[0]} expires on that day; "
            f"they do on {', '.join(str(one) for one in days)}"
        )
    return days[day], value


def _instant(text: str) -> int | None:
    """Return UTC nanoseconds of a moment; of a day its end."""
    if not text:
        return None
    from datetime import date

    from hedgerow.config.moments import YEARS, read_instant
    from hedgerow.units import DAY, nanoseconds

    try:
        found = nanoseconds(read_instant(text))
    except (ValueError, OverflowError) as error:
        raise ConfigError(
            f"--at {text!r} is not a moment of {YEARS}; write it like 2026-02-05 or "
            "2026-02-05T15:30Z"
        ) from error
    try:
        date.fromisoformat(text)
    except ValueError:
        return found
    return found + DAY - 1


def _write(found: "SurfaceFigures", named: dict[str, str]) -> list[str]:
    """Write the files that were asked for and return their names."""
    from hedgerow.report.files import write_whole

    texts = {}
    if "--html" in named:
        from hedgerow.report.surface_html import render_surface

        texts[named["--html"]] = render_surface(found)
    if "--json" in named:
        texts[named["--json"]] = _json(found)
    if "--csv" in named:
        from hedgerow.report.surface_quotes import quotes_frame
        from hedgerow.report.tables import csv_text

        texts[named["--csv"]] = csv_text(quotes_frame(found.surface))
    for name, text in texts.items():
        write_whole(Path(name), text)
    return list(texts)


def _json(found: "SurfaceFigures") -> str:
    from hedgerow.report.result import to_json
    from hedgerow.report.surface_figures import surface_json

    return to_json(surface_json(found))


def _show(found: "SurfaceFigures", written: list[str], *, as_json: bool) -> None:
    if as_json:
        typer.echo(_json(found), nl=False)
        return
    from rich.console import Console

    from hedgerow.report.surface_terminal import SurfaceView

    console = Console(emoji=False, highlight=False)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = max(console.width, PIPED)
    console.print(SurfaceView(figures=found))
    if written:
        console.print(f"\nWritten: {', '.join(written)}", markup=False, soft_wrap=True)
