"""What funding brought and took, from the ledger."""

import math
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from hedgerow.analysis.periods import days
from hedgerow.analysis.run import LegRun, Run
from hedgerow.analysis.windows import highest, rolling_sums
from hedgerow.ledger import EntryKind, LedgerEntry
from hedgerow.market.instrument import Settlement, parse_symbol
from hedgerow.units import DAY, HOUR, Floats, moment

WORST_DAYS: Final = 30
LONGEST_INTERVAL_HOURS: Final = 12.0  # a longer gap is time without a position, not an interval
HOURS_PER_YEAR: Final = 8_760.0


@dataclass(frozen=True, slots=True, kw_only=True)
class WorstFunding:
    """The stretch of 30 UTC days with the lowest net funding, in numeraire, received > 0."""

    first: date
    last: date
    net: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FundingStatistics:
    """Funding of one leg, amounts in numeraire at the time of payment.

    Attributes
    ----------
    settlements
        How many were paid or received, zero rates included.
    received, paid
        Both >= 0.
    mean_rate
        Mean over settlements, fraction of notional per interval; > 0 means longs pay.
    annual_rate
        Sum of the rates whose interval is known over the sum of those intervals, per year of
        365 days, simple. The interval is the time since the settlement before; a first row has
        none, and after more than 12 hours (the leg was flat) it is unknown. NaN if none is known.
    paid_share
        Share of the time that the book paid, each settlement counted with its interval; by number
        of settlements where no interval is known.
    """

    instrument: str
    account: str
    settlements: int
    received: float
    paid: float
    mean_rate: float
    annual_rate: float
    paid_share: float
    worst: WorstFunding

    @property
    def net(self) -> float:
        """Received less paid."""
        return self.received - self.paid


def funding(run: Run) -> tuple[FundingStatistics, ...]:
    """Return the statistics of each leg of `run`, in the order of its legs."""
    entries = run.ledger.of(EntryKind.FUNDING)
    return tuple(_of_leg(run, leg, entries) for leg in run.legs)


def realised_rate(entry: LedgerEntry) -> float:
    """Return the rate that a funding entry was paid at, fraction of notional; NaN if flat."""
    inverse = parse_symbol(entry.instrument).settlement is Settlement.INVERSE
    notional = entry.quantity if inverse else entry.quantity * entry.price
    return -entry.cash / notional if notional != 0.0 else math.nan


def _of_leg(run: Run, leg: LegRun, entries: list[LedgerEntry]) -> FundingStatistics:
    own = [
        entry
        for entry in entries
        if entry.instrument == leg.instrument and entry.account == leg.account
    ]
    value = np.array([entry.value for entry in own], dtype=np.float64)
    rate = np.array([realised_rate(entry) for entry in own], dtype=np.float64)
    time = np.array([entry.time for entry in own], dtype=np.int64)
    hours = np.diff(time / HOUR, prepend=-math.inf)
    known = (hours <= LONGEST_INTERVAL_HOURS) & np.isfinite(rate)
    span = float(hours[known].sum())
    return FundingStatistics(
        instrument=leg.instrument,
        account=leg.account,
        settlements=len(own),
        received=float(value[value > 0.0].sum()),
        paid=abs(float(value[value < 0.0].sum())),
        mean_rate=float(np.nanmean(rate)) if np.isfinite(rate).any() else math.nan,
        annual_rate=float(rate[known].sum()) / span * HOURS_PER_YEAR if span else math.nan,
        paid_share=_paid_share(value, np.where(known, hours, 0.0)),
        worst=_worst(run, value, (time // DAY).tolist()),
    )


def _paid_share(value: Floats, hours: Floats) -> float:
    if len(value) == 0:
        return math.nan
    weight = hours if hours.sum() > 0.0 else np.ones(len(value))
    return float(weight[value < 0.0].sum() / weight.sum())


def _worst(run: Run, value: Floats, day: list[int]) -> WorstFunding:
    """Return the worst stretch; a settlement at 00:00 belongs to the day that begins."""
    every = days(run)
    net = np.zeros(len(every))
    np.add.at(net, np.clip(np.array(day, dtype=np.int64) - every[0], 0, len(every) - 1), value)
    worst = highest(-rolling_sums(net, WORST_DAYS), WORST_DAYS, len(every))
    return WorstFunding(
        first=moment(int(every[worst.first]) * DAY).date(),
        last=moment(int(every[worst.last]) * DAY).date(),
        net=-worst.amount,
    )
