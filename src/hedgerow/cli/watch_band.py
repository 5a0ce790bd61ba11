"""A picture of one hedge: its band, the goal in it, what is held and what is on order.

Less hedge is to the left, more to the right, whichever way the hedge points.
"""

from dataclasses import dataclass
from typing import Final

from rich.console import Console, ConsoleOptions, RenderResult
from rich.measure import Measurement
from rich.text import Text

from hedgerow.live.view import BookView

SMALLEST: Final = 12  # columns that still say something
SPREAD: Final = 1.6  # the axis reaches this much beyond what is to be seen
NARROWEST: Final = 0.02  # of the goal: half an axis without band and without gap
FINE: Final = {"axis": "─", "band": "━", "goal": "┃", "held": "●", "ordered": "○", "ends": "├┤"}
PLAIN: Final = {"axis": "-", "band": "=", "goal": "|", "held": "O", "ordered": "o", "ends": "[]"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """Draws itself to the width it is given."""

    book: BookView

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield one line."""
        yield drawn(self.book, options.max_width, ascii_only=options.ascii_only)

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        """Say how wide it may become."""
        return Measurement(SMALLEST, options.max_width)


def drawn(book: BookView, width: int, *, ascii_only: bool) -> Text:
    """Return the picture in `width` columns; what is off the axis stands at its end."""
    marks = PLAIN if ascii_only else FINE
    inner = width - 2
    if inner < 3:
        return Text("")
    reach = _reach(book)
    toward = -1.0 if book.goal < 0.0 or (book.goal == 0.0 and book.exposure > 0.0) else 1.0

    def place(amount: float) -> int:
        share = 0.5 + 0.5 * toward * (amount - book.goal) / reach if reach else 0.5
        return min(max(round(share * (inner - 1)), 0), inner - 1)

    cells = [(marks["axis"], "dim")] * inner
    if book.lower is not None and book.upper is not None:
        first, last = sorted((place(book.lower), place(book.upper)))
        cells[first : last + 1] = [(marks["band"], "green")] * (last + 1 - first)
    cells[place(book.goal)] = (marks["goal"], "bold")
    if book.pending:
        cells[place(book.hedge + book.pending)] = (marks["ordered"], "bold cyan")
    cells[place(book.hedge)] = (marks["held"], held_style(book))
    text = Text(marks["ends"][0], style="dim")
    for mark, style in cells:
        text.append(mark, style=style)
    return text.append(marks["ends"][1], style="dim")


def held_style(book: BookView) -> str:
    """Return the colour of what is held: green inside the band, red outside."""
    return {True: "bold green", False: "bold red", None: "bold"}[book.inside]


def _reach(book: BookView) -> float:
    """Return half the length of the axis, coins."""
    away = [abs(book.hedge - book.goal), abs(book.hedge + book.pending - book.goal)]
    away += [abs(edge - book.goal) for edge in (book.lower, book.upper) if edge is not None]
    return SPREAD * max(*away, NARROWEST * abs(book.goal) / SPREAD)
