"""One line of the ledger."""

from enum import StrEnum
from typing import NamedTuple


class EntryKind(StrEnum):
    """What kind of thing happened."""

    OPENING = "opening"  # what an account, a reserve or a holding starts with
    FILL = "fill"
    FUNDING = "funding"
    LIQUIDATION = "liquidation"
    TOP_UP = "top_up"  # cash leaves the reserve for an account
    WITHDRAWAL = "withdrawal"  # cash leaves an account for the reserve
    ARRIVAL = "arrival"  # a transfer in flight arrives
    INTEREST = "interest"  # on idle cash (> 0) or on borrowed cash (< 0)
    STAKING = "staking"  # coins earned on the coins held
    SALE = "sale"  # coins sold to raise cash
    LOAN = "loan"  # cash borrowed (> 0) or repaid (< 0)
    FLOW = "flow"  # the holding changes from outside: mined, bought, sold, spent
    CONVERSION = "conversion"  # pledges sold by the venue for what an account owes
    DELEVERAGING = "deleveraging"  # a winning position taken away by the venue


class LedgerEntry(NamedTuple):
    """One thing that happened, at one instant, to one pocket of the book.

    `cash` is in `unit`; all amounts are as the book feels them: received > 0, paid < 0.
    """

    time: int  # UTC nanoseconds
    kind: EntryKind
    instrument: str  # unified symbol; "" where no instrument is concerned
    account: str  # account, "reserve", "holding" or "debt"
    quantity: float  # change of position or of holding, base coin; for funding what was held
    price: float  # quote per base, NaN where none
    cash: float  # change of the pocket, in `unit`, fee included
    fee: float  # part of `cash` that is a fee, <= 0 but for rebates
    realised: float  # part of `cash` that is realised profit or loss of a position
    unit: str  # currency of `cash`
    value: float  # `cash` in numeraire at this instant
    note: str  # "mark", "bounded" or "last" for the price that liquidated; else free text
