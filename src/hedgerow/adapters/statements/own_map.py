"""A statement of any other shape, by a map of its columns.

The map is TOML::

    venue = "gate"
    ahead_hours = 8          # of UTC, where times have no zone
    columns = { time = "Time", amount = "Change", currency = "Coin", type = "Type" }
    flows = { pnl = "realised", fund = "funding", fee = "fee", dnw = "transfer" }

``columns`` may name a ``symbol`` too, and ``ahead_hours`` may be left out. A type that `flows`
does not name is ``"other"``.
"""

import tomllib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from hedgerow.adapters.statements.formats import Format
from hedgerow.adapters.statements.line import Flow, Line
from hedgerow.adapters.statements.table import Table
from hedgerow.errors import ConfigError, UnknownName

_KEYS: Final = ("venue", "columns", "flows", "ahead_hours")
_NEEDED: Final = ("time", "amount", "currency", "type")
_COLUMNS: Final = (*_NEEDED, "symbol")


def own_format(path: Path) -> Format:
    """Return the format that a map describes.

    Raises
    ------
    ConfigError
        Naming the file, the key and the mend.
    """
    document = _document(path)
    columns, flows = _columns(path, document), _flows(path, document)
    hours = document.get("ahead_hours", 0)
    if isinstance(hours, bool) or not isinstance(hours, int | float) or abs(hours) > 14:
        raise ConfigError(f"{path}: ahead_hours = {hours!r} must be a number from -14 to 14")

    def read(table: Table) -> Iterator[Line]:
        for row in table.rows:
            yield Line(
                time=row.time(columns["time"], ahead=timedelta(hours=hours)),
                flow=flows.get(row.text(columns["type"]), Flow.OTHER),
                amount=row.amount(columns["amount"]),
                currency=row.text(columns["currency"]),
                symbol=row.text(columns["symbol"]) if "symbol" in columns else "",
                source=row.place,
            )

    return Format(
        venue=str(document.get("venue", "")),
        kind=f"columns of {path.name}",
        columns=frozenset(columns.values()),
        read=read,
    )


def _document(path: Path) -> dict[str, Any]:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not valid TOML ({error}); correct the line") from error
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}; check the path of the map") from error
    for key in document:
        if key not in _KEYS:
            raise UnknownName("key", key, _KEYS, where=str(path))
    return document


def _columns(path: Path, document: dict[str, Any]) -> dict[str, str]:
    columns = _texts(path, document, "columns")
    for key in columns:
        if key not in _COLUMNS:
            raise UnknownName("column", key, _COLUMNS, where=f"{path}, columns")
    for key in _NEEDED:
        if key not in columns:
            raise ConfigError(f'{path}, columns: {key} is missing; write {key} = "..."')
    return columns


def _flows(path: Path, document: dict[str, Any]) -> dict[str, Flow]:
    known = {str(flow): flow for flow in Flow}
    flows = _texts(path, document, "flows")
    for name, flow in flows.items():
        if flow not in known:
            raise UnknownName("flow", flow, tuple(known), where=f"{path}, flows, {name}")
    return {name: known[flow] for name, flow in flows.items()}


def _texts(path: Path, document: dict[str, Any], key: str) -> dict[str, str]:
    found = document.get(key)
    if not isinstance(found, dict) or not found:
        raise ConfigError(f'{path}: {key} is missing; write {key} = {{ ... = "..." }}')
    for name, text in found.items():
        if not isinstance(text, str):
            raise ConfigError(f"{path}, {key}: {name} = {text!r} must be a text")
    return found
