"""A funding rate that was settled, and one that is only expected: two types, never mixed up."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hedgerow.errors import ConfigError, DataGap
from hedgerow.units import iso

if TYPE_CHECKING:
    from hedgerow.market.series import FundingRates


@dataclass(frozen=True, slots=True, kw_only=True)
class RealisedFunding:
    """What longs paid shorts at one settlement; the only kind that moves cash.

    Attributes
    ----------
    venue, instrument
        Whose rate it is; the instrument as a unified symbol.
    time
        Instant of the settlement, UTC nanoseconds.
    rate
        Fraction of notional for the interval that ends here; > 0: longs pay shorts.
    interval_hours
        Hours that the rate is for, > 0.
    """

    venue: str
    instrument: str
    time: int
    rate: float
    interval_hours: float

    def __post_init__(self) -> None:
        _check(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictedFunding:
    """What longs are expected to pay shorts at a settlement to come; it moves no cash.

    Attributes
    ----------
    venue, instrument, rate, interval_hours
        As of `RealisedFunding`.
    time
        Instant of the settlement that it is about, UTC nanoseconds.
    as_of
        Instant of what was known, UTC nanoseconds, before `time`.
    elapsed
        Share of the interval that had elapsed by then, 0 to 1.
    """

    venue: str
    instrument: str
    time: int
    rate: float
    interval_hours: float
    as_of: int
    elapsed: float

    def __post_init__(self) -> None:
        _check(self)
        if self.as_of > self.time:
            raise ConfigError(
                f"{self.venue} {self.instrument}: as_of = {iso(self.as_of)} is after the "
                f"settlement at {iso(self.time)}; a settled rate is a RealisedFunding"
            )
        if not 0.0 <= self.elapsed <= 1.0:
            raise ConfigError(
                f"{self.venue} {self.instrument}: elapsed = {self.elapsed}; write the share of "
                "the interval, from 0 to 1"
            )


def _check(funding: RealisedFunding | PredictedFunding) -> None:
    where = f"{funding.venue} {funding.instrument} at {iso(funding.time)}"
    if not math.isfinite(funding.rate):
        raise DataGap(
            f"{where}: the funding rate is {funding.rate}; a missing rate is never filled"
        )
    if not 0.0 < funding.interval_hours < math.inf:
        raise DataGap(
            f"{where}: interval_hours = {funding.interval_hours}; say how many hours the rate is "
            "for, because a missing interval is never taken to be 8"
        )


def realised(rates: "FundingRates", venue: str, instrument: str) -> tuple[RealisedFunding, ...]:
    """Return recorded settlements one by one, oldest first.

    Raises
    ------
    DataGap
        If the interval of a row is unknown: cut the series to where it is known.
    """
    rows = zip(rates.time.tolist(), rates.rate.tolist(), rates.interval_hours.tolist(), strict=True)
    return tuple(
        RealisedFunding(
            venue=venue, instrument=instrument, time=time, rate=rate, interval_hours=hours
        )
        for time, rate, hours in rows
    )
