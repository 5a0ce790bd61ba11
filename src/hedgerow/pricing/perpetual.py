"""The price of a perpetual future that leaves no arbitrage between it, its coin and two rates."""

import math
from dataclasses import dataclass
from enum import StrEnum

from hedgerow.errors import ConfigError


class FundingTime(StrEnum):
    """When the price that funding is paid on is looked up."""

    PREVIOUS = "previous"  # at the start of the interval that the payment ends
    CURRENT = "current"  # at the payment itself
    CONTINUOUS = "continuous"  # paid at every instant


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
    covariance = risk.correlation * risk.volatility * risk.settle_volatility
    pull = funding.premium_intensity - (carry.difference + covariance)
    _refuse_runaway(pull, carry, funding)
    return spot * (funding.premium_intensity - funding.interest) / pull


def anchoring_interest(carry: Carry, interval_years: float, time: FundingTime) -> float:
    r"""Return the interest part with which a linear perpetual trades at its coin's price.

    :math:`e^{(r-q)\Delta} - 1` on the previous price, :math:`1 - e^{-(r-q)\Delta}` on the current
    one, :math:`r - q` per year if continuous.
    """
    if time is FundingTime.CONTINUOUS:
        return carry.difference
    growth = carry.difference * interval_years
    return math.expm1(growth) if time is FundingTime.PREVIOUS else -math.expm1(-growth)


def _growth(difference: float, funding: Anchoring) -> float:
    """Return what the carry adds to the price in one interval, seen from where funding is set."""
    if funding.time is FundingTime.CONTINUOUS:
        return difference
    growth = difference * funding.interval_years
    return math.expm1(growth) if funding.time is FundingTime.PREVIOUS else -math.expm1(-growth)


def _refuse_runaway(pull: float, carry: Carry, funding: Anchoring) -> None:
    if not pull > 0.0:
        raise ConfigError(
            f"premium_intensity = {funding.premium_intensity} is too weak for a carry of "
            f"{carry.difference:g} a year: no price is without arbitrage; check that both are "
            "per interval, or both per year if continuous"
        )
