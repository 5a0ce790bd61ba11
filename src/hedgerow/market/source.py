"""What a world asks of whoever holds recorded markets."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from hedgerow.errors import UnknownName
from hedgerow.market.series import Bars, FundingRates, PriceKind


class MarketSource(Protocol):
    """Recorded bars and funding by venue and unified symbol.

    Arrays are sorted and unique in time. A series that is not held raises `UnknownName`.
    """

    @property
    def name(self) -> str:
        """What to call this source in a report; never a path of the machine."""
        ...

    @property
    def simulated(self) -> bool:
        """Whether the prices were made up by a model."""
        ...

    def steps(self, venue: str, symbol: str, kind: PriceKind) -> tuple[int, ...]:
        """Return the bar lengths held for this series, in nanoseconds, shortest first."""
        ...

    def bars(self, venue: str, symbol: str, kind: PriceKind, step: int) -> Bars:
        """Return all bars held of one series."""
        ...

    def funding(self, venue: str, symbol: str) -> FundingRates:
        """Return all settlements held of one perpetual."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class MemorySource:
    """A `MarketSource` made of arrays already at hand.

    Attributes
    ----------
    prices
        Bars by (venue, symbol, kind).
    settlements
        Funding by (venue, symbol).
    """

    name: str
    prices: Mapping[tuple[str, str, PriceKind], tuple[Bars, ...]]
    settlements: Mapping[tuple[str, str], FundingRates] = field(default_factory=dict)
    simulated: bool = False

    def steps(self, venue: str, symbol: str, kind: PriceKind) -> tuple[int, ...]:
        """Return the bar lengths held, shortest first; empty where the series is not held."""
        return tuple(sorted(bars.step for bars in self.prices.get((venue, symbol, kind), ())))

    def bars(self, venue: str, symbol: str, kind: PriceKind, step: int) -> Bars:
        """Return all bars of one series."""
        for bars in self.prices.get((venue, symbol, kind), ()):
            if bars.step == step:
                return bars
        held = [f"{v}:{s} ({k})" for v, s, k in self.prices]
        raise UnknownName("price series", f"{venue}:{symbol} ({kind})", held)

    def funding(self, venue: str, symbol: str) -> FundingRates:
        """Return all settlements of one perpetual."""
        found = self.settlements.get((venue, symbol))
        if found is None:
            raise UnknownName(
                "funding series", f"{venue}:{symbol}", [f"{v}:{s}" for v, s in self.settlements]
            )
        return found
