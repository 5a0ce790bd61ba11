"""The last decisions in words, newest first."""

from collections.abc import Sequence
from textwrap import wrap

from rich.text import Text

from hedgerow.cli.desk_words import clean, clock_text, size
from hedgerow.cli.watch_section import HEAD, Prose
from hedgerow.live.view import DecisionView, DeskView

STAMP = 10  # columns of the time of day and its gap


def decisions(view: DeskView, width: int, most: int = 50) -> Prose:
    """Return the heading and the decisions, broken to `width`; the same ones in a row are one."""
    lines = [Text("Why", style=HEAD)]
    if not view.decisions:
        lines.append(Text("  nothing decided yet", style="dim"))
    for run in runs(view.decisions)[:most]:
        lines += decision_lines(run[0], width, again=run[1:])
    return Prose(lines_of=tuple(lines), least=3)


def runs(made: Sequence[DecisionView]) -> list[list[DecisionView]]:
    """Return decisions newest first; those of a leg that traded nothing for one reason join."""
    found: list[list[DecisionView]] = []
    last: dict[int, list[DecisionView]] = {}  # of each leg, that may go on
    for decision in reversed(made):
        run = last.get(decision.leg)
        if run and not decision.traded and not run[-1].traded and _same(run[-1], decision):
            run.append(decision)
            continue
        last[decision.leg] = [decision]
        found.append(last[decision.leg])
    return found


def _same(one: DecisionView, two: DecisionView) -> bool:
    return one.bound == two.bound and (bool(one.bound) or one.words == two.words)


def decision_lines(
    decision: DecisionView, width: int, again: Sequence[DecisionView] = ()
) -> list[Text]:
    """Return one decision: when, which leg and why; `again` are the same ones before it."""
    room = max(width - STAMP, 20)
    mark = size(decision.traded, sign="+") if decision.traded else "stay"
    said = f"{decision.symbol} {mark}: {clean(decision.words)}"
    if again:
        said += f" ({len(again) + 1} times since {clock_text(again[-1].time)})"
    lines = []
    for number, line in enumerate(wrap(said, room)):
        text = Text(f"{clock_text(decision.time)}  " if number == 0 else " " * STAMP, style="dim")
        lines.append(text.append(line, style="not dim"))
    if lines:
        start = STAMP + len(decision.symbol) + 1
        lines[0].stylize("bold" if decision.traded else "dim", start, start + len(mark))
    return lines
