"""Import files into a lake: read, check, merge, write, all or nothing."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hedgerow.adapters.binance_dump import NotTaken, is_dump, read_dump
from hedgerow.adapters.bundle import is_bundle, read_bundle
from hedgerow.adapters.column_map import ColumnMap, load_map, ready_maps
from hedgerow.adapters.commit import Changed, Writer, locked, open_for_import
from hedgerow.adapters.files import SourceFile, find_files, read_table
from hedgerow.adapters.frames import empty
from hedgerow.adapters.lake import Lake
from hedgerow.adapters.manifest import Origin
from hedgerow.adapters.merge import Merged, Piece, merge
from hedgerow.adapters.options import ImportOptions
from hedgerow.adapters.sanity import Rows, checked
from hedgerow.adapters.series_key import SeriesKey
from hedgerow.adapters.tidy import read_tidy
from hedgerow.errors import ConfigError, MarketDataError

Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and how much there is."""

DEFAULTS: Final = ImportOptions()


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesImport:
    """What an import did to one series.

    Attributes
    ----------
    added
        Rows at times that were not held before.
    filled
        Rows held before in which an unknown value became known.
    unchanged
        Rows held before, offered again, that said nothing new.
    rows
        Rows held now.
    """

    key: SeriesKey
    added: int
    filled: int
    unchanged: int
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What an import did.

    Attributes
    ----------
    series
        By series, sorted.
    files
        Names of the files read.
    skipped
        Files found in folders and left out, with the reason.
    """

    series: tuple[SeriesImport, ...]
    files: tuple[str, ...]
    skipped: tuple[tuple[str, str], ...]

    @property
    def changed(self) -> bool:
        """Whether any row of the lake is new or fuller than before."""
        return any(entry.added or entry.filled for entry in self.series)


def import_files(
    paths: Iterable[str | Path],
    lake_path: str | Path,
    options: ImportOptions = DEFAULTS,
    *,
    progress: Progress | None = None,
) -> ImportReport:
    """Read files or folders of files into the lake at `lake_path`, made if it does not exist.

    Importing the same files twice changes nothing. Overlapping rows join if they agree. If
    anything is wrong the lake stays as it was, to the last byte.

    Raises
    ------
    ConfigError
        If a path, an option or a column map is wrong, or the lake cannot be written.
    MarketDataError
        If a file is damaged or a row impossible.
    DataConflict
        If rows disagree with what is held or with each other.
    """
    tell = progress or _silent
    folder = Path(lake_path)
    column_map = load_map(options.map) if options.map else None
    found = find_files([Path(path) for path in paths])
    with locked(folder):
        before = open_for_import(folder)
        gathered = _gather(found, column_map, options, tell)
        lake = Lake(folder) if before.series else None
        changed: dict[SeriesKey, Changed] = {}
        done: list[SeriesImport] = []
        for number, key in enumerate(sorted(gathered.pieces)):
            tell(f"merging {key}", number, len(gathered.pieces))
            pieces, held = gathered.pieces[key], before.series.get(key)
            rows_held = lake.frame(held) if lake and held else empty(key)
            merged = merge(key, rows_held, pieces)
            sources = {Path(piece.file).name for piece in pieces}
            changed[key] = (
                merged.frame,
                tuple(sorted(sources.union(held.sources if held else ()))),
            )
            done.append(_done(key, merged))
        tell(f"writing {folder.name}", len(done), len(done))
        Writer(folder).commit(before, changed, gathered.origins)
    return ImportReport(
        series=tuple(done),
        files=tuple(origin.file for origin in gathered.origins),
        skipped=tuple(gathered.skipped),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Gathered:
    """What the files of an import hold, read and checked."""

    pieces: dict[SeriesKey, list[Piece]]
    origins: list[Origin]
    skipped: list[tuple[str, str]]


def _gather(
    found: Sequence[SourceFile],
    column_map: ColumnMap | None,
    options: ImportOptions,
    tell: Progress,
) -> _Gathered:
    gathered = _Gathered(pieces=defaultdict(list), origins=[], skipped=[])
    for number, file in enumerate(found):
        tell(f"reading {file.name}", number, len(found))
        try:
            for rows in _read(file, column_map, options):
                if rows.frame.height:
                    gathered.pieces[rows.key].append(checked(rows))
        except NotTaken as reason:
            if not file.walked:
                raise
            gathered.skipped.append((file.name, str(reason)))
        else:
            gathered.origins.append(Origin(file=file.name, sha256=file.sha256))
        file.forget()
    if not gathered.pieces:
        raise MarketDataError(
            f"no row to import in {len(found)} file{'s' * (len(found) != 1)}"
            + "".join(f"; {reason}" for _, reason in gathered.skipped[:3])
        )
    return gathered


def _read(file: SourceFile, column_map: ColumnMap | None, options: ImportOptions) -> Iterator[Rows]:
    if not file.suffix:
        raise ConfigError(f"{file.path}: ends in none of .parquet, .csv, .csv.gz, .zip; rename it")
    if column_map is not None:
        return read_tidy(file, column_map, options)
    if is_dump(file):
        return read_dump(file, options)
    if file.suffix != ".zip":
        columns = read_table(file).columns
        if is_bundle(columns):
            return read_bundle(file, options)
        raise ConfigError(
            f"{file.path}: is not an aligned bundle (its columns are "
            f"{', '.join(columns)[:200]}); say what the columns mean with --map, a TOML file or a "
            f"ready map: {', '.join(ready_maps())}"
        )
    raise ConfigError(
        f"{file.path}: is not named like a public dump file (BTCUSDT-1h-2024-01.zip); rename it, "
        "or say what its columns mean with --map"
    )


def _done(key: SeriesKey, merged: Merged) -> SeriesImport:
    return SeriesImport(
        key=key,
        added=merged.added,
        filled=merged.filled,
        unchanged=merged.unchanged,
        rows=merged.frame.height,
    )


def _silent(_what: str, _done: int, _total: int) -> None:
    """Tell nobody."""


__all__: Sequence[str] = (
    "ImportOptions", "ImportReport", "Progress", "SeriesImport", "import_files",
)  # fmt: skip
