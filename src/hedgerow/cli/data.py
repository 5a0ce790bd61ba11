"""`hedgerow data`: bring recorded markets into a lake, list them, check them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hedgerow.cli.data_pull import pull
from hedgerow.cli.data_view import minute, print_health, progress_bar, wide_console

if TYPE_CHECKING:
    from hedgerow.adapters.check import SeriesHealth
    from hedgerow.adapters.importing import ImportReport
    from hedgerow.adapters.manifest import HeldSeries
    from hedgerow.adapters.series_key import SeriesKey

app = typer.Typer(
    help="Bring recorded prices and funding into a lake, list them, check them.",
    no_args_is_help=True,
)

LakeArgument = Annotated[
    Path, typer.Argument(metavar="LAKE", help="Folder that `hedgerow data import --to` wrote.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for a program.")]


app.command("pull")(pull)


@app.callback()
def data() -> None:
    """Bring recorded prices and funding into a lake, list them, check them."""


@app.command("import")
def import_(
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="PATH...",
            help="Files or folders: aligned bundles (Parquet or CSV), Binance's public dump zips "
            "(their folders tell spot from futures), or any table with --map.",
        ),
    ],
    to: Annotated[Path, typer.Option("--to", metavar="LAKE", help="The lake; made if new.")],
    venue: Annotated[str, typer.Option(help="Venue, where the file does not name it.")] = "",
    base: Annotated[str, typer.Option(help="Base coin of a bundle, such as BTC.")] = "",
    quote: Annotated[str, typer.Option(help="Quote currency of a bundle, such as USDT.")] = "",
    column_map: Annotated[
        str,
        typer.Option(
            "--map",
            help="What the columns of a table mean: a TOML file, or a ready map (tidy-spot, "
            "tidy-perp, tidy-mark, tidy-funding, tidy-exchanges).",
        ),
    ] = "",
    market: Annotated[str, typer.Option(help="Of dump files: spot, um or cm.")] = "",
    kind: Annotated[str, typer.Option(help="Of dump candles: trade, mark or index.")] = "",
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print errors only.")] = False,
) -> None:
    """Read files into a lake, all or nothing.

    Importing twice changes nothing; files that overlap join where they agree and are refused
    where they do not. Whatever goes wrong, the lake stays as it was.
    """
    with _told():
        from hedgerow.adapters.importing import ImportOptions, import_files

        options = ImportOptions(
            venue=venue, base=base, quote=quote, map=column_map, market=market, kind=kind
        )
        with progress_bar(quiet=quiet) as progress:
            report = import_files(paths, to, options, progress=progress)
    if not quiet:
        _print_report(report, to)


@app.command()
def ls(lake: LakeArgument, json: JsonOption = False) -> None:
    """List the series of a lake: span, rows and the files they came from."""
    with _told():
        from hedgerow.adapters.lake import Lake

        opened = Lake(lake)
    if json:
        _print_json(
            {
                "schema": "hedgerow.data.ls/1",
                "lake": opened.name,
                "content": opened.content_hash(),
                "series": [_held_entry(held) for held in opened.series()],
            }
        )
        return
    _print_held(opened.name, opened.series())


@app.command()
def check(
    lake: LakeArgument,
    json: JsonOption = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 2 if there is any finding.")
    ] = False,
) -> None:
    """Look for gaps, duplicates, outliers, impossible bars and changes of funding interval.

    Nothing is repaired. A finding is not always a fault: venues have outages, markets crash.
    """
    with _told():
        from hedgerow.adapters.check import check as check_lake
        from hedgerow.adapters.lake import Lake

        opened = Lake(lake)
        found = check_lake(opened)
    clean = all(health.clean for health in found)
    if json:
        _print_json(
            {
                "schema": "hedgerow.data.check/1",
                "lake": opened.name,
                "clean": clean,
                "series": [_health_entry(health) for health in found],
            }
        )
    else:
        print_health(opened.name, found)
    if strict and not clean:
        raise typer.Exit(2)


@contextmanager
def _told() -> Iterator[None]:
    """Turn an error into one paragraph on stderr and exit code 2."""
    from hedgerow.errors import HedgeError

    try:
        yield
    except HedgeError as error:
        typer.secho(str(error), err=True, fg="red")
        raise typer.Exit(2) from error
    except KeyboardInterrupt:
        typer.secho("Stopped; the lake is as it was.", err=True, fg="red")
        raise typer.Exit(2) from None


def _print_json(document: dict[str, object]) -> None:
    from json import dumps

    typer.echo(dumps(document, indent=2, ensure_ascii=False))


def _print_report(report: "ImportReport", to: Path) -> None:
    from rich.table import Table

    added = sum(entry.added for entry in report.series)
    filled = sum(entry.filled for entry in report.series)
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("series")
    for name in ("added", "filled", "unchanged", "rows now"):
        table.add_column(name, justify="right")
    for entry in report.series:
        counts = (entry.added, entry.filled, entry.unchanged, entry.rows)
        table.add_row(str(entry.key), *(f"{count:,}" for count in counts))
    console = wide_console()
    console.print(table)
    for _, reason in report.skipped:
        console.print(f"skipped {reason}", style="yellow", markup=False)
    files = f"{len(report.files)} file{'s' * (len(report.files) != 1)}"
    outcome = (
        f"{added:,} rows added, {filled:,} filled" if report.changed else "nothing new in them"
    )
    console.print(f"\n{files} into {to}: {outcome}.", markup=False)


def _print_held(name: str, series: "tuple[HeldSeries, ...]") -> None:
    from rich.table import Table

    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in ("series", "from", "to"):
        table.add_column(column, no_wrap=True)
    table.add_column("rows", justify="right", no_wrap=True)
    table.add_column("files", overflow="ellipsis", no_wrap=True, max_width=48)
    for held in series:
        span = (minute(held.first)[:10], minute(held.last)[:10])
        table.add_row(str(held.key), *span, f"{held.rows:,}", ", ".join(held.sources))
    console = wide_console()
    console.print(table)
    rows = sum(held.rows for held in series)
    console.print(f"\n{name}: {len(series)} series, {rows:,} rows, times are UTC.", markup=False)


def _held_entry(held: "HeldSeries") -> dict[str, object]:
    from hedgerow.units import iso

    return {
        **_key_entry(held.key),
        "first": iso(held.first),
        "last": iso(held.last),
        "rows": held.rows,
        "content": held.content,
        "sources": list(held.sources),
    }


def _health_entry(health: "SeriesHealth") -> dict[str, object]:
    from hedgerow.units import iso

    return {
        **_key_entry(health.key),
        "first": iso(health.first),
        "last": iso(health.last),
        "rows": health.rows,
        "expected": health.expected,
        "missing": health.missing,
        "duplicates": health.duplicates,
        "ohlc_violations": health.ohlc_violations,
        "zero_volume": health.zero_volume,
        "unknown_volume": health.unknown_volume,
        "gaps": [
            {"start": iso(gap.start), "end": iso(gap.end), "missing": gap.missing}
            for gap in health.gaps
        ],
        "outliers": [
            {
                "time": iso(outlier.time),
                "what": outlier.what,
                "size": outlier.size,
                "deviations": outlier.deviations,
            }
            for outlier in health.outliers
        ],
        "intervals": [
            {
                "start": iso(span.start),
                "end": iso(span.end),
                "hours": span.hours,
                "settlements": span.settlements,
            }
            for span in health.intervals
        ],
        "clean": health.clean,
    }


def _key_entry(key: "SeriesKey") -> dict[str, object]:
    from hedgerow.units import SECOND

    return {
        "venue": key.venue,
        "symbol": key.symbol,
        "kind": key.kind,
        "step_seconds": None if key.is_funding else key.step // SECOND,
    }
