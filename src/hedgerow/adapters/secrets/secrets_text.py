"""The text of a file of secrets: TOML or lines of ``NAME=value``."""

import re
import tomllib
from typing import Final

from hedgerow.errors import ConfigError
from hedgerow.execution.secret import Secret

_LINE: Final = re.compile(r"(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)")


def parse_secrets(text: str, name: str) -> dict[str, Secret]:
    """Return the secrets of a file called `name`.

    Raises
    ------
    ConfigError
        If it is neither TOML of names and texts nor lines of ``NAME=value``; the message has the
        line, and nothing that stands on it.

    Examples
    --------
    >>> parse_secrets('KEY = "abc"', "x"), parse_secrets("export KEY=abc", "x")["KEY"].reveal()
    ({'KEY': ***}, 'abc')
    """
    try:
        values = tomllib.loads(text)
    except (ValueError, RecursionError):
        return _lines(text, name)
    for key, value in values.items():
        if not isinstance(value, str):
            raise ConfigError(f'{name}: {key} is no text; write {key} = "..." without a table')
    return {key: Secret(value) for key, value in values.items()}


def _lines(text: str, name: str) -> dict[str, Secret]:
    found: dict[str, Secret] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        match = _LINE.fullmatch(stripped)
        if match is None:
            raise ConfigError(f'{name}: line {number} is not NAME = "value"; correct it')
        key, value = match.groups()
        if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
            value = value[1:-1]
        if key in found:
            raise ConfigError(f"{name}: line {number}: {key} was there already; remove one")
        found[key] = Secret(value)
    return found
