"""When a contract's funding is due: once, as the clock crosses the instant."""

from dataclasses import dataclass

from hedgerow.execution.port import QuoteReport
from hedgerow.units import HOUR, SECOND


@dataclass(slots=True)
class SettlementClock:
    """What is known of the next settlement of one contract.

    A rate is good for the settlement it was announced for, and for no later one: where the feed
    was silent over more than one, only the first is paid and the others are counted as missed.
    """

    due: int | None = None
    rate: float = 0.0
    interval_hours: float | None = None
    paid: int = 0  # the last settlement that was
    missed: int = 0

    def hear(self, quote: QuoteReport) -> None:
        """Take in what the venue predicts."""
        if quote.interval_hours is not None:
            self.interval_hours = quote.interval_hours
        due = quote.settlement
        if due is None and self.interval_hours:
            step = round(self.interval_hours * HOUR)
            due = (quote.time // step + 1) * step
        if due is None or quote.funding is None:
            return
        due = round(due / SECOND) * SECOND if due % SECOND else due
        if due <= self.paid:
            return
        self.due, self.rate = due, quote.funding

    def settle(self, now: int) -> int | None:
        """Return the settlement that is due by now, and let it be paid; None if none is."""
        due = self.due
        if due is None or due > now:
            return None
        self.paid, self.due = due, None
        if self.interval_hours:
            self.missed += int((now - due) // round(self.interval_hours * HOUR))
        return due
