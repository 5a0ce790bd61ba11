"""The cash that one funding settlement moves."""

from hedgerow.kernels.jit import kernel


@kernel
def funding_cash(size: float, price: float, rate: float, inverse: bool) -> float:
    r"""Return the cash received (> 0) or paid (< 0) at a settlement, in settlement currency.

    Linear :math:`-q P F`, inverse :math:`-(Q / P) F`: with :math:`F > 0` longs pay shorts.

    Parameters
    ----------
    size
        Signed, held at the settlement: base coin if linear, quote face if inverse.
    price
        The price that the venue's rule multiplies by, quote per base.
    rate
        Fraction of notional for the interval that ends here.
    """
    if inverse:
        return -(size / price) * rate
    return -(size * price) * rate
