"""Arrays without reference counts, for loops that pass many of them around."""

from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from numba import carray, types
from numba.extending import intrinsic

from hedgerow.kernels.jit import inlined

T = TypeVar("T", bound=np.generic)


@intrinsic
def _pointer(context: Any, address: Any, like: Any) -> Any:  # noqa: ANN401 - numba's own types
    """Return `address` as a pointer to the elements of the array `like`."""
    kind = types.CPointer(like.dtype)

    def build(context: Any, builder: Any, signature: Any, values: Any) -> Any:  # noqa: ANN401
        return builder.inttoptr(values[0], context.get_value_type(signature.return_type))

    return kind(address, like), build


@inlined
def borrowed(array: npt.NDArray[T]) -> npt.NDArray[T]:
    """Return the same C-ordered array, not counted: the caller keeps it alive.

    Counting references costs an atomic operation each time an array is passed on, which is more
    than all the arithmetic of one lane in one bar.
    """
    return carray(_pointer(array.ctypes.data, array), array.shape)
