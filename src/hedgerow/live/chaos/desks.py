"""Which kinds of desks are simulated, how often each one comes, and the legs that they have."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

LINEAR: Final = "BTC/USDT:USDT"
INVERSE: Final = "BTC/USD:BTC"
SPOT: Final = "BTC/USDT"


class Trait(StrEnum):
    """What a desk is like; it may be several of them at once."""

    PLAIN = "plain hedge"
    FAILOVER = "hedge with stand-ins"
    CARRY = "pair of spot and perpetual"
    SPREAD = "pair of perpetuals over venues"
    RESERVES = "margin from reserves"
    LEVERAGED = "leveraged account"
    OPERATED = "operator at random"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One leg of a scenario: which contract, in which account, at which venue."""

    venue: str
    account: str
    symbol: str

    @property
    def inverse(self) -> bool:
        """Whether it pays in coins."""
        return self.symbol == INVERSE

    @property
    def spot(self) -> bool:
        """Whether it is coins."""
        return self.symbol == SPOT


Legs: TypeAlias = tuple[tuple[Place, ...], tuple[float, ...]]  # places, and what each one hedges
LINEAR_LEG: Final = Place(venue="north", account="main", symbol=LINEAR)
INVERSE_LEG: Final = Place(venue="south", account="coin", symbol=INVERSE)
ABROAD: Final = Place(venue="south", account="other", symbol=LINEAR)
PAIRED: Final = Place(venue="north", account="carry", symbol=LINEAR)
COIN: Final = Place(venue="north", account="carry", symbol=SPOT)
ODDS: Final = {
    Trait.PLAIN: 0.48,
    Trait.FAILOVER: 0.13,
    Trait.CARRY: 0.1,
    Trait.SPREAD: 0.09,
    Trait.LEVERAGED: 0.2,
}
RESERVED: Final = 0.25  # of the other desks, those with reserves
OPERATED: Final = 0.3
ALONE: Final[Sequence[Legs]] = (((LINEAR_LEG,), (1.0,)), ((INVERSE_LEG,), (1.0,)))
PLACES: Final[Mapping[Trait, Sequence[Legs]]] = {
    Trait.PLAIN: (
        *ALONE,
        *ALONE,
        ((LINEAR_LEG, INVERSE_LEG), (0.5, 0.5)),
        ((LINEAR_LEG, ABROAD), (0.5, 0.5)),
    ),
    Trait.FAILOVER: (
        ((LINEAR_LEG, ABROAD), (0.5, 0.5)),
        ((LINEAR_LEG, ABROAD), (0.8, 0.2)),
        ((LINEAR_LEG, INVERSE_LEG), (0.5, 0.5)),
    ),
    Trait.CARRY: (((LINEAR_LEG, PAIRED, COIN), (1.0, 0.0, 0.0)),),
    Trait.SPREAD: (((LINEAR_LEG, PAIRED, ABROAD), (1.0, 0.0, 0.0)),),
    Trait.LEVERAGED: ALONE,
}
