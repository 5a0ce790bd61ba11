"""A coin or a stablecoin that an account holds, and how much of it counts."""

import math
from dataclasses import dataclass

from hedgerow.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class HaircutTier:
    """A part of a holding, up to a worth of `cap` in money, counts less by `haircut`."""

    cap: float
    haircut: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Collateral:
    """So much of one asset in an account.

    Attributes
    ----------
    asset
        Its name; it moves with the positions whose base coin it is.
    amount
        Units of it; a debt is negative and counts in full.
    price
        Of one unit, in the account's money.
    haircut
        The part of its worth that does not count: one fraction, or one for each part of the
        holding, rising, the last without end.
    shock
        The price is taken lower by this fraction: a stablecoin off its peg.

    Examples
    --------
    >>> half = (HaircutTier(cap=100.0, haircut=0.05), HaircutTier(cap=math.inf, haircut=0.25))
    >>> coins = Collateral(asset="ETH", amount=0.1, price=2_000.0, haircut=half)
    >>> coins.worth(), coins.counted()
    (200.0, 170.0)
    """

    asset: str
    amount: float
    price: float = 1.0
    haircut: float | tuple[HaircutTier, ...] = 0.0
    shock: float = 0.0

    def __post_init__(self) -> None:
        if not math.isfinite(self.amount):
            raise ConfigError(f"collateral {self.asset}: amount = {self.amount} is not a number")
        if not (math.isfinite(self.price) and self.price > 0.0):
            raise ConfigError(f"collateral {self.asset}: price = {self.price}: it must be > 0")
        rates = [tier.haircut for tier in self.tiers]
        for key, value in (*(("haircut", rate) for rate in rates), ("shock", self.shock)):
            if not 0.0 <= value <= 1.0:
                raise ConfigError(
                    f"collateral {self.asset}: {key} = {value}: it is a fraction between 0 and 1"
                )
        caps = [tier.cap for tier in self.tiers]
        if rates != sorted(rates) or caps != sorted(set(caps)) or caps[-1] != math.inf:
            raise ConfigError(
                f"collateral {self.asset}: haircut tiers must rise, and the last has no cap"
            )

    @property
    def tiers(self) -> tuple[HaircutTier, ...]:
        """The haircuts, one a part."""
        if isinstance(self.haircut, tuple):
            return self.haircut
        return (HaircutTier(cap=math.inf, haircut=self.haircut),)

    @property
    def shocked_price(self) -> float:
        """The price after the shock."""
        return self.price * (1.0 - self.shock)

    def worth(self, price: float | None = None) -> float:
        """Return the full worth, in money."""
        return self.amount * (self.shocked_price if price is None else price)

    def deduction(self, worth: float) -> float:
        """Return how much of `worth` does not count."""
        return max(0.0, *(rate * worth - amount for rate, amount in self.lines()))

    def lines(self) -> tuple[tuple[float, float], ...]:
        """Return (rate, amount) of each part: what does not count is the largest of the lines."""
        found = []
        floor, below, amount = 0.0, 0.0, 0.0
        for tier in self.tiers:
            amount += floor * (tier.haircut - below)
            found.append((tier.haircut, amount))
            floor, below = tier.cap, tier.haircut
        return tuple(found)

    def counted(self, price: float | None = None) -> float:
        """Return what counts as equity, in money."""
        worth = self.worth(price)
        return worth - self.deduction(worth)
