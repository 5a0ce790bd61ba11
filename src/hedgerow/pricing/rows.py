"""The arguments of one vector call: brought to one shape, checked, each bad row with its reason."""

import math
import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Final, TypeVar, cast

import numpy as np
import numpy.typing as npt

from hedgerow.errors import ConfigError, UnknownName
from hedgerow.pricing.arguments import (
    Argument,
    Column,
    Kind,
    between,
    finite,
    forward,
    not_negative,
    option_sign,
    positive,
    rate,
    spot,
    strike,
    volatility,
    years,
)
from hedgerow.pricing.reading import is_polars, numbers_of
from hedgerow.units import Bools, Floats, Integers

if TYPE_CHECKING:
    import polars as pl

__all__ = [
    "Argument",
    "Bools",
    "Call",
    "Codes",
    "Column",
    "Kind",
    "Reason",
    "Rows",
    "Values",
    "between",
    "evaluate",
    "finite",
    "forward",
    "not_negative",
    "option_sign",
    "positive",
    "rate",
    "share_out",
    "spot",
    "strike",
    "volatility",
    "years",
]

Values = TypeVar("Values", float, Floats, "pl.Series")
"""What a call answers with: of the shape and the sort that it was asked in."""

Codes = npt.NDArray[np.uint8]

SHARE: Final = 1024  # rows: fewer are not worth a thread
SHARES: Final = 6  # a thread's at most, so that none waits long for another


class Reason(StrEnum):
    """What can be wrong with a row beyond one argument's own domain.

    An argument outside its domain is named in the same way: ``strike <= 0``, ``volatility < 0``,
    ``price is missing``, ``forward is infinite``.
    """

    PRICE = "price <= 0"
    FORWARD = "forward <= 0"
    SPOT = "spot <= 0"
    STRIKE = "strike <= 0"
    YEARS = "years <= 0"
    VOLATILITY = "volatility < 0"
    KIND = "kind is neither call nor put"
    BELOW_INTRINSIC = "price below the intrinsic value"
    AT_BOUND = "price at its upper bound"
    ABOVE_BOUND = "price above its upper bound"
    OVERFLOW = "beyond what a double can hold"


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Which rows of a vector call can be meant, and what is wrong with the others.

    Attributes
    ----------
    shape
        Of the call's arguments together; ``()`` for numbers.
    codes
        For each row, in C order, 0 or the place in `words` plus 1; None where all are valid.
    words
        The reasons that occur.
    """

    shape: tuple[int, ...]
    codes: Codes | None = field(default=None, repr=False)
    words: tuple[str, ...] = ()

    @property
    def all_valid(self) -> bool:
        """Whether no row is bad."""
        return self.codes is None

    @property
    def valid(self) -> Bools:
        """True where a row can be meant, of the call's shape."""
        if self.codes is None:
            return np.ones(self.shape, dtype=np.bool_)
        return cast("Bools", (self.codes == 0).reshape(self.shape))

    @property
    def reasons(self) -> npt.NDArray[np.str_]:
        """What is wrong with each row, the empty text where it is valid."""
        if self.codes is None:
            return np.full(self.shape, "", dtype=np.str_)
        found = np.array(("", *self.words), dtype=np.str_)[self.codes]
        return cast("npt.NDArray[np.str_]", found.reshape(self.shape))

    @property
    def count_bad(self) -> int:
        """How many rows are bad."""
        return 0 if self.codes is None else int(np.count_nonzero(self.codes))

    def problems(self) -> list[tuple[int, str]]:
        """Return the bad rows, as places in C order, each with its reason."""
        return list(self._each())

    def _each(self) -> Iterator[tuple[int, str]]:
        if self.codes is not None:
            for place in np.flatnonzero(self.codes):
                yield int(place), self.words[self.codes[place] - 1]

    def also(self, bad: Bools, reason: str) -> "Rows":
        """Return the rows with those of `bad` that were valid so far marked for `reason`.

        `bad` has the call's shape, or is flat.
        """
        flat = np.ravel(bad)
        if not flat.any():
            return self
        codes = np.zeros(flat.size, dtype=np.uint8) if self.codes is None else self.codes.copy()
        words = self.words if reason in self.words else (*self.words, str(reason))
        codes[flat & (codes == 0)] = words.index(reason) + 1
        return Rows(self.shape, codes, words)


