"""What our books say of one account at one instant."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldPosition:
    """A position in our books: signed, unit of `Listing.lot`; `entry` is quote per base."""

    amount: Decimal
    entry: Decimal = Decimal(1)
    inverse: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What our books say that one account holds.

    Attributes
    ----------
    positions
        Of derivatives, by symbol; one that is missing is flat.
    wallets
        By currency, open profit not counted; the coins of spot legs too. A currency that is
        missing is not reconciled.
    working
        By client id, the symbol of each order that may still wait at the venue.
    settling
        Client ids that may come and go at any moment: just sent, being cancelled, or of an
        outcome that is unknown. They are neither missed nor unknown.
    last_change
        By symbol or currency, the venue's time of the last event that we booked there.
    cents
        By currency, how much of it a cent is: less is never a difference.
    """

    venue: str
    account: str
    positions: Mapping[str, HeldPosition] = field(default_factory=dict)
    wallets: Mapping[str, Decimal] = field(default_factory=dict)
    working: Mapping[str, str] = field(default_factory=dict)
    settling: frozenset[str] = frozenset()
    last_change: Mapping[str, int] = field(default_factory=dict)
    cents: Mapping[str, Decimal] = field(default_factory=dict)
