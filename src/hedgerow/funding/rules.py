"""The rate of a settlement by the rule that a venue's table names."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from hedgerow.errors import ConfigError, UnknownName
from hedgerow.kernels.funding_rate import (
    FundingTerms,
    clamped_rate,
    damped_rate,
    funding_rate,
    limited_change,
    premium_rate,
    spread_rate,
)
from hedgerow.market.venue import FundingRule

Rule = Callable[[float, FundingTerms], float]


def _of_eight_hours(premium: float, terms: FundingTerms) -> float:
    return spread_rate(premium, terms, 8.0)


def _of_a_day(premium: float, terms: FundingTerms) -> float:
    return spread_rate(premium, terms, 24.0)


RULES: Final[Mapping[str, Rule]] = MappingProxyType(
    {
        "scaled_clamp": funding_rate,
        "clamp": clamped_rate,
        "premium": premium_rate,
        "damped": damped_rate,
        "capped_premium": _of_eight_hours,
        "convergence": _of_eight_hours,
        "spread": _of_a_day,
        "price_difference": _of_a_day,
    }
)
SKEW: Final = "adaptive_skew"  # set by open interest, not by a premium: see `funding.skew`
METHODS: Final = (*RULES, SKEW)


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementRate:
    """What a rule makes of the premium of an interval.

    Attributes
    ----------
    rate
        Fraction of notional for one interval; > 0: longs pay shorts.
    unbounded
        The same without cap and floor.
    interval_hours
        Hours that the rate is for.
    """

    rate: float
    unbounded: float
    interval_hours: float

    @property
    def capped(self) -> bool:
        """Whether the cap, the floor or the limit of a change holds the rate back."""
        return self.rate != self.unbounded


def settlement_rate(
    rule: FundingRule, premium: float, previous: float | None = None
) -> SettlementRate:
    """Return the rate that `rule` makes of an interval's `premium`.

    Parameters
    ----------
    premium
        Average premium of the interval, fraction of the index.
    previous
        The rate before, where the rule limits the change; without it no limit is felt.

    Raises
    ------
    UnknownName
        If no rule is called what the table says.
    ConfigError
        If the interval, the cap or the floor is missing, or the rule takes no premium.

    Examples
    --------
    >>> from hedgerow.market.tables import contract_rules
    >>> from datetime import date
    >>> binance = contract_rules("binance", "BTC/USDT:USDT", date(2026, 8, 1))
    >>> round(settlement_rate(binance.funding, 0.0009).rate, 12)
    0.0004
    """
    terms = funding_terms(rule)
    if rule.method == SKEW:
        raise ConfigError(
            f"funding method {SKEW!r}: the rate follows open interest, not a premium; "
            "use hedgerow.funding.skew"
        )
    if not math.isfinite(premium):
        raise ConfigError(f"premium = {premium}: write a fraction of the index, like 0.0004")
    formula = RULES[rule.method]
    free = terms._replace(cap=math.inf, floor=-math.inf)
    rate = formula(premium, terms)
    if rule.change_limit is not None and previous is not None:
        rate = limited_change(rate, previous, float(rule.change_limit))
    return SettlementRate(
        rate=rate,
        unbounded=formula(premium, free),
        interval_hours=terms.interval_hours,
    )


def funding_terms(rule: FundingRule) -> FundingTerms:
    """Return the numbers of `rule` in floats, all of them known.

    A rule without bounds says so with an infinite cap and floor.

    Raises
    ------
    UnknownName, ConfigError
        If the method is unknown, or a number is missing: it is refused, never assumed.
    """
    if rule.method not in METHODS:
        raise UnknownName("funding method", rule.method, METHODS)
    terms = FundingTerms(
        interest=_number("interest", rule.interest),
        clamp=_number("clamp", rule.clamp),
        cap=_number("cap", rule.cap),
        floor=_number("floor", rule.floor),
        interval_hours=_hours(rule.interval_hours),
    )
    if not terms.floor < terms.cap:
        raise ConfigError(
            f"cap = {rule.cap} is not above the floor of {rule.floor}; mend the table"
        )
    return terms


def _hours(value: object) -> float:
    if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
        raise ConfigError(
            f"interval_hours = {value!r}: say how many hours lie between settlements; a missing "
            "interval is never taken to be 8"
        )
    return float(value)


def _number(name: str, value: object) -> float:
    if not isinstance(value, Decimal) or value.is_nan():
        raise ConfigError(
            f"{name} = {value!r}: write the number; a missing {name} is refused, never assumed"
        )
    return float(value)
