"""A product and a sum with one rounding, for compiled code and for plain Python."""
# mypy: disable-error-code="no-untyped-call, untyped-decorator"
# ruff: noqa: ANN401, ARG001 - numba's extension points name the arguments

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any, cast

from numba import config, types
from numba.extending import intrinsic

if TYPE_CHECKING:
    from collections.abc import Callable


@intrinsic
def _fused(context: Any, a: Any, b: Any, c: Any) -> Any:
    def emit(context: Any, builder: Any, sig: Any, values: Any) -> Any:
        return builder.fma(*values)

    return types.float64(types.float64, types.float64, types.float64), emit


def _plain_fused(a: float, b: float, c: float) -> float:
    if not (math.isfinite(a) and math.isfinite(b) and math.isfinite(c)):
        return a * b + c
    exact = Fraction(float(a)) * Fraction(float(b)) + Fraction(float(c))
    if not exact:
        return a * b + c  # a zero with its sign
    try:
        return float(exact)
    except OverflowError:
        return math.inf if exact > 0 else -math.inf


fused = cast(
    "Callable[[float, float, float], float]",
    _plain_fused if cast("Any", config).DISABLE_JIT else _fused,
)
"""Return ``a * b + c`` rounded once, the same bits on every machine; only kernels call it.

One instruction where the processor has it, a library call where it has not.
"""
