"""What an option on a forward is worth."""

import math

from hedgerow.kernels.jit import kernel

_ROOT_HALF = math.sqrt(0.5)


@kernel
def black76_value(
    forward: float, strike: float, volatility: float, years: float, sign: float
) -> float:
    r"""Return the undiscounted value of a European option on one unit of base, in quote.

    .. math::
        V = \phi\,[F N(\phi d_1) - K N(\phi d_2)], \qquad
        d_{1,2} = \frac{\ln(F/K)}{\sigma\sqrt T} \pm \tfrac12 \sigma\sqrt T

    Parameters
    ----------
    forward, strike
        :math:`F` and :math:`K`, above zero, quote per base.
    volatility
        :math:`\sigma`, yearly, 0.6 for 60 per cent; not below zero.
    years
        :math:`T`, to expiry, in years of 365 days; at or below 0 the option is worth its
        intrinsic value.
    sign
        :math:`\phi`, 1 if it is a call and -1 if it is a put.

    Notes
    -----
    The option out of the money is computed, and parity gives the other: of two numbers of like
    size only the small one is a difference. The normal integral is that of the
    complementary error function, which keeps its digits in the far tail.

    References
    ----------
    Black, F. (1976). The pricing of commodity contracts. Journal of Financial Economics 3,
    167-179. doi:10.1016/0304-405X(76)90024-6
    """
    intrinsic = max(sign * (forward - strike), 0.0)
    deviation = volatility * math.sqrt(max(years, 0.0))
    if deviation == 0.0:
        return intrinsic
    out = -1.0 if forward > strike else 1.0  # the side without intrinsic value
    middle = out * math.log(forward / strike) / deviation
    above = 0.5 * math.erfc(-(middle + 0.5 * out * deviation) * _ROOT_HALF)
    below = 0.5 * math.erfc(-(middle - 0.5 * out * deviation) * _ROOT_HALF)
    time_value = max(out * (forward * above - strike * below), 0.0)
    return intrinsic + time_value
