"""What is answered about perpetuals on a power of the price."""

from dataclasses import dataclass
from typing import Generic

import numpy as np

from hedgerow.pricing import rows
from hedgerow.pricing.answers import refuse
from hedgerow.pricing.rows import Call, Column, Rows, Values
from hedgerow.units import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerGreeks(Generic[Values]):
    """Price and sensitivities of one contract on a power of the price.

    Attributes
    ----------
    price
        In quote.
    delta, gamma
        Per quote/base of spot, and that again.
    vega, vanna, volga
        Of price, delta and vega, per 1.00 of volatility.
    theta
        Per year; zero of a perpetual.
    funding_flow
        What a holder of one pays in funding, quote a year; zero of a dated contract.
    rows
        Which rows are valid.
    """

    price: Values
    delta: Values
    gamma: Values
    vega: Values
    theta: Values
    vanna: Values
    volga: Values
    funding_flow: Values
    rows: Rows

    def hedge(self, contracts: float) -> Values:
        """Return the coins to hold against a position: of `contracts` < 0, above 0 if p > 0."""
        return -contracts * self.delta


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerVolatility(Generic[Values]):
    """The volatility a price implies, a year."""

    volatility: Values
    rows: Rows


@dataclass(frozen=True, slots=True, kw_only=True)
class SqueethFunding(Generic[Values]):
    """One step of the squeeth's funding.

    Attributes
    ----------
    clamped_mark
        The mark that counted, not too far from the index.
    norm
        What one token is of a contract now: funding is paid in it.
    rows
        Which rows are valid.
    """

    clamped_mark: Values
    norm: Values
    rows: Rows


def period(name: str, years: Column) -> rows.Argument:
    """Return the argument of a time that funding is counted over."""
    return rows.positive(name, years, "a day is 1/365")


def refuse_overflow(call: Call, prices: Floats, powers: Floats) -> None:
    """Mark the rows whose price no double can hold; of one number, raise."""
    mend = "give a smaller power"
    refuse(call, ~np.isfinite(prices), rows.Reason.OVERFLOW, by=("power", powers), mend=mend)
