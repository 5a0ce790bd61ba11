"""Plain values as TOML text, the same values always as the same text."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Final

_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")


def toml(values: Mapping[str, object]) -> str:
    """Return `values` as TOML; a list of tables stands apart, None is left out.

    >>> print(toml({"book": {"numeraire": "USD", "holding": [{"asset": "BTC", "amount": 1.0}]}}))
    [book]
    numeraire = "USD"
    <BLANKLINE>
    [[book.holding]]
    asset = "BTC"
    amount = 1.0
    <BLANKLINE>
    """
    blocks: list[str] = []
    _table(values, (), "", blocks)
    return "\n".join(blocks)


def _table(
    values: Mapping[str, object], path: tuple[str, ...], heading: str, blocks: list[str]
) -> None:
    """Append the block of one table, then those of the tables in it."""
    plain = {k: v for k, v in values.items() if v is not None and not _is_table(v)}
    lines = [heading] if heading else []
    lines += [f"{_key(name)} = {_value(value)}" for name, value in plain.items()]
    if lines:
        blocks.append("\n".join(lines) + "\n")
    for name, value in values.items():
        inner = (*path, name)
        dotted = ".".join(map(_key, inner))
        if isinstance(value, Mapping):
            _table(value, inner, f"[{dotted}]", blocks)
        elif isinstance(value, list | tuple) and _is_table(value):
            for one in value:
                _table(one, inner, f"[[{dotted}]]", blocks)


def _is_table(value: object) -> bool:
    several = isinstance(value, list | tuple) and bool(value) and isinstance(value[0], Mapping)
    return isinstance(value, Mapping) or several


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _text(name)


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_value, value))}]"
    return repr(value)


def _text(value: str) -> str:
    """Return a basic string; TOML's escapes are JSON's, and DEL must be one."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
