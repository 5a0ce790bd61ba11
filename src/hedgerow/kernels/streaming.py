"""What an option pays whose premium streams while the price is in its range of a pool."""

import math

import numpy as np
import numpy.typing as npt

from hedgerow.kernels.jit import kernel

Floats = npt.NDArray[np.float64]


@kernel
def fees_along(prices: Floats, lower: float, upper: float, liquidity: float, fee: float) -> Floats:
    r"""Return fees earned so far in coin and in cash, along a path of prices, shape ``(2, times)``.

    A swap that moves the pool from :math:`P` to :math:`P'` inside the range brings in
    :math:`L(\sqrt{P'} - \sqrt P)` of cash if the price rises,
    :math:`L(1/\sqrt{P'} - 1/\sqrt P)` of coin if it falls, and on that
    :math:`\varphi/(1-\varphi)` of fees. What trades to and fro between two prices of the path is
    not seen, so this is the least that was earned.

    Parameters
    ----------
    prices
        Quote per base, shape ``(times,)``.
    lower, upper, liquidity
        The range and the liquidity in it.
    fee
        :math:`\varphi`, fraction of what is swapped in.

    References
    ----------
    Adams, H. et al. (2021). Uniswap v3 core, sections 6.2.3 and 6.4.1.
    """
    found = np.zeros((2, prices.size))
    bottom, top = math.sqrt(lower), math.sqrt(upper)
    share = liquidity * fee / (1.0 - fee)
    before = min(max(math.sqrt(prices[0]), bottom), top)
    coin, cash = 0.0, 0.0
    for time in range(1, prices.size):
        now = min(max(math.sqrt(prices[time]), bottom), top)
        if now > before:
            cash += share * (now - before)
        else:
            coin += share * (before - now) / (before * now)
        found[0, time] = coin
        found[1, time] = cash
        before = now
    return found


@kernel
def depth_along(
    prices: Floats, years: Floats, lower: float, upper: float, liquidity: float
) -> Floats:
    r"""Return :math:`\tfrac14 L\int\sqrt P\,1_{P_a \le P < P_b}\,dt` so far, shape ``(times,)``.

    Times a variance it is what liquidity in the range loses to arbitrage, and so the premium that
    a fair option in its place streams. Between two times the root of the price is taken to move
    evenly.

    Parameters
    ----------
    years
        When each price was, shape ``(times,)``, not falling.
    """
    found = np.zeros(prices.size)
    bottom, top = math.sqrt(lower), math.sqrt(upper)
    total = 0.0
    for time in range(1, prices.size):
        then, now = math.sqrt(prices[time - 1]), math.sqrt(prices[time])
        start, end = min(max(then, bottom), top), min(max(now, bottom), top)
        inside = 1.0 if bottom <= now < top else 0.0
        part = inside if now == then else (end - start) / (now - then)
        span = years[time] - years[time - 1]
        total += 0.125 * liquidity * (start + end) * part * span
        found[time] = total
    return found
