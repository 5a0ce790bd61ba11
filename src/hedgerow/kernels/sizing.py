"""From a wanted hedge to whole lots."""

import math

from hedgerow.kernels.jit import kernel

_CRUMB = 1e-9  # of a lot: what rounding of decimals to floats can lose


@kernel
def is_lot_away(target: float, held: float, lot_size: float, price: float, inverse: bool) -> bool:
    """Return whether `target` is at least one lot from `held`, both in base coin."""
    gap = abs(target - held)
    size = gap * price if inverse else gap
    return size >= lot_size * (1.0 - _CRUMB)


@kernel
def order_lots(target: float, held: float, lot_size: float, price: float, inverse: bool) -> float:
    """Return the signed whole lots to trade to get from `held` lots towards `target` base coin.

    Rounded towards zero: never trade more than asked.
    """
    size = target * price if inverse else target
    wanted = size / lot_size - held
    return math.trunc(wanted + math.copysign(_CRUMB, wanted))
