"""What a running desk shows, one question at a time, for the terminal."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.text import Text

from hedgerow.cli.desk_words import clock_text, size
from hedgerow.cli.watch_decisions import decision_lines
from hedgerow.cli.watch_parts import (
    accounts_section,
    book_section,
    funding_section,
    legs_section,
    orders_section,
)
from hedgerow.cli.watch_section import Section
from hedgerow.live.view import DecisionView, DeskView
from hedgerow.report.wording import day, number

INDENT = 10  # columns, below the time of day of a decision


@dataclass(frozen=True, slots=True, kw_only=True)
class Sections:
    """Whole sections below one another, as wide as the console."""

    sections: tuple[Section, ...]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield each of them."""
        for place, section in enumerate(self.sections):
            if place:
                yield Text("")
            yield section.draw(section.lines, options.max_width)


def positions(view: DeskView) -> RenderableType:
    """Return hedge, legs, funding and margin."""
    builders = (book_section, legs_section, funding_section, accounts_section)
    return Sections(sections=tuple(build(view, 0.0) for build in builders))


def orders(view: DeskView) -> RenderableType:
    """Return the child orders that work, or that there is none."""
    if not view.orders:
        return Text("No order works.")
    return Sections(sections=(orders_section(view, 0.0),))


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """Decisions, oldest first, each with the numbers behind it."""

    decisions: Sequence[DecisionView]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield them by day."""
        if not self.decisions:
            yield Text("Nothing decided yet.")
        today = ""
        for decision in self.decisions:
            if day(decision.time) != today:
                today = day(decision.time)
                yield Text(f"{today} UTC, since {clock_text(decision.time)}", style="dim")
            yield from decision_lines(decision, options.max_width)
            numbers = Text(", ".join(_numbers(decision)), style="dim")
            for line in numbers.wrap(console, max(options.max_width - INDENT, 20)):
                yield Text(" " * INDENT).append_text(line)


def _numbers(decision: DecisionView) -> Iterator[str]:
    yield f"exposure {size(decision.exposure, sign='+')}"
    yield f"held {size(decision.hedge, sign='+')}"
    yield f"goal {size(decision.goal, sign='+')}"
    if decision.band is not None:
        low, high = decision.band
        yield f"band {size(low, sign='+')} to {size(high, sign='+')}"
    yield f"target {size(decision.target, sign='+')}"
    if decision.bound:
        yield f"decided by: {decision.bound}"
    for name, amount in decision.costs.items():
        if amount:
            yield f"{name} {number(amount, 2)}"
    for name, amount in decision.numbers.items():
        if amount:
            yield f"{name.replace('_', ' ')} {amount:,.6g}"
