"""The book: what is held, how it changes from outside, and what its worth is counted in."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from hedgerow.errors import ConfigError
from hedgerow.market.instrument import MONEY


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """A change of a holding from outside: mined, bought, sold or spent.

    `amount` is in units of the asset, received > 0; `time` is an aware datetime.
    """

    time: datetime
    amount: float

    def __post_init__(self) -> None:
        if self.time.tzinfo is None:
            raise ConfigError(f"flow at {self.time}: give the time a zone, such as UTC")
        if not math.isfinite(self.amount):
            raise ConfigError(f"flow at {self.time.isoformat()}: amount {self.amount} is no number")


@dataclass(frozen=True, slots=True)
class Holding:
    """An amount of one asset, and what comes and goes.

    Attributes
    ----------
    asset
        Coin or money: BTC, ETH, USDT.
    amount
        Held at the start of the run, in units of the asset, >= 0.
    flows
        Later changes, in any order; those at or before the start of a run count into the start.
    """

    asset: str
    amount: float = 0.0
    flows: tuple[Flow, ...] = field(default=(), kw_only=True)

    def __post_init__(self) -> None:
        if not self.asset or self.asset != self.asset.upper() or "/" in self.asset:
            raise ConfigError(f"asset {self.asset!r}: write one currency in capitals, such as BTC")
        if not math.isfinite(self.amount) or self.amount < 0.0:
            raise ConfigError(f"{self.asset}: amount = {self.amount}; it must be >= 0")


@dataclass(frozen=True, slots=True)
class Book:
    """Everything held, and the numeraire in which a neutral book does not move.

    Attributes
    ----------
    holdings
        One for each asset.
    numeraire
        Money (USD, USDT) or a coin: then the money is the exposure.
    """

    holdings: Sequence[Holding]
    numeraire: str = "USD"

    def __post_init__(self) -> None:
        names = [holding.asset for holding in self.holdings]
        if not names:
            raise ConfigError("the book is empty; declare at least one holding")
        for name in names:
            if names.count(name) > 1:
                raise ConfigError(f"the book declares {name} twice; join the two holdings")
        object.__setattr__(self, "holdings", tuple(self.holdings))

    @property
    def numeraire_coin(self) -> str | None:
        """The coin that worth is counted in, None for money."""
        return None if self.numeraire in MONEY else self.numeraire

    def amount(self, asset: str) -> float:
        """Return what is held of an asset at the start, 0 if nothing."""
        return sum(holding.amount for holding in self.holdings if holding.asset == asset)
