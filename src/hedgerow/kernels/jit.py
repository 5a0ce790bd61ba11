"""The one place that says how kernels are compiled, and where the compiled code is kept."""

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

import numba
from numba import njit
from numba.core.compiler import Compiler

P = ParamSpec("P")
R = TypeVar("R")

_njit: Any = njit  # its stubs miss two options
_settings: Any = numba.config  # and all of the settings
_COMPILED_ROOMS = ("kernels", "policies", "engine")


@cache
def cache_folder() -> Path | None:
    """Return the folder of compiled code for exactly these sources, None if none can be written.

    Numba looks only at the file a function stands in, so a change in a kernel that it calls would
    go unseen; a folder named by a digest of all compiled rooms cannot be stale.
    """
    package = Path(__file__).parent.parent
    digest = hashlib.sha256(numba.__version__.encode())
    for room in _COMPILED_ROOMS:
        for source in sorted((package / room).glob("*.py")):
            digest.update(source.read_bytes())
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    for root in (base, Path(tempfile.gettempdir()) / f"hedgerow-{os.getuid()}"):
        folder = root / "hedgerow" / digest.hexdigest()[:16]
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError:
            continue
        if os.access(folder, os.W_OK):
            return folder
    return None


@contextmanager
def kept_on_disk() -> Iterator[bool]:
    """Let what is decorated inside be kept in `cache_folder`; yield whether it can be."""
    folder = cache_folder()
    before = _settings.CACHE_DIR
    _settings.CACHE_DIR = "" if folder is None else str(folder)
    try:
        yield folder is not None
    finally:
        _settings.CACHE_DIR = before


def kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile `function` with IEEE semantics, cached on disk, without the GIL.

    ``fastmath`` stays off: a NaN must remain a NaN and a sum keeps its order, so that the two
    engines agree to the last bit. The uncompiled original stays reachable as
    ``function.py_func``.
    """
    with kept_on_disk() as can_keep:
        compiled = njit(cache=can_keep, nogil=True, fastmath=False, error_model="numpy")(function)
    return cast("Callable[P, R]", compiled)


def part(function: Callable[P, R]) -> Callable[P, R]:
    """Compile `function` as part of compiled code that calls it: Python cannot.

    It is neither wrapped nor cached on its own, which is most of a small function's price.
    """
    return _within(function)


def inlined(function: Callable[P, R]) -> Callable[P, R]:
    """Compile `function` as `part` does, and always into its caller: for innermost loops."""
    return _within(function, forceinline=True)


def rowwise(function: Callable[P, R]) -> Callable[P, R]:
    """Compile `function` as `part` does; its arrays never overlap, so its loops vectorise."""
    return _within(function, pipeline_class=_Disjoint)


def woven(function: Callable[P, R]) -> Callable[P, R]:
    """Weave `function` into its callers' source before types are known: for one-line accessors."""
    return cast("Callable[P, R]", njit(inline="always", error_model="numpy")(function))


def _within(function: Callable[P, R], **options: Any) -> Callable[P, R]:  # noqa: ANN401 - numba's own
    compiled = _njit(
        nogil=True,
        fastmath=False,
        error_model="numpy",
        no_cpython_wrapper=True,
        no_cfunc_wrapper=True,
        **options,
    )(function)
    return cast("Callable[P, R]", compiled)


class _Disjoint(Compiler):
    """Tells LLVM that no two arrays of a function overlap: numba has the flag but no option."""

    def define_pipelines(self) -> Any:  # noqa: ANN401 - numba's own
        self.state.flags.noalias = True
        return super().define_pipelines()  # type: ignore[no-untyped-call]
