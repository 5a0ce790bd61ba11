"""A stablecoin that accounts are held in is worth what it says."""

from collections.abc import Iterable, Mapping
from typing import ClassVar, Final

from hedgerow.execution.order import Listing
from hedgerow.execution.port import QuoteReport
from hedgerow.live.guards.base import FINE, Severity, Verdict
from hedgerow.live.guards.limits import GuardLimits
from hedgerow.live.guards.measures import Heard
from hedgerow.live.guards.places import Places
from hedgerow.live.guards.spell import Spell
from hedgerow.units import MINUTE

DOLLARS: Final = frozenset({"USD", "USDT", "USDC", "DAI", "FDUSD", "USDE", "PYUSD", "USDS"})
FORGOTTEN: Final = 10 * MINUTE  # an older quote says nothing about now
COMMON: Final = "USDC/USDT"
LIST_IT: Final = frozenset({"binance", "bybit", "deribit", "okx"})


class StablecoinPeg:
    """Watches every pair of two dollars, such as USDC/USDT or USDT/USD, that it hears of."""

    name: ClassVar[str] = "stablecoin-peg"
    severity: ClassVar[Severity] = Severity.REDUCE_ONLY
    hears: ClassVar[tuple[type, ...]] = (QuoteReport,)

    def __init__(self, places: Places, limits: GuardLimits) -> None:
        self._places = places
        self._limits = limits
        self._price: dict[tuple[str, str], tuple[float, int]] = {}
        self._spells: dict[tuple[str, str], Spell] = {}
        self._coins = frozenset(
            coin for place in places.all for coin in stablecoins(place.settle, place.quote)
        )
        self._began: int | None = None
        self._worth: dict[str, float] = {}

    def observe(self, heard: Heard) -> None:
        """Take in a quote of two dollars; others are passed over."""
        if not isinstance(heard, QuoteReport) or not _coins(heard.symbol):
            return
        price = heard.last if heard.last is not None else heard.mark
        if heard.bid is not None and heard.ask is not None:
            price = (heard.bid + heard.ask) / 2.0
        if price is None or price <= 0.0:
            return
        key = heard.venue, heard.symbol
        self._price[key] = price, heard.received
        if key not in self._spells:
            self._spells[key] = Spell(self._limits.peg_after, self._limits.peg_calm)

    @property
    def worth(self) -> Mapping[str, float]:
        """Dollars for a unit of each coin that is off its peg for long enough.

        Of two coins that disagree the cheaper one counts as off: no coin is more than a dollar.
        """
        return self._worth

    def unheard(self, now: int) -> str:
        """Return in words of which coins no pair was heard for long; "" where all are told."""
        blind = self._blind(now)
        if not blind:
            return ""
        coins, venue = " and ".join(sorted(blind)), self._places.all[0].venue
        return (
            f"the guard stablecoin-peg has no data for {coins}: no pair of two dollars was heard. "
            f"Whether it keeps its peg is not looked at; name a pair that tells, such as [guards] "
            f'peg_pairs = {{ {venue} = "{COMMON}" }}'
        )

    def verdict(self, now: int) -> Verdict:
        """Return which pairs have been off 1 for long enough."""
        self._began = now if self._began is None else self._began
        texts: list[str] = []
        coins: set[str] = set()
        self._worth.clear()
        for key, (price, received) in self._price.items():
            off = price - 1.0 if now - received <= FORGOTTEN else 0.0
            if self._spells[key].update(now, beyond=abs(off) > self._limits.peg):
                venue, symbol = key
                texts.append(
                    f"{symbol} at {venue} is {price:.4f}, {off:+.2%} off (limit "
                    f"{self._limits.peg:.2%})"
                )
                coins |= _coins(symbol) - {"USD"}
                self._value(symbol, price)
        legs = self._legs(coins)
        blind = self._blind(now) if self._limits.peg_required else frozenset()
        if legs:
            return Verdict(
                tripped=True,
                message=(
                    "; ".join(texts) + f". No risk is added where {' or '.join(sorted(coins))} is "
                    "collateral or quote. Look which of the two lost its peg, and consider to move "
                    "collateral and hedges to a contract that is settled in something else."
                ),
                legs=legs | self._legs(blind),
            )
        if blind:
            return Verdict(tripped=True, message=self.unheard(now), legs=self._legs(blind))
        return FINE  # no account and no contract of ours is in a coin that is off

    def _blind(self, now: int) -> frozenset[str]:
        """Return the coins of ours that no fresh pair tells of, once there was time for one."""
        if self._began is None or now - self._began < self._limits.peg_after:
            return frozenset()
        told = {
            coin
            for (_, symbol), (_, received) in self._price.items()
            if now - received <= FORGOTTEN
            for coin in _coins(symbol)
        }
        return self._coins - told

    def _value(self, symbol: str, price: float) -> None:
        base, _, quote = symbol.partition(":")[0].partition("/")
        for coin, dollars in ((base, price), (quote, 1.0 / price)):
            if coin != "USD" and dollars < self._worth.get(coin, 1.0):
                self._worth[coin] = dollars

    def _legs(self, coins: Iterable[str]) -> frozenset[int]:
        wanted = frozenset(coins)
        return self._places.legs(lambda place: bool({place.settle, place.quote} & wanted))


def stablecoins(*currencies: str) -> frozenset[str]:
    """Return those of some currencies that may lose their peg to the dollar."""
    return frozenset(currencies) & DOLLARS - {"USD"}


def peg_pairs(
    listings: Iterable[Listing], given: Mapping[str, str] | None
) -> tuple[tuple[str, str], ...]:
    """Return venue and symbol of the pairs to ask for: the given ones, else the usual one.

    That is asked for at each venue that lists it and where a leg is in one of its coins.
    """
    if given is not None:
        return tuple(given.items())
    found: dict[tuple[str, str], None] = {}
    for listing in listings:
        pair, _, settle = listing.symbol.partition(":")
        money = stablecoins(settle, pair.partition("/")[2])
        if listing.venue in LIST_IT and money & _coins(COMMON):
            found[listing.venue, COMMON] = None
    return tuple(found)


def is_of_two_dollars(symbol: str) -> bool:
    """Whether a symbol, of coins or of a contract, is of one dollar priced in another.

    >>> is_of_two_dollars("USDC/USDT"), is_of_two_dollars("BTC/USDT"), is_of_two_dollars("USDT")
    (True, False, False)
    """
    pair, colon, settle = symbol.partition(":")
    return pair.count("/") == 1 and bool(_coins(pair)) and (not colon or settle in DOLLARS)


def _coins(symbol: str) -> set[str]:
    """Return the dollars of a pair of two dollars, else nothing."""
    pair = set(symbol.partition(":")[0].split("/"))
    return pair if len(pair) == 2 and pair <= DOLLARS else set()