class Call:
    """One vector call: its arguments as flat columns, and the way back to what was asked.

    Parameters
    ----------
    later
        Whether `check` is to look at the columns, for a kernel that says whether there is need;
        until then they pass as valid and tame. Numbers are looked at now.

    Attributes
    ----------
    columns
        One float64 array an argument, C order: of one element where a number was given, else of
        `size` elements. A kernel reads them with a step of 0 or 1; NumPy broadcasts them.
    shape, size
        Of all arguments together.
    rows
        Which rows are valid.
    tame
        Whether the arguments are all such that no answer can overflow.

    Raises
    ------
    ConfigError
        If an argument given as one number is outside its domain, by its name and value with the
        mend; or if shapes do not fit together.

    Examples
    --------
    >>> call = Call(positive("strike", [90.0, -1.0]), positive("forward", 100.0))
    >>> call.rows.problems()
    [(1, 'strike <= 0')]
    """

    __slots__ = ("_names", "_polars", "_unseen", "columns", "rows", "shape", "size", "tame")

    def __init__(self, *arguments: Argument, later: bool = False) -> None:
        arrays = [numbers_of(argument.name, argument.given) for argument in arguments]
        self.shape = _common_shape(arguments, arrays)
        self.size = math.prod(self.shape)
        self._names = tuple(argument.name for argument in arguments)
        self._polars = any(is_polars(argument.given) for argument in arguments)
        if self._polars and len(self.shape) > 1:
            raise ConfigError(
                f"a polars column beside a table of shape {self.shape}: give columns, or arrays"
            )
        self.tame = True
        self.columns = tuple(_flat(array, self.shape, self.size) for array in arrays)
        self.rows = Rows(self.shape)
        self._unseen: list[tuple[Argument, Floats]] = []
        for argument, array, values in zip(arguments, arrays, self.columns, strict=True):
            if later and array.ndim:
                self._unseen.append((argument, values))
            else:
                self._check(argument, values, is_number=array.ndim == 0)

    def check(self) -> None:
        """Look at the columns that have not been looked at."""
        for argument, values in self._unseen:
            self._check(argument, values, is_number=False)
        self._unseen.clear()

    @property
    def is_number(self) -> bool:
        """Whether all arguments were numbers, so that the answer is one."""
        return self.shape == () and not self._polars

    def full(self) -> tuple[Floats, ...]:
        """Return the columns all of `size` elements."""
        return tuple(
            column if column.size == self.size else np.full(self.size, column[0])
            for column in self.columns
        )

    def also(self, bad: Bools, reason: str, argument: str = "") -> None:
        """Mark rows as bad; raise instead if the call asks about one number.

        `argument` is what the message begins with, ``price = 3.0`` say.
        """
        if self.is_number and np.any(bad):
            raise ConfigError(f"{argument}: {reason}" if argument else str(reason))
        self.rows = self.rows.also(bad, reason)

    def void_overflow(self, values: Floats) -> None:
        """Mark valid rows of `values`, ``(..., size)``, that no double can hold, and write NaN."""
        if self.size == 0:
            return
        lost = ~np.isfinite(values.reshape(-1, self.size)).all(axis=0) & self.rows.valid.ravel()
        if not lost.any():
            return
        if self.is_number:
            given = ", ".join(
                f"{name} = {column[0]:g}"
                for name, column in zip(self._names, self.columns, strict=True)
            )
            raise ConfigError(f"{given}: {Reason.OVERFLOW}; give less extreme numbers")
        self.rows = self.rows.also(lost, Reason.OVERFLOW)
        self.void(values)

    def void(self, values: Floats) -> None:
        """Write NaN into the bad rows of `values`, ``(..., size)``, in place."""
        if self.rows.codes is not None:
            values[..., self.rows.codes != 0] = np.nan

    def answer(self, name: str, values: Floats) -> "float | Floats | pl.Series":
        """Return flat `values` as a number, an array of the call's shape or a polars column."""
        if self._polars:
            import polars as pl  # noqa: PLC0415 - only for those who have asked in polars

            return pl.Series(name, values)
        if self.shape == ():
            return float(values[0])
        return values.reshape(self.shape)

    def _check(self, argument: Argument, values: Floats, *, is_number: bool) -> None:
        if not values.size:
            return
        least, most = float(values.min()), float(values.max())
        self.tame = self.tame and argument.tame[0] <= least and most <= argument.tame[1]
        if argument.holds(least, most):
            return
        if is_number:
            raise argument.refusal(float(values[0]))
        bad = argument.bad(values)
        if not bad.any():
            return
        words = np.array([_word(argument, float(value)) for value in values[bad]])
        for word in dict.fromkeys(words.tolist()):
            these = np.zeros(values.size, dtype=np.bool_)
            these[np.flatnonzero(bad)[words == word]] = True
            self.rows = self.rows.also(np.broadcast_to(these, (self.size,)), word)


