"""The price of a perpetual future that leaves no arbitrage between it, its coin and two rates."""

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from hedgerow.errors import ConfigError
from hedgerow.pricing import rows
from hedgerow.pricing.answers import Answer, answers, refuse, usable
from hedgerow.pricing.rows import Call, Column, Rows
from hedgerow.units import Floats

TOO_WEAK: Final = "funding too weak for the carry"


class FundingTime(StrEnum):
    """When the price that funding is paid on is looked up."""

    PREVIOUS = "previous"  # at the start of the interval that the payment ends
    CURRENT = "current"  # at the payment itself
    CONTINUOUS = "continuous"  # paid at every instant


class Payoff(StrEnum):
    """What a perpetual on one coin is paid in."""

    LINEAR = "linear"  # the quote currency
    INVERSE = "inverse"  # the coin
    QUANTO = "quanto"  # a third one


@dataclass(frozen=True, slots=True, kw_only=True)
class Carry:
    """What the two legs of a carry trade earn, per year, continuously compounded.

    Attributes
    ----------
    quote_rate, coin_rate
        Of the quote currency, and of the coin (staking, lending).
    """

    quote_rate: float
    coin_rate: float = 0.0

    def __post_init__(self) -> None:
        for name in ("quote_rate", "coin_rate"):
            rows.rate(name, getattr(self, name)).number()

    @property
    def difference(self) -> float:
        """The rate at which the coin's forward price grows."""
        return self.quote_rate - self.coin_rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchoring:
    r"""How funding ties a perpetual at price f to its coin at x: longs pay κ(f − x) + ιx.

    Attributes
    ----------
    premium_intensity
        :math:`\kappa > 0`: part of the premium paid per interval, or per year if continuous.
    interest
        :math:`\iota < \kappa`: interest part paid per interval, or per year if continuous.
    interval_years
        Years of 365 days between payments; not used if continuous.
    time
        See `FundingTime`.
    """

    premium_intensity: float
    interest: float = 0.0
    interval_years: float = 0.0
    time: FundingTime = FundingTime.CONTINUOUS

    def __post_init__(self) -> None:
        object.__setattr__(self, "time", _time(self.time))
        for name in ("premium_intensity", "interest", "interval_years"):
            rows.finite(name, getattr(self, name)).number()
        if not self.premium_intensity > self.interest:
            raise ConfigError(
                f"premium_intensity = {self.premium_intensity} with interest = {self.interest}: "
                "the premium's part must be the larger one, or no price holds the contract"
            )
        if self.time is not FundingTime.CONTINUOUS and not self.interval_years > 0.0:
            raise ConfigError(
                f"interval_years = {self.interval_years}: say how long an interval is, "
                "8 hours are 8/8760"
            )


def linear_price(spot: float, carry: Carry, funding: Anchoring) -> float:
    r"""Return the price of a perpetual that pays in quote currency.

    .. math::
        f = \frac{x(\kappa - \iota)}{\kappa - (e^{(r-q)\Delta} - 1)}, \quad
        \frac{x(\kappa - \iota)}{\kappa + (e^{(q-r)\Delta} - 1)}, \quad
        \frac{x(\kappa - \iota)}{\kappa + q - r}

    for funding on the previous price, on the current one, and continuous funding.

    Raises
    ------
    ConfigError
        If the carry is so large that funding cannot hold any price.

    Examples
    --------
    >>> weekly = Anchoring(premium_intensity=1.0, interval_years=7 / 365, time=FundingTime.PREVIOUS)
    >>> round(linear_price(60_000.0, Carry(quote_rate=0.1), weekly), 2)
    60115.4

    References
    ----------
    Ackerer, D., Hugonnier, J. and Jermann, U. (2023). Perpetual futures pricing. arXiv:2310.11771,
    propositions 1 to 3.
    """
    spot = rows.spot(spot).number()
    pull = funding.premium_intensity - _growth(carry.difference, funding)
    _refuse_runaway(pull, carry, funding)
    return spot * (funding.premium_intensity - funding.interest) / pull


