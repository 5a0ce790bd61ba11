"""A kernel run as plain Python: for one question, where compiling would take longer."""

import sys
from collections.abc import Callable
from functools import cache
from types import FunctionType
from typing import Any, ParamSpec, TypeVar, cast

import numba

P = ParamSpec("P")
R = TypeVar("R")


def plain(function: Callable[P, R]) -> Callable[P, R]:
    """Return the uncompiled original of a kernel, and with it of every kernel that it calls.

    It does the same operations in the same order, a hundred times slower, at once. There a
    division by zero raises instead of giving infinity.

    Examples
    --------
    >>> from hedgerow.kernels.contract import notional
    >>> plain(notional)(-2.0, 50.0, False)
    100.0
    """
    return cast("Callable[P, R]", _uncompiled(function))


def plain_from_now() -> None:
    """Run every kernel as plain Python, to the same bits: for a process that asks one question.

    Nothing changes where kernels have been imported: compiled code cannot call what is not.
    """
    if "hedgerow.kernels.jit" not in sys.modules:
        settings: Any = numba.config
        settings.DISABLE_JIT = 1


@cache
def _uncompiled(function: Any) -> FunctionType:  # noqa: ANN401 - numba's dispatcher
    original = getattr(function, "py_func", None)
    if original is None:
        return cast("FunctionType", function)  # numba is switched off: it is plain already
    scope = dict(original.__globals__)
    for name in original.__code__.co_names:
        if hasattr(scope.get(name), "py_func"):
            scope[name] = _uncompiled(scope[name])
    return FunctionType(original.__code__, scope, original.__name__, original.__defaults__)
