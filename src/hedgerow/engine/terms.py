"""What a run is asked to do, in plain values that both engines understand."""

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from hedgerow.kernels.margin import (
    BANKRUPTCY,
    BRACKETS,
    FULL,
    PARTIAL,
    STEP_DOWN,
    Opening,
    Requirement,
    Taking,
)
from hedgerow.policies.mixed import AnyRule
from hedgerow.units import Floats


class Fill(StrEnum):
    """When an order decided at a close fills."""

    NEXT_OPEN = "next_open"
    NEXT_MEAN = "next_mean"
    CLOSE = "close"


class Funds(StrEnum):
    """Where cash for an account comes from."""

    OWNED = "owned"  # it lies ready
    BORROWED = "borrowed"  # against the coins; it costs interest
    SOLD = "sold"  # coins are sold as needed


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Brackets:
    """A maintenance schedule as arrays, ``(tiers,)`` each; see `kernels.margin.Requirement`.

    Floors and caps are in settle currency, or sizes where `kind` goes by size. The slopes are
    those of the maintenance and of the initial rate, per coin.
    """

    floor: Floats
    cap: Floats
    rate: Floats
    amount: Floats
    leverage: Floats
    kind: int = BRACKETS
    slope: float = 0.0
    opening_slope: float = 0.0

    @property
    def requirement(self) -> Requirement:
        """What it asks for to stay open."""
        return Requirement(self.kind, self.slope, self.floor, self.cap, self.rate, self.amount)

    def opening(self, limit: float) -> Opening:
        """Return what it asks for to open, under our own highest leverage."""
        return Opening(
            self.kind, self.opening_slope, self.floor, self.cap, self.leverage, float(limit)
        )

    def same_as(self, other: "Brackets") -> bool:
        """Return whether another schedule asks for the same."""
        numbers = ("kind", "slope", "opening_slope")
        columns = ("floor", "cap", "rate", "amount", "leverage")
        return all(getattr(self, name) == getattr(other, name) for name in numbers) and all(
            np.array_equal(getattr(self, name), getattr(other, name)) for name in columns
        )


UNMARGINED = Brackets(
    floor=np.zeros(1),
    cap=np.full(1, 1e300),
    rate=np.zeros(1),
    amount=np.zeros(1),
    leverage=np.full(1, 1e9),
)


METHODS = {"full": FULL, "step_down": STEP_DOWN, "bankruptcy": BANKRUPTCY, "partial": PARTIAL}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LegTerms:
    """One instrument that hedges one asset from one account.

    Attributes
    ----------
    lot_size
        One lot: base coin if linear, quote face if inverse.
    minimum
        Smallest order, quote.
    method
        Of liquidation, one of `METHODS`; `step` and `step_above` belong to ``"partial"``, and
        below `backstop` of maintenance equity is lost with the position.
    fee, liquidation_fee
        Fractions of notional; a rebate is negative.
    ratio
        Part of the exposure to hedge, 0 to 1.5.
    by_value
        Match the worth of the exposure at the index, not its coins.
    cooldown_hours, minimum_trade, naked_limit, max_leverage
        Limits; trades and naked exposure in quote. Beyond `naked_limit` the policy and the
        cooldown are overruled and the goal is sought.
    numbers
        The policy's own.
    """

    instrument: str
    asset: str
    account: str
    settle: str
    inverse: bool
    lot_size: float
    minimum: float
    brackets: Brackets
    method: str
    fee: float
    liquidation_fee: float
    step: float = 0.0
    step_above: float = 0.0
    backstop: float = 0.0
    ratio: float = 1.0
    by_value: bool = False
    cooldown_hours: float = 0.0
    minimum_trade: float = 0.0
    naked_limit: float = np.inf
    max_leverage: float = 1e9
    numbers: tuple[float, ...] = ()

    @property
    def taking(self) -> Taking:
        """What the venue does with it below maintenance."""
        return Taking(
            METHODS[self.method], self.liquidation_fee, self.step, self.step_above, self.backstop
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PledgeTerms:
    """Another asset in an account, which counts less `haircut`; out of the holding or beside it."""

    asset: str
    amount: float
    haircut: float = 0.0
    from_holding: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountTerms:
    """One margin account; amounts in `collateral`.

    Attributes
    ----------
    from_holding
        Deposit and owned reserve come out of the declared holding of that asset.
    sells
        Asset sold to raise cash where funds are SOLD, else None.
    top_up_below, top_up_to, withdraw_above, withdraw_to
        Headroom, fraction of notional.
    stay
        Stay out after a liquidation; else the policy may hedge again.
    pledges
        What else backs it.
    """

    name: str
    collateral: str
    deposit: float
    deposit_from: Funds = Funds.OWNED
    reserve: float = 0.0
    reserve_from: Funds = Funds.OWNED
    from_holding: bool = False
    sells: str | None = None
    top_up_below: float = 0.1
    top_up_to: float = 0.2
    withdraw_above: float = np.inf
    withdraw_to: float = np.inf
    delay_seconds: float = 3600.0
    stay: bool = False
    pledges: tuple[PledgeTerms, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Everything about a book, its hedge and its costs that is not the market.

    Attributes
    ----------
    assets
        Every asset in play, coins and money; legs, accounts and holdings name them.
    cash
        Which of `assets` are money.
    numeraire_coin
        The asset that worth is counted in, None for money.
    holdings
        Declared amounts at the start, in the order of `assets`.
    impact
        Coefficient of square-root impact on bar volume; 0 for none.
    latency_seconds
        Adds volatility times the square root of this time to slippage.
    cash_rate, borrow_rate, staking_rate
        Yearly, simple, paid at each day's end.
    checked
        Whether margin is watched.
    """

    assets: tuple[str, ...]
    cash: frozenset[str]
    numeraire_coin: str | None
    holdings: tuple[float, ...]
    legs: tuple[LegTerms, ...]
    accounts: tuple[AccountTerms, ...]
    rule: AnyRule
    fill: Fill = Fill.NEXT_OPEN
    maker: bool = False
    half_spread: float = 0.0
    impact: float = 0.0
    latency_seconds: float = 0.0
    spot_fee: float = 0.0
    cash_rate: float = 0.0
    borrow_rate: float = 0.0
    staking_rate: float = 0.0
    checked: bool = True


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RuleChange:
    """Terms under the rules that venues apply from the open of a bar on.

    Only what a venue says of a leg may differ from the terms before: brackets, fees, liquidation
    and the smallest order.
    """

    step: int
    terms: Terms


RULED = ("minimum", "method", "fee", "liquidation_fee", "step", "step_above", "backstop")


def ruled_alike(one: Terms, two: Terms) -> bool:
    """Return whether venues say the same of every leg of two terms."""
    return all(
        first.brackets.same_as(second.brackets)
        and all(getattr(first, name) == getattr(second, name) for name in RULED)
        for first, second in zip(one.legs, two.legs, strict=True)
    )


def under(terms: Terms, rules: Terms) -> Terms:
    """Return `terms` with what venues say of each leg taken from `rules`."""
    return replace(
        terms,
        legs=tuple(
            replace(own, brackets=other.brackets, **{name: getattr(other, name) for name in RULED})
            for own, other in zip(terms.legs, rules.legs, strict=True)
        ),
    )
