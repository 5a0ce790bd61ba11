"""The last decisions in words, newest first."""

from textwrap import wrap

from rich.text import Text

from hedgerow.cli.desk_words import clean, clock_text, size
from hedgerow.cli.watch_section import HEAD, Prose
from hedgerow.live.view import DecisionView, DeskView

STAMP = 10  # columns of the time of day and its gap


def decisions(view: DeskView, width: int) -> Prose:
    """Return the heading and the decisions, broken to `width`."""
    lines = [Text("Why", style=HEAD)]
    if not view.decisions:
        lines.append(Text("  nothing decided yet", style="dim"))
    for decision in reversed(view.decisions):
        lines += decision_lines(decision, width)
    return Prose(lines_of=tuple(lines), least=3)


def decision_lines(decision: DecisionView, width: int) -> list[Text]:
    """Return one decision: when, which leg and why."""
    room = max(width - STAMP, 20)
    mark = size(decision.traded, sign="+") if decision.traded else "stay"
    said = f"{decision.symbol} {mark}: {clean(decision.words)}"
    lines = []
    for number, line in enumerate(wrap(said, room)):
        text = Text(f"{clock_text(decision.time)}  " if number == 0 else " " * STAMP, style="dim")
        lines.append(text.append(line, style="not dim"))
    if lines:
        start = STAMP + len(decision.symbol) + 1
        lines[0].stylize("bold" if decision.traded else "dim", start, start + len(mark))
    return lines
