"""The liquidation price through time."""

import numpy as np

from hedgerow.kernels.jit import kernel
from hedgerow.kernels.margin import liquidation_price
from hedgerow.units import Floats


@kernel
def liquidation_path(
    size: Floats, entry: Floats, cash: Floats, inverse: bool, schedule: tuple[Floats, Floats]
) -> Floats:
    """Return the liquidation price of one position in each bar, NaN where flat or none.

    `size`, `entry` and `cash` are ``(steps,)``; see `kernels.margin.liquidation_price`.
    """
    path = np.empty(size.shape[0])
    for step in range(size.shape[0]):
        path[step] = liquidation_price(size[step], entry[step], cash[step], inverse, schedule)
    return path
