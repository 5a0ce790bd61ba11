"""The whole screen of a running desk, in any size from 80 by 24."""

from dataclasses import dataclass
from typing import Final

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.table import Table
from rich.text import Text

from hedgerow.cli.desk_words import QUOTE, age_text, clean, clock_text, since
from hedgerow.cli.watch_alarms import alarms
from hedgerow.cli.watch_decisions import decisions
from hedgerow.cli.watch_parts import (
    accounts_section,
    book_section,
    funding_section,
    legs_section,
    orders_section,
)
from hedgerow.cli.watch_section import WIDE, Part, shared_out
from hedgerow.live.view import DeskView, Mode, State
from hedgerow.report.wording import number

GAP: Final = 2  # columns between two halves
SMALLEST_HALF: Final = 6  # lines of guards and decisions beside each other
SPACIOUS: Final = 10  # lines of guards and decisions that leave room for empty ones
MANY, FEW = 50, 5  # decisions: on a screen that cuts them, and on paper
MODES: Final = {
    Mode.PAPER: "bold black on bright_cyan",
    Mode.LIVE: "bold white on red",
    Mode.SIMULATED: "bold black on yellow",
}
STATES: Final = {
    State.TRADING: "bold green",
    State.ARMED: "bold yellow",
    State.PAUSED: "bold yellow",
    State.KILLED: "bold white on red",
    State.STOPPED: "bold",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """Draws itself to the size of its console.

    Attributes
    ----------
    lag
        Seconds since the view was taken; every age grows by it.
    trouble
        Why there is no newer view; "" where there is no trouble.
    bounded
        Whether it must fit the height of the console.
    """

    view: DeskView
    lag: float = 0.0
    trouble: str = ""
    bounded: bool = True

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the screen, top to bottom."""
        width = options.max_width
        head = self._head(width)
        height = (options.height or console.height) - len(head) if self.bounded else 10_000
        parts: list[RenderableType] = [*head]
        parts += self._wide(width, height) if width >= WIDE else self._narrow(width, height)
        yield Group(*parts)

    def _head(self, width: int) -> list[Text]:
        view, desk = self.view, self.view.desk
        left = Text.assemble(
            (f" {desk.mode.upper()} ", MODES[desk.mode]),
            (f" {desk.name} ", "bold"),
            (f" {desk.state.upper()} ", STATES[desk.state]),
            f" for {since(view.time, desk.since)}",
        )
        money = f"equity {number(view.money.equity)} {desk.numeraire}"
        if width >= WIDE:
            change = number(view.money.equity - view.money.opening, sign="+")
            money = f"{money} ({change} since the start)"
        right = Text.assemble(
            (f"{money}  ", "bold"),
            f"{clock_text(view.time)}Z ",
            (age_text(self.lag), QUOTE.style(self.lag)),
        )
        lines = [_ends(left, right, width)]
        if self.trouble:
            lines.append(Text(f"NO NEWS: {clean(self.trouble)}"[:width], style="bold white on red"))
        reason = desk.reason + (f" ({desk.by})" if desk.by else "")
        pace = "" if desk.speed == 1.0 else f"market time x{desk.speed:g}, "
        words = f"{pace}up {since(view.time, desk.started)}, hedgerow {desk.version}"
        up = Text(words, style="dim")
        about = Text(clean(reason), style="dim")
        about.truncate(max(width - up.cell_len - 1, 0), overflow="ellipsis")
        lines.append(_ends(about, up, width))
        if fees := view.money.unvalued_fees:
            paid = ", ".join(f"{amount:g} {clean(coin)}" for coin, amount in fees.items())
            lines.append(Text(f"fees not valued, in no result: {paid}"[:width], style="yellow"))
        return lines

    @property
    def _late(self) -> float:
        """By how much of the market's time the view is old."""
        return self.lag * self.view.desk.speed

    def _tables(self) -> list[Part]:
        sections = (book_section, legs_section, funding_section, accounts_section)
        return [section(self.view, self._late) for section in sections]

    def _narrow(self, width: int, height: int) -> list[RenderableType]:
        warned = alarms(self.view, self._late, width, terse=self.bounded)
        said = decisions(self.view, width, MANY if self.bounded else FEW)
        # What must be seen first gets its lines first; it is drawn in the order of the screen.
        ranked: list[Part] = [warned, *self._tables(), said, *self._orders()]
        given = shared_out(ranked, height)
        shown = list(zip(ranked, given, strict=True))
        order = [*shown[1:5], *shown[6:], shown[0], shown[5]]
        return _drawn(order, width, loose=not self.bounded)

    def _wide(self, width: int, height: int) -> list[RenderableType]:
        half = (width - GAP) // 2
        top: list[Part] = [*self._tables(), *self._orders()]
        warned = alarms(self.view, self._late, half, terse=False)
        said = decisions(self.view, half, MANY if self.bounded else FEW)
        left = height - sum(part.lines for part in top)
        loose = left - len(top) - 1 >= SPACIOUS
        spaces = (len(top) + 1) * loose
        lower = max(left - spaces, SMALLEST_HALF)
        given = shared_out(top, height - lower - spaces)
        below = Table.grid(expand=True, padding=(0, GAP, 0, 0), pad_edge=False)
        below.add_column(width=half)
        below.add_column(ratio=1)
        below.add_row(
            warned.draw(min(lower, warned.lines), half), said.draw(min(lower, said.lines), half)
        )
        drawn = _drawn(list(zip(top, given, strict=True)), width, loose=loose)
        space: list[RenderableType] = [Text("")] if loose else []
        return [*space, *drawn, *space, below]

    def _orders(self) -> list[Part]:
        return [orders_section(self.view, self._late)] if self.view.orders else []


def _drawn(parts: list[tuple[Part, int]], width: int, *, loose: bool) -> list[RenderableType]:
    found: list[RenderableType] = []
    for part, lines in parts:
        if lines <= 0:
            continue
        if found and loose:
            found.append(Text(""))
        found.append(part.draw(lines, width))
    return found


def _ends(left: Text, right: Text, width: int) -> Text:
    """Return one line with a text at each end; the right one gives way."""
    room = width - left.cell_len - 1
    if right.cell_len > room:
        right = right[: max(room, 0)]
    line = left.copy()
    line.append(" " * max(width - left.cell_len - right.cell_len, 1))
    line.append_text(right)
    line.truncate(width)
    return line
