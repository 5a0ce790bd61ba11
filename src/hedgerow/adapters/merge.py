"""Rows of several files become one series: equal rows join, disagreeing rows are refused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from hedgerow.adapters.frames import empty, value_columns
from hedgerow.adapters.series_key import SeriesKey
from hedgerow.errors import DataConflict, MarketDataError
from hedgerow.units import iso

SHOWN: Final = 5
HELD: Final = "the lake"


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Clean rows of one series from one file, ``time`` ascending and unique."""

    key: SeriesKey
    file: str
    frame: pl.DataFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """A series after an import, and how many rows of the files were new to it.

    Attributes
    ----------
    added
        Rows at times that were not held before.
    filled
        Rows held before in which an unknown value became known.
    unchanged
        Rows held before, offered again, that say nothing new.
    """

    frame: pl.DataFrame
    added: int
    filled: int
    unchanged: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """Two numbers for one value."""

    key: SeriesKey
    time: int
    column: str
    held: float
    held_in: str
    new: float
    new_in: str

    def __str__(self) -> str:
        return (
            f"{self.key} at {iso(self.time)}, {self.column}: {self.held!r} in {self.held_in}, "
            f"{self.new!r} in {self.new_in}"
        )


def merge(key: SeriesKey, held: pl.DataFrame, pieces: Sequence[Piece]) -> Merged:
    """Return `held` with the rows of `pieces`.

    An unknown value is filled by a known one; two known ones must be equal to the last bit.

    Raises
    ------
    DataConflict
        If two sources give different numbers for the same time and column.
    MarketDataError
        If the bars of the sources open at different instants of the step.
    """
    _check_phase(key, held, pieces)
    names = [HELD, *(piece.file for piece in pieces)]
    parts = [empty(key), held, *(piece.frame for piece in pieces)]
    stacked = pl.concat(
        [part.with_columns(origin=pl.lit(i - 1, pl.Int32)) for i, part in enumerate(parts)]
    )
    columns = value_columns(key)
    if stacked["time"].is_unique().all():
        frame = stacked.drop("origin").sort("time")
    else:
        _refuse_conflicts(key, stacked, names)
        first = [pl.col(name).drop_nulls().first() for name in columns]
        frame = stacked.sort("time", "origin").group_by("time", maintain_order=True).agg(first)
    offered = pl.concat([piece.frame.select("time") for piece in pieces]).unique()
    again = held.join(offered, on="time", how="semi")
    became = frame.join(again.select("time"), on="time", how="semi").sort("time")
    known_before = again.sort("time").select(_known(columns)).to_series()
    known_after = became.select(_known(columns)).to_series()
    filled = int((known_before != known_after).sum())
    return Merged(
        frame=frame,
        added=frame.height - held.height,
        filled=filled,
        unchanged=again.height - filled,
    )


def _known(columns: Sequence[str]) -> pl.Expr:
    return pl.sum_horizontal(pl.col(name).is_not_null() for name in columns)


def _check_phase(key: SeriesKey, held: pl.DataFrame, pieces: Sequence[Piece]) -> None:
    if key.is_funding:
        return
    phases: Mapping[str, pl.DataFrame] = {HELD: held} | {p.file: p.frame for p in pieces}
    known = {
        name: int(frame["time"][0]) % key.step for name, frame in phases.items() if frame.height
    }
    (first, phase), *others = known.items()
    for name, other in others:
        if other != phase:
            raise MarketDataError(
                f"{name}: bars of {key} open {other // 10**9} s into the step, those of {first} "
                f"{phase // 10**9} s; check the time zone and whether bars are stamped by open "
                "or close. Nothing was written"
            )


def _refuse_conflicts(key: SeriesKey, stacked: pl.DataFrame, names: Sequence[str]) -> None:
    conflicts: list[Conflict] = []
    count = 0
    for column in value_columns(key):
        known = stacked.filter(pl.col(column).is_not_null())
        differing = known.filter(pl.col(column).n_unique().over("time") > 1)
        count += differing["time"].n_unique()
        for time in differing["time"].unique().sort().head(SHOWN):
            rows = differing.filter(pl.col("time") == time).sort("origin")
            other = rows.filter(pl.col(column) != rows[column][0])
            conflicts.append(
                Conflict(
                    key=key,
                    time=time,
                    column=column,
                    held=rows[column][0],
                    held_in=names[rows["origin"][0]],
                    new=other[column][0],
                    new_in=names[other["origin"][0]],
                )
            )
    if conflicts:
        conflicts.sort(key=lambda conflict: (conflict.time, conflict.column))
        shown = "; ".join(str(conflict) for conflict in conflicts[:SHOWN])
        more = f"; and {count - SHOWN} more" if count > SHOWN else ""
        raise DataConflict(
            f"{count} value{'s' * (count > 1)} disagree{'s' * (count == 1)}: {shown}{more}. "
            "Nothing was written; find out which source is right, mend or leave out the other, "
            "or import it into a lake of its own"
        )
