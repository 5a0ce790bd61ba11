"""Pulled rows into a lake: each batch by itself, all or nothing, whatever else is written there."""

from pathlib import Path

from hedgerow.adapters.commit import Writer, locked, open_for_import
from hedgerow.adapters.frames import empty
from hedgerow.adapters.lake import Lake
from hedgerow.adapters.merge import Merged, Piece, merge
from hedgerow.adapters.series_key import SeriesKey
from hedgerow.units import Times


def held_times(folder: Path, key: SeriesKey) -> Times:
    """Return the times of the rows that the lake holds of a series."""
    before = open_for_import(folder)
    held = before.series.get(key)
    frame = empty(key) if held is None else Lake(folder).frame(held)
    times: Times = frame["time"].to_numpy()
    return times


def store(folder: Path, key: SeriesKey, pieces: list[Piece]) -> Merged | None:
    """Merge the rows into the lake, made if it is new; None where there are none.

    Raises
    ------
    DataConflict
        If a row disagrees with the one held; the lake is then as it was.
    ConfigError
        If the folder cannot be written.
    """
    full = [piece for piece in pieces if piece.frame.height]
    if not full:
        return None
    with locked(folder):
        before = open_for_import(folder)
        held = before.series.get(key)
        frame = empty(key) if held is None else Lake(folder).frame(held)
        merged = merge(key, frame, full)
        names = {piece.file for piece in full}.union(held.sources if held else ())
        Writer(folder).commit(before, {key: (merged.frame, tuple(sorted(names)))}, ())
    return merged
