"""What a difference turned out to be: or that nothing explains it."""

from dataclasses import dataclass
from enum import StrEnum

from hedgerow.ledger.journal import Draft
from hedgerow.live.reconcile.difference import Difference


class Reason(StrEnum):
    """Who caused a difference that is left after all events were fetched and booked."""

    OURS = "ours"  # an order of ours that a probe tells more of
    MANUAL = "manual"
    LIQUIDATION = "liquidation"  # the fee that the insurance fund takes apart from the trade
    UNEXPLAINED = "unexplained"


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A difference, and what it turned out to be."""

    difference: Difference
    reason: Reason

    @property
    def text(self) -> str:
        """It in words."""
        if self.reason is Reason.UNEXPLAINED:
            return f"{self.difference.text}, and nothing at the venue explains it"
        return self.difference.text

    def draft(self, now: int) -> Draft:
        """Return it as a fact of the journal."""
        difference = self.difference
        body = {
            "what": str(difference.kind),
            "venue": difference.venue,
            "account": difference.account,
            "subject": difference.subject,
            "symbol": difference.symbol,
            "ours": str(difference.ours),
            "theirs": str(difference.theirs),
            "snapshot": difference.time,
            "reason": str(self.reason),
        }
        return Draft(time=now, kind="difference", body=body)
