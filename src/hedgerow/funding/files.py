"""Premiums and books that a person has in a file."""

import json
import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from hedgerow.errors import ConfigError
from hedgerow.funding.book import Book, Level
from hedgerow.units import Floats


def read_samples(path: Path) -> Floats:
    """Return the premiums in a CSV file, oldest first, shape ``(n,)``.

    The last column counts; a first line of names is passed over.

    Raises
    ------
    ConfigError
        If the file cannot be read, or a line after the first holds no number.
    """
    values = []
    for number, line in enumerate(_text(path).splitlines(), start=1):
        cell = line.rsplit(",", maxsplit=1)[-1].strip()
        if not cell:
            continue
        try:
            value = float(cell)
        except ValueError as error:
            if number == 1:
                continue
            raise ConfigError(f"{path}: line {number}: {cell!r} is no premium") from error
        if not math.isfinite(value):
            raise ConfigError(f"{path}: line {number}: {cell!r}; a missing premium is never filled")
        values.append(value)
    if not values:
        raise ConfigError(f"{path}: holds no premium; write one a line, oldest first")
    return np.array(values, dtype=np.float64)


def read_book(path: Path) -> Book:
    """Return the book in a JSON file: ``{"bids": [[price, size], ...], "asks": ...}``.

    Raises
    ------
    ConfigError
        If the file cannot be read or holds something else.
    MarketDataError
        If the book is no book.
    """
    try:
        data = json.loads(_text(path))
    except ValueError as error:
        raise ConfigError(f"{path}: not a JSON file ({error})") from error
    if not isinstance(data, Mapping):
        raise ConfigError(f'{path}: write {{"bids": [[price, size], ...], "asks": [...]}}')
    return Book.of(_levels(path, data, "bids"), _levels(path, data, "asks"))


def _levels(path: Path, data: Mapping[str, object], key: str) -> list[Level]:
    rows = data.get(key)
    if not isinstance(rows, list):
        raise ConfigError(f"{path}: {key} is missing; write [[price, size], ...], best level first")
    levels = []
    for number, row in enumerate(rows):
        try:
            price, size, *_ = (float(cell) for cell in row)
        except (TypeError, ValueError) as error:
            where = f"{path}: {key}[{number}] = {row!r}"
            raise ConfigError(f"{where}: write a price and a size") from error
        levels.append((price, size))
    return levels


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot read the file ({error})") from error
