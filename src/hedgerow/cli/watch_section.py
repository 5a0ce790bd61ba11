"""A section of the screen: a heading and rows, as many as there is room for."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

Row = Sequence[RenderableType]
HEADING: Final = 1  # line
WIDE: Final = 130  # columns from which on there is room for most
WIDEST: Final = 170  # and for all
HEAD: Final = "bold cyan not dim"
NAME: Final = 12  # columns that the name of a row needs


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column; it shows from `since` columns of the screen on, and may `stretch`."""

    name: str
    left: bool = False
    since: int = 0
    stretch: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Rows of cells under the names of their columns.

    Attributes
    ----------
    least
        Rows that are shown however small the screen; the rest may give way to other sections.
    """

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    least: int = 3

    @property
    def lines(self) -> int:
        """Lines that all of it takes."""
        return HEADING + len(self.rows)

    @property
    def fewest(self) -> int:
        """Lines that it needs; none where it may stay away."""
        shown = min(self.least, len(self.rows))
        return HEADING + shown if shown else 0

    def draw(self, lines: int, width: int) -> Table:
        """Return the section in `lines` lines and `width` columns."""
        shown = [at for at, column in enumerate(self.columns) if width >= column.since]
        gap = 2 if width >= WIDE else 1
        table = Table(
            box=None,
            expand=True,
            padding=(0, gap, 0, 0),
            pad_edge=False,
            header_style="dim",
        )
        widths = [self._wanted(at) for at in shown]
        widths[0] = max(min(widths[0], width - sum(widths[1:]) - gap * len(shown)), NAME)
        for place, (at, wanted) in enumerate(zip(shown, widths, strict=True)):
            column = self.columns[at]
            table.add_column(
                Text(column.name, style=HEAD if place == 0 else ""),
                justify="left" if column.left or place == 0 else "right",
                no_wrap=True,
                overflow="ellipsis",
                min_width=wanted if place else None,
                max_width=wanted if place == 0 and not self._stretches else None,
                ratio=1 if column.stretch else None,
            )
        room = max(lines - HEADING, 0)
        cut = len(self.rows) > room
        for row in self.rows[: max(room - cut, 0)]:
            table.add_row(*(row[at] for at in shown))
        if cut and room:
            table.add_row(Text(f"{len(self.rows) - room + 1} more", style="dim"))
        return table

    @property
    def _stretches(self) -> bool:
        return any(column.stretch for column in self.columns)

    def _wanted(self, at: int) -> int:
        """Return the columns that the widest cell takes."""
        cells = [row[at] for row in self.rows]
        lengths = [cell.cell_len for cell in cells if isinstance(cell, Text)]
        return max([len(self.columns[at].name), *lengths])


@dataclass(frozen=True, slots=True, kw_only=True)
class Prose:
    """Lines of text under a heading, already broken to the width."""

    lines_of: tuple[Text, ...]
    least: int = 1

    @property
    def lines(self) -> int:
        """Lines that all of it takes."""
        return len(self.lines_of)

    @property
    def fewest(self) -> int:
        """Lines that it needs."""
        return min(self.least, len(self.lines_of))

    def draw(self, lines: int, width: int) -> Text:
        """Return the first `lines` lines, each cut to `width` columns."""
        shown = [line.copy() for line in self.lines_of[:lines]]
        for line in shown:
            line.truncate(width, overflow="ellipsis")
        return Text("\n").join(shown)


Part = Section | Prose


def shared_out(parts: Sequence[Part], height: int) -> list[int]:
    """Return how many lines each part gets: the fewest first, then in order, all it wants."""
    given = [part.fewest for part in parts]
    left = height - sum(given)
    for number, part in enumerate(parts):
        more = min(max(left, 0), part.lines - given[number])
        given[number] += more
        left -= more
    for number in reversed(range(len(parts))):  # a screen smaller than the fewest
        less = min(max(-left, 0), given[number])
        given[number] -= less
        left += less
    return given
