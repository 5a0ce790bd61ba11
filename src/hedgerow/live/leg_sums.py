"""What each leg has made and paid so far, as the ledger and the funding facts say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from hedgerow.execution.order import Listing
from hedgerow.ledger import EntryKind, LedgerEntry

LEARNS: Final = 8  # settlements over which the miss of predictions is averaged


@dataclass(slots=True)
class LegSums:
    """What a leg has made and paid, settle asset, received > 0; rates are of one interval.

    `surprise` is how far the rate that was paid usually was from the one predicted before.
    """

    realised: float = 0.0
    fees: float = 0.0
    funding: float = 0.0
    paid: int = 0
    last_rate: float | None = None
    last_amount: float | None = None
    surprise: float | None = None

    def add(self, entry: LedgerEntry) -> None:
        """Add an entry of the leg."""
        if entry.kind is EntryKind.FUNDING:
            self.funding += entry.cash
            self.paid, self.last_amount = entry.time, entry.cash
            return
        self.realised += entry.realised
        self.fees += entry.fee

    def learn(self, body: Mapping[str, Any]) -> None:
        """Remember the rate of a funding payment, and how far it was from the prediction."""
        if body["rate"] is None:
            return
        rate = float(body["rate"])
        self.last_rate = rate
        if body["predicted"] is not None:
            miss = abs(rate - float(body["predicted"]))
            before = self.surprise
            self.surprise = miss if before is None else before + (miss - before) / LEARNS


class AllSums:
    """The sums of all legs."""

    def __init__(self, listings: Sequence[Listing]) -> None:
        self.of = [LegSums() for _ in listings]
        self._legs = {(one.account, one.symbol): leg for leg, one in enumerate(listings)}

    def add(self, entry: LedgerEntry) -> None:
        """Add an entry to what its leg has made; one of no leg is passed over."""
        leg = self._legs.get((entry.account, entry.instrument))
        if leg is not None:
            self.of[leg].add(entry)
