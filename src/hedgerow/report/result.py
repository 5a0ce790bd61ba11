"""A run as plain JSON: the contract that other programs read.

Amounts are in numeraire unless a key beside them names a unit; times are ISO 8601 UTC; fractions
are fractions. What is not defined, a headroom without a position say, is null.
"""

import json
import math
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Final, TypeAlias

from hedgerow.analysis.analysis import Analysis, analyse
from hedgerow.analysis.calls import WorstStretch
from hedgerow.analysis.closeness import ClosestApproach
from hedgerow.analysis.effectiveness import Effectiveness, Reduction
from hedgerow.analysis.forced_closes import Closed, LiquidationEvent, event_numbers
from hedgerow.analysis.funding import FundingStatistics
from hedgerow.analysis.risk import Risk
from hedgerow.analysis.run import (
    AccountRun,
    Conversion,
    Deleveraging,
    LegRun,
    Liquidation,
    Run,
)
from hedgerow.analysis.shortfall import Shortfall
from hedgerow.report.files import write_whole
from hedgerow.units import DAY, iso

SCHEMA: Final = "hedgerow.run/1"

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"

_PARTS: Final = (
    "exposure",
    "hedge_index",
    "hedge_basis",
    "funding",
    "fees",
    "slippage",
    "financing",
    "collateral",
    "liquidation",
    "total",
    "residual",
)
_ACCOUNT: Final = ("wallet", "unrealised", "pledged", "maintenance", "reserve", "debt")


def result(run: Run) -> dict[str, Json]:
    """Return `run` and its figures as a dict of plain JSON values."""
    return result_of(run, analyse(run))


