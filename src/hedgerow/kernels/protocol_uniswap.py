"""Liquidity and amounts of a range in whole numbers, cut where Uniswap's contracts cut them."""

import math

Q96 = 1 << 96


def root_price(cash: int, coin: int) -> int:
    """Return the root of the price `cash` / `coin` with 96 binary places, cut.

    >>> root_price(1, 1) == Q96
    True
    """
    return math.isqrt((cash << 192) // coin)


def liquidity_of(root: int, lower: int, upper: int, coin: int, cash: int) -> int:
    """Return the most liquidity that `coin` and `cash` buy between two root prices.

    Parameters
    ----------
    root, lower, upper
        Root prices with 96 binary places, ``lower < upper``.

    References
    ----------
    Uniswap v3-periphery, LiquidityAmounts.getLiquidityForAmounts.
    """
    if root <= lower:
        return _of_coin(lower, upper, coin)
    if root >= upper:
        return _of_cash(lower, upper, cash)
    return min(_of_coin(root, upper, coin), _of_cash(lower, root, cash))


def amounts_of(root: int, lower: int, upper: int, liquidity: int) -> tuple[int, int]:
    """Return coin and cash that `liquidity` holds between two root prices.

    References
    ----------
    Uniswap v3-periphery, LiquidityAmounts.getAmountsForLiquidity.
    """
    at = min(max(root, lower), upper)
    coin = (liquidity * Q96 * (upper - at) // upper) // at
    return coin, liquidity * (at - lower) // Q96


def _of_coin(lower: int, upper: int, coin: int) -> int:
    return coin * (lower * upper // Q96) // (upper - lower)


def _of_cash(lower: int, upper: int, cash: int) -> int:
    return cash * Q96 // (upper - lower)
