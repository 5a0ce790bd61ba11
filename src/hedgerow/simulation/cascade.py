"""A liquidation cascade: from a shock to where the selling ends."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from hedgerow.errors import ConfigError
from hedgerow.kernels.cascade import cascade_rounds
from hedgerow.units import Floats, Integers


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Exposed:
    """Positions and the prices at which their venue closes them.

    Attributes
    ----------
    sizes
        Base coin, long > 0, ``(positions,)``.
    liquidation_prices
        Quote per base, ``(positions,)``; NaN for one that cannot be liquidated.
    """

    sizes: Floats
    liquidation_prices: Floats

    def __post_init__(self) -> None:
        if self.sizes.shape != self.liquidation_prices.shape or self.sizes.ndim != 1:
            raise ConfigError(
                f"a cascade needs one liquidation price for each size; got {self.sizes.shape} "
                f"sizes and {self.liquidation_prices.shape} prices"
            )


class Shock(NamedTuple):
    """Where the price stood, and what it did first: a move of -0.05 is a fall of 5 %."""

    price: float
    move: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cascade:
    """How it went.

    Attributes
    ----------
    path
        The price after the shock and after each round, ``(rounds + 1,)``.
    round_of
        Round that took each position, from 1; 0 where it survived. ``(positions,)``
    """

    path: Floats
    round_of: Integers

    @property
    def final_price(self) -> float:
        """Where it ended."""
        return float(self.path[-1])

    @property
    def rounds(self) -> int:
        """Rounds in which somebody was liquidated."""
        return int(self.path.shape[0]) - 1

    @property
    def liquidated(self) -> Integers:
        """Indices of the positions that are gone, in the order given."""
        return np.flatnonzero(self.round_of).astype(np.int64)


def cascade(shock: Shock, exposed: Exposed, depth: float, floor: float = 0.0) -> Cascade:
    """Return the fixed point of price and liquidations after a shock.

    Every position whose liquidation price is reached is closed at the market; each coin moves the
    price for good by ``1 / depth``; and again, until nobody is reached. Longs push it down, shorts
    push it up.

    Parameters
    ----------
    depth
        Base coin that moves the price by one quote unit, > 0.
    floor
        The price stops here; -inf for the bare formula, which knows no lowest price.

    Examples
    --------
    >>> longs = Exposed(sizes=np.array([10.0, 17.0]), liquidation_prices=np.array([97.0, 95.0]))
    >>> end = cascade(Shock(100.0, -0.05), longs, depth=50.0)
    >>> end.path.tolist(), end.rounds
    ([95.0, 94.46], 1)
    """
    if not depth > 0.0:
        raise ConfigError(f"cascade: depth = {depth}: coins per quote unit, it must be above 0")
    if not shock.price > 0.0:
        raise ConfigError(f"cascade: the price before the shock is {shock.price}; it must be > 0")
    path, rounds = cascade_rounds(
        shock.price * (1.0 + shock.move),
        np.ascontiguousarray(exposed.sizes, dtype=np.float64),
        np.ascontiguousarray(exposed.liquidation_prices, dtype=np.float64),
        float(depth),
        float(floor),
    )
    return Cascade(path=path, round_of=rounds)
