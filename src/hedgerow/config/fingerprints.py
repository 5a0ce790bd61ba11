"""A file that a config names, read once and fingerprinted."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from hedgerow.config.reading import MOST_TABLE, decode, read_bytes
from hedgerow.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A file by its name in the config, its place, its text and the SHA-256 of its bytes."""

    name: str
    path: Path
    text: str
    sha256: str


def read_named(name: str, expected: str | None, folder: Path, where: str) -> Named:
    """Return the file called `name`, counted from `folder`.

    Raises
    ------
    ConfigError
        If it cannot be read, is no text, or is not the file that `expected` is the SHA-256 of.
    """
    path = folder / name
    content = read_bytes(
        path, most=MOST_TABLE, mend=f"correct {where}, which counts from the config's folder"
    )
    digest = hashlib.sha256(content).hexdigest()
    if expected is not None and digest != expected:
        raise ConfigError(
            f"{path}: is not the file the config was written for (its SHA-256 is {digest}); "
            "restore it, or remove the fingerprint from the config to take it as it is"
        )
    return Named(name=name, path=path, text=decode(content, str(path)), sha256=digest)
