"""Vectors as wide as the processor has, for kernels that gain by them."""
# mypy: disable-error-code="no-untyped-call, untyped-decorator"
# ruff: noqa: ANN401, ARG001 - numba's extension points name the arguments

from typing import TYPE_CHECKING, Any, cast

from numba import config, types
from numba.extending import intrinsic

if TYPE_CHECKING:
    from collections.abc import Callable


@intrinsic
def _wide(context: Any) -> Any:
    def mark(context: Any, builder: Any, sig: Any, values: Any) -> Any:
        # LLVM's own attribute, which llvmlite's list of known words does not hold.
        set.add(builder.function.attributes, '"prefer-vector-width"="512"')
        return context.get_dummy_value()

    return types.void(), mark


def _plain_wide() -> None:
    """Do nothing: plain Python has no vectors."""


wide = cast("Callable[[], None]", _plain_wide if cast("Any", config).DISABLE_JIT else _wide)
"""Ask for vectors of 512 bits in the compiled function that calls it.

LLVM stops at 256 bits unasked, lest the clock fall where only a few wide instructions run; in
loops of nothing else they win. A processor without them is not troubled: it takes the widest that
it has. The lanes of a vector are worked out alike, so not a bit of any answer depends on it.
"""
