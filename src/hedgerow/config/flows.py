"""A CSV file of balances or transactions as changes of a holding.

Columns: ``time`` and either ``amount`` (transactions, received > 0) or ``balance`` (what is held
from then on); optionally ``asset``, which chooses the rows, and ``note``, which is not read.
Times are ISO 8601, UTC unless they name a zone; a day is its midnight.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Final

from hedgerow.config.moments import FIRST_YEAR, LAST_YEAR, read_instant
from hedgerow.errors import ConfigError, UnknownName
from hedgerow.exposure.book import Flow, Holding

COLUMNS: Final = ("time", "amount", "balance", "asset", "note")
LARGEST: Final = Decimal("1e18")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """A checked line: its number, its time, and the amount or the balance."""

    line: int
    time: datetime
    value: Decimal


def holding_from(text: str, name: str, start: Holding, opening: datetime) -> Holding:
    """Return the holding at `opening` with the flows after it, from a table of either kind.

    Parameters
    ----------
    text, name
        The CSV file's contents, and what to call it.
    start
        The asset, and what was held before the first transaction.
    opening
        The first instant of the run; flows up to it count into its amount.

    Raises
    ------
    ConfigError
        If the table is not one, goes back in time, or ever holds less than nothing.
    """
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [cell.strip() for cell in next(lines, [])]
        kind = _kind(header, name)
        numbered = ((lines.line_num, cells) for cells in lines)
        rows = list(_rows(numbered, header, kind, name, start.asset))
    except csv.Error as error:
        raise ConfigError(f"{name}: line {lines.line_num}: not a CSV file ({error})") from error
    _check_order(rows, name)
    if kind == "balance":
        if start.amount:
            raise ConfigError(
                f"{name}: has balances, which say what is held at every time, so amount = "
                f"{start.amount:g} of {start.asset} contradicts them; remove amount from the config"
            )
        rows = _changes(rows, name, opening)
    return _folded(rows, name, start, opening)


def _kind(header: list[str], name: str) -> str:
    """Return ``amount`` or ``balance``, whichever the header has."""
    if len(header) == 1 and (";" in header[0] or "\t" in header[0]):
        raise ConfigError(f"{name}: line 1: columns must be separated by commas")
    for column in header:
        if column not in COLUMNS:
            raise UnknownName("column", column[:60], COLUMNS, where=f"{name}: line 1")
        if header.count(column) > 1:
            raise ConfigError(f"{name}: line 1: column {column!r} is there twice; remove one")
    kinds = [kind for kind in ("amount", "balance") if kind in header]
    if "time" not in header or len(kinds) != 1:
        raise ConfigError(
            f"{name}: line 1: the header is {','.join(header) or 'empty'!r}; write time,amount "
            "for transactions or time,balance for balances"
        )
    return kinds[0]


def _rows(
    lines: Iterator[tuple[int, list[str]]], header: list[str], kind: str, name: str, asset: str
) -> Iterator[_Row]:
    others: list[str] = []
    found = False
    for number, cells in lines:
        if not any(cell.strip() for cell in cells):
            continue
        where = f"{name}: line {number}"
        if len(cells) != len(header):
            raise ConfigError(
                f"{where}: has {len(cells)} cells, the header {len(header)}; a number is written "
                "1000.5, without commas"
            )
        row = {column: cell.strip() for column, cell in zip(header, cells, strict=True)}
        if row.get("asset", asset) != asset:
            others.append(row["asset"])
            continue
        found = True
        yield _Row(line=number, time=_time(row["time"], where), value=_value(row, kind, where))
    if not found:
        said = ", ".join(dict.fromkeys(others[:1000])) or "no rows"
        raise ConfigError(f"{name}: nothing about {asset} in it, but {said[:200]}")


def _time(cell: str, where: str) -> datetime:
    try:
        return read_instant(cell)
    except (ValueError, OverflowError) as error:
        raise ConfigError(
            f"{where}: time = {cell[:60]!r}: write a day or an instant of {FIRST_YEAR + 1} to "
            f"{LAST_YEAR} such as 2022-03-01 or 2022-03-01T12:00:00Z (UTC unless it names a zone)"
        ) from error


def _value(row: dict[str, str], kind: str, where: str) -> Decimal:
    cell = row[kind]
    try:
        value = Decimal(cell)
    except InvalidOperation:
        value = Decimal("nan")
    if not value.is_finite() or abs(value) > LARGEST:
        raise ConfigError(f"{where}: {kind} = {cell[:60]!r}: write a number such as -12.5")
    if kind == "balance" and value < 0:
        raise ConfigError(
            f"{where}: balance = {cell[:60]}: a balance is never below 0; for changes, call the "
            "column amount"
        )
    return value


def _check_order(rows: list[_Row], name: str) -> None:
    for before, after in pairwise(rows):
        if after.time == before.time:
            raise ConfigError(
                f"{name}: line {after.line}: time = {after.time.isoformat()} was on line "
                f"{before.line} already; join the two lines, or give each its own time"
            )
        if after.time < before.time:
            raise ConfigError(
                f"{name}: line {after.line}: time = {after.time.isoformat()} is before that of "
                f"line {before.line}; sort the lines by time, the oldest first"
            )


def _changes(rows: list[_Row], name: str, opening: datetime) -> list[_Row]:
    """Return balances as changes; what was held before the first one is not known."""
    if rows[0].time > opening:
        raise ConfigError(
            f"{name}: line {rows[0].line}: the first balance is of {rows[0].time.isoformat()}, "
            f"after the run starts on {opening.date()}; add a line for that day or before it, such "
            f"as {opening.date()},0"
        )
    held = Decimal(0)
    changes = []
    for row in rows:
        changes.append(_Row(line=row.line, time=row.time, value=row.value - held))
        held = row.value
    return changes


def _folded(rows: list[_Row], name: str, start: Holding, opening: datetime) -> Holding:
    """Return the amount at `opening` and the flows after it; exact until the last step."""
    held = at_opening = Decimal(repr(start.amount))
    later = []
    for row in rows:
        held += row.value
        if held < 0:
            raise ConfigError(
                f"{name}: line {row.line}: after amount = {row.value:f} there would be {held:f} "
                f"{start.asset}; a holding is never below 0, so correct the line or raise amount "
                "in the config"
            )
        if row.time <= opening:
            at_opening = held
        elif row.value:
            later.append(Flow(time=row.time, amount=float(row.value)))
    return Holding(start.asset, float(at_opening), flows=tuple(later))
