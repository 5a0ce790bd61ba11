"""The one place that says how kernels are compiled."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

from numba import njit

P = ParamSpec("P")
R = TypeVar("R")


def kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile `function` with IEEE semantics, cached on disk, without the GIL.

    ``fastmath`` stays off: a NaN must remain a NaN and a sum keeps its order, so that the two
    engines agree to the last bit. The uncompiled original stays reachable as
    ``function.py_func``.
    """
    compiled = njit(cache=True, nogil=True, fastmath=False, error_model="numpy")(function)
    return cast("Callable[P, R]", compiled)
