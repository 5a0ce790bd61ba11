"""Files given to an import: found in folders, fingerprinted, unpacked, read as tables."""

import hashlib
import io
import lzma
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import polars as pl
from polars.exceptions import PanicException, PolarsError

from hedgerow.adapters import frames, manifest
from hedgerow.adapters.parquet_pages import check_pages
from hedgerow.errors import ConfigError, MarketDataError

SUFFIXES: Final = (".parquet", ".csv", ".csv.gz", ".zip")
CHECKSUM: Final = ".CHECKSUM"
LARGEST: Final = 2 * 1024**3  # bytes unpacked; a month of one-second bars is 0.4 GB

_DAMAGE: Final = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError, RuntimeError,
    NotImplementedError, OverflowError, MemoryError,
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class SourceFile:
    """One file to import.

    Attributes
    ----------
    path
        Where it lies; its folders may tell the market.
    walked
        Whether it was found in a folder rather than named by the person.
    """

    path: Path
    walked: bool

    @property
    def name(self) -> str:
        """The file's own name."""
        return self.path.name

    @property
    def suffix(self) -> str:
        """The known ending of the name, lower-case; empty if none."""
        lower = self.name.lower()
        return next((suffix for suffix in SUFFIXES if lower.endswith(suffix)), "")

    @property
    def stem(self) -> str:
        """The name without its known ending."""
        return self.name[: len(self.name) - len(self.suffix)]

    @cached_property
    def content(self) -> bytes:
        """The bytes of the file."""
        try:
            return self.path.read_bytes()
        except OSError as error:
            raise ConfigError(
                f"{self.path}: {error.strerror or error}; check the path and its permissions"
            ) from error

    def forget(self) -> None:
        """Let go of the bytes; they are read again if asked for again."""
        self.__dict__.pop("content", None)

    @property
    def sha256(self) -> str:
        """The fingerprint of the file."""
        return hashlib.sha256(self.content).hexdigest()


def find_files(paths: Iterable[Path]) -> list[SourceFile]:
    """Return the importable files at `paths`, folders walked, each once.

    Raises
    ------
    ConfigError
        If a path does not exist, is a lake itself, or nothing importable is found.
    """
    found: dict[Path, SourceFile] = {}
    for path in paths:
        if path.is_dir():
            for file in _walk(path):
                found.setdefault(file.resolve(), SourceFile(path=file, walked=True))
        elif not path.exists():
            raise ConfigError(f"{path} does not exist; check the path")
        elif not path.name.endswith(CHECKSUM):  # read with the zip it speaks of
            found[path.resolve()] = SourceFile(path=path, walked=False)
    if not found:
        raise ConfigError(
            f"nothing to import at {', '.join(str(path) for path in paths) or 'no path'}; "
            f"give files ending in {', '.join(SUFFIXES)}, or folders that hold some"
        )
    return list(found.values())


def verify_checksum(file: SourceFile) -> None:
    """Compare a file with the ``NAME.CHECKSUM`` beside it, if there is one.

    Raises
    ------
    MarketDataError
        If the checksum file is malformed or speaks of other bytes.
    """
    beside = file.path.with_name(file.name + CHECKSUM)
    if not beside.exists():
        return
    words = SourceFile(path=beside, walked=False).content.decode("ascii", "replace").split()
    if not words or len(words[0]) != hashlib.sha256().digest_size * 2:
        raise MarketDataError(
            f"{beside}: holds no sha256; fetch it again, or remove it to import without a check"
        )
    if words[0].lower() != file.sha256:
        raise MarketDataError(
            f"{file.path}: sha256 is {file.sha256[:16]}…, {beside.name} says {words[0][:16]}…; "
            "the download is damaged: fetch the file again"
        )


def unpack(file: SourceFile) -> bytes:
    """Return the bytes of the one CSV inside a zip.

    Raises
    ------
    MarketDataError
        If the zip is damaged, encrypted, too large, or holds not exactly one CSV.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(file.content)) as archive:
            members = [m for m in archive.infolist() if m.filename.lower().endswith(".csv")]
            if len(members) != 1:
                raise MarketDataError(
                    f"{file.path}: holds {len(members)} CSV files, not one; unpack it and import "
                    "the files, or fetch it again"
                )
            if members[0].file_size > LARGEST:
                raise MarketDataError(
                    f"{file.path}: unpacks to {members[0].file_size} bytes, more than {LARGEST}; "
                    "split it into months"
                )
            with archive.open(members[0]) as member:
                content = member.read(LARGEST + 1)
    except _DAMAGE as error:
        raise MarketDataError(
            f"{file.path}: not readable as a zip, cut off or damaged ({error}); fetch it again"
        ) from error
    if len(content) > LARGEST:
        raise MarketDataError(f"{file.path}: unpacks to more than {LARGEST} bytes; split it")
    return content


def read_csv(
    content: bytes, name: str, *, header: bool, separator: str = ",", skip: int = 0
) -> pl.DataFrame:
    """Return a CSV as a table of texts; without `header` columns are column_1, column_2 and on.

    Raises
    ------
    MarketDataError
        If it is not text or its rows are of different length.
    """
    try:
        return pl.read_csv(
            io.BytesIO(content),
            has_header=header,
            separator=separator,
            skip_lines=skip,
            infer_schema=False,
        )
    except (PolarsError, PanicException, OSError, ValueError, OverflowError) as error:
        reason = str(error).strip().split("\n", maxsplit=1)[0][:160]
        raise MarketDataError(
            f"{name}: not readable as CSV ({reason}); check that it is text, with the same "
            "number of fields in every row, or fetch it again"
        ) from error


def read_table(file: SourceFile, *, separator: str = ",", skip: int = 0) -> pl.DataFrame:
    """Return the table a Parquet file, a CSV (gzip or not) or a zipped CSV with header holds."""
    if file.suffix == ".parquet":
        check_pages(file.content, str(file.path))
        return frames.read_parquet(file.content, str(file.path))
    content = unpack(file) if file.suffix == ".zip" else file.content
    return read_csv(content, str(file.path), header=True, separator=separator, skip=skip)


def _walk(folder: Path) -> Iterator[Path]:
    if (folder / manifest.MANIFEST).exists() and (
        (folder / "prices").is_dir() or (folder / "funding").is_dir()
    ):
        raise ConfigError(
            f"{folder} is a lake itself; give the files that were imported into it instead"
        )
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        raise ConfigError(f"{folder}: {error.strerror or error}; check permissions") from error
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            yield from _walk(entry)
        elif entry.name.lower().endswith(SUFFIXES):
            yield entry
