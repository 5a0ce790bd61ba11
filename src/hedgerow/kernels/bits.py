"""The 64 bits of a float64 as a whole number, and back, for compiled code and for plain Python."""
# mypy: disable-error-code="no-untyped-call, untyped-decorator"
# ruff: noqa: ANN401, ARG001 - numba's extension points name the arguments

import struct
from typing import TYPE_CHECKING, Any, Final, cast

from numba import config, types
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


def _plain_bits_of(value: float) -> int:
    return int(struct.unpack("<q", struct.pack("<d", value))[0])


def _plain_float_of(bits: "int | np.int64") -> float:
    return float(struct.unpack("<d", struct.pack("<Q", int(bits) & _ALL))[0])


_ALL: Final = 2**64 - 1
_SWITCHED_OFF: Final = bool(cast("Any", config).DISABLE_JIT)

bits_of = cast("Callable[[float], int]", _plain_bits_of if _SWITCHED_OFF else _bits_of)
"""Return the bits of a float64 as an int64; only kernels may call it."""

float_of = cast(
    "Callable[[int | np.int64], float]", _plain_float_of if _SWITCHED_OFF else _float_of
)
"""Return the float64 with these bits; only kernels may call it."""
