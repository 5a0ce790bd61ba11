"""A book as columns: one set of arrays for each kind, sorted for one kernel call and one sum."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np

from hedgerow.exposure.line import Kind, Line
from hedgerow.kernels.book_arrays import WIDTH, Segments
from hedgerow.units import Floats, Integers, Times

NUMBERS: Final = (
    "size",
    "inverse",
    "paid",
    "entry",
    "strike",
    "sign",
    "period",
    "low",
    "high",
    "power",
    "rate",
)
"""The fields of a `Line` that are columns of numbers."""

_PLACES: Final = {name: place for place, name in enumerate(NUMBERS)}


class Problem(NamedTuple):
    """A position that could not be counted.

    Attributes
    ----------
    row
        Its place in the book.
    position
        Its name.
    reason
        What is wrong with it.
    """

    row: int
    position: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Group:
    """The positions of one kind, sorted by underlying, expiry and settlement.

    A segment is a stretch of rows in which these three are one.

    Attributes
    ----------
    kind
        Of all of them.
    rows
        Where each stands in the book, ``(rows,)``.
    numbers
        `NUMBERS` of each, ``(11, rows)``.
    starts, counts
        The first row of each segment and how many it has, ``(segments,)``.
    underlying
        Of each segment, its place among the book's, ``(segments,)``.
    expiry
        Of each segment, ``(segments,)``.
    cell
        To which cell of the book each segment belongs, ``(segments,)``.
    markets, market
        Names under which the market is asked, and which of them each row's is, ``(rows,)``.
    segments
        Starts, counts, underlyings, cells and expiries, as kernels take them.
    codes, expiries
        Underlying and expiry of each row, ``(rows,)``.
    filled
        Of options, `numbers` with the last row eight times more, ``(11, rows + 8)``.
    """

    kind: Kind
    rows: Integers
    numbers: Floats
    starts: Integers
    counts: Integers
    underlying: Integers
    expiry: Times
    cell: Integers
    markets: tuple[str, ...]
    market: Integers
    segments: Segments = field(init=False, repr=False)
    codes: Integers = field(init=False, repr=False)
    expiries: Times = field(init=False, repr=False)
    filled: Floats = field(init=False, repr=False)

    def __post_init__(self) -> None:
        segments = Segments(self.starts, self.counts, self.underlying, self.cell, self.expiry)
        object.__setattr__(self, "segments", segments)
        object.__setattr__(self, "codes", np.repeat(self.underlying, self.counts))
        object.__setattr__(self, "expiries", np.repeat(self.expiry, self.counts))
        spare = WIDTH if self.kind is Kind.OPTION else 0
        filled = np.pad(self.numbers, ((0, 0), (0, spare)), mode="edge")
        object.__setattr__(self, "filled", filled)
        object.__setattr__(self, "numbers", filled[:, : self.rows.size])

    def __getitem__(self, name: str) -> Floats:
        """Return a column of numbers by its field's name, ``(rows,)``."""
        column: Floats = self.numbers[_PLACES[name]]
        return column

    def along(self, of_segments: Floats) -> Floats:
        """Return numbers of segments, ``(..., segments)``, as those of their rows."""
        found: Floats = np.repeat(of_segments, self.counts, axis=-1)
        return found


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Columns:
    """All lines of a book.

    Attributes
    ----------
    names
        Of each line.
    underlyings
        Every coin and money that something moves with, in alphabetical order.
    groups
        One for each kind that occurs.
    cells, cell_expiry
        Underlying (its place) and expiry of each pair that occurs, sorted, ``(cells,)``.
    problems
        Lines that were left out when the book was read.
    """

    names: Sequence[str]
    underlyings: tuple[str, ...]
    groups: tuple[Group, ...]
    cells: Integers
    cell_expiry: Times
    problems: tuple[Problem, ...] = field(default=())

    @property
    def size(self) -> int:
        """How many lines there are."""
        return len(self.names)


class Table(NamedTuple):
    """Lines as columns, in the book's order; rows left out have a kind of -1."""

    names: Sequence[str]
    kind: Integers
    underlying: Sequence[str]
    market: Sequence[str]
    expiry: Times
    numbers: Floats


def columns_of(lines: Sequence[Line]) -> Columns:
    """Return lines as columns."""
    table = Table(
        names=[line.name for line in lines],
        kind=np.array([line.kind for line in lines], dtype=np.int64),
        underlying=[line.underlying for line in lines],
        market=[line.market for line in lines],
        expiry=np.array([line.expiry for line in lines], dtype=np.int64),
        numbers=np.array(
            [[getattr(line, name) for line in lines] for name in NUMBERS], dtype=np.float64
        ).reshape(len(NUMBERS), len(lines)),
    )
    return arranged(table)


def arranged(table: Table, problems: tuple[Problem, ...] = ()) -> Columns:
    """Return a table's lines sorted into groups."""
    kept = np.flatnonzero(table.kind >= 0)
    names, codes = np.unique(np.array(table.underlying, dtype=np.str_)[kept], return_inverse=True)
    underlying = np.zeros(table.kind.size, dtype=np.int64)
    underlying[kept] = codes.ravel()
    pairs = np.stack([underlying[kept], table.expiry[kept]])
    cells, places = np.unique(pairs, axis=1, return_inverse=True)
    cell = np.zeros(table.kind.size, dtype=np.int64)
    cell[kept] = places.ravel()
    groups = [
        _group(table, Kind(int(kind)), underlying, cell) for kind in np.unique(table.kind[kept])
    ]
    return Columns(
        names=table.names,
        underlyings=tuple(names.tolist()),
        groups=tuple(groups),
        cells=cells[0],
        cell_expiry=cells[1],
        problems=problems,
    )


def _group(table: Table, kind: Kind, underlying: Integers, cell: Integers) -> Group:
    rows = np.flatnonzero(table.kind == kind)
    inverse = table.numbers[NUMBERS.index("inverse")]
    rows = rows[np.lexsort((inverse[rows], cell[rows]))]  # cells are sorted already
    here, settles = cell[rows], inverse[rows]
    new = np.flatnonzero((np.diff(here) != 0) | (np.diff(settles) != 0)) + 1
    starts = np.concatenate(([0], new)).astype(np.int64)
    markets, market = np.unique(
        np.array([table.market[row] for row in rows.tolist()], dtype=np.str_), return_inverse=True
    )
    return Group(
        kind=kind,
        rows=rows.astype(np.int64),
        numbers=np.ascontiguousarray(table.numbers[:, rows]),
        starts=starts,
        counts=np.diff(np.append(starts, rows.size)),
        underlying=underlying[rows][starts],
        expiry=table.expiry[rows][starts],
        cell=here[starts],
        markets=tuple(markets.tolist()),
        market=market.ravel().astype(np.int64),
    )
