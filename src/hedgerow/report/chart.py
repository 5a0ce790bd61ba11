"""One chart: its lines, and what the page must know to draw them."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np

from hedgerow.report.downsample import bucket_length, kept_rows
from hedgerow.report.encoding import encoded_times, encoded_values
from hedgerow.report.wording import duration, number
from hedgerow.units import SECOND, Floats, Times


class Style(StrEnum):
    """How a line is drawn; two lines of one chart never differ by colour alone."""

    SOLID = "solid"
    DASHED = "dashed"
    EDGE = "edge"  # one edge of a shaded band
    AREA = "area"
    BARS = "bars"
    STAIRS = "stairs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Values over the chart's axis, shape ``(rows,)``, NaN where there is none.

    `role` names the colour: ``hedged``, ``unhedged``, ``goal``, ``danger`` or ``calm``.
    """

    label: str
    values: Floats
    role: str
    style: Style = Style.SOLID


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """An instant worth a vertical line."""

    time: int
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A chart over time, or over an amount where `times` is None.

    Attributes
    ----------
    name
        Unique on the page.
    unit, decimals
        Unit of the values and how exactly they are read off.
    step
        Length of a row, nanoseconds; 0 where rows are events.
    zero
        Whether the axis must show zero.
    ceiling
        Values above are not drawn; the caption says so. NaN draws all.
    amounts
        The axis of a histogram, the centres of its bins.
    """

    name: str
    title: str
    unit: str
    decimals: int
    lines: tuple[Line, ...]
    times: Times | None = None
    amounts: Floats | None = None
    step: int = 0
    zero: bool = False
    ceiling: float = float("nan")
    caption: str = ""
    marks: tuple[Mark, ...] = field(default=())

    def payload(self, buckets: int) -> dict[str, Any]:
        """Return what the page's script reads, with at most `buckets` buckets a line."""
        chart: dict[str, Any] = {
            "name": self.name,
            "title": self.title,
            "unit": self.unit,
            "decimals": self.decimals,
            "zero": self.zero,
            "marks": [{"time": mark.time // SECOND, "label": mark.label} for mark in self.marks],
        }
        if self.times is None:
            rows = np.arange(len(self.lines[0].values))
            chart["amounts"] = encoded_values(np.zeros(0) if self.amounts is None else self.amounts)
        else:
            rows = kept_rows(self._leading(), buckets)
            chart["times"] = encoded_times(self.times[rows])
        chart["lines"] = [
            {
                "label": line.label,
                "role": line.role,
                "style": line.style.value,
                "values": encoded_values(self._drawn(line)[rows], least_decimals=self.decimals),
            }
            for line in self.lines
        ]
        return chart

    def resolution(self, buckets: int) -> str:
        """Return, in words, how much of the data is drawn."""
        rows = len(self.lines[0].values)
        length = bucket_length(rows, buckets)
        if self.times is None:
            return ""
        if length == 1:
            return f"Every one of the {rows:,} values is drawn."
        every = duration(length * self.step) if self.step else f"{length} values"
        every = every.removeprefix("1 ")
        return (
            f"Drawn from {rows:,} values: of every {every} the lowest, the highest and the last "
            "value of each line, so no spike is left out."
        )

    def spoken(self) -> str:
        """Return what the chart shows, for those who cannot see it."""
        said = [self.title]
        for line in self.lines:
            values = line.values[np.isfinite(line.values)]
            if len(values) and line.style is not Style.EDGE:
                first, low, high, last = (
                    number(float(value), self.decimals)
                    for value in (values[0], values.min(), values.max(), values[-1])
                )
                said.append(
                    f"{line.label}: first {first}, lowest {low}, highest {high}, last {last} "
                    f"{self.unit}"
                )
        return ". ".join(said) + "."

    def _leading(self) -> list[Floats]:
        """Return the lines that choose the rows; the edges of a band follow its middle."""
        return [line.values for line in self.lines if line.style is not Style.EDGE]

    def _drawn(self, line: Line) -> Floats:
        if np.isnan(self.ceiling):
            return line.values
        return np.where(line.values > self.ceiling, np.nan, line.values)
