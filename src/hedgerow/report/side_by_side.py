"""A comparison of runs as a table for the terminal."""

from itertools import pairwise
from typing import Final

from rich.box import SIMPLE
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from hedgerow.report.compare import Comparison, Row
from hedgerow.report.figures import Figure

DUST: Final = 1e-7  # of any numeraire: what rounding leaves of nothing


def side_by_side(comparison: Comparison) -> RenderableType:
    """Return `comparison` as a table, the best of each line in green, with its cautions below."""
    table = Table(title="Runs side by side", title_justify="left", title_style="bold", box=SIMPLE)
    table.add_column("", no_wrap=True)
    for name, subject in zip(comparison.names, comparison.subjects, strict=True):
        heading = Text.assemble(
            (name, "bold"), *(("\n" + line, "not bold dim") for line in subject)
        )
        table.add_column(heading, justify="right", overflow="fold")
    sections = [row.figure.section for row in comparison.rows]
    ends = [before != after for before, after in pairwise([*sections, ""])]
    section = ""
    for row, end in zip(comparison.rows, ends, strict=True):
        if row.figure.section != section:
            section = row.figure.section
            table.add_row(Text(_heading(section, comparison), style="bold"))
        table.add_row(f"  {row.figure.label}", *_cells(row), end_section=end)
    cautions = Table.grid(padding=(0, 1))
    for caution in comparison.cautions:
        cautions.add_row(Text(" !", style="bold yellow"), Text(caution, style="yellow"))
    return Group(table, cautions)


def _heading(section: str, comparison: Comparison) -> str:
    units = set(comparison.numeraires)
    money = section in ("P&L", "Where from", "Risk")
    return f"{section}, {units.pop()}" if money and len(units) == 1 else section


def _cells(row: Row) -> list[Text]:
    return [
        Text(shown(value, row.figure), style="green" if place in row.best else "")
        for place, value in enumerate(row.values)
    ]


def shown(value: float | None, figure: Figure) -> str:
    """Return `value` as people read it, a dash where there is none.

    >>> shown(0.98765, Figure(section="", label="", key="", kind="share", better=1))
    '98.77 %'
    """
    if value is None:
        return "—"
    if figure.kind == "share":
        return f"{100.0 * value:.2f} %"
    if figure.kind == "count":
        return f"{value:,.0f}"
    if abs(value) < DUST:
        return "0"
    return f"{value:,.0f}" if abs(value) >= 1_000.0 else f"{value:,.4g}"
