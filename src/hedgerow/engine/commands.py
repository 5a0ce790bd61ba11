"""What a desk may ask of the world; it does nothing itself."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceOrder:
    """Trade `lots`, signed, of a leg, by the way the terms name."""

    leg: int
    lots: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelOrder:
    """Withdraw the waiting order of a leg."""

    leg: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferCollateral:
    """Move cash to an account if `amount` > 0, from it to the reserve if < 0.

    With `delay_seconds` 0 it is expected by the next open; at the opening of the book it is there
    at once (`opening`), and no `Transfer` event follows; only then are there `pledges`, units of
    each asset.
    """

    account: int
    amount: float
    delay_seconds: float
    opening: bool = False
    pledges: tuple[float, ...] = ()


class Concern(StrEnum):
    """What a person should hear about."""

    UNMET = "unmet"  # a call that neither reserve nor line can meet
    CAPPED = "capped"  # an order cut to what the account's equity may open
    BREACH = "breach"  # an account below maintenance


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """Something a person should hear about; `place` is an account, or a leg where capped.

    `amount`: cash missing, lots not ordered, or headroom as a fraction of notional.
    """

    concern: Concern
    place: int
    amount: float


Command: TypeAlias = PlaceOrder | CancelOrder | TransferCollateral | Alert
