"""A line drawn with characters, for terminals."""

import math
from collections.abc import Sequence

BLANK = 0x2800
DOTS = ((0x40, 0x04, 0x02, 0x01), (0x80, 0x20, 0x10, 0x08))  # by column, from the bottom up
ROWS, COLUMNS = 4, 2  # dots in one braille character


def sparkline(
    values: Sequence[float], *, width: int, height: int, span: tuple[float, float]
) -> list[str]:
    """Return `values` as `height` lines of `width` braille characters, the top line first.

    Each column of dots covers its share of the values from the lowest to the highest, so no
    spike is lost. `span` is the lowest and the highest value of the axis.

    >>> sparkline([0.0, 1.0, 2.0, 3.0], width=2, height=1, span=(0.0, 3.0))
    ['⡠⠊']
    """
    cells = [[BLANK] * width for _ in range(height)]
    for column, low, high in _dots(values, columns=width * COLUMNS, rows=height * ROWS, span=span):
        for row in range(low, high + 1):
            cells[height - 1 - row // ROWS][column // COLUMNS] |= DOTS[column % COLUMNS][row % ROWS]
    return ["".join(map(chr, line)) for line in cells]


def plain_sparkline(
    values: Sequence[float], *, width: int, height: int, span: tuple[float, float]
) -> list[str]:
    """Return the same picture in ASCII, for terminals that know nothing else.

    >>> plain_sparkline([0.0, 1.0, 2.0], width=3, height=3, span=(0.0, 2.0))
    ['  *', ' * ', '*  ']
    """
    cells = [[" "] * width for _ in range(height)]
    for column, low, high in _dots(values, columns=width, rows=height, span=span):
        for row in range(low, high + 1):
            cells[height - 1 - row][column] = "*"
    return ["".join(line) for line in cells]


def _dots(
    values: Sequence[float], *, columns: int, rows: int, span: tuple[float, float]
) -> list[tuple[int, int, int]]:
    """Return the column, the lowest and the highest row of dots for each column drawn."""
    low, high = span
    scale = (rows - 1) / (high - low) if high > low else 0.0
    drawn: list[tuple[int, int, int]] = []
    for column in range(columns):
        first = column * len(values) // columns
        share = values[first : max(first + 1, (column + 1) * len(values) // columns)]
        there = [value for value in share if math.isfinite(value)]
        if there:
            bottom, top = (
                min(max(round((value - low) * scale), 0), rows - 1)
                for value in (min(there), max(there))
            )
            drawn.append((column, bottom, top))
    return drawn
