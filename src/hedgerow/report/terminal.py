"""A run in the terminal: the whole answer on one or two screens."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rich.box import ASCII, SIMPLE_HEAD
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from hedgerow.report.bars import bar
from hedgerow.report.cells import Cell
from hedgerow.report.forced_words import (
    PRICE_SOURCES,
    conversion_words,
    deleveraging_words,
    event_words,
)
from hedgerow.report.outcome_tables import PARTS, effectiveness, key_figures
from hedgerow.report.sparkline import plain_sparkline, sparkline
from hedgerow.report.verdict import Figures, Verdict, money_of, title, verdict
from hedgerow.report.wording import (
    Money,
    clock,
    counted,
    duration,
    last_day,
    number,
    percent,
    span,
)
from hedgerow.units import SECOND

if TYPE_CHECKING:
    from hedgerow.analysis.run import Run

WIDEST: Final = 120
PLOT_HEIGHT: Final = 4  # lines of each of the two curves
MARGIN: Final = 2
MOST_EVENTS: Final = 5  # of each kind
FEWEST_BARS: Final = 10  # columns of a bar that still say something
PLAIN: Final = str.maketrans({"–": "-", "±": "+-", "·": "|", "−": "-"})


def summary(run: "Run", result: Figures) -> RenderableType:
    """Return what a person wants to know of `run` and its `result`, for `Console.print`.

    It fits any width from 60 columns, needs no colour, and writes ASCII alone where the terminal
    knows nothing else.
    """
    return Summary(run=run, result=result)


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Draws itself to the width and the characters of the console it is printed on."""

    run: "Run"
    result: Figures

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the sections, top to bottom."""
        width = min(options.max_width, WIDEST)
        sheet = Sheet(
            run=self.run,
            result=self.result,
            money=money_of(self.result),
            width=width,
            ascii_only=options.ascii_only,
        )
        for section in sheet.sections():
            yield from console.render(section, options.update(max_width=width, width=width))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """The sections at one width."""

    run: "Run"
    result: Figures
    money: Money
    width: int
    ascii_only: bool

    def sections(self) -> Iterator[RenderableType]:
        """Yield the sections, top to bottom."""
        judged = verdict(self.result)
        yield from self._head()
        yield from self._verdict(judged)
        yield self._heading("Hedged and unhedged", self.money.unit)
        yield self._key_figures()
        yield self._heading("Where the P&L came from", self.money.unit)
        yield self._attribution()
        yield self._heading("Cumulative P&L, both on one scale", self.money.unit)
        yield self._curves()
        yield self._heading("Share of the variance taken away", "with its 95 % interval")
        yield self._effectiveness()
        yield self._heading("Margin and cash", "")
        yield self._facts(self._margin())
        yield self._heading("Funding, trades and costs", "")
        yield self._facts(self._costs())
        yield self._heading("Data", "")
        yield self._facts(self._data())
        yield self._stamps()

    def _head(self) -> Iterator[RenderableType]:
        result = self.result
        if result["simulated"]:
            said = " SIMULATED: the market of this run was made up; no figure here happened. "
            yield Text(said, style="bold black on yellow", justify="center")
        yield Text("")
        yield self._indented(Text(title(result), style="bold"))
        yield self._indented(
            self._text(
                f"{span(result)} · "
                f"{counted(result['bars'], 'bar')} of {duration(result['bar_seconds'] * SECOND)}"
                f" · policy {result['provenance']['policy']}",
                style="dim",
            )
        )
        yield Text("")

    def _verdict(self, judged: Verdict) -> Iterator[RenderableType]:
        colour = "bold red" if judged.alarming else "bold green"
        yield self._indented(self._text(judged.headline, style=colour))
        yield Text("")
        for _, paragraph in judged.paragraphs:
            yield self._indented(self._text(paragraph))

    def _heading(self, words: str, note: str) -> RenderableType:
        text = Text("\n" + words, style="bold")
        if note:
            text.append(f"  {note}", style="not bold dim")
        return self._indented(text)

    def _key_figures(self) -> RenderableType:
        table = self._table("", "Hedged", "Unhedged", "Difference")
        for row in key_figures(self.result, self.money).rows:
            table.add_row(*(self._cell(cell) for cell in row))
        return self._indented(table)

    def _visible(self, value: float) -> float:
        """Return `value` as far as it is printed, so that no bar stands beside a 0."""
        return round(value, self.money.decimals) + 0.0

    def _attribution(self) -> RenderableType:
        parts = self.result["pnl"]
        rows = [(label, self._visible(parts[name])) for name, label in PARTS.items()]
        figures = [self.money.signed_number(value) for _, value in rows]
        total = self.money.signed_number(parts["total"])
        labels = max(len(label) for label, _ in rows)
        amounts = max(len(text) for text in [*figures, total])
        room = min(self.width - 2 * MARGIN - labels - amounts - 4, 60)
        largest = max((abs(value) for _, value in rows), default=0.0)
        grid = Table.grid(padding=(0, 2))
        grid.add_column()
        grid.add_column(justify="right")
        grid.add_column()
        for (label, value), figure in zip(rows, figures, strict=True):
            drawn = (
                bar(value / largest if largest else 0.0, room, ascii_only=self.ascii_only)
                if room >= FEWEST_BARS
                else ""
            )
            grid.add_row(label, figure, Text(drawn, style="red" if value < 0.0 else "blue"))
        grid.add_row(Text("Total", style="bold"), Text(total, style="bold"), "")
        return self._indented(grid)

    def _curves(self) -> RenderableType:
        hedged = self.run.series["hedged"].to_list()
        alone = self.run.series["unhedged"].to_list()
        finite = [value for value in (*hedged, *alone, 0.0) if math.isfinite(value)]
        span = (min(finite), max(finite))
        edges = [self.money.signed_number(value) for value in span]
        labels = max(len(edge) for edge in (*edges, "unhedged"))
        room = max(self.width - 2 * MARGIN - labels - 3, FEWEST_BARS)
        draw = plain_sparkline if self.ascii_only else sparkline
        wall = "|" if self.ascii_only else "│"
        lines: list[RenderableType] = []
        for name, values, style in (("Hedged", hedged, "blue"), ("Unhedged", alone, "yellow")):
            picture = draw(values, width=room, height=PLOT_HEIGHT, span=span)
            marks = [edges[1], name, *[""] * (PLOT_HEIGHT - 3), edges[0]]
            for mark, line in zip(marks, picture, strict=True):
                text = Text(f"{mark:>{labels}} {wall}")
                text.append(line, style=style)
                lines.append(text)
        dates = f"{self.result['start'][:10]}{last_day(self.result['end']):>{room - 10}}"
        lines.append(Text(" " * (labels + 2) + dates, style="dim"))
        return self._indented(Group(*lines))

    def _effectiveness(self) -> RenderableType:
        table = self._table("Over", "Taken away", "95 % interval", "Without carry", "Without liq.")
        for row in effectiveness(self.result).rows:
            table.add_row(*(self._cell(cell) for cell in row[:5]))
        return self._indented(table)

    def _margin(self) -> Iterator[tuple[str, str]]:
        margin = self.result["margin"]
        if margin["min_headroom"] is not None:
            tightest = clock(margin["min_headroom_time"])
            yield (
                "Closest approach",
                f"{percent(margin['min_headroom'])} headroom on {tightest}",
            )
        yield (
            "Transfers",
            (
                f"{counted(margin['top_ups'], 'top-up')}, "
                f"{counted(margin['withdrawals'], 'withdrawal')}"
            ),
        )
        yield from self._forced()
        for calls in margin["cash_calls"]:
            largest = max((one["amount"] for one in calls["worst"]), default=0.0)
            amounts = Money.for_scale(calls["unit"], largest)
            worst = ", ".join(
                f"{counted(one['days'], 'day')} {amounts.number(one['amount'])}"
                for one in calls["worst"]
            )
            called = f"{worst} {calls['unit']}" if largest > 0.0 else f"no {calls['unit']} called"
            yield "Worst cash calls", called
        for dry in margin["shortfall"]:
            yield (
                "Reserve dry",
                (
                    f"{clock(dry['time'])}; {number(dry['needed'])} {dry['unit']} "
                    "would have been enough"
                ),
            )

    def _forced(self) -> Iterator[tuple[str, str]]:
        """Yield what the venue did on its own."""
        margin, money = self.result["margin"], self.money
        events = margin["liquidation_events"]
        if not events:
            yield "Liquidations", "none"
        for event in events[:MOST_EVENTS]:
            source = PRICE_SOURCES[event["price_source"]]
            cost = f"loss {money.number(event['loss'])}, fee {money.plain(event['fee'])}"
            yield (
                "Liquidated",
                f"{clock(event['time'])}: {event_words(event)} ({source}), {cost}",
            )
        yield from self._more(len(events))
        taken = margin["deleveragings"]
        for event in taken[:MOST_EVENTS]:
            yield "Deleveraged", f"{clock(event['time'])}: {deleveraging_words(event, money)}"
        yield from self._more(len(taken))
        made = margin["conversions"]
        for event in made[:MOST_EVENTS]:
            yield (
                "Pledges taken",
                f"{clock(event['time'])}: the venue {conversion_words(event)}",
            )
        yield from self._more(len(made))

    def _more(self, count: int) -> Iterator[tuple[str, str]]:
        if count > MOST_EVENTS:
            yield "", f"and {count - MOST_EVENTS} more; the HTML report lists them all"

    def _costs(self) -> Iterator[tuple[str, str]]:
        result, money = self.result, self.money
        for leg in result["funding"]["legs"]:
            rate = percent(leg["annual_rate"], 2)
            yield (
                f"Funding {leg['instrument']}",
                (
                    f"{money.signed(leg['net'])} = {money.number(leg['received'])} received less "
                    f"{money.number(leg['paid'])} paid; "
                    f"{counted(leg['settlements'], 'settlement')}, rate {rate} a year"
                ),
            )
        done, parts = result["trades"], result["pnl"]
        yield (
            "Trades",
            f"{done['count']:,}, turnover {money.plain(done['turnover'])}",
        )
        yield (
            "Costs",
            (
                f"fees {money.signed(parts['fees'])}, slippage {money.signed(parts['slippage'])}; "
                f"unwinding at the end would cost {money.plain(result['exit_cost'])}"
            ),
        )
        capital = result["capital"]
        yield (
            "Capital",
            (
                f"{money.plain(capital['margin'])} for margin, reserve included; carry "
                f"{money.signed(capital['carry'])}, "
                f"{percent(capital['carry_return'], 2)} a year on it"
            ),
        )

    def _data(self) -> Iterator[tuple[str, str]]:
        counts = self.result["coverage"]
        for kind in ("bars", "settlements"):
            there, wanted = counts[f"{kind}_present"], counts[f"{kind}_expected"]
            share = percent(there / wanted, 2) if wanted else "–"
            yield kind.capitalize(), f"{there:,} of {wanted:,} ({share})"
        origin = self.result["provenance"]
        seed = "" if origin["seed"] is None else f", seed {origin['seed']}"
        yield (
            "Same again",
            (
                f"hedgerow {origin['version']}, config {origin['config_hash'][:12]}, "
                f"data {origin['data_hash'][:12]}{seed}"
            ),
        )

    def _stamps(self) -> RenderableType:
        grid = Table.grid(padding=(0, 1))
        for stamp in self.result["stamps"]:
            grid.add_row(Text("-" if self.ascii_only else "•"), self._text(stamp, style="dim"))
        return self._indented(grid)

    def _facts(self, facts: Iterator[tuple[str, str]]) -> RenderableType:
        grid = Table.grid(padding=(0, 2))
        grid.add_column(no_wrap=True)
        grid.add_column(overflow="fold")
        for label, text in facts:
            grid.add_row(Text(label, style="dim"), self._text(text))
        return self._indented(grid)

    def _table(self, *head: str) -> Table:
        table = Table(
            box=ASCII if self.ascii_only else SIMPLE_HEAD,
            pad_edge=False,
            show_edge=False,
            header_style="dim",
        )
        for place, label in enumerate(head):
            table.add_column(label, justify="right" if place else "left", overflow="fold")
        return table

    def _cell(self, cell: Cell) -> Text:
        return self._text(cell.text)

    def _text(self, text: str, style: str = "") -> Text:
        """Return `text` as it is: what looks like markup in a name is no markup."""
        return Text(text.translate(PLAIN) if self.ascii_only else text, style=style)

    def _indented(self, what: RenderableType) -> RenderableType:
        return Padding(what, (0, MARGIN))
