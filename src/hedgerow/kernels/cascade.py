"""A cascade: liquidations move the price, and the price liquidates."""

import numpy as np
import numpy.typing as npt

from hedgerow.kernels.jit import kernel

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


@kernel
def cascade_rounds(
    shocked: float, sizes: Floats, triggers: Floats, depth: float, floor: float
) -> tuple[Floats, Integers]:
    r"""Return the price before and after each round, and the round that took each position.

    .. math::
        p_0 = \text{shocked}, \qquad p_{k+1} = p_0 - \frac1D \sum_{i\,\in\,L_k} q_i

    with :math:`L_k` all positions liquidated up to round :math:`k`: longs at
    :math:`p \le \text{trigger}`, shorts at :math:`p \ge \text{trigger}`, all of a round at once.
    It ends, as each position goes only once.

    Parameters
    ----------
    sizes, triggers
        Base coin, long > 0; quote per base. Each ``(positions,)``.
    depth
        Base coin that moves the price by one quote unit, > 0.
    floor
        The price stops here; -inf lets it go below nothing, as the formula does.

    Returns
    -------
    tuple
        Prices ``(rounds + 1,)``; rounds ``(positions,)`` from 1, 0 where not liquidated.
    """
    count = sizes.shape[0]
    path = np.empty(count + 1)
    rounds = np.zeros(count, dtype=np.int64)
    path[0] = max(shocked, floor)
    sold = 0.0
    done = 0
    while True:
        price = path[done]
        taken = False
        for position in range(count):
            if rounds[position] != 0 or sizes[position] == 0.0:
                continue
            if sizes[position] > 0.0:
                hit = price <= triggers[position]
            else:
                hit = price >= triggers[position]
            if hit:
                rounds[position] = done + 1
                sold += sizes[position]
                taken = True
        if not taken:
            return path[: done + 1].copy(), rounds
        done += 1
        path[done] = max(shocked - sold / depth, floor)
