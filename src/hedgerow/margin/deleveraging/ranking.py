"""Who is deleveraged first: the scores venues rank winning positions by."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from hedgerow.errors import ConfigError, UnknownName
from hedgerow.units import Floats


def profit_leverage_score(
    mark_value: npt.ArrayLike, entry_value: npt.ArrayLike, bankrupt_value: npt.ArrayLike
) -> Floats:
    r"""Return the score "profit times leverage"; the highest is deleveraged first.

    With values :math:`M, A, B` at the mark, the average entry and the bankruptcy price, signed (a
    short's are negative), profit :math:`p = (M - A)/|A|` and leverage :math:`l = |M|/(M - B)`:

    .. math::
        \text{score} = p\,l \ \text{ if } p > 0, \qquad p / l \ \text{ otherwise.}

    References
    ----------
    BitMEX support, "What is auto-deleveraging"; CoinEx and MEXC rank alike.

    Examples
    --------
    >>> round(float(profit_leverage_score(110.0, 100.0, 80.0)), 4)
    0.3667
    """
    mark = np.asarray(mark_value, dtype=np.float64)
    entry = np.asarray(entry_value, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        profit = (mark - entry) / np.abs(entry)
        leverage = np.abs(mark) / (mark - np.asarray(bankrupt_value, dtype=np.float64))
        score = np.where(profit > 0.0, profit * leverage, profit / leverage)
    return np.asarray(score, dtype=np.float64)


def leverage_profit_quantile_score(
    unrealised: npt.ArrayLike, wallet: npt.ArrayLike, margin_ratio: npt.ArrayLike
) -> Floats:
    r"""Return the score behind the "leverage PnL quantile"; the highest is deleveraged first.

    .. math::
        \text{score} = \frac{\max(0, U)}{\max(1, W)} \cdot \frac{MM}{W + U}

    Parameters
    ----------
    unrealised, wallet
        :math:`U, W` of the account, in settlement currency.
    margin_ratio
        :math:`MM / (W + U)`: maintenance margin over equity.

    References
    ----------
    Binance developer community, topic 17801, "How to calculate leverage PnL quantile".

    Examples
    --------
    >>> round(float(leverage_profit_quantile_score(40.2, 4.27, 0.1342)), 2)
    1.26
    """
    profit = np.maximum(0.0, np.asarray(unrealised, dtype=np.float64))
    backing = np.maximum(1.0, np.asarray(wallet, dtype=np.float64))
    return np.asarray(profit / backing * np.asarray(margin_ratio), dtype=np.float64)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Population:
    """Positions of one contract, each with what backs it.

    Attributes
    ----------
    sizes
        Long > 0; base coin if linear, quote face if inverse. ``(positions,)``, as all arrays.
    entries
        Average entries, quote per base.
    wallets
        Collateral behind each position before its unrealised profit, settlement currency.
    inverse
        Whether profit is paid in the base coin.
    maintenance
        Maintenance rate, for the scores that ask for it.
    """

    sizes: Floats
    entries: Floats
    wallets: Floats
    inverse: bool = False
    maintenance: float = 0.005

    def __post_init__(self) -> None:
        shapes = {self.sizes.shape, self.entries.shape, self.wallets.shape}
        if len(shapes) != 1 or self.sizes.ndim != 1:
            raise ConfigError(
                "a population needs as many entries and wallets as sizes, each a flat array; "
                f"got shapes {sorted(shapes)}"
            )
        if np.any(self.entries <= 0.0):
            raise ConfigError("a population has an entry price <= 0; prices are quote per base")

    def unrealised(self, price: float) -> Floats:
        """Return each position's profit at `price`, settlement currency."""
        worth = unit_worth(price, inverse=self.inverse)
        return self.sizes * (worth - unit_worths(self.entries, inverse=self.inverse))

    def equity(self, price: float) -> Floats:
        """Return what backs each position at `price`, settlement currency."""
        return self.wallets + self.unrealised(price)


def unit_worth(price: float, *, inverse: bool) -> float:
    """Return what one unit of size is worth in settlement currency, up to a constant.

    The price itself if linear, ``-1 / price`` if inverse: profit is size times its change, in
    both kinds of contract.
    """
    return -1.0 / price if inverse else price


def unit_worths(prices: Floats, *, inverse: bool) -> Floats:
    """Return `unit_worth` of each price."""
    return -1.0 / prices if inverse else prices


def _by_profit_leverage(population: Population, price: float) -> Floats:
    value = population.sizes * unit_worth(price, inverse=population.inverse)
    entry = population.sizes * unit_worths(population.entries, inverse=population.inverse)
    return profit_leverage_score(value, entry, value - population.equity(price))


def _by_leverage_profit_quantile(population: Population, price: float) -> Floats:
    equity = population.equity(price)
    worth = abs(unit_worth(price, inverse=population.inverse))
    required = np.abs(population.sizes) * worth * population.maintenance
    ratio = np.divide(required, equity, out=np.zeros_like(equity), where=equity > 0.0)
    return leverage_profit_quantile_score(population.unrealised(price), population.wallets, ratio)


RANKINGS: Final[dict[str, Callable[[Population, float], Floats]]] = {
    "profit_leverage": _by_profit_leverage,
    "lpq": _by_leverage_profit_quantile,
}


def scores(population: Population, price: float, ranking: str = "profit_leverage") -> Floats:
    """Return each position's score at mark `price`; -inf for one that has no equity left.

    `ranking` is a name that `LiquidationRule.deleveraging` uses: ``"profit_leverage"``, ``"lpq"``.
    """
    if ranking not in RANKINGS:
        raise UnknownName("deleveraging order", ranking, sorted(RANKINGS))
    found = RANKINGS[ranking](population, price)
    return np.where(population.equity(price) > 0.0, found, -np.inf)


def taken_by_rank(score: Floats, available: Floats, quantity: float) -> Floats:
    """Return what each position loses when `quantity` is taken from the highest scores first.

    Parameters
    ----------
    score, available
        ``(positions,)``; `available` >= 0 is how much each could give.

    Returns
    -------
    Floats
        ``(positions,)``. Positions of equal score give in proportion to what they have.
    """
    taken = np.zeros_like(available)
    left = quantity
    for level in np.unique(score)[::-1]:
        if left <= 0.0:
            break
        group = score == level
        there = float(available[group].sum())
        if there <= 0.0:
            continue
        if left < there:
            taken[group] = available[group] * (left / there)
            break
        taken[group] = available[group]
        left -= there
    return taken


def part_ahead(score: Floats, available: Floats, position: int) -> float:
    """Return which part of a side's units is taken before `position`: 0 is the front.

    Those of equal score stand half before it and half behind.

    >>> part_ahead(np.array([3.0, 1.0, 2.0]), np.array([5.0, 2.0, 3.0]), 2)
    0.5
    """
    others = np.arange(score.shape[0]) != position
    ahead = available[score > score[position]].sum()
    beside = available[(score == score[position]) & others].sum()
    return float((ahead + 0.5 * beside) / available.sum())
