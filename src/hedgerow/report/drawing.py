"""Small drawings as SVG text: scales, ticks, lines and labels; the page's styles colour them."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Final

import numpy as np

from hedgerow.units import Floats

Bend = Callable[[float], float]
STEPS: Final = (1.0, 2.0, 2.5, 5.0, 10.0)
CHARACTER: Final = 6.1  # width of a letter of a label, pixels


def straight(value: float) -> float:
    """Return `value`: a linear axis."""
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """From values to pixels.

    Attributes
    ----------
    low, high
        Ends of the axis in values.
    start, end
        Where they are drawn; an axis that points upwards has its start below its end.
    bend
        What runs straight on the paper: `straight`, `math.log`, `math.sqrt`.
    """

    low: float
    high: float
    start: float
    end: float
    bend: Bend = straight

    def __call__(self, value: float) -> float:
        """Return the pixel of a value."""
        low, high = self.bend(self.low), self.bend(self.high)
        part = (self.bend(value) - low) / (high - low) if high > low else 0.5
        return self.start + part * (self.end - self.start)

    def holds(self, value: float) -> bool:
        """Return whether a value lies on the axis."""
        return bool(self.low <= value <= self.high)

    def clipped(self, value: float) -> float:
        """Return the pixel of a value, of the nearer end if it lies outside."""
        return self(min(max(value, self.low), self.high))


def ticks(low: float, high: float, most: int) -> list[float]:
    """Return round values between two ends, at most `most`, evenly apart.

    >>> ticks(31.2, 47.9, 5)
    [35.0, 40.0, 45.0]
    """
    if not high > low:
        return [low]
    for power in range(math.floor(math.log10((high - low) / most)), 20):
        for step in STEPS:
            apart = step * 10.0**power
            first, last = math.ceil(low / apart - 1e-9), math.floor(high / apart + 1e-9)
            if last - first + 1 <= most:
                return [round(place * apart, 12) + 0.0 for place in range(first, last + 1)]
    return []


def log_ticks(low: float, high: float, most: int) -> list[float]:
    """Return round values between two ends above 0, about evenly apart in their logarithm.

    >>> log_ticks(0.0008, 0.3, 6)
    [0.001, 0.01, 0.1]
    >>> log_ticks(41_000.0, 122_000.0, 5)
    [50000.0, 60000.0, 80000.0, 100000.0]
    """
    if high / low < 1.6:
        return ticks(low, high, most)
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    for within in (
        (1.0, 1.2, 1.4, 1.6, 1.8, 2.0, 2.5, 3.0, 3.5, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0),
        (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0),
        (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0),
        (1.0, 1.5, 2.0, 3.0, 5.0, 7.0),
        (1.0, 2.0, 5.0),
        (1.0,),
    ):
        found = [
            float(f"{one * 10.0**power:.6g}") for power in range(first, last + 1) for one in within
        ]
        found = [one for one in found if low <= one <= high]
        if 2 <= len(found) <= most:
            return found
    return ticks(low, high, most)


def amount(value: float) -> str:
    """Return a price as an axis writes it.

    >>> amount(76_500.0), amount(100_000.0), amount(2_450.0), amount(0.85)
    ('76.5k', '100k', '2,450', '0.85')
    """
    if abs(value) >= 10_000.0:
        return f"{value / 1000.0:,.6g}k"
    return f"{value:,.6g}"


def apart(wanted: Sequence[float], room: float, low: float, high: float) -> list[float]:
    """Return places near the wanted ones, at least `room` apart and within two ends.

    >>> apart([10.0, 11.0, 40.0], 8.0, 0.0, 50.0)
    [6.5, 14.5, 40.0]
    """
    order = sorted(range(len(wanted)), key=lambda place: wanted[place])
    groups: list[tuple[list[int], float]] = []  # places, and the middle of their stack
    for place in order:
        group, middle = [place], wanted[place]
        while groups:
            others, before = groups[-1]
            if middle - before >= 0.5 * room * (len(group) + len(others)):
                break
            groups.pop()
            total = len(others) + len(group)
            middle = (before * len(others) + middle * len(group)) / total
            group = others + group
        half = 0.5 * room * (len(group) - 1)
        middle = min(max(middle, low + half), max(high - half, low + half))
        groups.append((group, middle))
    found = [0.0] * len(wanted)
    for group, middle in groups:
        for step, place in enumerate(group):
            found[place] = middle + room * (step - 0.5 * (len(group) - 1))
    return found


@dataclass(slots=True, kw_only=True)
class Drawing:
    """One SVG; `spoken` tells those who cannot see it what it shows."""

    width: float
    height: float
    spoken: str
    parts: list[str] = field(default_factory=list)

    def line(self, at: tuple[float, float, float, float], kind: str) -> None:
        """Draw a straight line."""
        x1, y1, x2, y2 = at
        self.parts.append(
            f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'
        )

    def curve(self, x: Floats, y: Floats, kind: str, style: str = "") -> None:
        """Draw a line through pixels, broken where one is NaN."""
        path, pen = [], "M"
        for right, down in zip(x.tolist(), y.tolist(), strict=True):
            if not (math.isfinite(right) and math.isfinite(down)):
                pen = "M"
                continue
            path.append(f"{pen}{right:.1f} {down:.1f}")
            pen = "L"
        if path:
            self.parts.append(f'<path class="{kind}"{_style(style)} d="{"".join(path)}"/>')

    def area(self, x: Floats, y: Floats, base: float, kind: str, style: str = "") -> None:
        """Fill from a line of pixels down to a level."""
        points = [f"{a:.1f} {b:.1f}" for a, b in zip(x.tolist(), y.tolist(), strict=True)]
        ends = f"M{x[0]:.1f} {base:.1f}L{'L'.join(points)}L{x[-1]:.1f} {base:.1f}Z"
        self.parts.append(f'<path class="{kind}"{_style(style)} d="{ends}"/>')

    def box(self, at: tuple[float, float, float, float], kind: str) -> None:
        """Fill the rectangle between two corners."""
        x1, y1, x2, y2 = at
        left, top = min(x1, x2), min(y1, y2)
        size = f'width="{abs(x2 - x1):.1f}" height="{abs(y2 - y1):.1f}"'
        self.parts.append(f'<rect class="{kind}" x="{left:.1f}" y="{top:.1f}" {size}/>')

    def dot(self, x: float, y: float, kind: str, radius: float = 2.0, style: str = "") -> None:
        """Draw a dot."""
        place = f'cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}"'
        self.parts.append(f'<circle class="{kind}"{_style(style)} {place}/>')

    def told(self, x: float, top: float, bottom: float, words: str) -> None:
        """Lay an unseen bar that says `words` when it is pointed at."""
        place = f'x="{x - 3.0:.1f}" y="{top:.1f}" width="6" height="{max(bottom - top, 8.0):.1f}"'
        self.parts.append(f'<rect class="hit" {place}><title>{escape(words)}</title></rect>')

    def text(
        self, x: float, y: float, words: str, *, kind: str = "tick", anchor: str = "middle",
        style: str = "",
    ) -> None:  # fmt: skip
        """Write words; `anchor` is ``start``, ``middle`` or ``end``."""
        self.parts.append(
            f'<text class="{kind}"{_style(style)} x="{x:.1f}" y="{y:.1f}" '
            f'text-anchor="{anchor}">{escape(words)}</text>'
        )

    def across(self, axis: Axis, bottom: float, top: float, marks: Sequence[float],
               words: Callable[[float], str]) -> None:  # fmt: skip
        """Draw an axis along the bottom: grid lines up to `top`, and their values."""
        free = -math.inf
        for mark in marks:
            x = axis(mark)
            self.line((x, bottom, x, top), "grid")
            label = words(mark)
            half = 0.5 * CHARACTER * len(label)
            if x - half > free:
                self.text(x, bottom + 14.0, label)
                free = x + half + 4.0
        self.line((axis.start, bottom, axis.end, bottom), "axis")

    def upwards(self, axis: Axis, left: float, right: float, marks: Sequence[float],
                words: Callable[[float], str]) -> None:  # fmt: skip
        """Draw an axis along the left: grid lines to `right`, and their values."""
        for mark in marks:
            y = axis(mark)
            self.line((left, y, right, y), "grid")
            self.text(left - 6.0, y + 4.0, words(mark), anchor="end")

    def svg(self) -> str:
        """Return the drawing as text."""
        size = f'viewBox="0 0 {self.width:g} {self.height:g}"'
        label = escape(self.spoken)
        body = "".join(self.parts)
        return f'<svg class="drawing" {size} role="img" aria-label="{label}">{body}</svg>'


def pixels(axis: Axis, values: Floats) -> Floats:
    """Return the pixels of values, NaN outside of the axis."""
    return np.array(
        [axis(one) if math.isfinite(one) and axis.holds(one) else math.nan for one in values]
    )


def shade(place: float) -> str:
    """Return the style that colours something by its place from the first, 0, to the last, 1."""
    if place <= 0.5:
        return f"--c:color-mix(in oklab,var(--middle) {200.0 * place:.0f}%,var(--early))"
    return f"--c:color-mix(in oklab,var(--late) {200.0 * place - 100.0:.0f}%,var(--middle))"


def _style(style: str) -> str:
    return f' style="{style}"' if style else ""
