"""The one place that says how kernels are compiled, and where the compiled code is kept."""

import hashlib
import os
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import ParamSpec, TypeVar, cast

import numba
from numba import njit

P = ParamSpec("P")
R = TypeVar("R")

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


def kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile `function` with IEEE semantics, cached on disk, without the GIL.

    ``fastmath`` stays off: a NaN must remain a NaN and a sum keeps its order, so that the two
    engines agree to the last bit. The uncompiled original stays reachable as
    ``function.py_func``.
    """
    return _compile(function, inline=False)


def inlined(function: Callable[P, R]) -> Callable[P, R]:
    """Compile `function` as `kernel` does, and always into its caller: for innermost loops."""
    return _compile(function, inline=True)


def woven(function: Callable[P, R]) -> Callable[P, R]:
    """Weave `function` into its callers' source before types are known: for one-line accessors.

    It costs no compilation of its own, which is most of a small function's price.
    """
    return cast("Callable[P, R]", njit(inline="always", error_model="numpy")(function))


def _compile(function: Callable[P, R], *, inline: bool) -> Callable[P, R]:
    folder = cache_folder()
    before = numba.config.CACHE_DIR
    numba.config.CACHE_DIR = "" if folder is None else str(folder)
    try:
        compiled = njit(
            cache=folder is not None,
            nogil=True,
            fastmath=False,
            error_model="numpy",
            forceinline=inline,
        )(function)
    finally:
        numba.config.CACHE_DIR = before
    return cast("Callable[P, R]", compiled)
