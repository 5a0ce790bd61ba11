"""Rows of option quotes in a CSV too large for memory, block after block."""

import gzip
import io
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final, cast

import polars as pl
from polars.exceptions import PanicException, PolarsError

from hedgerow.errors import ConfigError, MarketDataError

BLOCK: Final = 64 * 1024**2  # bytes of text read at once; a file below this size is read as a whole
ROW: Final = "row of the file"
LINE: Final = 1024**2  # bytes of the longest line of names
_DAMAGE: Final = (PolarsError, PanicException, zlib.error, EOFError, OSError, ValueError)


def is_large(path: Path) -> bool:
    """Return whether a file is a CSV, gzip or not, that is better read in blocks."""
    if not path.name.lower().endswith((".csv", ".csv.gz")):
        return False
    try:
        return path.stat().st_size > BLOCK
    except OSError as error:
        raise ConfigError(
            f"{path}: {error.strerror or error}; check the path and its permissions"
        ) from error


def header(path: Path, separator: str) -> list[str]:
    """Return the names of a CSV's columns."""
    with _opened(path) as file:
        try:
            line = file.readline(LINE)
            return pl.read_csv(
                io.BytesIO(line),
                separator=separator,
                infer_schema=False,
                truncate_ragged_lines=True,
            ).columns
        except _DAMAGE as error:
            raise _damaged(path, error) from error


def blocks(path: Path, separator: str, columns: list[str]) -> Iterator[pl.DataFrame]:
    """Yield some columns of a CSV as texts, with each row's number in the file as `ROW`.

    Raises
    ------
    MarketDataError
        If it is damaged or no CSV.
    """
    wanted = list(dict.fromkeys(columns))
    rows = 0
    with _opened(path) as file:
        try:
            first = file.readline(LINE)
            rest = b""
            while block := file.read(BLOCK):
                whole, newline, begun = (rest + block).rpartition(b"\n")
                rest = begun if newline else rest + block
                if newline:
                    yield (table := _parsed(first, whole, separator, wanted, rows))
                    rows += table.height
            if rest.strip():
                yield _parsed(first, rest, separator, wanted, rows)
        except _DAMAGE as error:
            raise _damaged(path, error) from error


def _parsed(
    first: bytes, lines: bytes, separator: str, columns: list[str], rows: int
) -> pl.DataFrame:
    table = pl.read_csv(
        io.BytesIO(first + lines), separator=separator, infer_schema=False, columns=columns
    )
    return table.with_row_index(ROW, rows + 1)


def _opened(path: Path) -> IO[bytes]:
    try:
        if path.name.lower().endswith(".gz"):
            return cast("IO[bytes]", gzip.open(path, "rb"))
        return path.open("rb")
    except OSError as error:
        raise ConfigError(
            f"{path}: {error.strerror or error}; check the path and its permissions"
        ) from error


def _damaged(path: Path, error: BaseException) -> MarketDataError:
    reason = str(error).strip().split("\n", maxsplit=1)[0][:160]
    return MarketDataError(
        f"{path}: not readable as CSV, cut off or damaged ({reason}); check that it is text with "
        "the same number of fields in every row, or fetch it again"
    )
