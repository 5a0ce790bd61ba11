"""The rules a venue imposes, as dated values: fees, tiers, funding and liquidation."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from hedgerow.errors import ConfigError, UnknownName
from hedgerow.market.instrument import Perpetual


@dataclass(frozen=True, slots=True, kw_only=True)
class MarginTier:
    """One bracket of a maintenance schedule.

    Attributes
    ----------
    floor, cap
        The bracket covers ``floor < notional <= cap``; in quote if linear, in base if inverse,
        where a position's notional is its face value divided by the mark price.
    rate
        Maintenance margin as a fraction of notional.
    amount
        Maintenance amount: ``maintenance = notional * rate - amount``; in quote if linear, in
        base if inverse.
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
    """How funding is set.

    Attributes
    ----------
    interval_hours
        Hours between settlements.
    cap, floor
        Bounds of the rate of one settlement, ``floor < cap``.
    interest
        Interest part of the rate, per 8 hours.
    clamp
        How far the interest part may pull the rate away from the premium, per 8 hours.
    """

    interval_hours: int
    cap: Decimal
    floor: Decimal
    interest: Decimal
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
class Origin:
    """Where one section of the rules comes from.

    Attributes
    ----------
    section
        ``"size"``, ``"funding"``, ``"liquidation"``, ``"tiers"`` or ``"fees"``.
    table
        Name of the table file.
    effective
        First day on which the numbers are known to hold.
    checked
        Last day on which the numbers were known to agree with the source.
    source
        The exchange's public page or endpoint.
    confidence
        ``"source"``, ``"third-party"`` (recorded by others) or ``"memory"``.
    note
        What a reader should know, or nothing.
    stamped
        True where a date before `effective` was asked for and the earliest table stands in.
    """

    section: str
    table: str
    effective: date
    checked: date
    source: str
    confidence: str
    note: str = ""
    stamped: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractRules:
    """Everything a venue says about one perpetual, in force on a date.

    Attributes
    ----------
    listed
        First day of trading, None where no table says it.
    effective
        First day on which all of these numbers are known to hold.
    checked
        Earliest day on which one of the sections was last compared with its source.
    source
        All sources, joined.
    confidence
        The weakest of the sections' confidences.
    stamped
        True where a date before `effective` was asked for and an earliest table stands in.
    origins
        The same by section.
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
    origins: tuple[Origin, ...] = ()

    def stamps(self) -> tuple[str, ...]:
        """Return a line for each table used: what it gives, from when, and how sure that is."""
        sections: dict[Origin, list[str]] = {}
        for origin in self.origins:
            same = replace(origin, section="", source="", note="")
            sections.setdefault(same, []).append(origin.section)
        return tuple(
            f"{self.venue} {self.perpetual.symbol}: {', '.join(names)} as of {origin.effective}"
            + (", standing in for earlier days" if origin.stamped else "")
            + f" (checked {origin.checked}, confidence: {origin.confidence})"
            for origin, names in sections.items()
        )

    def fee(self, name: str) -> FeeTier:
        """Return the fee tier called `name`, or raise `UnknownName`."""
        for tier in self.fees:
            if tier.name == name:
                return tier
        where = f"{self.venue} {self.perpetual.symbol}"
        raise UnknownName("fee tier", name, [tier.name for tier in self.fees], where=where)

    def tier(self, notional: Decimal) -> MarginTier:
        """Return the bracket of a position worth `notional`.

        Parameters
        ----------
        notional
            Absolute worth of the position; in quote if linear, in base if inverse.

        Raises
        ------
        ConfigError
            If the position is larger than the venue's last bracket.
        """
        for tier in self.tiers:
            if notional <= tier.cap:
                return tier
        raise ConfigError(
            f"{self.venue} {self.perpetual.symbol}: a position worth {notional} is larger than "
            f"the last bracket of {self.tiers[-1].cap}; make the hedge smaller or use a second "
            "account"
        )
