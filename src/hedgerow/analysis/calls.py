"""The cash that the hedge called for: what left the reserve, day by day, and the worst stretches.

A call decided at the close of a bar at 00:00 belongs to the day that ended. A call that the reserve
could not meet is asked again at the next bar, so a day, and a stretch of days, counts its largest
unmet call and not their sum.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import polars as pl

from hedgerow.analysis.periods import day_of_close, days
from hedgerow.analysis.run import Run
from hedgerow.analysis.windows import highest, rolling_maxima, rolling_sums
from hedgerow.ledger import EntryKind
from hedgerow.units import DAY, Floats, moment

STRETCHES: Final = (1, 7, 30)  # days
HEDGE_CASH: Final = (
    "hedge_index",
    "hedge_basis",
    "funding",
    "fees",
    "slippage",
    "liquidation",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorstStretch:
    """The stretch of so many UTC days that took the most cash; > 0 is cash needed."""

    days: int
    first: date
    last: date
    amount: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CashCalls:
    """Cash between the reserve and all accounts of one collateral, in its `unit`.

    `by_day` has ``day``, ``net`` (sent to the accounts less taken back) and ``unmet`` (the day's
    largest call that the reserve could not meet). `worst` counts both.
    """

    unit: str
    by_day: pl.DataFrame
    worst: tuple[WorstStretch, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CashDrain:
    """Cash that the hedge itself consumed, marked to market, in numeraire; > 0 is a loss.

    The change of hedge on index and basis, funding, fees, slippage and liquidation, sign turned:
    what would have had to be paid in if every day were settled in cash.
    """

    by_day: pl.DataFrame  # ``day`` and ``drain``
    worst: tuple[WorstStretch, ...]


def cash_calls(run: Run) -> tuple[CashCalls, ...]:
    """Return the calls of `run`, one value for each collateral, in the order of its accounts."""
    return tuple(_of_unit(run, unit) for unit in dict.fromkeys(a.collateral for a in run.accounts))


def cash_drain(daily: pl.DataFrame) -> CashDrain:
    """Return the drain of the hedge from the frame that `analysis.daily.daily` gives."""
    by_day = daily.select("day", (-pl.sum_horizontal(HEDGE_CASH)).alias("drain"))
    drain = by_day["drain"].to_numpy()
    first: date = by_day["day"][0]
    start = (first - date(1970, 1, 1)).days
    return CashDrain(
        by_day=by_day,
        worst=tuple(_stretch(rolling_sums(drain, n), n, start, len(drain)) for n in STRETCHES),
    )


def _of_unit(run: Run, unit: str) -> CashCalls:
    every = days(run)
    net, unmet = np.zeros(len(every)), np.zeros(len(every))

    def place(time: int) -> int:
        return int(np.clip(day_of_close(np.array([time]))[0] - every[0], 0, len(every) - 1))

    for entry in run.ledger.of(EntryKind.TOP_UP, EntryKind.WITHDRAWAL):
        if entry.unit == unit:
            leaving = max(-entry.cash, 0.0)
            net[place(entry.time)] += leaving if entry.kind is EntryKind.TOP_UP else -leaving
    for account in run.accounts:
        if account.collateral == unit:
            asked = np.zeros(len(every))
            for time, amount in account.unmet:
                asked[place(time)] = max(asked[place(time)], amount)
            unmet += asked
    day = pl.Series("day", every).cast(pl.Int32).cast(pl.Date)
    return CashCalls(
        unit=unit,
        by_day=pl.DataFrame([day, pl.Series("net", net), pl.Series("unmet", unmet)]),
        worst=tuple(
            _stretch(
                rolling_sums(net, length) + rolling_maxima(unmet, length),
                length,
                int(every[0]),
                len(every),
            )
            for length in STRETCHES
        ),
    )


def _stretch(amounts: Floats, length: int, start: int, count: int) -> WorstStretch:
    worst = highest(amounts, length, count)
    return WorstStretch(
        days=length,
        first=moment((start + worst.first) * DAY).date(),
        last=moment((start + worst.last) * DAY).date(),
        amount=worst.amount,
    )
