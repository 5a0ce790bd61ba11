"""Every figure of one run, worked out once, for all that show it."""

from dataclasses import dataclass

import polars as pl

from hedgerow.analysis.calls import CashCalls, CashDrain, cash_calls, cash_drain
from hedgerow.analysis.capital import Capital, capital
from hedgerow.analysis.closeness import ClosestApproach, closest_approaches
from hedgerow.analysis.daily import daily
from hedgerow.analysis.effectiveness import Effectiveness, effectiveness
from hedgerow.analysis.forced_closes import LiquidationEvent, liquidation_events
from hedgerow.analysis.funding import FundingStatistics, funding
from hedgerow.analysis.lots import Lot, lots
from hedgerow.analysis.monthly import monthly
from hedgerow.analysis.risk import Risk, risk
from hedgerow.analysis.run import Run
from hedgerow.analysis.shortfall import Shortfall, shortfalls


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """What the files of this room say about one run; `closest` and `funding` by leg."""

    daily: pl.DataFrame
    monthly: pl.DataFrame
    hedged: Risk
    unhedged: Risk
    effectiveness: tuple[Effectiveness, ...]
    funding: tuple[FundingStatistics, ...]
    closest: tuple[ClosestApproach, ...]
    liquidation_events: tuple[LiquidationEvent, ...]
    cash_calls: tuple[CashCalls, ...]
    cash_drain: CashDrain
    shortfalls: tuple[Shortfall, ...]
    capital: Capital
    lots: tuple[Lot, ...]


def analyse(run: Run) -> Analysis:
    """Return every figure of `run`; the same run gives the same figures."""
    by_day = daily(run)
    return Analysis(
        daily=by_day,
        monthly=monthly(by_day),
        hedged=risk(by_day["hedged"].to_numpy()),
        unhedged=risk(by_day["unhedged"].to_numpy()),
        effectiveness=effectiveness(run),
        funding=funding(run),
        closest=closest_approaches(run),
        liquidation_events=liquidation_events(run),
        cash_calls=cash_calls(run),
        cash_drain=cash_drain(by_day),
        shortfalls=shortfalls(run),
        capital=capital(run),
        lots=lots(run),
    )
