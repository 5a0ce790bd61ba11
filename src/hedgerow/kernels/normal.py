r"""The normal law without branches: exponential, logarithm of a ratio, density, Mills ratio.

Every piece is one straight line of sums and products, so that loops over lanes vectorise, and each
is within a few units in the last place wherever a double is normal. The coefficients were fitted to
60 digits at Chebyshev nodes.

With :math:`\varphi` the density and :math:`N` the integral, the Mills ratio is
:math:`R(z) = N(-z) / \varphi(z)`; a tail is :math:`\varphi R`, which keeps its digits however
far out it lies.
"""

import math
from typing import Final

from hedgerow.kernels.bits import bits_of, float_of
from hedgerow.kernels.fused import fused
from hedgerow.kernels.jit import inlined
from hedgerow.kernels.quick_functions import INVERSE_LN2, LN2, LN2_HIGH, LN2_LOW, SHIFT

INVERSE_ROOT_TWO_PI: Final = 1.0 / math.sqrt(2.0 * math.pi)
SHIFT_BITS: Final = 0x4338000000000000
HALF_A_POWER: Final = 1 << 51
MOST_EXPONENT: Final = 709.0
LEAST_NORMAL: Final = -708.0  # whose exponential is no subnormal number yet


@inlined
def exp_within(r: float) -> float:
    """Return e to the power of `r`, for no more than half of the logarithm of two."""
    square = r * r
    even = 2.762008948195459e-07
    even = fused(even, square, 2.4801521293463862e-05)
    even = fused(even, square, 0.0013888888917215586)
    even = fused(even, square, 0.04166666666662412)
    even = fused(even, square, 0.5000000000000001)
    odd = 2.5105217695684516e-08
    odd = fused(odd, square, 2.755725539833871e-06)
    odd = fused(odd, square, 0.00019841269874822307)
    odd = fused(odd, square, 0.008333333333326134)
    odd = fused(odd, square, 0.1666666666666667)
    p = fused(odd, r, even)
    return fused(p, square, r) + 1.0


@inlined
def log_of_ratio(a: float, b: float) -> float:
    """Return the logarithm of ``a / b``, both above 0, to its last digits also where it is small.

    `b` is brought within a factor of 1.5 of `a` by a power of two; the difference is then exact,
    and the logarithm is twice the inverse hyperbolic tangent of ``(a - b) / (a + b)``.
    """
    power = (bits_of(a) - bits_of(b) + HALF_A_POWER) >> 52
    times = float_of(power + SHIFT_BITS) - SHIFT
    near = float_of(bits_of(b) + (power << 52))
    return log_from((a - near) / (a + near), times)


@inlined
def log_from(s: float, times: float) -> float:
    """Return twice the inverse hyperbolic tangent of `s`, plus `times` the logarithm of two."""
    z = s * s
    square = z * z
    even = 0.13200194430316797
    even = fused(even, square, 0.181817250293541)
    even = fused(even, square, 0.2857142856627098)
    even = fused(even, square, 0.6666666666666666)
    odd = 0.13680710649311795
    odd = fused(odd, square, 0.15389361065909515)
    odd = fused(odd, square, 0.22222223212185246)
    odd = fused(odd, square, 0.4000000000001023)
    p = fused(odd, z, even)
    return fused(times, LN2_HIGH, 2.0 * s + fused(s * z, p, times * LN2_LOW))


@inlined
def power_of(x: float) -> float:
    """Return e to the power of `x`: 0 below -708, infinite above 709."""
    within = max(LEAST_NORMAL, min(MOST_EXPONENT, x))
    shifted = fused(within, INVERSE_LN2, SHIFT)
    whole = shifted - SHIFT
    r = fused(-whole, LN2_LOW, fused(-whole, LN2_HIGH, within))
    value = exp_within(r) * float_of((bits_of(shifted) + 1023) << 52)
    value = value if x <= MOST_EXPONENT else math.inf
    return value if x > LEAST_NORMAL else 0.0


