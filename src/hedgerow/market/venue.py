"""The rules a venue imposes, as dated values: fees, tiers, funding and liquidation."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from hedgerow.market.instrument import Perpetual


@dataclass(frozen=True, slots=True, kw_only=True)
class MarginTier:
    """One bracket of a maintenance schedule.

    Attributes
    ----------
    floor, cap
        The bracket covers ``floor < notional <= cap``; in quote if linear, in base if inverse.
    rate
        Maintenance margin as a fraction of notional.
    amount
        Maintenance amount: ``maintenance = notional * rate - amount``.
    max_leverage
        Highest leverage at which a position of this size may be opened.
    """

    floor: Decimal
    cap: Decimal
    rate: Decimal
    amount: Decimal
    max_leverage: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeTier:
    """Trading fees as fractions of notional; a rebate is negative."""

    name: str
    maker: Decimal
    taker: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class FundingRule:
    """How funding is set: hours between settlements and bounds of the rate per interval."""

    interval_hours: int
    cap: Decimal
    floor: Decimal
    interest: Decimal  # per 8 hours
    clamp: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class LiquidationRule:
    """What the venue does to an account below maintenance.

    Attributes
    ----------
    method
        ``"step_down"``: reduce to the top of the next lower bracket, again and again, until the
        account is above maintenance; in the lowest bracket close all. ``"full"``: close all.
    fee
        Clearance fee as a fraction of the liquidated notional.
    """

    method: str
    fee: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractRules:
    """Everything a venue says about one perpetual, in force from a date.

    Attributes
    ----------
    effective
        First day on which these numbers are known to hold.
    stamped
        True where a date before `effective` was asked for and the earliest table stands in.
    """

    venue: str
    perpetual: Perpetual
    tiers: tuple[MarginTier, ...]
    fees: tuple[FeeTier, ...]
    funding: FundingRule
    liquidation: LiquidationRule
    listed: date | None
    effective: date
    checked: date
    source: str
    confidence: str
    stamped: bool