def inverse_price(spot: float, carry: Carry, funding: Anchoring) -> float:
    r"""Return the price of a perpetual that pays in its coin.

    .. math::
        f = \frac{x(\kappa - (e^{(q-r)\Delta} - 1))}{\kappa - \iota}, \quad
        \frac{x(\kappa + (e^{(r-q)\Delta} - 1))}{\kappa - \iota}, \quad
        \frac{x(\kappa + r - q)}{\kappa - \iota}

    for funding on the previous price, on the current one, and continuous funding.

    References
    ----------
    Ackerer, Hugonnier and Jermann (2023), inverse futures.
    """
    spot = rows.spot(spot).number()
    pull = funding.premium_intensity - _growth(-carry.difference, funding)
    _refuse_runaway(pull, carry, funding)
    return spot * pull / (funding.premium_intensity - funding.interest)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuantoRisk:
    """How the coin moves with the currency that a quanto contract pays in.

    Attributes
    ----------
    volatility, settle_volatility
        Of the coin and of the settlement coin, both against the quote currency, per year.
    correlation
        Of their returns.
    """

    volatility: float
    settle_volatility: float
    correlation: float

    def __post_init__(self) -> None:
        for name in ("volatility", "settle_volatility"):
            mend = "write 0.6 for 60 % a year; it is never below 0"
            rows.not_negative(name, getattr(self, name), mend).number()
        if not -1.0 <= rows.finite("correlation", self.correlation).number() <= 1.0:
            raise ConfigError(f"correlation = {self.correlation:g}: it lies between -1 and 1")


def quanto_price(spot: float, carry: Carry, funding: Anchoring, risk: QuantoRisk) -> float:
    r"""Return the price of a perpetual on one coin that pays a third one, continuous funding.

    .. math:: f = \frac{x(\kappa - \iota)}{\kappa - (r - q + \rho \sigma_x \sigma_z)}

    The covariance is what the change of numeraire to the settlement coin adds to the drift.
    """
    if funding.time is not FundingTime.CONTINUOUS:
        raise ConfigError(
            f"time = {funding.time}: the quanto price is known for continuous funding only; "
            "give premium_intensity and interest per year"
        )
    spot = rows.spot(spot).number()
    covariance = risk.correlation * risk.volatility * risk.settle_volatility
    pull = funding.premium_intensity - (carry.difference + covariance)
    _refuse_runaway(pull, carry, funding)
    return spot * (funding.premium_intensity - funding.interest) / pull


@dataclass(frozen=True, slots=True, kw_only=True)
class PerpetualPrices:
    """Prices of many perpetuals that leave no arbitrage.

    Attributes
    ----------
    price
        In quote.
    basis
        Over the spot price, as a fraction of it.
    rows
        Which rows are valid.
    """

    price: Answer
    basis: Answer
    rows: Rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """`Carry` and `Anchoring` of many perpetuals, as columns, with one time of funding.

    Attributes
    ----------
    premium_intensity, interest, interval_years, time
        See `Anchoring`.
    quote_rate, coin_rate
        See `Carry`.
    covariance
        Of the coin's returns with those of the currency that a quanto contract pays in, a year.
    """

    premium_intensity: Column
    interest: Column = 0.0
    interval_years: Column = 0.0
    time: FundingTime = FundingTime.CONTINUOUS
    quote_rate: Column
    coin_rate: Column = 0.0
    covariance: Column = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "time", _time(self.time))