@inlined
def roughly_log_from(s: float, times: float) -> float:
    """Return `log_from` to 1e-7, for `s` of no more than a sixth."""
    z = s * s
    even = fused(0.28571428571428575, z * z, 0.6666666666666666)
    odd = fused(0.2222222222222222, z * z, 0.4)
    return fused(times, LN2, 2.0 * s + s * z * fused(odd, z, even))


@inlined
def density(z: float) -> float:
    """Return the normal density at `z`; 0 where it is below 1.3e-308."""
    depth = -0.5 * (z * z)
    x = max(LEAST_NORMAL, depth)
    shifted = fused(x, INVERSE_LN2, SHIFT)
    whole = shifted - SHIFT
    r = fused(-whole, LN2_LOW, fused(-whole, LN2_HIGH, x))
    value = INVERSE_ROOT_TWO_PI * exp_within(r) * float_of((bits_of(shifted) + 1023) << 52)
    return value if depth > LEAST_NORMAL else 0.0


@inlined
def _above(z: float) -> float:
    """Return the numerator of the Mills ratio: all its terms are above 0, so none cancel."""
    p = 7.706438967745611e-07
    p = fused(p, z, 2.2924764124224134e-05)
    p = fused(p, z, 0.0003369446939871758)
    p = fused(p, z, 0.003175729814220854)
    p = fused(p, z, 0.02108146300799046)
    p = fused(p, z, 0.10251956201684369)
    p = fused(p, z, 0.36919345103244516)
    p = fused(p, z, 0.9729408755476252)
    p = fused(p, z, 1.8026623177499788)
    p = fused(p, z, 2.1381569959742386)
    return fused(p, z, 1.2533141373155003)


@inlined
def _below(z: float) -> float:
    """Return the denominator of the Mills ratio."""
    q = 7.706438967745611e-07
    q = fused(q, z, 2.292476412422416e-05)
    q = fused(q, z, 0.0003377153378839356)
    q = fused(q, z, 0.0031986545783481424)
    q = fused(q, z, 0.021416866413858145)
    q = fused(q, z, 0.1056494423235931)
    q = fused(q, z, 0.38960873021710657)
    q = fused(q, z, 1.0693382515344263)
    q = fused(q, z, 2.1330046916448673)
    q = fused(q, z, 2.9361292241046546)
    q = fused(q, z, 2.503887016463345)
    return fused(q, z, 1.0)


@inlined
def mills(z: float) -> float:
    """Return the Mills ratio of `z`, from 0 to 1e25: the upper tail over the density."""
    return _above(z) / _below(z)


@inlined
def two_mills(z: float, other: float) -> tuple[float, float]:
    """Return the Mills ratios of two numbers from 0 to 1e12, for one division."""
    first = _below(z)
    second = _below(other)
    inverse = 1.0 / (first * second)
    return _above(z) * (second * inverse), _above(other) * (first * inverse)


@inlined
def two_rough_mills(z: float, other: float) -> tuple[float, float]:
    """Return the Mills ratios of two numbers from 0 to 1e25, to 6e-8 of each."""
    first = 0.014076073670381125
    first = fused(first, z, 0.12594872136540214)
    first = fused(first, z, 0.5426716234007233)
    first = fused(first, z, 1.3150251018124406)
    first = fused(first, z, 1.7462073167896013)
    first = fused(first, z, 1.0)
    second = 0.014076073670381125
    second = fused(second, other, 0.12594872136540214)
    second = fused(second, other, 0.5426716234007233)
    second = fused(second, other, 1.3150251018124406)
    second = fused(second, other, 1.7462073167896013)
    second = fused(second, other, 1.0)
    inverse = 1.0 / (first * second)
    p = 0.014076074131426163
    p = fused(p, z, 0.12594848006175086)
    p = fused(p, z, 0.528614312210176)
    p = fused(p, z, 1.188544045313514)
    p = fused(p, z, 1.2533141687788798)
    q = 0.014076074131426163
    q = fused(q, other, 0.12594848006175086)
    q = fused(q, other, 0.528614312210176)
    q = fused(q, other, 1.188544045313514)
    q = fused(q, other, 1.2533141687788798)
    return p * (second * inverse), q * (first * inverse)
