"""Exponential, logarithm, sine and cosine without branches, so that loops over lanes vectorise.

Polynomials and their coefficients are those of fdlibm; errors are a few units in the last place.

References
----------
Sun Microsystems (1993). fdlibm: e_exp.c, e_log.c, k_sin.c, k_cos.c. Freely distributable.
"""

from hedgerow.kernels.bits import bits_of, float_of
from hedgerow.kernels.jit import inlined

SHIFT = 6755399441055744.0  # 1.5 * 2**52: adding it rounds to a whole number kept in the low bits
HALF_PI_TO_QUADRANT = 1.5707963267948966
INVERSE_LN2 = 1.4426950408889634
LN2_HIGH = 6.93147180369123816490e-01
LN2_LOW = 1.90821492927058770002e-10
LN2 = 0.6931471805599453
MANTISSA_OF_ROOT_HALF = 0x3FE6A09E667F3BCD


@inlined
def quick_exp(x: float) -> float:
    """Return e to the power `x`, for -700 <= x <= 700; beyond, the value at the bound."""
    x = max(-700.0, min(700.0, x))
    shifted = x * INVERSE_LN2 + SHIFT
    whole = shifted - SHIFT
    r = (x - whole * LN2_HIGH) - whole * LN2_LOW
    t = r * r
    c = r - t * (
        1.66666666666666019037e-01
        + t
        * (
            -2.77777777770155933842e-03
            + t
            * (
                6.61375632143793436117e-05
                + t * (-1.65339022054652515390e-06 + t * 4.13813679705723846039e-08)
            )
        )
    )
    return (1.0 + (r + r * c / (2.0 - c))) * float_of((bits_of(shifted) + 1023) << 52)


@inlined
def quick_log(x: float) -> float:
    """Return the natural logarithm of a normal `x` > 0."""
    bits = bits_of(x)
    power = (bits - MANTISSA_OF_ROOT_HALF) >> 52
    f = float_of(bits - (power << 52)) - 1.0
    s = f / (2.0 + f)
    z = s * s
    r = z * (
        6.666666666666735130e-01
        + z
        * (
            3.999999999940941908e-01
            + z
            * (
                2.857142874366239149e-01
                + z
                * (
                    2.222219843214978396e-01
                    + z
                    * (
                        1.818357216161805012e-01
                        + z * (1.531383769920937332e-01 + z * 1.479819860511658591e-01)
                    )
                )
            )
        )
    )
    return float(power) * LN2 + (f - s * (f - r))


@inlined
def quick_turn(turn: float) -> tuple[float, float]:
    """Return cosine and sine of `turn` whole turns, 0 <= turn < 1."""
    quarter = 4.0 * turn
    shifted = quarter + SHIFT
    r = (quarter - (shifted - SHIFT)) * HALF_PI_TO_QUADRANT
    z = r * r
    sine = r + r * z * (
        -1.66666666666666324348e-01
        + z
        * (
            8.33333333332248946124e-03
            + z
            * (
                -1.98412698298579493134e-04
                + z
                * (
                    2.75573137070700676789e-06
                    + z * (-2.50507602534068634195e-08 + z * 1.58969099521155010221e-10)
                )
            )
        )
    )
    cosine = (
        1.0
        - 0.5 * z
        + z
        * z
        * (
            4.16666666666666019037e-02
            + z
            * (
                -1.38888888888741095749e-03
                + z
                * (
                    2.48015872894767294178e-05
                    + z
                    * (
                        -2.75573143513906633035e-07
                        + z * (2.08757232129817482790e-09 - z * 1.13596475577881948265e-11)
                    )
                )
            )
        )
    )
    quadrant = bits_of(shifted)
    swapped = (quadrant & 1) != 0
    along = sine if swapped else cosine
    across = cosine if swapped else sine
    cosine_sign = -1.0 if ((quadrant + 1) & 2) != 0 else 1.0
    sine_sign = -1.0 if (quadrant & 2) != 0 else 1.0
    return cosine_sign * along, sine_sign * across
