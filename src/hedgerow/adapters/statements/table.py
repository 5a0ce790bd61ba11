"""A statement's file as rows of named cells, wherever its header stands."""

import csv
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Final

from hedgerow.errors import ConfigError
from hedgerow.units import SECOND, nanoseconds

NOTHING: Final = frozenset({"", "-", "--"})
PREAMBLE: Final = 5  # lines that may stand above the header
_FORMS: Final = ("%Y-%m-%d %H:%M:%S", "%y-%m-%d %H:%M:%S", "%d %b %Y %H:%M:%S", "%Y-%m-%dT%H:%M:%S")
_ZERO: Final = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row; its cells by the header's names, and where it stands for messages."""

    place: str
    cells: Mapping[str, str]

    def text(self, *names: str) -> str:
        """Return the first of these columns that there is."""
        for name in names:
            if name in self.cells:
                return self.cells[name]
        raise ConfigError(
            f"{self.place}: has no column {names[0]!r}; export the statement again with all columns"
        )

    def amount(self, *names: str) -> Decimal:
        """Return a number; dashes and nothing are zero."""
        text = self.text(*names)
        if text in NOTHING:
            return _ZERO
        try:
            number = Decimal(text.replace(",", ""))
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite():
            raise ConfigError(f"{self.place}: {names[0]} = {text!r} is not a number")
        return number

    def time(self, *names: str, ahead: timedelta = timedelta(0)) -> int:
        """Return a time in UTC nanoseconds: a date and time, or an epoch in ms or s.

        A date without a zone is `ahead` of UTC.
        """
        text = self.text(*names)
        if text.isdigit():
            return int(text) * (SECOND // 1000 if len(text) > 11 else SECOND)
        stamp = _read_time(text)
        if stamp is None:
            raise ConfigError(
                f"{self.place}: {names[0]} = {text!r} is not a time; write it like "
                "2024-03-01 12:00:00"
            )
        if stamp.tzinfo is None:
            stamp = stamp.replace(tzinfo=UTC) - ahead
        return nanoseconds(stamp)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """All rows of a file, and what stood above its header."""

    path: Path
    header: frozenset[str]
    preamble: str
    rows: tuple[Row, ...]


def _read_time(text: str) -> datetime | None:
    for form in _FORMS:
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007 - the zone is the caller's
        except ValueError:
            continue
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def read_table(path: Path, known: Collection[frozenset[str]]) -> Table:
    """Return a file's rows; its header is the first line that holds one of the `known` sets.

    A file that begins with ``[`` or ``{`` is JSON: a list of objects, or one under ``result``,
    ``data``, ``logs`` or ``list``, as the venues' interfaces answer.
    """
    text = _text(path)
    if text.lstrip()[:1] in {"[", "{"}:
        return _from_json(path, text)
    lines = text.splitlines()
    for skipped in range(min(PREAMBLE, len(lines))):
        names = [_clean(cell) for cell in next(csv.reader([lines[skipped]]), [])]
        if any(columns <= set(names) for columns in known):
            return Table(
                path=path,
                header=frozenset(names),
                preamble="\n".join(lines[:skipped]),
                rows=_rows(path, names, lines[skipped + 1 :], skipped + 2),
            )
    shown = lines[0][:80] if lines else "nothing"
    raise ConfigError(
        f"{path}: is no statement that hedgerow knows (it begins with {shown!r}); give its columns "
        "with --map FILE, as the page on reconciling a statement shows"
    )


def _rows(path: Path, names: Sequence[str], lines: Sequence[str], first: int) -> tuple[Row, ...]:
    rows = []
    for number, cells in enumerate(csv.reader(lines), start=first):
        if not any(cell.strip() for cell in cells):
            continue
        filled = [_clean(cell) for cell in cells] + [""] * (len(names) - len(cells))
        place = f"{path}, line {number}"
        rows.append(Row(place=place, cells=dict(zip(names, filled, strict=False))))
    return tuple(rows)


def _from_json(path: Path, text: str) -> Table:
    try:
        found = json.loads(text, parse_float=str, parse_int=str)
    except ValueError as error:
        raise ConfigError(f"{path}: is not valid JSON ({error}); export it again") from error
    while isinstance(found, dict):
        inner = [found[key] for key in ("result", "data", "logs", "list") if key in found]
        found = inner[0] if inner else [found]
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise ConfigError(f"{path}: is JSON, but no list of rows; export it again")
    rows = tuple(
        Row(
            place=f"{path}, row {number}",
            cells={key: "" if value is None else str(value) for key, value in row.items()},
        )
        for number, row in enumerate(found, start=1)
    )
    header = frozenset(rows[0].cells) if rows else frozenset()
    return Table(path=path, header=header, preamble="", rows=rows)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: is not UTF-8 text; save the statement as CSV") from error
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}; check the path of the statement") from error


def _clean(cell: str) -> str:
    return cell.strip().strip("\ufeff").strip('"').strip()
