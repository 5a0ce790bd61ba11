"""Reading a result back from its JSON file, checked for all that a comparison needs."""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from hedgerow.errors import ConfigError
from hedgerow.report.figures import FIGURES
from hedgerow.report.result import SCHEMA, Json

# A horizon below the bar is left out of a result; events came after the first results were written.
_OPTIONAL: Final = ("effectiveness.", "margin.liquidation_events", "margin.deleveragings")
_NULLABLE: Final = ("effectiveness.", "margin.min_headroom", "hedged.", "unhedged.")
_TEXTS: Final[dict[str, type]] = {
    "world": str,
    "simulated": bool,
    "numeraire": str,
    "start": str,
    "end": str,
    "bars": int,
    "legs": list,
    "provenance.version": str,
    "provenance.config_hash": str,
    "provenance.data_hash": str,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """One result and the name it goes by."""

    name: str
    values: dict[str, Json]


def load(path: Path) -> Loaded:
    """Return the result in the JSON file at `path`.

    Raises
    ------
    ConfigError
        If there is no such file, it is no JSON, or no result of this schema.
    """
    mend = "give a file that `hedgerow backtest CONFIG --json FILE` wrote"
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ConfigError(f"{path}: no such file; {mend}") from error
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror}); {mend}") from error
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{path}: not JSON ({error}); {mend}") from error
    if not isinstance(values, dict):
        raise ConfigError(f"{path}: holds {_kind(values)}, not a result; {mend}")
    schema = values.get("schema")
    if schema != SCHEMA:
        raise ConfigError(
            f"{path}: schema is {schema!r}, this version reads {SCHEMA!r}; run it again"
        )
    _check(path, values)
    return Loaded(name=path.stem, values=values)


def lookup(values: Json, key: str) -> Json:
    """Return what stands at the dotted `key`; a list counts its items.

    Raises
    ------
    KeyError
        If nothing stands there.
    """
    for part in key.split("."):
        if not isinstance(values, dict):
            raise KeyError(key)
        values = values[part]
    return len(values) if isinstance(values, list) else values


def _check(path: Path, values: dict[str, Json]) -> None:
    """Raise unless every key that a comparison reads is there with the right kind of value."""
    for figure in FIGURES:
        try:
            value = lookup(values, figure.key)
        except KeyError as error:
            if figure.key.startswith(_OPTIONAL):
                continue
            raise ConfigError(
                f"{path}: key {figure.key!r} is missing; run it again with this version"
            ) from error
        empty = value is None and figure.key.startswith(_NULLABLE)
        if not empty and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise ConfigError(
                f"{path}: {figure.key!r} is {_kind(value)}, not a number; run it again"
            )
    for key, kind in _TEXTS.items():
        try:
            value = values[key] if key == "legs" else lookup(values, key)
        except KeyError as error:
            raise ConfigError(
                f"{path}: key {key!r} is missing; run it again with this version"
            ) from error
        if not isinstance(value, kind):
            raise ConfigError(f"{path}: {key!r} is {_kind(value)}; run it again")
    for key in ("start", "end"):
        try:
            datetime.fromisoformat(str(values[key]))
        except ValueError as error:
            raise ConfigError(
                f"{path}: {key!r} is {values[key]!r}, no time; run it again"
            ) from error


def _kind(value: object) -> str:
    names = {dict: "an object", list: "a list", str: "a text", bool: "true or false"}
    return "null" if value is None else names.get(type(value), "a number")
