"""A running estimate of volatility from bar returns."""

import math

import numpy as np
import numpy.typing as npt

from hedgerow.kernels.jit import kernel

Floats = npt.NDArray[np.float64]


@kernel
def ewma_deviation(close: Floats, half_life: float, out: Floats) -> None:
    r"""Write to `out` the deviation of one bar's log return as known at each close.

    :math:`v_t = \lambda v_{t-1} + (1 - \lambda) r_t^2` with :math:`\lambda = 2^{-1/h}`, the
    weights of a finite past made to sum to one, so that no start-up value is invented; 0 until
    the second finite close. A NaN close is skipped. Shapes ``(n,)``; `half_life` in bars.
    """
    decay = math.pow(2.0, -1.0 / half_life)
    weight = 0.0
    total = 0.0
    last = np.nan
    for i in range(close.shape[0]):
        price = close[i]
        if price > 0.0:
            if last > 0.0:
                change = math.log(price / last)
                total = decay * total + (1.0 - decay) * change * change
                weight = decay * weight + (1.0 - decay)
            last = price
        out[i] = math.sqrt(total / weight) if weight > 0.0 else 0.0
