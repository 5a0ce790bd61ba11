"""A fitted surface in the terminal: a line an expiry, and what is wrong with it below."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from rich.box import SIMPLE_HEAD
from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

from hedgerow.pricing.surface import ForwardFrom
from hedgerow.report.surface_figures import SliceFigures, SurfaceFigures
from hedgerow.report.surface_words import MODELS, day, judged, points, worth
from hedgerow.report.wording import minute, number, percent

SHORT: Final = {
    ForwardFrom.VENUE: "",
    ForwardFrom.FUTURE: " f",
    ForwardFrom.PARITY: " p",
    ForwardFrom.CARRY: " c",
    ForwardFrom.NOTHING: "",
}
MARKS: Final = {"f": "a future (f)", "p": "parity (p)", "c": "the others' carry (c)"}
COLUMNS: Final = (
    "expiry", "days", "forward", "quotes", "at the\nmoney", "25Δ risk\nreversal",
    "25Δ\nbutterfly", "median\nerror", "95 %\nerror", "half\nspread", "fits",
)  # fmt: skip
WIDE: Final = 104  # characters that the whole table needs
LEFT_OUT: Final = (2, 8, 9)  # columns of a narrow terminal: forward, 95 % error, half spread
NARROW: Final = 80  # characters that the others need
SPARED: Final = (*LEFT_OUT, 1, 5, 6)  # of a still narrower one: days and the wings too


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SurfaceView:
    """What the command prints."""

    figures: SurfaceFigures

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the sections, top to bottom."""
        width = options.max_width
        left_out = () if width >= WIDE else LEFT_OUT if width >= NARROW else SPARED
        yield from self.sections(plain=options.ascii_only, left_out=left_out)

    def sections(self, *, plain: bool, left_out: Sequence[int] = ()) -> Iterator[Text | Table]:
        """Yield the sections, top to bottom; `plain` for terminals that know ASCII only."""
        given, surface = self.figures, self.figures.surface
        found = judged(given)
        index = f" · index {worth(surface.index)}" if surface.index > 0.0 else ""
        yield Text(f"{surface.underlying} surface, {minute(surface.time)}", style="bold")
        yield Text(
            f"{MODELS[surface.kind]}{index}".replace("·", "-" if plain else "·"), style="dim"
        )
        yield Text("")
        yield Text(found.headline, style="bold red" if found.bad else "bold green")
        yield self._table(plain=plain, left_out=left_out)
        mended = " * moved to take arbitrage out." if given.repaired else ""
        marks = {SHORT[one.slice.forward_from].strip() for one in given.slices} - {""}
        known = f" Forward by {', '.join(sorted(MARKS[one] for one in marks))}." if marks else ""
        yield Text(
            "Quotes: fitted of all. Errors and spreads in volatility points, on liquid quotes: "
            f"two-sided, delta 5 to 95 %.{known}{mended}",
            style="dim",
        )
        yield Text("")
        for label, paragraph in found.paragraphs:
            yield Text.assemble((f"{label}: ", "bold"), paragraph)

    def _table(self, *, plain: bool, left_out: Sequence[int]) -> Table:
        table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="bold")
        kept = [place for place in range(len(COLUMNS)) if place not in left_out]
        for place in kept:
            name = COLUMNS[place]
            label = name.replace("Δ", "d") if plain else name
            table.add_column(label, justify="left" if place == 0 else "right", no_wrap=True)
        for one in self.figures.slices:
            cells = _cells(one)
            table.add_row(*(cells[place] for place in kept))
        return table


def _cells(one: SliceFigures) -> tuple[str | Text, ...]:
    quality = one.quality
    mended = " *" if one.slice.repaired else ""
    verdict = Text("yes", "green") if one.slice.fits else Text("no", "yellow")
    return (
        f"{day(one)}{mended}",
        number(one.days, 1),
        worth(one.slice.forward) + SHORT[one.slice.forward_from],
        f"{quality.used}/{one.slice.rows.size}",
        percent(one.at_the_money),
        points(one.risk_reversal, 2, sign="+"),
        points(one.butterfly, 2, sign="+"),
        number(quality.median, 2),
        number(quality.p95, 2),
        number(quality.half_spread, 2),
        verdict,
    )