def result_of(run: Run, analysis: Analysis) -> dict[str, Json]:
    """Return `run` as `result` does, from figures that are there already."""
    return {
        "schema": SCHEMA,
        "world": run.world,
        "simulated": run.simulated,
        "numeraire": run.numeraire,
        "start": iso(run.start // DAY * DAY),
        "end": iso(run.end),
        "bars": int(run.bars),
        "bar_seconds": int(run.step) // 1_000_000_000,
        "legs": [_leg(leg) for leg in run.legs],
        "accounts": [_account(account) for account in run.accounts],
        "coverage": {
            "bars_expected": int(run.coverage.bars_expected),
            "bars_present": int(run.coverage.bars_present),
            "settlements_expected": int(run.coverage.settlements_expected),
            "settlements_present": int(run.coverage.settlements_present),
        },
        "pnl": {name: _number(getattr(run.pnl, name)) for name in _PARTS},
        "exit_cost": _number(run.exit_cost),
        "hedged": _risk(analysis.hedged),
        "unhedged": _risk(analysis.unhedged),
        "effectiveness": {f"{e.hours}h": _effectiveness(e) for e in analysis.effectiveness},
        "funding": _funding(analysis.funding),
        "trades": {"count": int(run.trades), "turnover": _number(run.turnover)},
        "margin": _margin(run, analysis),
        "capital": _capital(analysis),
        "monthly": _monthly(analysis),
        "stamps": list(run.stamps),
        "provenance": {
            "version": run.provenance.version,
            "config_hash": run.provenance.config_hash,
            "data_hash": run.provenance.data_hash,
            "seed": None if run.provenance.seed is None else int(run.provenance.seed),
            "policy": run.provenance.policy,
            "config": run.provenance.config,
        },
    }


def to_json(values: dict[str, Json]) -> str:
    """Return what `result` gives as JSON text, which has no NaN in it."""
    return json.dumps(values, allow_nan=False, ensure_ascii=False, indent=2) + "\n"


def write_json(values: dict[str, Json], path: Path) -> None:
    """Write what `result` gives to `path`, whole or not at all."""
    write_whole(path, to_json(values))


def _number(value: float | None) -> float | None:
    """Return `value` as a plain float, None for what is no finite number."""
    return float(value) if value is not None and math.isfinite(value) else None


def _time(value: int | None) -> str | None:
    return None if value is None else iso(value)


def _leg(leg: LegRun) -> Json:
    return {
        "instrument": leg.instrument,
        "venue": leg.venue,
        "asset": leg.asset,
        "account": leg.account,
        "settle": leg.settle,
        "ratio": _number(leg.ratio),
        "half_width": _number(leg.half_width),
        "position": _number(leg.series["position"][-1]) if leg.series.height else None,
    }


def _account(account: AccountRun) -> Json:
    return {
        "name": account.name,
        "collateral": account.collateral,
        "mode": account.mode,
        "deposit": _number(account.deposit),
        "reserve": _number(account.reserve),
        "reserve_from": account.reserve_from,
        "needed_reserve": _number(account.needed_reserve),
        "top_ups": int(account.top_ups),
        "withdrawals": int(account.withdrawals),
        "pledges": [
            {
                "asset": pledge.asset,
                "amount": _number(pledge.amount),
                "haircut": _number(pledge.haircut),
                "extra": pledge.extra,
            }
            for pledge in account.pledges
        ],
        "end": _last_of(account),
    }


def _last_of(account: AccountRun) -> Json:
    """Return what an account held at the last close, in its collateral."""
    if not account.series.height:
        return None
    last = account.series.row(-1, named=True)
    return {name: _number(last[name]) for name in _ACCOUNT}


def _risk(risk: Risk) -> Json:
    return {
        "pnl": _number(risk.pnl),
        "volatility": _number(risk.volatility),
        "max_drawdown": _number(risk.max_drawdown),
        "var_99": _number(risk.var_99),
        "es_99": _number(risk.es_99),
    }


def _reduction(reduction: Reduction) -> dict[str, Json]:
    return {
        "variance_reduction": _number(reduction.variance_reduction),
        "low": _number(reduction.low),
        "high": _number(reduction.high),
        "changes": reduction.changes,
    }


def _effectiveness(effectiveness: Effectiveness) -> Json:
    return {
        **_reduction(effectiveness.plain),
        "block": effectiveness.block,
        "without_carry": _reduction(effectiveness.without_carry),
        "without_liquidation_days": _reduction(effectiveness.without_liquidation_days),
    }


def _funding(legs: tuple[FundingStatistics, ...]) -> Json:
    return {
        "settlements": sum(leg.settlements for leg in legs),
        "received": sum(leg.received for leg in legs),
        "paid": sum(leg.paid for leg in legs),
        "net": sum(leg.net for leg in legs),
        "legs": [_funding_of_leg(leg) for leg in legs],
    }


def _funding_of_leg(leg: FundingStatistics) -> Json:
    return {
        "instrument": leg.instrument,
        "account": leg.account,
        "settlements": leg.settlements,
        "received": leg.received,
        "paid": leg.paid,
        "net": leg.net,
        "mean_rate": _number(leg.mean_rate),
        "annual_rate": _number(leg.annual_rate),
        "paid_share": _number(leg.paid_share),
        "worst_30_days": {
            "first": leg.worst.first.isoformat(),
            "last": leg.worst.last.isoformat(),
            "net": _number(leg.worst.net),
        },
    }


def _margin(run: Run, analysis: Analysis) -> Json:
    headrooms = [leg for leg in analysis.closest if leg.headroom_time is not None]
    distances = [leg for leg in analysis.closest if leg.distance_time is not None]
    tightest = min(headrooms, key=lambda leg: leg.min_headroom, default=None)
    nearest = min(distances, key=lambda leg: leg.min_distance, default=None)
    return {
        "min_headroom": None if tightest is None else _number(tightest.min_headroom),
        "min_headroom_time": None if tightest is None else _time(tightest.headroom_time),
        "min_distance": None if nearest is None else _number(nearest.min_distance),
        "min_distance_time": None if nearest is None else _time(nearest.distance_time),
        "legs": [_closest(leg) for leg in analysis.closest],
        "top_ups": sum(int(account.top_ups) for account in run.accounts),
        "withdrawals": sum(int(account.withdrawals) for account in run.accounts),
        "liquidation_events": [_event(event) for event in analysis.liquidation_events],
        "liquidations": _steps(run),
        "deleveragings": [_deleveraging(taken) for taken in run.deleveragings],
        "conversions": [_conversion(conversion) for conversion in run.conversions],
        "cash_calls": [
            {
                "unit": calls.unit,
                "worst": [_stretch(stretch) for stretch in calls.worst],
                "by_day": [
                    {"day": day.isoformat(), "net": _number(net), "unmet": _number(unmet)}
                    for day, net, unmet in calls.by_day.iter_rows()
                    if net != 0.0 or unmet != 0.0
                ],
            }
            for calls in analysis.cash_calls
        ],
        "cash_drain": {"worst": [_stretch(stretch) for stretch in analysis.cash_drain.worst]},
        "shortfall": [_shortfall(shortfall) for shortfall in analysis.shortfalls],
    }


def _closest(leg: ClosestApproach) -> Json:
    return {
        "instrument": leg.instrument,
        "account": leg.account,
        "min_headroom": _number(leg.min_headroom),
        "min_headroom_time": _time(leg.headroom_time),
        "min_distance": _number(leg.min_distance),
        "min_distance_time": _time(leg.distance_time),
    }


def _event(event: LiquidationEvent) -> Json:
    return {
        "time": iso(event.time),
        "until": iso(event.until),
        "account": event.account,
        "steps": event.steps,
        "loss": _number(event.loss),
        "fee": _number(event.fee),
        "price_source": event.price_source,
        "closed": [_closed(closed) for closed in event.closed],
    }


def _closed(closed: Closed) -> Json:
    return {
        "instrument": closed.instrument,
        "steps": closed.steps,
        "first_price": _number(closed.first_price),
        "last_price": _number(closed.last_price),
        "quantity": _number(closed.quantity),
        "left": _number(closed.left),
        "loss": _number(closed.loss),
        "fee": _number(closed.fee),
        "price_source": closed.price_source,
    }


def _steps(run: Run) -> Json:
    """Return each step of each liquidation with the number of its event, the first being 1."""
    return [
        _liquidation(liquidation, number)
        for liquidation, number in zip(run.liquidations, event_numbers(run), strict=True)
    ]


def _liquidation(liquidation: Liquidation, event: int) -> Json:
    return {
        "event": event,
        "time": iso(liquidation.time),
        "instrument": liquidation.instrument,
        "account": liquidation.account,
        "price": _number(liquidation.price),
        "quantity": _number(liquidation.quantity),
        "left": _number(liquidation.left),
        "loss": _number(liquidation.loss),
        "fee": _number(liquidation.fee),
        "price_source": liquidation.price_source,
    }


def _deleveraging(taken: Deleveraging) -> Json:
    return {
        "time": iso(taken.time),
        "instrument": taken.instrument,
        "account": taken.account,
        "price": _number(taken.price),
        "market": _number(taken.market),
        "quantity": _number(taken.quantity),
        "left": _number(taken.left),
        "cost": _number(taken.cost),
    }


def _conversion(conversion: Conversion) -> Json:
    return {
        "time": iso(conversion.time),
        "account": conversion.account,
        "asset": conversion.asset,
        "quantity": _number(conversion.quantity),
        "price": _number(conversion.price),
        "collateral": conversion.collateral,
        "cash": _number(conversion.cash),
        "fee": _number(conversion.fee),
        "value": _number(conversion.value),
    }


def _stretch(stretch: WorstStretch) -> Json:
    return {
        "days": stretch.days,
        "first": stretch.first.isoformat(),
        "last": stretch.last.isoformat(),
        "amount": _number(stretch.amount),
    }


def _shortfall(shortfall: Shortfall) -> Json:
    return {
        "account": shortfall.account,
        "unit": shortfall.unit,
        "time": iso(shortfall.time),
        "calls": shortfall.calls,
        "largest": _number(shortfall.largest),
        "reserve": _number(shortfall.reserve),
        "needed": _number(shortfall.needed),
        "missing": _number(shortfall.missing),
        "borrow_rate": _number(shortfall.borrow_rate),
        "borrow_rate_is_illustrative": shortfall.rate_is_illustrative,
        "borrowing_cost": _number(shortfall.borrowing_cost),
        "asset": shortfall.asset,
        "price": _number(shortfall.price),
        "coins_to_sell": _number(shortfall.coins_to_sell),
    }


def _capital(analysis: Analysis) -> Json:
    capital = analysis.capital
    return {
        "margin": _number(capital.margin),
        "book": _number(capital.book),
        "total_return": _number(capital.total_return),
        "annual_return": _number(capital.annual_return),
        "carry": _number(capital.carry),
        "carry_return": _number(capital.carry_return),
        "turnover_a_year": _number(capital.turnover_a_year),
    }


def _monthly(analysis: Analysis) -> Json:
    return [_plain_row(row.items()) for row in analysis.monthly.iter_rows(named=True)]


def _plain_row(items: Iterable[tuple[str, str | float | date]]) -> Json:
    return {
        name: _number(value) if isinstance(value, float) else str(value) for name, value in items
    }
