"""Write changed series into a lake, all or nothing.

New files get names of their own and are flushed to disk first; then the manifest is replaced in
one rename, which is the commit; then files that nothing lists any more are removed. Whatever
goes wrong before the rename (a full disk, Ctrl-C), the new files are taken away again and the
lake is byte for byte what it was.
"""

import contextlib
import errno
import hashlib
import io
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

import polars as pl

from hedgerow.adapters import frames, manifest
from hedgerow.adapters.manifest import HeldSeries, Manifest, Origin, Part
from hedgerow.adapters.series_key import SeriesKey
from hedgerow.errors import ConfigError

if sys.platform != "win32":
    import fcntl

Changed = tuple[pl.DataFrame, tuple[str, ...]]
"""All rows of a series, and the names of the files they came from."""

_OUR_FILE: Final = re.compile(r"[0-9a-f]{16}\.parquet")
_YEAR: Final = pl.from_epoch("time", time_unit="ns").dt.year()


def open_for_import(folder: Path) -> Manifest:
    """Return the manifest of the lake in `folder`, or an empty one where a lake may be made.

    Raises
    ------
    ConfigError
        If `folder` is a file, or holds something that is not a lake.
    """
    if not folder.exists() and not folder.is_symlink():
        return manifest.EMPTY
    if folder.is_dir() and not any(folder.iterdir()):
        return manifest.EMPTY
    if folder.is_dir() and not (folder / manifest.MANIFEST).exists():
        raise ConfigError(
            f"{folder} holds other files and is not a lake; "
            "give a new folder, an empty one, or a lake made before"
        )
    return manifest.load(folder)


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold a lake against other imports while this one lasts."""
    if sys.platform == "win32" or not folder.is_dir():  # there is no flock on Windows
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise ConfigError(
                f"{folder} is being written by another import; run this one when it has finished"
            ) from error
        yield
    finally:
        os.close(handle)


class Writer:
    """The files of one import, taken back unless it is committed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: list[Path] = []
        self._folders: list[Path] = []
        self._fresh_manifest = b""

    def commit(
        self,
        before: Manifest,
        changed: Mapping[SeriesKey, Changed],
        origins: Iterable[Origin],
    ) -> Manifest:
        """Replace `changed` series (rows and the names of their sources) and record `origins`.

        Raises
        ------
        ConfigError
            If the disk is full or the folder cannot be written; the lake is then as before.
        """
        try:
            series = dict(before.series)
            for key, (frame, sources) in changed.items():
                series[key] = self._write(key, frame, sources, before.series.get(key))
            imports = tuple(sorted({*before.imports, *origins}))
            after = Manifest(series=series, imports=imports)
            if after != before:
                self._check_unchanged(before)
                self._replace_manifest(manifest.encode(after))
                self._sweep(after)
        except OSError as error:
            self._take_back()
            raise ConfigError(_disk_trouble(self._folder, error)) from error
        except BaseException:
            self._take_back()
            raise
        return after

    def _write(
        self,
        key: SeriesKey,
        frame: pl.DataFrame,
        sources: tuple[str, ...],
        held: HeldSeries | None,
    ) -> HeldSeries:
        content = frames.content_hash(key, frame)
        if held is not None and held.content == content:
            parts = held.parts
        else:
            years = frame.with_columns(year=_YEAR).partition_by(
                "year", as_dict=True, include_key=False
            )
            parts = tuple(
                sorted(self._write_year(key, int(year), rows) for (year,), rows in years.items())
            )
        return HeldSeries(
            key=key,
            rows=frame.height,
            first=int(frame["time"][0]),
            last=int(frame["time"][-1]),
            content=content,
            sources=sources,
            parts=parts,
        )

    def _write_year(self, key: SeriesKey, year: int, rows: pl.DataFrame) -> Part:
        buffer = io.BytesIO()
        rows.write_parquet(buffer, compression="zstd", statistics=True)
        content = buffer.getvalue()
        sha256 = hashlib.sha256(content).hexdigest()
        path = f"{key.folder}/year={year}/{sha256[:16]}.parquet"
        place = self._folder / path
        if not (place.exists() and place.read_bytes() == content):
            self._make_folder(place.parent)
            self._put(place, content)
        return Part(path=path, year=year, rows=rows.height, sha256=sha256)

    def _check_unchanged(self, before: Manifest) -> None:
        """Refuse to overwrite what another import wrote since this one began."""
        place = self._folder / manifest.MANIFEST
        now = manifest.load(self._folder) if place.exists() else manifest.EMPTY
        if now != before:
            raise ConfigError(
                f"{self._folder} was changed by another import meanwhile; nothing was written by "
                "this one: run it again"
            )

    def _replace_manifest(self, content: bytes) -> None:
        self._make_folder(self._folder)
        self._fresh_manifest = content
        fresh = self._folder / f"{manifest.MANIFEST}.new"
        self._put(fresh, content)
        fresh.replace(self._folder / manifest.MANIFEST)
        self._files.clear()
        self._folders.clear()
        _flush_folder(self._folder)

    def _put(self, place: Path, content: bytes) -> None:
        self._files.append(place)
        with place.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())

    def _make_folder(self, folder: Path) -> None:
        if folder.is_dir():
            return
        self._make_folder(folder.parent)
        self._folders.append(folder)
        folder.mkdir()

    def _take_back(self) -> None:
        if self._is_committed():
            return
        for file in reversed(self._files):
            with contextlib.suppress(OSError):
                file.unlink()
        for folder in reversed(self._folders):
            with contextlib.suppress(OSError):
                folder.rmdir()

    def _is_committed(self) -> bool:
        """Whether Ctrl-C came after the rename: then the new files are the lake."""
        place = self._folder / manifest.MANIFEST
        fresh = self._fresh_manifest
        return bool(fresh) and place.exists() and place.read_bytes() == fresh

    def _sweep(self, after: Manifest) -> None:
        """Remove Parquet files of ours that nothing lists: replaced, or left by a crash."""
        listed = {part.path for held in after.series.values() for part in held.parts}
        for top in ("prices", "funding"):
            for file in sorted((self._folder / top).rglob("*.parquet")):
                ours = _OUR_FILE.fullmatch(file.name) is not None
                if ours and file.relative_to(self._folder).as_posix() not in listed:
                    with contextlib.suppress(OSError):
                        file.unlink()


def _flush_folder(folder: Path) -> None:
    with contextlib.suppress(OSError):  # not every system can flush a folder
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _disk_trouble(folder: Path, error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return (
            f"{folder}: no space left on the disk while writing the lake; "
            "nothing was changed: free some space and import again"
        )
    return (
        f"{folder}: the lake cannot be written ({error.strerror or error}); nothing was changed: "
        "check that the folder exists on a disk you may write to"
    )
