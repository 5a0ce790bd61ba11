"""The rules a venue imposes, as dated values: fees, tiers, funding and liquidation."""

from dataclasses import dataclass, field, replace
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
        where a position's notional is its face value divided by the mark price. With the method
        ``"size_tiers"`` they bound the size instead: base coin if linear, quote face if inverse,
        contracts' worth in base coin if quanto; with ``"size_slope"`` always base coin.
    rate
        Maintenance margin as a fraction of notional.
    amount
        Maintenance amount: ``maintenance = notional * rate - amount``; in quote if linear, in
        base if inverse; 0 where the method goes by size.
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
class MarginRule:
    """How the brackets become a requirement.

    Attributes
    ----------
    method
        ``"brackets"``: ``notional * rate - amount`` of the bracket that holds the notional at the
        price asked about. ``"entry_brackets"``: the same at the average entry, so that it stands
        still while the price moves. ``"size_tiers"``: ``notional * rate`` of the tier that holds
        the size; floors and caps are in base coin if linear, in quote face if inverse.
        ``"size_slope"``: ``notional * (rate + slope * coins)`` of the one tier.
    cross
        The method in a cross account, where it is another one there; else empty.
    slope, initial_slope
        With ``"size_slope"``: how the maintenance and the initial rate rise per base coin.
    closing_fee
        Whether the taker fee of closing counts in the requirement.
    open_interest_lower, open_interest_upper
        Open interest, quote, between which the initial rate rises to 1; None where it does not.
    """

    method: str = "brackets"
    cross: str = ""
    slope: Decimal = Decimal(0)
    initial_slope: Decimal = Decimal(0)
    closing_fee: bool = False
    open_interest_lower: Decimal | None = None
    open_interest_upper: Decimal | None = None

    def in_cross(self) -> "MarginRule":
        """Return the rule of a cross account."""
        return replace(self, method=self.cross) if self.cross else self


@dataclass(frozen=True, slots=True, kw_only=True)
class SkewTerms:
    """How an ``"adaptive_skew"`` rate moves: all fractions of notional per second.

    Attributes
    ----------
    exponent
        Of the difference of the two sides' open interest.
    increase
        How fast the rate moves (per second, squared) while the skew is above `stable_threshold`.
    decrease
        How fast it decays while the skew is below `decrease_threshold`.
    stable_threshold, decrease_threshold
        Skews, fractions of all open interest.
    minimum, maximum
        Bounds of the rate's size while the two sides differ.
    """

    exponent: Decimal
    increase: Decimal
    decrease: Decimal
    stable_threshold: Decimal
    decrease_threshold: Decimal
    minimum: Decimal
    maximum: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class FundingRule:
    """How funding is set.

    Attributes
    ----------
    interval_hours
        Hours between settlements; for a ``continuous`` rule, the hours that a rate is quoted for.
    cap, floor
        Bounds of the rate of one settlement (or of the quoted rate), ``floor < cap``.
    interest
        Interest part of the rate, per 8 hours.
    clamp
        How far the interest part may pull the rate away from the premium, per 8 hours; the
        damper of a ``"damped"`` rule.
    method
        Name of the kernel: see `hedgerow.funding.rules`.
    price
        ``"mark"``, ``"index"`` or ``"oracle"``: what the payment multiplies.
    continuous
        Whether it accrues at every instant instead of at settlements.
    change_limit
        How far the rate may be from that of the settlement before; None where it is free.
    skew
        With ``"adaptive_skew"``: how the rate moves; else None.
    """

    interval_hours: int
    cap: Decimal
    floor: Decimal
    interest: Decimal
    clamp: Decimal
    method: str = "scaled_clamp"
    price: str = "mark"
    continuous: bool = False
    change_limit: Decimal | None = None
    skew: SkewTerms | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LiquidationRule:
    """What the venue does to an account below maintenance.

    Attributes
    ----------
    method
        ``"step_down"``: reduce to the top of the next lower bracket, again and again, until the
        account is above maintenance; in the lowest bracket close all. ``"full"``: close all at
        the market. ``"bankruptcy"``: the venue takes the position at its bankruptcy price, so
        that the maintenance margin is lost. ``"partial"``: close `step` of the position, again
        and again, until the account is above maintenance.
    fee
        Clearance fee as a fraction of the liquidated notional.
    step
        With ``"partial"``: the part of the position closed at a time.
    step_above
        With ``"partial"``: positions worth less than this, quote, are closed at once.
    backstop
        Fraction of maintenance below which equity is taken whole with the position; 0 for never.
    deleveraging
        How the queue of auto-deleveraging is ordered: ``"profit_leverage"``, ``"lpq"`` or
        ``"none"``.
    """

    method: str
    fee: Decimal
    step: Decimal = Decimal(0)
    step_above: Decimal = Decimal(0)
    backstop: Decimal = Decimal(0)
    deleveraging: str = "profit_leverage"


@dataclass(frozen=True, slots=True, kw_only=True)
class PremiumRule:
    """How the premium index is sampled and averaged.

    Attributes
    ----------
    method
        ``"impact"``: from impact prices of the book. ``"mid"``: from the middle of the book.
        ``"mark"``: from the mark.
    sample_seconds
        Time between samples.
    weights
        ``"rising"``: towards the settlement (1, 2, ..., n). ``"equal"``.
    impact_notional
        Quote (base if inverse) walked in the book; None where the method has none.
    """

    method: str
    sample_seconds: int
    weights: str
    impact_notional: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkRule:
    """How the mark price is made of the index.

    Attributes
    ----------
    method
        Name of the kernel: see `hedgerow.funding.marks`.
    window_seconds
        Of the average of the basis.
    index
        How the index is built, in words.
    """

    method: str
    window_seconds: int
    index: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where one section of the rules comes from.

    Attributes
    ----------
    section
        ``"size"``, ``"funding"``, ``"margin"``, ``"liquidation"``, ``"premium"``, ``"mark"``,
        ``"tiers"`` or ``"fees"``.
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
    checked_key
        The key of the table that says `checked`: its own, or that of the section's origin.
    """

    section: str
    table: str
    effective: date
    checked: date
    source: str
    confidence: str
    note: str = ""
    stamped: bool = False
    checked_key: str = "checked"


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
    margin: MarginRule = field(default_factory=MarginRule)
    premium: PremiumRule | None = None
    mark: MarkRule | None = None

    def stamps(self) -> tuple[str, ...]:
        """Return a line for each table used: what it gives, from when, and how sure that is."""
        sections: dict[Origin, list[str]] = {}
        for origin in self.origins:
            same = replace(origin, section="", source="", note="", checked_key="")
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
