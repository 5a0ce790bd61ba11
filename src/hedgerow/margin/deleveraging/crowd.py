"""A stylised crowd of traders: how leveraged they are, and whom a crash takes."""

import math
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Final, NamedTuple

import numpy as np

from hedgerow.errors import ConfigError
from hedgerow.margin.deleveraging.ranking import RANKINGS, Population, scores, taken_by_rank
from hedgerow.margin.deleveraging.waterfall import units_covered

_FULL: Final = 1e15
_STEPS: Final = 25  # quantiles of leverage and of entries: 625 positions a side


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """Everybody else in the contract. The defaults are an illustration; nobody publishes them.

    Attributes
    ----------
    median_leverage, leverage_spread
        Leverage at entry is lognormal: its median, and the standard deviation of its logarithm.
    entry_spread
        Standard deviation of log entry prices around the price before the crash.
    maintenance
        Maintenance rate of everybody.
    fund
        Insurance fund as a fraction of the open interest's worth before the crash.
    slippage
        Where forced orders fill: 0 at their liquidation price, 1 at the crash's last price.
    ranking
        Order of the queue, as `LiquidationRule.deleveraging` names it.
    """

    median_leverage: float = 5.0
    leverage_spread: float = 0.8
    entry_spread: float = 0.05
    maintenance: float = 0.01
    fund: float = 0.01
    slippage: float = 0.15
    ranking: str = "profit_leverage"

    def __post_init__(self) -> None:
        if self.median_leverage <= 1.0:
            raise ConfigError(
                f"crowd: median_leverage = {self.median_leverage}: it must be above 1"
            )
        for name in ("leverage_spread", "entry_spread", "maintenance", "fund"):
            if not getattr(self, name) >= 0.0:
                raise ConfigError(f"crowd: {name} = {getattr(self, name)}: it must be >= 0")
        if not 0.0 <= self.slippage <= 1.0:
            raise ConfigError(f"crowd: slippage = {self.slippage}: it must lie in [0, 1]")
        if self.ranking not in RANKINGS:
            raise ConfigError(
                f"crowd: ranking = {self.ranking!r}: it must be one of {', '.join(RANKINGS)}"
            )

    def side(self, price: float, sign: float) -> Population:
        """Return the longs (`sign` 1) or shorts (-1) around `price`, one coin in all.

        Those whose liquidation price is already passed are not there any more.
        """
        quantiles = [NormalDist().inv_cdf((step + 0.5) / _STEPS) for step in range(_STEPS)]
        z = np.array(quantiles)
        entries = np.repeat(price * np.exp(self.entry_spread * z), _STEPS)
        leverage = np.tile(self.median_leverage * np.exp(self.leverage_spread * z), _STEPS)
        wallets = entries / np.maximum(leverage, 1.0)
        everybody = Population(
            sizes=np.full(entries.shape, sign),
            entries=entries,
            wallets=wallets,
            maintenance=self.maintenance,
        )
        alive = everybody.equity(price) > self.maintenance * price
        return Population(
            sizes=np.full(int(alive.sum()), sign / float(alive.sum())),
            entries=entries[alive],
            wallets=wallets[alive] / float(alive.sum()),
            maintenance=self.maintenance,
        )


class Crash(NamedTuple):
    """A fall (or rise) from one price to another."""

    start: float
    end: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """The position that hedges, among the crowd.

    Attributes
    ----------
    leverage
        Notional over equity at entry, > 0.
    entry
        Average entry; the price before the crash if None.
    size
        As a fraction of the side's open interest; a small one does not change the queue.
    """

    leverage: float = 3.0
    entry: float | None = None
    size: float = 1e-9

    def __post_init__(self) -> None:
        if not self.leverage > 0.0:
            raise ConfigError(f"own leverage = {self.leverage}: it must be above 0")
        if not 0.0 < self.size <= 1.0:
            raise ConfigError(f"own size = {self.size}: a fraction of open interest in (0, 1]")


class Taking(NamedTuple):
    """What a crash takes from winners.

    ``share`` is the part of the own position, ``price`` the average bankruptcy price it is closed
    at (NaN if nothing is taken), ``deleveraged`` the part of all open interest, ``fund`` what is
    left of the insurance fund, as a fraction of the open interest's worth before the crash.
    """

    share: float
    price: float
    deleveraged: float
    fund: float


def expected_taking(crash: Crash, own: Own, crowd: Crowd) -> Taking:
    """Return the share of the own position that auto-deleveraging takes in a crash.

    The crowd's losing side is liquidated in the order of its liquidation prices, each position
    filled a part (`Crowd.slippage`) of the way to the crash's last price. Better fills than the
    bankruptcy price feed the fund, worse ones are paid by it; what it cannot pay is taken from
    the winning side by rank, at the last price.

    Examples
    --------
    >>> calm = expected_taking(Crash(100.0, 97.0), Own(leverage=3.0), Crowd())
    >>> calm.share, calm.deleveraged
    (0.0, 0.0)
    >>> harsh = expected_taking(Crash(100.0, 50.0), Own(leverage=10.0), Crowd(fund=0.0))
    >>> harsh.share, bool(harsh.price > 50.0)
    (1.0, True)
    """
    losers = 1.0 if crash.end < crash.start else -1.0
    fund, units, worth = _casualties(crash, losers, crowd)
    if units <= 0.0:
        return Taking(0.0, math.nan, 0.0, fund / crash.start)
    winners = _with_own(crowd.side(crash.start, -losers), own, crash.start)
    score = scores(_in_full(winners), crash.end, crowd.ranking)
    there = np.where(winners.equity(crash.end) > 0.0, np.abs(winners.sizes), 0.0)
    taken = taken_by_rank(score, there, units)
    share = float(taken[-1] / there[-1]) if there[-1] > 0.0 else 0.0
    return Taking(share, worth / units, units, fund / crash.start)


def _casualties(crash: Crash, side: float, crowd: Crowd) -> tuple[float, float, float]:
    """Return the fund afterwards, the units it could not close, and their bankruptcy worth."""
    crowd_side = crowd.side(crash.start, side)
    unit = np.abs(crowd_side.sizes)
    bankruptcy = crowd_side.entries - side * crowd_side.wallets / unit
    liquidation = bankruptcy / (1.0 - side * crowd.maintenance)
    reached = side * liquidation >= side * crash.end
    fill = liquidation + crowd.slippage * (crash.end - liquidation)
    order = np.argsort(-side * liquidation[reached], kind="stable")
    fund, left, worth = crowd.fund * crash.start, 0.0, 0.0
    rows = np.column_stack((unit, bankruptcy, fill))[reached][order]
    for units, floor, price in rows.tolist():
        gain = side * (price - floor)
        closed = units_covered(units, gain, fund)
        fund = max(fund + closed * gain, 0.0)
        left += units - closed
        worth += (units - closed) * floor
    return fund, left, worth


def _in_full(side: Population) -> Population:
    """Return a side in amounts of money instead of fractions of it.

    A score that floors wallets at one dollar must not see a position of a billionth of a coin.
    """
    return replace(side, sizes=side.sizes * _FULL, wallets=side.wallets * _FULL)


def _with_own(others: Population, own: Own, start: float) -> Population:
    """Return the winning side with the own position behind it, last."""
    entry = start if own.entry is None else own.entry
    sign = 1.0 if others.sizes[0] > 0.0 else -1.0
    return Population(
        sizes=np.append(others.sizes * (1.0 - own.size), sign * own.size),
        entries=np.append(others.entries, entry),
        wallets=np.append(others.wallets * (1.0 - own.size), own.size * entry / own.leverage),
        maintenance=others.maintenance,
    )
