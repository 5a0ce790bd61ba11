"""A stablecoin that accounts are held in is worth what it says."""

from typing import ClassVar, Final

from hedgerow.execution.port import QuoteReport
from hedgerow.live.guards.base import FINE, Severity, Verdict
from hedgerow.live.guards.limits import GuardLimits
from hedgerow.live.guards.measures import Heard
from hedgerow.live.guards.places import Places
from hedgerow.live.guards.spell import Spell
from hedgerow.units import MINUTE

DOLLARS: Final = frozenset({"USD", "USDT", "USDC", "DAI", "FDUSD", "USDE", "PYUSD", "USDS"})
FORGOTTEN: Final = 10 * MINUTE  # an older quote says nothing about now


class StablecoinPeg:
    """Watches every pair of two dollars, such as USDC/USDT or USDT/USD, that a feed shows."""

    name: ClassVar[str] = "stablecoin-peg"
    severity: ClassVar[Severity] = Severity.REDUCE_ONLY
    hears: ClassVar[tuple[type, ...]] = (QuoteReport,)

    def __init__(self, places: Places, limits: GuardLimits) -> None:
        self._places = places
        self._limits = limits
        self._price: dict[tuple[str, str], tuple[float, int]] = {}
        self._spells: dict[tuple[str, str], Spell] = {}

    def observe(self, heard: Heard) -> None:
        """Take in a quote of two dollars; others are passed over."""
        if not isinstance(heard, QuoteReport) or not _coins(heard.symbol):
            return
        price = heard.last if heard.last is not None else heard.mark
        if heard.bid is not None and heard.ask is not None:
            price = (heard.bid + heard.ask) / 2.0
        if price is None:
            return
        key = heard.venue, heard.symbol
        self._price[key] = price, heard.received
        if key not in self._spells:
            self._spells[key] = Spell(self._limits.peg_after, self._limits.peg_calm)

    def verdict(self, now: int) -> Verdict:
        """Return which pairs have been off 1 for long enough."""
        texts: list[str] = []
        coins: set[str] = set()
        for key, (price, received) in self._price.items():
            off = price - 1.0 if now - received <= FORGOTTEN else 0.0
            if self._spells[key].update(now, beyond=abs(off) > self._limits.peg):
                venue, symbol = key
                texts.append(
                    f"{symbol} at {venue} is {price:.4f}, {off:+.2%} off (limit "
                    f"{self._limits.peg:.2%})"
                )
                coins |= _coins(symbol) - {"USD"}
        legs = self._places.legs(lambda place: place.settle in coins or place.quote in coins)
        if not legs:
            return FINE  # no account and no contract of ours is in that coin
        return Verdict(
            tripped=True,
            message=(
                "; ".join(texts) + f". No risk is added where {' or '.join(sorted(coins))} is "
                "collateral or quote. Look which of the two lost its peg, and consider to move "
                "collateral and hedges to a contract that is settled in something else."
            ),
            legs=legs,
        )


def _coins(symbol: str) -> set[str]:
    """Return the dollars of a pair of two dollars, else nothing."""
    pair = set(symbol.partition(":")[0].split("/"))
    return pair if len(pair) == 2 and pair <= DOLLARS else set()
