"""What people give as numbers and as kinds of options, read as arrays of doubles."""

import math
from typing import TYPE_CHECKING, Final, cast

import numpy as np
import numpy.typing as npt

from hedgerow.errors import ConfigError
from hedgerow.units import Floats

if TYPE_CHECKING:
    import polars as pl

CALLS: Final = ("call", "c", "C", "CALL", "Call")
PUTS: Final = ("put", "p", "P", "PUT", "Put")

WRITE: Final = "write a number, an array of numbers or a polars column"
NO_NUMBER: Final = (str, bytes, bool, np.bool_, np.datetime64, np.timedelta64, complex)


def is_polars(given: object) -> bool:
    """Return whether `given` is a thing of polars, without loading polars."""
    if isinstance(given, float | np.ndarray):
        return False
    return type(given).__module__.partition(".")[0] == "polars"


def numbers_of(name: str, given: object) -> Floats:
    """Return `given` as doubles: of no dimension if it is one number, NaN where one is missing.

    Raises
    ------
    ConfigError
        If it is not made of numbers: a text, true or false, a date, a frame.
    """
    if type(given) is float:
        return np.array(given)
    if type(given) is np.ndarray and given.dtype == np.float64 and given.dtype.isnative:
        return given
    if is_polars(given):
        given = _of_polars(name, given)
    try:
        found = _doubles(given)
    except (TypeError, ValueError, OverflowError):
        found = None
    if found is None:
        raise ConfigError(f"{name} = {_shown(given)}: {WRITE}")
    return found


def signs_of(kind: object) -> object:
    """Return 1 for a call, -1 for a put and NaN for other words, of the shape of `kind`.

    Numbers are given back as they are.
    """
    if isinstance(kind, str):
        return 1.0 if kind in CALLS else (-1.0 if kind in PUTS else math.nan)
    if is_polars(kind):
        kind = _of_polars("kind", kind)
    try:
        values = np.asarray(kind)
    except ValueError:
        raise ConfigError(f"kind = {_shown(kind)}: write one kind, or a column of them") from None
    if values.dtype.kind in "US" or (values.dtype.kind == "O" and _has_text(values)):
        words = values.astype(np.str_)
        return np.where(np.isin(words, CALLS), 1.0, np.where(np.isin(words, PUTS), -1.0, np.nan))
    if values.dtype.kind not in "iufO":
        return np.full(values.shape, np.nan)
    try:
        return values.astype(np.float64, copy=False)
    except (TypeError, ValueError, OverflowError):
        return np.full(values.shape, np.nan)


def _of_polars(name: str, given: object) -> "npt.NDArray[np.generic]":
    if type(given).__name__ != "Series":
        raise ConfigError(
            f"{name} is a polars {type(given).__name__}: give a column of a frame, "
            f'frame["{name}"]; inside an expression use map_batches'
        )
    return cast("pl.Series", given).to_numpy()


def _doubles(given: object) -> Floats | None:
    """Return `given` as doubles, or None if it is not made of numbers."""
    if given is None:  # which numpy takes for a missing number
        return None
    if isinstance(given, np.ma.MaskedArray):
        given = np.ma.filled(given.astype(np.float64), math.nan)
    found = np.asarray(given)
    if found.dtype.kind == "O":
        plain = not any(isinstance(value, NO_NUMBER) for value in found.flat)
    else:
        plain = found.dtype.kind in "iuf"
    return np.asarray(found, dtype=np.float64) if plain else None


def _has_text(values: npt.NDArray[np.generic]) -> bool:
    return any(isinstance(value, str) for value in values.ravel())


def _shown(given: object) -> str:
    shown = " ".join(repr(given).split())
    return shown if len(shown) <= 60 else shown[:57] + "..."
