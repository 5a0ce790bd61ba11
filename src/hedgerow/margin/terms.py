"""What a contract asks of the account that holds it."""

import math
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Literal

import numpy as np

from hedgerow.errors import ConfigError
from hedgerow.kernels.margin import Requirement
from hedgerow.market.instrument import parse_symbol
from hedgerow.market.requirement import KINDS
from hedgerow.market.venue import ContractRules, MarginRule, MarginTier

ClosingFee = Literal["none", "price", "bankruptcy"]
EVERYTHING = Decimal("Infinity")


@dataclass(frozen=True, slots=True, kw_only=True)
class MarginTerms:
    """The part of a contract's rules that decides when a position dies.

    Attributes
    ----------
    symbol
        Name of the contract; positions of one symbol share a price.
    asset
        The coin whose price that is.
    settle
        The currency of profit, loss and margin.
    inverse
        Whether profit is paid in `asset`; sizes are then quote face.
    tiers, rule
        The venue's brackets, and how they become a requirement.
    taker_fee
        Fraction of notional paid to close.
    closing_fee
        Whether that fee counts in the requirement: ``"price"``, on the notional at the price asked
        about; ``"bankruptcy"``, on the notional at the bankruptcy price; ``"none"``.
    tick
        Smallest step of the price; 0 where it is not known.
    """

    symbol: str
    asset: str
    settle: str
    inverse: bool = False
    tiers: tuple[MarginTier, ...]
    rule: MarginRule = field(default_factory=MarginRule)
    taker_fee: float = 0.0
    closing_fee: ClosingFee = "none"
    tick: Decimal = Decimal(0)

    def in_cross(self) -> "MarginTerms":
        """Return the terms in a cross account, where the venue may ask for something else."""
        return replace(self, rule=self.rule.in_cross())

    def __post_init__(self) -> None:
        if not self.tiers:
            raise ConfigError(
                f"{self.symbol}: there is no margin tier; a rate that is not known is not guessed"
            )
        if self.rule.method not in KINDS:
            raise ConfigError(
                f"{self.symbol}: margin method {self.rule.method!r} is none of {', '.join(KINDS)}"
            )

    @property
    def requirement(self) -> Requirement:
        """The same numbers as the kernels take them, the closing fee at the price included."""
        rate, amount, floor, cap = (
            np.array([float(getattr(tier, name)) for tier in self.tiers])
            for name in ("rate", "amount", "floor", "cap")
        )
        fee = self.taker_fee if self.closing_fee == "price" else 0.0
        return Requirement(
            kind=KINDS[self.rule.method],
            slope=float(self.rule.slope),
            floor=floor,
            cap=cap,
            rate=rate + fee,
            amount=amount,
        )

    def measure(self, size: float, price: float) -> float:
        """Return what the brackets go by: notional, coins, or the size itself."""
        if self.rule.method == "size_tiers":
            return abs(size)
        if self.rule.method == "size_slope":
            return abs(size) / price if self.inverse else abs(size)
        return abs(size) / price if self.inverse else abs(size) * price

    def tier_at(self, measure: float) -> MarginTier:
        """Return the bracket that holds `measure`, the last one also beyond its cap."""
        for tier in self.tiers:
            if measure <= float(tier.cap):
                return tier
        return self.tiers[-1]

    def check(self, size: float, price: float) -> None:
        """Raise `ConfigError` if the venue has no bracket for a position of this size."""
        measure = self.measure(size, price)
        last = float(self.tiers[-1].cap)
        if measure > last:
            unit = "" if self.rule.method.endswith("brackets") else " (by size)"
            raise ConfigError(
                f"{self.symbol}: a position of {measure:,.6g}{unit} is larger than the venue's "
                f"last bracket, which ends at {last:,.6g}; make it smaller or use a second account"
            )


def terms_of(rules: ContractRules, fee: str | None = None) -> MarginTerms:
    """Return the margin terms of one contract of a venue.

    Parameters
    ----------
    fee
        Name of the fee tier whose taker fee closes the position; the first one by default.

    Examples
    --------
    >>> from datetime import date
    >>> from hedgerow.market.tables import contract_rules
    >>> terms = terms_of(contract_rules("binance", "BTC/USD:BTC", date(2026, 9, 1)))
    >>> terms.inverse, terms.settle, terms.taker_fee
    (True, 'BTC', 0.0005)
    """
    perpetual = rules.perpetual
    tier = rules.fees[0] if fee is None else rules.fee(fee)
    return MarginTerms(
        symbol=perpetual.symbol,
        asset=parse_symbol(perpetual.symbol).base,
        settle=perpetual.settle,
        inverse=perpetual.inverse,
        tiers=rules.tiers,
        rule=rules.margin,
        taker_fee=float(tier.taker),
        closing_fee="price" if rules.margin.closing_fee else "none",
        tick=perpetual.tick,
    )


def flat_terms(
    rate: float, *, symbol: str = "BTC/USDT:USDT", amount: float = 0.0, initial: float | None = None
) -> MarginTerms:
    """Return terms of one bracket without end, for a contract of no venue.

    Parameters
    ----------
    rate, amount
        Maintenance is ``notional * rate - amount``.
    initial
        Initial margin as a fraction of notional; no limit to leverage where it is not given.

    Examples
    --------
    >>> flat_terms(0.005, symbol="ETH/USD:ETH").inverse
    True
    """
    parts = parse_symbol(symbol)
    settle = parts.settle or parts.quote
    for name, value in (("rate", rate), ("amount", amount)):
        if not math.isfinite(value):
            raise ConfigError(f"{symbol}: maintenance {name} = {value} is not a number")
    leverage = EVERYTHING if not initial else Decimal(repr(1.0 / initial))
    return MarginTerms(
        symbol=symbol,
        asset=parts.base,
        settle=settle,
        inverse=settle == parts.base,
        tiers=(
            MarginTier(
                floor=Decimal(0),
                cap=EVERYTHING,
                rate=Decimal(repr(rate)),
                amount=Decimal(repr(amount)),
                max_leverage=leverage,
            ),
        ),
    )


def half_initial_terms(max_leverage: float, *, symbol: str = "BTC/USDC:USDC") -> MarginTerms:
    """Return terms whose maintenance is half the initial margin at the highest leverage.

    References
    ----------
    Hyperliquid documentation, "Liquidations": maintenance margin.

    Examples
    --------
    >>> float(half_initial_terms(50.0).tiers[0].rate)
    0.01
    """
    return flat_terms(0.5 / max_leverage, symbol=symbol, initial=1.0 / max_leverage)
