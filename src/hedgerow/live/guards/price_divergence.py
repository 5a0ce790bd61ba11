"""Mark, index and last of one symbol belong together, and so does one asset on all venues."""

from dataclasses import dataclass
from statistics import median
from typing import ClassVar

from hedgerow.execution.port import QuoteReport
from hedgerow.live.guards.base import FINE, Severity, Verdict
from hedgerow.live.guards.limits import GuardLimits
from hedgerow.live.guards.measures import Heard
from hedgerow.live.guards.places import Place, Places
from hedgerow.live.guards.spell import Spell
from hedgerow.units import MINUTE

Key = tuple[str, str]
FORGOTTEN = 2 * MINUTE  # older prices are the stale-stream guard's concern, and not compared


@dataclass(slots=True)
class _Seen:
    """The last numbers of a symbol with their receipt; 0 for never."""

    mark: float = 0.0
    index: float = 0.0
    last: float = 0.0
    middle: float = 0.0
    mark_time: int = 0
    index_time: int = 0
    last_time: int = 0
    middle_time: int = 0

    def price(self, after: int) -> float:
        """Return the mark, else the middle of the best prices; 0 where both are from before."""
        if self.mark_time >= after:
            return self.mark
        return self.middle if self.middle_time >= after else 0.0


class PriceDivergence:
    """Trips when prices stay apart, and resets when they stay together."""

    name: ClassVar[str] = "price-divergence"
    severity: ClassVar[Severity] = Severity.REDUCE_ONLY
    hears: ClassVar[tuple[type, ...]] = (QuoteReport,)

    def __init__(self, places: Places, limits: GuardLimits) -> None:
        self._places = places
        self._limits = limits
        self._forgotten = max(FORGOTTEN, limits.mark_age)
        self._seen: dict[Key, _Seen] = {key: _Seen() for key in places.by_symbol}
        self._spells: dict[tuple[Key, str], Spell] = {}
        self._same: dict[str, list[Key]] = {}
        for key, (place, *_) in places.by_symbol.items():
            self._same.setdefault(place.asset, []).append(key)

    def observe(self, heard: Heard) -> None:
        """Take in a quote."""
        if not isinstance(heard, QuoteReport):
            return
        seen = self._seen.get((heard.venue, heard.symbol))
        if seen is None:
            return
        time = heard.received
        if heard.mark is not None:
            seen.mark, seen.mark_time = heard.mark, time
        if heard.index is not None:
            seen.index, seen.index_time = heard.index, time
        if heard.last is not None:
            seen.last, seen.last_time = heard.last, time
        if heard.bid is not None and heard.ask is not None:
            seen.middle, seen.middle_time = (heard.bid + heard.ask) / 2.0, time

    def verdict(self, now: int) -> Verdict:
        """Return which prices have been apart for long enough."""
        texts: list[str] = []
        legs: frozenset[int] = frozenset()
        for key in self._seen:
            for what, apart, limit in self._distances(key, now):
                spell = self._spells.get((key, what))
                if spell is None:
                    if abs(apart) <= limit:
                        continue
                    spell = Spell(self._limits.divergence_after, self._limits.divergence_calm)
                    self._spells[key, what] = spell
                if spell.update(now, beyond=abs(apart) > limit):
                    texts.append(f"{' '.join(key)}: {what} is {apart:+.2%} off (limit {limit:.2%})")
                    legs |= self._places.at(*key)
        if not texts:
            return FINE
        return Verdict(
            tripped=True,
            message=(
                "; ".join(texts) + ". Only orders that reduce risk are sent there. Compare with "
                "other venues: if one feed is wrong, wait or restart it; if a venue is in trouble, "
                "consider to close there. It resets by itself once prices have been together for "
                f"{self._limits.divergence_calm // 10**9} s."
            ),
            legs=legs,
        )

    def _distances(self, key: Key, now: int) -> list[tuple[str, float, float]]:
        """Return what is compared, how far it is off, and how far it may be.

        What cannot be compared now counts as together.
        """
        seen, limits = self._seen[key], self._limits
        old = now - self._forgotten
        mark, index = seen.mark_time >= old, seen.index_time >= old
        together = mark and index and min(seen.mark, seen.index) > 0.0
        traded = mark and seen.last_time >= old and min(seen.last, seen.mark) > 0.0
        elsewhere = self._elsewhere(key, old)
        price = seen.price(old)
        compared = elsewhere > 0.0 and price > 0.0
        return [
            ("mark against index", _off(seen.mark, seen.index, together), limits.mark_index),
            ("last trade against mark", _off(seen.last, seen.mark, traded), limits.last_mark),
            ("price against other venues", _off(price, elsewhere, compared), limits.cross_venue),
        ]

    def _elsewhere(self, key: Key, after: int) -> float:
        """Return the price of the same asset elsewhere, 0 where there is none.

        Of two venues nobody knows which is wrong; of more, it is the one far from the median.
        """
        place: Place = self._places.by_symbol[key][0]
        others = [
            price
            for other in self._same[place.asset]
            if other[0] != key[0] and (price := self._seen[other].price(after)) > 0.0
        ]
        if len(others) > 1:
            others.append(self._seen[key].price(after))
        return median(others) if others else 0.0


def _off(price: float, against: float, comparable: bool) -> float:  # noqa: FBT001 - a fact
    return price / against - 1.0 if comparable else 0.0