def evaluate(
    call: Call,
    kernel: Callable[[tuple[Floats, ...], Integers, Floats, int, int], int],
    known: Sequence[str],
    quantities: Sequence[str],
    workers: int = 1,
) -> "dict[str, float | Floats | pl.Series]":
    """Return the asked `quantities` of a call, by name.

    `kernel` writes them, as places in `known`, into the rows of its third argument, from one place
    to another, and returns 0 if the call's columns need no `Call.check`. With more than one of
    `workers` the rows are shared out among threads: not a bit of the answer depends on it.
    """
    for name in quantities:
        if name not in known:
            raise UnknownName("quantity", name, known)
    wanted = np.array([known.index(name) for name in quantities], dtype=np.int64)
    out = np.empty((len(quantities), call.size))
    strays = []

    def one(start: int, stop: int) -> None:
        strays.append(kernel(call.columns, wanted, out, start, stop))

    share_out(one, call.size, workers)
    if any(strays):
        call.check()
    call.void(out)
    if not call.tame:
        call.void_overflow(out)
    return {name: call.answer(name, out[place]) for place, name in enumerate(quantities)}


def share_out(
    one: Callable[[int, int], None], size: int, workers: int, *, least: int = SHARE
) -> None:
    """Call `one` with pieces of the rows, each from a start to a stop, in as many threads as asked.

    A piece is of `least` rows or of a multiple of them. Not a bit of an answer depends on the
    number of threads: each row is worked out alone.
    """
    if workers < 1:
        raise ConfigError(f"workers = {workers}: write at least one")
    if workers == 1 or size <= least:
        one(0, size)
        return
    share = _share(-(-size // least), workers) * least
    starts = deque(range(0, size, share))

    def work() -> None:
        while starts:
            try:
                start = starts.popleft()
            except IndexError:  # another thread was quicker
                return
            one(start, min(start + share, size))

    others = [_threads().submit(work) for _ in range(min(workers, len(starts)) - 1)]
    try:
        work()
    finally:
        for other in others:
            other.result()


def _share(units: int, workers: int) -> int:
    """Return how many of the units to work out at a time, so that the last thread ends soonest."""
    shares = {-(-units // (workers * turns)) for turns in range(1, SHARES + 1)}
    return min(shares, key=lambda share: (-(-units // (share * workers)) * share, share))


@cache
def _threads() -> ThreadPoolExecutor:
    """Return the process's threads for kernels; they start when there is work, and stay."""
    return ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="rows")


os.register_at_fork(after_in_child=_threads.cache_clear)


def _word(argument: Argument, value: float) -> str:
    return Reason.KIND if argument.name == "kind" else argument.reason(value)


def _common_shape(arguments: Sequence[Argument], arrays: Sequence[Floats]) -> tuple[int, ...]:
    shapes = {array.shape for array in arrays if array.ndim}
    if len(shapes) <= 1:
        return shapes.pop() if shapes else ()
    try:
        return np.broadcast_shapes(*shapes)
    except ValueError:
        told = ", ".join(
            f"{argument.name} {array.shape}"
            for argument, array in zip(arguments, arrays, strict=True)
            if array.ndim
        )
        raise ConfigError(
            f"shapes do not fit together: {told}; give one number, or as many as the others"
        ) from None


def _flat(array: Floats, shape: tuple[int, ...], size: int) -> Floats:
    if array.shape == shape and len(shape) == 1 and array.flags.carray:
        return array
    if array.size == 1 and size != 0:
        return np.array(array.reshape(1))
    if array.shape != shape:
        array = np.broadcast_to(array, shape)
    flat = np.ascontiguousarray(array).reshape(size)
    # A kernel is compiled for arrays that can be written to; polars' cannot.
    return flat if flat.flags.writeable else flat.copy()
