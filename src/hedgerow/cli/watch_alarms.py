"""What a person must see first: tripped guards, dead streams, orders nobody knows of."""

from collections.abc import Iterator
from textwrap import wrap

from rich.text import Text

from hedgerow.cli.desk_words import age_text, clean, since, span_text
from hedgerow.cli.watch_parts import older
from hedgerow.cli.watch_section import HEAD, Prose
from hedgerow.live.view import DeskView, NakedView
from hedgerow.report.wording import counted, number

INDENT = "  "


def alarms(view: DeskView, lag: float, width: int, *, terse: bool) -> Prose:
    """Return guards and streams: a line for all that is well, more for what is not.

    A `terse` one cuts what does not fit into a line, where the screen is low.
    """
    said = [*_tripped(view), *_down(view, lag), *_blocked(view), *_naked(view.naked)]
    broken = _cut if terse else _wrapped
    lines = [line for text in said for line in broken(text, width)]
    least = 1 + min(len(view.tripped), 3)
    return Prose(lines_of=(_heading(view, lag), *lines), least=least)


def _heading(view: DeskView, lag: float) -> Text:
    text = Text.assemble(("Guards", HEAD))
    tripped = len(view.tripped)
    fine = len(view.guards) - tripped
    text.append("  ")
    if tripped:
        text.append(f"{tripped} tripped", style="bold red")
        text.append(f", {fine} fine", style="dim")
    else:
        text.append(f"all {fine} fine", style="green")
    alive = [stream for stream in view.streams if stream.alive]
    # A stream without a limit may rightly be silent for hours.
    ages = [one.age for one in alive if one.age is not None and one.limit is not None]
    text.append(
        f"  ·  {len(alive)} of {counted(len(view.streams), 'stream')} alive"
        + (f", oldest {age_text(max(ages) + lag)}" if ages else ""),
        style="dim",
    )
    return text


def _tripped(view: DeskView) -> Iterator[Text]:
    for guard in sorted(view.tripped, key=lambda one: not one.latched):
        stops = {"nothing": "a note", "risk": "no new risk"}.get(guard.stops, guard.stops)
        for_how_long = "" if guard.since is None else f" {since(view.time, guard.since)}"
        colour = "yellow" if guard.stops == "nothing" else "red"
        text = Text.assemble((guard.name, f"bold {colour}"), (for_how_long, colour))
        text.append(f", {stops}{', latched' if guard.latched else ''}: ", style="dim")
        yield text.append(clean(guard.message))


def _down(view: DeskView, lag: float) -> Iterator[Text]:
    for stream in view.streams:
        if not stream.alive:
            reason = f": {clean(stream.reason)}" if stream.reason else ""
            age = age_text(older(stream.age, lag))
            name = f"{stream.venue} {stream.name}"
            yield Text.assemble((name, "bold red"), (f" stream down {age}", "red"), reason)


def _blocked(view: DeskView) -> Iterator[Text]:
    for leg in view.legs:
        if leg.blocked:
            name = f"{leg.symbol} {leg.venue}"
            yield Text.assemble((name, "bold yellow"), f" adds no risk: {clean(leg.blocked)}")


def _naked(naked: NakedView) -> Iterator[Text]:
    if naked.notional:
        limit = "" if naked.limit is None else f" of at most {number(naked.limit)}"
        spent = number(naked.notional * naked.seconds)
        yield Text(
            f"a pair stands on one leg: {number(naked.notional)} for "
            f"{span_text(naked.seconds)}, {spent}{limit} notional seconds",
            style="bold red",
        )
    elif naked.count and naked.p95 is not None:
        longest = "" if naked.longest is None else f", longest {naked.longest:.1f} s"
        pairs = counted(naked.count, "pair")
        yield Text(f"{pairs} closed, 95 % within {naked.p95:.1f} s{longest}", style="dim")


def _cut(said: Text, width: int) -> list[Text]:
    line = Text(INDENT).append_text(said)
    line.truncate(width, overflow="ellipsis")
    return [line]


def _wrapped(said: Text, width: int) -> list[Text]:
    """Break a text between words; its words keep their styles."""
    found: list[Text] = []
    at = 0
    for line in wrap(said.plain, max(width - 2 * len(INDENT), 20)):
        start = max(said.plain.find(line, at), at)
        at = start + len(line)
        found.append(Text(INDENT * (2 if found else 1)).append_text(said[start:at]))
    return found
