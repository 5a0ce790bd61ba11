"""What the commands of `hedgerow data` show: progress, and the health of series."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console

    from hedgerow.adapters.check import SeriesHealth


@contextmanager
def progress_bar(*, quiet: bool) -> Iterator["Callable[[str, int, int], None] | None"]:
    """Show a bar on stderr while a person watches."""
    if quiet:
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True, emoji=False), transient=True) as bar:
        task = bar.add_task("starting", total=None)

        def tell(what: str, done: int, total: int) -> None:
            bar.update(task, description=what, completed=done, total=total)

        yield tell


def wide_console() -> "Console":
    """Return a console that does not fold tables where nobody sees its edge."""
    from rich.console import Console

    console = Console(emoji=False)
    if not console.is_terminal:
        console.width = max(console.width, 140)
    return console


def print_health(name: str, found: "list[SeriesHealth]") -> None:
    """Print a table of the findings about series, and the worst of them in words."""
    from rich.table import Table

    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("series", no_wrap=True)
    table.add_column("from", no_wrap=True)
    table.add_column("to", no_wrap=True)
    for column in ("rows", "missing", "twice", "bad OHLC", "outliers", "no volume"):
        table.add_column(column, justify="right")
    table.add_column("interval", no_wrap=True)
    for health in found:
        table.add_row(
            str(health.key),
            minute(health.first)[:10],
            minute(health.last)[:10],
            f"{health.rows:,}",
            *(_count(n) for n in (health.missing, health.duplicates, health.ohlc_violations,
                                  len(health.outliers), health.zero_volume)),
            " → ".join(f"{span.hours:g}h" for span in health.intervals[:4])
            + (" …" if len(health.intervals) > 4 else ""),
        )  # fmt: skip
    console = wide_console()
    console.print(table)
    for health in found:
        for line in _details(health):
            console.print(line, markup=False, highlight=False)
    faulty = sum(not health.clean for health in found)
    verdict = f"{faulty} of {len(found)} series have findings" if faulty else "no findings"
    console.print(f"\n{name}: {verdict}. Times are UTC; a dot means none.", markup=False)


def minute(nanosecond: int) -> str:
    """Return an instant to the minute, UTC."""
    from hedgerow.units import iso

    return iso(nanosecond)[:16].replace("T", " ")


def _details(health: "SeriesHealth", most: int = 3) -> Iterator[str]:
    """Yield lines about the largest gaps, the wildest outliers and the changes of interval."""
    lines = []
    gaps = sorted(health.gaps, key=lambda gap: (-gap.missing, gap.start))
    for gap in gaps[:most]:
        what = "settlement" if health.key.is_funding else "bar"
        plural = "s" * (gap.missing != 1)
        span = f"{minute(gap.start)} to {minute(gap.end)}"
        lines.append(f"{gap.missing} {what}{plural} missing, {span}")
    if len(gaps) > most:
        lines.append(f"and {len(gaps) - most} smaller gaps")
    outliers = sorted(health.outliers, key=lambda outlier: -outlier.deviations)
    lines += [
        f"{minute(o.time)} {o.what} {o.size:+.1%}, {o.deviations:.0f} deviations"
        for o in outliers[:most]
    ]
    if len(outliers) > most:
        lines.append(f"and {len(outliers) - most} lesser outliers")
    lines += [
        f"settles every {span.hours:g} h from {minute(span.start)}" for span in health.intervals[1:]
    ]
    if lines:
        yield f"\n{health.key}"
    yield from (f"  {line}" for line in lines)


def _count(number: int) -> str:
    return f"{number:,}" if number else "·"
