"""Reading a person's file: whole, as text, and with a reason when that fails."""

import json
import tomllib
from pathlib import Path
from typing import Any, Final

from hedgerow.errors import ConfigError

MOST_CONFIG: Final = 1_000_000  # bytes; a config a person wrote is a thousandth of it
MOST_TABLE: Final = 64_000_000


def read_bytes(path: Path, *, most: int, mend: str) -> bytes:
    """Return the bytes of the file at `path`, at most `most` of them.

    Raises
    ------
    ConfigError
        If it is missing, a folder, unreadable or larger; `mend` says what to do about it.
    """
    try:
        with path.open("rb") as file:
            content = file.read(most + 1)
    except FileNotFoundError as error:
        raise ConfigError(f"{path}: no such file; {mend}") from error
    except IsADirectoryError as error:
        raise ConfigError(f"{path}: this is a folder, not a file; {mend}") from error
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror or error}); {mend}") from error
    except ValueError as error:  # a NUL in the name
        raise ConfigError(f"{str(path)!r}: no file can be called that; {mend}") from error
    if len(content) > most:
        raise ConfigError(f"{path}: larger than {most / 1e6:g} MB, so hardly what is meant; {mend}")
    return content


def decode(content: bytes, name: str) -> str:
    """Return `content` as text, which must be UTF-8; a byte order mark is dropped."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ConfigError(
            f"{name}: line {line} is not UTF-8 text; save the file with the encoding UTF-8"
        ) from error


def parse_toml(text: str, name: str) -> dict[str, Any]:
    """Return the table that the TOML `text` holds.

    Raises
    ------
    ConfigError
        If it is no TOML, with the line.
    """
    try:
        return tomllib.loads(text)
    except ValueError as error:
        raise ConfigError(
            f"{name}: not valid TOML: {error}; a text needs quotes, and every key stands on a line "
            "of its own as key = value"
        ) from error
    except RecursionError as error:
        raise ConfigError(f"{name}: not a config: values are nested too deeply") from error


def read_file(path: Path, *, mend: str) -> object:
    """Return what the TOML or JSON file at `path` holds; all but ``.json`` is taken for TOML.

    Raises
    ------
    ConfigError
        If it cannot be read, or is neither; `mend` says what to do about a file that is not there.
    """
    text = decode(read_bytes(path, most=MOST_CONFIG, mend=mend), str(path))
    if path.suffix.lower() != ".json":
        return parse_toml(text, str(path))
    try:
        found: object = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{path}: not valid JSON: {error}; correct it there") from error
    return found
