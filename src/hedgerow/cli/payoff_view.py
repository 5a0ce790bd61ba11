"""The answer of `hedgerow payoff` on a screen: curves in characters, figures, a table."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from rich.box import ASCII, SIMPLE_HEAD
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.table import Table
from rich.text import Text

from hedgerow.report.cells import Table as Cells
from hedgerow.report.payoff import Payoff
from hedgerow.report.payoff_words import (
    assumptions,
    facts,
    levels,
    money_of,
    price_of,
    profit_table,
)
from hedgerow.report.sparkline import plain_sparkline, sparkline
from hedgerow.report.wording import minute

WIDEST: Final = 110
PLOT_HEIGHT: Final = 7
LEAST_ROOM: Final = 10
FIRST: Final = 2  # the column of now
GAP: Final = 3  # characters between columns
PLAIN: Final = str.maketrans({"–": "-", "·": "|", "−": "-"})


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoffView:
    """Draws itself to the width and the characters of the console it is printed on."""

    payoff: Payoff
    title: str

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the sections, top to bottom."""
        width = min(options.max_width, WIDEST)
        for section in self._sections(width, ascii_only=options.ascii_only):
            yield from console.render(section, options.update(max_width=width, width=width))

    def _sections(self, width: int, *, ascii_only: bool) -> Iterator[RenderableType]:
        given = self.payoff
        money = money_of(given)
        when = minute(given.exposure.market.now)
        yield Text("")
        yield Text(f"{self.title}: profit over the {given.underlying} price", style="bold")
        worth = money.plain(given.exposure.worth)
        yield Text(f"{when}, worth {worth} now, spot {price_of(given.spot)}", style="dim")
        yield Text("")
        yield self._curves(width, ascii_only=ascii_only)
        yield Text("")
        yield self._facts()
        yield Text("")
        yield self._table(width, ascii_only=ascii_only)
        for line in assumptions(given):
            yield Text(line, style="dim")

    def _curves(self, width: int, *, ascii_only: bool) -> RenderableType:
        """Return the end and now, both on one scale, with their zero marked."""
        given, money = self.payoff, money_of(self.payoff)
        shown = ((given.last, "blue"), (given.now, "yellow"))
        low = min(0.0, *(float(curve.profit.min()) for curve, _ in shown))
        high = max(0.0, *(float(curve.profit.max()) for curve, _ in shown))
        edges = (money.signed_number(high), money.signed_number(low))
        labels = max(len(edge) for edge in (*edges, *(curve.label for curve, _ in shown)))
        room = max(width - labels - 3, LEAST_ROOM)
        draw = plain_sparkline if ascii_only else sparkline
        zero = round((PLOT_HEIGHT - 1) * high / ((high - low) or 1.0))
        lines: list[RenderableType] = []
        for curve, style in shown:
            picture = draw(curve.profit.tolist(), width=room, height=PLOT_HEIGHT, span=(low, high))
            marks = [""] * PLOT_HEIGHT
            marks[zero], marks[0], marks[-1] = "0", edges[0], edges[1]
            marks[1 if zero != 1 else 2] = curve.label
            for place, (mark, line) in enumerate(zip(marks, picture, strict=True)):
                wall = ("+" if ascii_only else "┼") if place == zero else "|" if ascii_only else "│"
                text = Text(f"{mark:>{labels}} {wall}")
                text.append(line, style=style)
                lines.append(text)
        lines.append(self._axis(labels + 2, room))
        return Group(*lines)

    def _axis(self, before: int, room: int) -> Text:
        """Return prices under the curves, where they lie."""
        given = self.payoff
        low, high = float(given.prices[0]), float(given.prices[-1])
        line = [" "] * room
        free = 0
        for price in levels(given):
            words = price_of(price)
            start = round((price - low) / (high - low) * (room - 1)) - len(words) // 2
            if start >= free and start + len(words) <= room:
                line[start : start + len(words)] = words
                free = start + len(words) + 2
        return Text(" " * before + "".join(line).rstrip(), style="dim")

    def _facts(self) -> RenderableType:
        grid = Table.grid(padding=(0, 2))
        grid.add_column(no_wrap=True)
        grid.add_column(no_wrap=True)
        grid.add_column(overflow="fold")
        for fact in facts(self.payoff):
            grid.add_row(Text(fact.label, style="dim"), fact.figure, Text(fact.note, style="dim"))
        return grid

    def _table(self, width: int, *, ascii_only: bool) -> RenderableType:
        """Return the table of profits; without the times between where there is no room."""
        found = profit_table(self.payoff)
        kept = list(range(len(found.head)))
        if _wide(found) > width:
            kept = [*range(FIRST + 1), len(found.head) - 1]
        table = Table(
            box=ASCII if ascii_only else SIMPLE_HEAD,
            pad_edge=False,
            show_edge=False,
            header_style="dim",
        )
        for place in kept:
            table.add_column(found.head[place], justify="right" if place else "left", no_wrap=True)
        for row in found.rows:
            here = row[0].value == self.payoff.spot
            texts = [row[place].text for place in kept]
            cells = (text.translate(PLAIN) if ascii_only else text for text in texts)
            table.add_row(*cells, style="bold" if here else "")
        return table


def _wide(table: Cells) -> int:
    """Return how many characters a table takes."""
    columns = zip(table.head, *([cell.text for cell in row] for row in table.rows), strict=True)
    return sum(max(map(len, column)) + GAP for column in columns) - GAP
