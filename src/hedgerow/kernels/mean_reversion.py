"""The recursion behind every mean-reverting path."""

import numpy as np

from hedgerow.kernels.jit import kernel
from hedgerow.units import Floats


@kernel
def mean_reverting(start: float, decay: float, inputs: Floats) -> Floats:
    r"""Return :math:`x_{t} = \varphi x_{t-1} + u_t` for t = 1 ... n, shape ``(n,)``.

    Parameters
    ----------
    start
        :math:`x_0`.
    decay
        :math:`\varphi = 2^{-\Delta t / \text{half-life}}`, between 0 and 1.
    inputs
        :math:`u_t`, shape ``(n,)``.
    """
    path = np.empty(inputs.size)
    value = start
    for step in range(inputs.size):
        value = decay * value + inputs[step]
        path[step] = value
    return path
