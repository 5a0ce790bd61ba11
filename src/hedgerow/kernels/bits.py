"""The 64 bits of a float64 as a whole number, and back, for compiled code."""
# mypy: disable-error-code="no-untyped-call, untyped-decorator"
# ruff: noqa: ANN401, ARG001 - numba's extension points name the arguments

from typing import TYPE_CHECKING, Any, cast

from numba import types
from numba.extending import intrinsic

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np


@intrinsic
def _bits_of(context: Any, value: Any) -> Any:
    def cast_bits(context: Any, builder: Any, sig: Any, values: Any) -> Any:
        return builder.bitcast(values[0], context.get_value_type(types.int64))

    return types.int64(types.float64), cast_bits


@intrinsic
def _float_of(context: Any, bits: Any) -> Any:
    def cast_bits(context: Any, builder: Any, sig: Any, values: Any) -> Any:
        return builder.bitcast(values[0], context.get_value_type(types.float64))

    return types.float64(types.int64), cast_bits


bits_of = cast("Callable[[float], int]", _bits_of)
"""Return the bits of a float64 as an int64; only compiled code may call it."""

float_of = cast("Callable[[int | np.int64], float]", _float_of)
"""Return the float64 with these bits; only compiled code may call it."""