def perpetual_prices(
    spot: Column, terms: Terms, *, payoff: Payoff | str = Payoff.LINEAR
) -> PerpetualPrices:
    """Return what `linear_price`, `inverse_price` or `quanto_price` say, for many contracts.

    Raises
    ------
    ConfigError
        If a number is outside its domain or funding is too weak for the carry. In a column such a
        row is NaN, with its reason in ``rows``.

    Examples
    --------
    >>> terms = Terms(premium_intensity=1_095.0, quote_rate=[0.05, 0.10, 2_000.0])
    >>> found = perpetual_prices(60_000.0, terms)
    >>> found.price.round(2).tolist(), found.rows.problems()
    ([60002.74, 60005.48, nan], [(2, 'funding too weak for the carry')])
    """
    kind, continuous = _payoff(payoff), terms.time is FundingTime.CONTINUOUS
    if kind is Payoff.QUANTO and not continuous:
        raise ConfigError(
            f"time = {terms.time}: the quanto price is known for continuous funding only; "
            "give premium_intensity and interest per year"
        )
    step = rows.not_negative if continuous else rows.positive
    call = Call(
        rows.spot(spot),
        rows.positive("premium_intensity", terms.premium_intensity),
        rows.finite("interest", terms.interest),
        step("interval_years", terms.interval_years, "8 hours are 8/8760"),
        rows.finite("quote_rate", terms.quote_rate),
        rows.finite("coin_rate", terms.coin_rate),
        rows.finite("covariance", terms.covariance),
    )
    _, kappa, iota, years, quote, coin, covariance = usable(call)
    with np.errstate(all="ignore"):  # a row that no double can hold is marked by `answers`
        carry = quote - coin + (covariance if kind is Payoff.QUANTO else 0.0)
        signed = -carry if kind is Payoff.INVERSE else carry
        pull = kappa - _growths(signed, years, terms.time)
        hold = kappa - iota
    weak = ~((pull > 0.0) & (hold > 0.0))
    mend = "check that both are per interval, or both per year if continuous"
    refuse(call, weak, TOO_WEAK, by=("premium_intensity", kappa), mend=mend)
    above, below = (pull, hold) if kind is Payoff.INVERSE else (hold, pull)
    with np.errstate(all="ignore"):
        ratio = above / below
        table = np.vstack((usable(call)[0] * ratio, (above - below) / below))
    return PerpetualPrices(**answers(call, table, "price", "basis"), rows=call.rows)


def anchoring_interest(carry: Carry, interval_years: float, time: FundingTime) -> float:
    r"""Return the interest part with which a linear perpetual trades at its coin's price.

    :math:`e^{(r-q)\Delta} - 1` on the previous price, :math:`1 - e^{-(r-q)\Delta}` on the current
    one, :math:`r - q` per year if continuous.
    """
    time = _time(time)
    if time is FundingTime.CONTINUOUS:
        return carry.difference
    mend = "8 hours are 8/8760"
    growth = carry.difference * rows.positive("interval_years", interval_years, mend).number()
    return _expm1(growth) if time is FundingTime.PREVIOUS else -_expm1(-growth)


def _growth(difference: float, funding: Anchoring) -> float:
    """Return what the carry adds to the price in one interval, seen from where funding is set."""
    if funding.time is FundingTime.CONTINUOUS:
        return difference
    growth = difference * funding.interval_years
    return _expm1(growth) if funding.time is FundingTime.PREVIOUS else -_expm1(-growth)


def _expm1(growth: float) -> float:
    try:
        return math.expm1(growth)
    except OverflowError:
        raise ConfigError(
            f"interval_years: in one interval the carry grows by e^{growth:g}, beyond what a "
            "double can hold; check that the interval is in years and the rates are yearly"
        ) from None


def _growths(difference: Floats, years: Floats, time: FundingTime) -> Floats:
    """Return what `_growth` returns, for columns."""
    if time is FundingTime.CONTINUOUS:
        return difference
    growth = difference * years
    return np.expm1(growth) if time is FundingTime.PREVIOUS else -np.expm1(-growth)


def _time(time: FundingTime | str) -> FundingTime:
    try:
        return FundingTime(time)
    except ValueError:
        raise ConfigError(f"time = {time!r}: write one of {', '.join(FundingTime)}") from None


def _payoff(payoff: Payoff | str) -> Payoff:
    try:
        return Payoff(payoff)
    except ValueError:
        raise ConfigError(f"payoff = {payoff!r}: write one of {', '.join(Payoff)}") from None


def _refuse_runaway(pull: float, carry: Carry, funding: Anchoring) -> None:
    if not pull > 0.0:
        raise ConfigError(
            f"premium_intensity = {funding.premium_intensity} is too weak for a carry of "
            f"{carry.difference:g} a year: no price is without arbitrage; check that both are "
            "per interval, or both per year if continuous"
        )
