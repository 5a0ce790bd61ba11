"""What liquidity in an automated market maker is worth, and what arbitrage takes from it."""

import math

import numpy as np
import numpy.typing as npt

from hedgerow.kernels.jit import inlined, kernel, rowwise

Floats = npt.NDArray[np.float64]

QUANTITIES = ("coin", "cash", "value", "delta", "gamma", "loss_rate")

WIDE = 1e300  # an upper end from here on is none

_ROOT_HALF = math.sqrt(0.5)
_nodes, _weights = np.polynomial.legendre.leggauss(24)
_NODES, _WEIGHTS = 0.5 * (_nodes + 1.0), 0.5 * _weights  # of the interval from 0 to 1


@rowwise
def _pool_rows(
    price: Floats,
    lower: Floats,
    upper: Floats,
    liquidity: Floats,
    volatility: Floats,
    found: Floats,
) -> None:
    for row in range(price.size):
        p, low, high, depth = price[row], lower[row], upper[row], liquidity[row]
        bottom, top, now = math.sqrt(low), math.sqrt(high), math.sqrt(p)
        at = min(max(now, bottom), top)
        coin = depth * (top - at) / (top * at)
        cash = depth * (at - bottom)
        bend = 0.5 * depth / (p * now) if low <= p < high else 0.0
        found[0, row] = coin
        found[1, row] = cash
        found[2, row] = coin * p + cash
        found[3, row] = coin
        found[4, row] = -bend
        found[5, row] = 0.5 * volatility[row] * volatility[row] * p * p * bend


@kernel
def pool_rows(
    price: Floats, lower: Floats, upper: Floats, liquidity: Floats, volatility: Floats
) -> Floats:
    r"""Return `QUANTITIES` of positions in pools, shape ``(6, rows)``.

    .. math::
        V = L\Bigl(2\sqrt P - \sqrt{P_a} - \frac P{\sqrt{P_b}}\Bigr), \quad
        \Delta = L\Bigl(\frac1{\sqrt P} - \frac1{\sqrt{P_b}}\Bigr), \quad
        \Gamma = -\tfrac12 L P^{-3/2}, \quad
        \ell = -\tfrac12\sigma^2 P^2\Gamma

    inside the range; below it the position is all coin, above it all cash, and
    :math:`\Gamma = 0`. A pool without ranges has :math:`P_a = 0`, an end of `WIDE` or more and
    :math:`L = \sqrt k`.

    Parameters
    ----------
    price, lower, upper
        :math:`P > 0` and :math:`0 \le P_a < P_b`, finite, shape ``(rows,)``.
    liquidity
        :math:`L`.
    volatility
        :math:`\sigma`, of which only the loss to arbitrage, quote a year, makes use.

    References
    ----------
    Adams, H. et al. (2021). Uniswap v3 core, section 6. Milionis, J., Moallemi, C., Roughgarden,
    T. and Zhang, A. (2022). Automated market making and loss-versus-rebalancing, theorem 1.
    """
    found = np.empty((6, price.size))
    _pool_rows(price, lower, upper, liquidity, volatility, found)
    return found


@kernel
def pool_loss_rows(
    price: Floats, lower: Floats, upper: Floats, liquidity: Floats, later: Floats
) -> Floats:
    r"""Return the position's worth at the price `later` less that of what it held at `price`.

    With :math:`w` and :math:`u` the square roots of the two prices, moved into the range, it is
    :math:`L(u - w)(1 - P'/(uw))`: no difference of large numbers. Second row: that over the worth
    of what was held. Shape ``(2, rows)``.
    """
    found = np.empty((2, price.size))
    for row in range(price.size):
        bottom, top = math.sqrt(lower[row]), math.sqrt(upper[row])
        then = min(max(math.sqrt(price[row]), bottom), top)
        now = min(max(math.sqrt(later[row]), bottom), top)
        depth = liquidity[row]
        gap = (now - then) * (then * now - later[row]) / (then * now)
        held = later[row] * (top - then) / (top * then) + (then - bottom)
        found[0, row] = depth * gap
        found[1, row] = gap / held
    return found


@inlined
def _normal(x: float) -> float:
    return 0.5 * math.erfc(-x * _ROOT_HALF)


@inlined
def _expected_worth(
    price: float, lower: float, upper: float, liquidity: float, deviation: float
) -> float:
    """Return the worth expected of a position at a lognormal price around `price`."""
    now, bottom, top = math.sqrt(price), math.sqrt(lower), math.sqrt(upper)
    to_low = math.log(price / lower) / deviation if lower > 0.0 else math.inf
    to_high = math.log(price / upper) / deviation if upper < WIDE else -math.inf
    half = 0.5 * deviation
    coin = price * (_normal(to_low + half) - _normal(to_high + half))
    root = now * math.exp(-0.5 * half * half) * (_normal(to_low) - _normal(to_high))
    cash = _normal(to_low - half) - _normal(to_high - half)
    worth = 2.0 * root - bottom * cash - coin / top
    if lower > 0.0:
        worth += price * (1.0 / bottom - 1.0 / top) * _normal(-to_low - half)
    if upper < WIDE:
        worth += (top - bottom) * _normal(to_high - half)
    return liquidity * worth


@kernel
def pool_expected_rows(
    price: Floats,
    lower: Floats,
    upper: Floats,
    liquidity: Floats,
    volatility: Floats,
    years: Floats,
) -> Floats:
    r"""Return what to expect over `years` of a price without drift, shape ``(3, rows)``.

    Worth plus what arbitrage has taken so far is a martingale, so the loss expected is
    :math:`V(P_0) - E[V(P_T)]`, from the partial moments of the lognormal law. First row: that;
    second: :math:`E[V(P_T)]`; third: the mean of :math:`E[V(P_t)]` over the time, on which fees are
    earned, by Gauss's rule in :math:`\sqrt t`. A pool without a range has
    :math:`V_0(1 - e^{-\sigma^2 T/8})`.
    """
    found = np.empty((3, price.size))
    for row in range(price.size):
        p, low, high, depth = price[row], lower[row], upper[row], liquidity[row]
        deviation = volatility[row] * math.sqrt(years[row])
        bottom, top, now = math.sqrt(low), math.sqrt(high), math.sqrt(p)
        at = min(max(now, bottom), top)
        worth = depth * (p * (top - at) / (top * at) + (at - bottom))
        fade = 0.125 * deviation * deviation
        if deviation == 0.0:
            found[0, row] = 0.0
            found[1, row] = worth
            found[2, row] = worth
        elif low == 0.0 and high >= WIDE:
            found[0, row] = -worth * math.expm1(-fade)
            found[1, row] = worth * math.exp(-fade)
            found[2, row] = found[0, row] / fade
        else:
            later = _expected_worth(p, low, high, depth, deviation)
            mean = 0.0
            for node in range(_NODES.size):
                part = _NODES[node]
                mean += (
                    _WEIGHTS[node] * part * _expected_worth(p, low, high, depth, part * deviation)
                )
            found[0, row] = worth - later
            found[1, row] = later
            found[2, row] = 2.0 * mean
    return found
