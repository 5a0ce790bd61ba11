"""Arrays and records as bare pointers, for compiled loops that pass many of them around.

To numba an array is nine words and a reference count, and a record of arrays a hundred words that
every call copies. Inside the engine an array is its address and its sizes, and a record is one
address: far less code to compile, and calls that cost next to nothing. Who lends keeps the
array alive, and no index is checked or counted from the end.

Only compiled code may call these. To a type checker nothing changes: a bare array is an array.
"""

from typing import Any, Protocol, TypeVar, cast

import numpy as np
import numpy.typing as npt

from hedgerow.kernels import bare_types

T = TypeVar("T", bound=np.generic)
R = TypeVar("R")


class _Same(Protocol):
    def __call__(self, array: npt.NDArray[T], /) -> npt.NDArray[T]: ...


class _Lend(Protocol):
    def __call__(self, record: R, /) -> R: ...


class _Lines(Protocol):
    def __call__(self, table: npt.NDArray[T], first: int, count: int, /) -> npt.NDArray[T]: ...


class _Stripe(Protocol):
    def __call__(self, cube: npt.NDArray[T], row: int, /) -> npt.NDArray[T]: ...


def _typed(intrinsic: Any) -> Any:  # noqa: ANN401 - numba's class hides its first argument
    return intrinsic


bare = cast("_Same", _typed(bare_types.as_bare))
"""Return a C-ordered array as its address and sizes; the caller keeps it alive."""

array_of = cast("_Same", _typed(bare_types.as_array))
"""Return a bare array as a numba array that counts nothing, for a function that wants one."""

lent = cast("_Lend", _typed(bare_types.as_lent))
"""Return the address of a named tuple, good until the function that calls this returns."""

lines = cast("_Lines", _typed(bare_types.as_lines))
"""Return some rows of a bare table as a bare table."""

stripe = cast("_Stripe", _typed(bare_types.as_stripe))
"""Return ``cube[:, row]``: rows a fixed step apart."""
