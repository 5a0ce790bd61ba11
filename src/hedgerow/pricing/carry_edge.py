"""What holding a hedge through funding is expected to earn beyond what the market's forwards pay.

Options are marked and their deltas taken on the market's forward. What a hedger expects of funding
is an opinion beside it: it is a line of its own, and moves no mark, no volatility and no delta.
"""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, overload

import numpy as np

from hedgerow.errors import ConfigError
from hedgerow.pricing import rows
from hedgerow.pricing.answers import answers, usable
from hedgerow.pricing.rows import Call, Column, Rows, Values
from hedgerow.units import Floats

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, slots=True, kw_only=True)
class FundingOutlook:
    """Funding expected to return from its level now to a mean, by halves.

    Attributes
    ----------
    now, mean
        Fraction of notional a year, above zero if longs pay.
    half_life_years
        Until half of the distance is gone.
    """

    now: float
    mean: float
    half_life_years: float

    def __post_init__(self) -> None:
        for name in ("now", "mean"):
            rows.finite(name, getattr(self, name), "write a yearly fraction").number()
        mend = "write a number above 0, a day is 1/365"
        rows.positive("half_life_years", self.half_life_years, mend).number()

    def average(self, years: Column) -> Floats:
        """Return the rate expected on average from now until each of `years`.

        Examples
        --------
        >>> FundingOutlook(now=0.3, mean=0.1, half_life_years=0.1).average([0.0, 0.1]).round(4)
        array([0.3   , 0.2443])
        """
        call = Call(rows.not_negative("years", years, "from now on, in years of 365 days"))
        if problems := call.rows.problems():
            place, reason = problems[0]
            raise ConfigError(f"row {place}: {reason}; ask for times from now on")
        decay = np.atleast_1d(call.columns[0]) * (math.log(2.0) / self.half_life_years)
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.where(decay == 0.0, 1.0, -np.expm1(-decay) / decay)
        return self.mean + (self.now - self.mean) * share


@dataclass(frozen=True, slots=True, kw_only=True)
class CarryEdge(Generic[Values]):
    """Expected funding against the carry in the market's forwards, by term.

    Attributes
    ----------
    years
        To each expiry.
    implied, expected
        What a short future and a short perpetual earn until then, a year, of the notional.
    edge
        The second less the first: above zero if the short is better held through the perpetual.
    quote
        That for one coin until the expiry, in quote.
    rows
        Which rows are valid.
    """

    years: Values
    implied: Values
    expected: Values
    edge: Values
    quote: Values
    rows: Rows


@overload
def carry_edge(  # type: ignore[overload-overlap]
    spot: float,
    forward: float,
    years: float,
    expected_funding: float,
) -> CarryEdge[float]: ...
@overload
def carry_edge(  # type: ignore[overload-overlap]
    spot: "pl.Series",
    forward: Column,
    years: Column,
    expected_funding: Column,
) -> "CarryEdge[pl.Series]": ...
@overload
def carry_edge(
    spot: Column,
    forward: Column,
    years: Column,
    expected_funding: Column,
) -> CarryEdge[Floats]: ...
def carry_edge(
    spot: Column, forward: Column, years: Column, expected_funding: Column
) -> "CarryEdge[float] | CarryEdge[Floats] | CarryEdge[pl.Series]":
    r"""Return expected funding less the carry that forwards imply, for each expiry.

    .. math:: e = \bar f(T) - \frac{\ln(F_T / S)}{T}

    Parameters
    ----------
    spot, forward, years
        The index, and the market's forward for each time.
    expected_funding
        :math:`\bar f(T)`, expected on average until each expiry, a year; `FundingOutlook.average`
        gives one.

    Examples
    --------
    >>> edge = carry_edge(60_000.0, [60_500.0, 62_000.0], [30 / 365, 0.25], [0.15, 0.12])
    >>> edge.edge.round(4).tolist()
    [0.049, -0.0112]
    """
    call = Call(
        rows.spot(spot),
        rows.forward(forward),
        rows.years(years),
        rows.finite("expected_funding", expected_funding),
    )
    spots, forwards, terms, expected = usable(call)
    with np.errstate(all="ignore"):  # a row that no double can hold is marked by `answers`
        implied = np.log(forwards / spots) / terms
        edge = expected - implied
        table = np.vstack((terms, implied, expected, edge, spots * edge * terms))
    names = ("years", "implied", "expected", "edge", "quote")
    return CarryEdge(**answers(call, table, *names), rows=call.rows)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TermEdge:
    """The edge between one expiry and the next, each of shape ``(expiries,)``.

    Attributes
    ----------
    start, end
        Years from now.
    implied, expected, edge
        Of that stretch alone, a year; the first one starts now.
    """

    start: Floats
    end: Floats
    implied: Floats
    expected: Floats
    edge: Floats


def between_expiries(
    edge: "CarryEdge[float] | CarryEdge[Floats] | CarryEdge[pl.Series]",
) -> TermEdge:
    """Return the edge of each stretch from one expiry to the next, from rows in any order.

    Rows that are not valid are left out; of several at one time the first counts.

    Examples
    --------
    >>> edge = carry_edge(60_000.0, [60_500.0, 62_000.0], [30 / 365, 0.25], [0.15, 0.12])
    >>> between_expiries(edge).edge.round(4).tolist()
    [0.049, -0.0406]
    """
    valid = edge.rows.valid.ravel()
    columns = (edge.years, edge.implied, edge.expected)
    ends, implied, expected = (np.ravel(np.asarray(column))[valid] for column in columns)
    ends, first = np.unique(ends, return_index=True)
    starts = np.concatenate(([0.0], ends[:-1]))

    def alone(rates: Floats) -> Floats:
        earned = rates[first] * ends
        return np.asarray(np.diff(earned, prepend=0.0) / (ends - starts), dtype=np.float64)

    forward, funding = alone(implied), alone(expected)
    return TermEdge(
        start=starts, end=ends, implied=forward, expected=funding, edge=funding - forward
    )
