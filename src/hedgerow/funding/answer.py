"""What one premium means for one position: rate, year, cash, and whether a bound holds it."""

from dataclasses import dataclass

from hedgerow.errors import ConfigError
from hedgerow.funding.payment import position_payment
from hedgerow.funding.premiums import projected_from, samples_of
from hedgerow.funding.rules import settlement_rate
from hedgerow.funding.skew import OpenInterest, skew_cash, skew_rate
from hedgerow.market.venue import ContractRules
from hedgerow.pricing.annual import HOURS_PER_YEAR, annualised, compounded


@dataclass(frozen=True, slots=True, kw_only=True)
class FundingAnswer:
    """What funding is, and what it moves.

    Attributes
    ----------
    rate
        Fraction of notional for one interval; > 0: longs pay shorts.
    interval_hours
        Hours that the rate is for.
    annualised, annualised_compounded
        The rate per year of 365 days, taken out and left in.
    payment
        Cash to the holder for one interval, received > 0, settlement currency; None without a
        position.
    price_kind
        ``"mark"``, ``"index"`` or ``"oracle"``: what the payment multiplies.
    capped
        Whether the venue's cap, floor or limit of a change holds the rate.
    predicted
        Whether the interval still runs.
    premium
        Of the interval, as it ends if predicted; None where the rate does not follow one.
    """

    rate: float
    interval_hours: float
    annualised: float
    annualised_compounded: float
    payment: float | None
    price_kind: str
    capped: bool
    predicted: bool
    premium: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stake:
    """A position that pays or gets funding.

    Attributes
    ----------
    size
        Signed: base coin if linear, quote face if inverse, contracts times multiplier if quanto.
    price
        Of the kind that the venue's rule names.
    """

    size: float
    price: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampled:
    """The premium of an interval, or of the part of it that has elapsed.

    Attributes
    ----------
    premium
        Average of the samples, under the venue's weights.
    newest
        The last of them.
    elapsed
        Share of the interval that they cover, above 0 and at most 1.
    """

    premium: float
    newest: float
    elapsed: float = 1.0


def funding_answer(
    contract: ContractRules,
    sampled: Sampled,
    stake: Stake | None = None,
    previous: float | None = None,
) -> FundingAnswer:
    """Return what the venue's rule makes of a premium, for a position if there is one.

    Where the interval still runs, its newest premium is taken to persist until it ends. `previous`
    is the rate before, where the venue limits the change.

    Raises
    ------
    ConfigError
        If a number of the rule is missing, or the weights that a running interval needs.
    """
    premium = _projected(contract, sampled)
    settled = settlement_rate(contract.funding, premium, previous)
    inverse = contract.perpetual.inverse
    payment = None
    if stake is not None:
        payment = position_payment(settled.rate, stake.size, stake.price, inverse=inverse)
    return _answer(
        contract,
        settled.rate,
        payment,
        capped=settled.capped,
        predicted=sampled.elapsed < 1.0,
        premium=premium,
    )


def skew_answer(
    contract: ContractRules,
    held: OpenInterest,
    saved: float,
    seconds: float,
    stake: Stake | None = None,
) -> FundingAnswer:
    """Return the same where the rate follows open interest, over the hours that it is quoted for.

    Parameters
    ----------
    saved, seconds
        The rate per second kept at the last change, and the seconds since.
    """
    terms = contract.funding.skew
    if terms is None:
        raise ConfigError(
            f"{contract.venue} {contract.perpetual.symbol}: its rate follows a premium, not open "
            "interest; give the premium"
        )
    found = skew_rate(terms, held, saved, seconds)
    period = contract.funding.interval_hours * 3_600.0
    payment = None
    if stake is not None:
        sides = skew_cash(found.rate, held, period)
        side = sides.long if stake.size > 0.0 else sides.short
        payment = abs(stake.size) * stake.price * side
    return _answer(
        contract,
        found.rate * period,
        payment,
        capped=abs(found.saved) == float(terms.maximum),
        predicted=False,
        premium=None,
    )


def _projected(contract: ContractRules, sampled: Sampled) -> float:
    if not 0.0 < sampled.elapsed <= 1.0:
        raise ConfigError(
            f"elapsed = {sampled.elapsed}: write the share of the interval, above 0 and at most 1"
        )
    if sampled.elapsed == 1.0 or sampled.newest == sampled.premium:
        return sampled.premium
    rule = contract.premium
    if rule is None:
        raise ConfigError(
            f"{contract.venue} {contract.perpetual.symbol}: no table says how its premiums are "
            "averaged, so a running interval cannot be projected; give the premium of a whole one"
        )
    expected = samples_of(rule, contract.funding.interval_hours)
    return projected_from(rule, sampled.premium, sampled.newest, sampled.elapsed, expected)


def _answer(
    contract: ContractRules,
    rate: float,
    payment: float | None,
    *,
    capped: bool,
    predicted: bool,
    premium: float | None,
) -> FundingAnswer:
    intervals = HOURS_PER_YEAR / contract.funding.interval_hours
    return FundingAnswer(
        rate=rate,
        interval_hours=float(contract.funding.interval_hours),
        annualised=annualised(rate, intervals),
        annualised_compounded=compounded(rate, intervals),
        payment=payment,
        price_kind=contract.funding.price,
        capped=capped,
        predicted=predicted,
        premium=premium,
    )
