"""The table of contents of a lake: which files hold which series, and where they came from.

Readers see only what the manifest lists, so replacing this one file commits a whole import.
It holds no clock time and no path of the machine: the same data give the same bytes.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from hedgerow.adapters.series_key import SeriesKey
from hedgerow.errors import ConfigError, HedgeError, MarketDataError

MANIFEST: Final = "manifest.json"
SCHEMA: Final = "hedgerow.lake/1"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Part:
    """One Parquet file: its place inside the lake, its year, rows and fingerprint."""

    path: str
    year: int
    rows: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Origin:
    """One imported file, by name and fingerprint."""

    file: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldSeries:
    """What the manifest knows of one series without opening its files.

    Attributes
    ----------
    first, last
        Time of the first and the last row, UTC nanoseconds.
    content
        Hash of the rows alone, independent of how they are laid out in files.
    sources
        Names of the imported files that brought rows, sorted.
    """

    key: SeriesKey
    rows: int
    first: int
    last: int
    content: str
    sources: tuple[str, ...]
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """All series of a lake and all files ever imported into it."""

    series: Mapping[SeriesKey, HeldSeries]
    imports: tuple[Origin, ...]


EMPTY: Final = Manifest(series={}, imports=())


def encode(manifest: Manifest) -> bytes:
    """Return the manifest as the bytes of its file."""
    held = [manifest.series[key] for key in sorted(manifest.series)]
    document = {
        "schema": SCHEMA,
        "imports": [asdict(origin) for origin in sorted(manifest.imports)],
        "series": [asdict(series) for series in held],
    }
    return (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode()


def decode(content: bytes, place: Path) -> Manifest:
    """Return the manifest that `content`, read from `place`, holds."""
    try:
        document = json.loads(content)
        if document["schema"] != SCHEMA:
            raise MarketDataError(
                f"{place}: the lake has schema {document['schema']!r}, this version reads "
                f"{SCHEMA!r}; import the original files into a new lake"
            )
        series = [_series(entry) for entry in document["series"]]
        imports = tuple(Origin(**entry) for entry in document["imports"])
    except (ValueError, KeyError, TypeError, AttributeError, ConfigError) as error:
        raise MarketDataError(
            f"{place}: the lake's manifest is damaged ({type(error).__name__}: {error}); restore "
            "it from a backup, or import the original files into a new lake"
        ) from error
    return Manifest(series={held.key: held for held in series}, imports=imports)


def load(folder: Path) -> Manifest:
    """Return the manifest of the lake in `folder`."""
    place = folder / MANIFEST
    try:
        return decode(place.read_bytes(), place)
    except HedgeError:
        raise
    except FileNotFoundError:
        what = "is not a lake (it has no manifest.json)" if folder.is_dir() else "does not exist"
        raise ConfigError(
            f"{folder} {what}; make a lake with `hedgerow data import FILES --to {folder}`"
        ) from None
    except OSError as error:
        raise ConfigError(
            f"{folder} cannot be read as a lake ({error.strerror or error}); "
            "give the folder that `hedgerow data import --to` wrote"
        ) from error


def _series(entry: dict[str, object]) -> HeldSeries:
    fields = dict(entry)
    key = SeriesKey(**_mapping(fields.pop("key")))  # type: ignore[arg-type]
    parts = tuple(sorted(_part(_mapping(part)) for part in _list(fields.pop("parts"))))
    sources = tuple(str(name) for name in _list(fields.pop("sources")))
    return HeldSeries(key=key, parts=parts, sources=sources, **fields)  # type: ignore[arg-type]


def _part(entry: dict[str, object]) -> Part:
    path = PurePosixPath(str(entry["path"]))
    if path.is_absolute() or ".." in path.parts:
        raise ValueError(f"path {str(path)!r} leads out of the lake")
    return Part(**entry)  # type: ignore[arg-type]


def _mapping(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise TypeError(f"a table was expected, not {value!r}")
    return value


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise TypeError(f"a list was expected, not {value!r}")
    return value
