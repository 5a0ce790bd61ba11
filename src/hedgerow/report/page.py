"""What stands on the page of a report, in the order of its sections."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from hedgerow.analysis.daily import daily
from hedgerow.analysis.run import Run
from hedgerow.report import cash_tables, data_tables, event_tables, outcome_tables
from hedgerow.report.cash_charts import account_chart, cash_call_chart
from hedgerow.report.chart import Chart
from hedgerow.report.heat import heats
from hedgerow.report.leg_charts import basis_chart, funding_charts, margin_charts, position_chart
from hedgerow.report.profit_charts import (
    drawdown_chart,
    hedge_error_chart,
    histogram_chart,
    profit_chart,
)
from hedgerow.report.verdict import Figures, money_of, shortfall_sentence, title, verdict
from hedgerow.report.waterfall import waterfall
from hedgerow.report.wording import Money, counted, duration, number, percent, span
from hedgerow.units import DAY, SECOND

BUCKETS: Final = 1_830  # of each chart over bars, shared by the legs: days in five years
EVENTS: Final = 6_000  # settlements and calls of each chart, shared by the legs
SPANS: Final = {365: "year", 90: "90 days", 30: "30 days", 7: "7 days"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownChart:
    """A chart's words; its lines are in the data at the end of the page."""

    name: str
    title: str
    unit: str
    caption: str
    resolution: str
    spoken: str


class Page:
    """Collects the charts of a page while its sections are made."""

    def __init__(self, run: Run, result: Figures) -> None:
        self.run = run
        self.result = result
        self.money: Money = money_of(result)
        self.parts = max(1, len(run.legs))
        self.payloads: list[dict[str, Any]] = []

    def chart_data(self) -> dict[str, Any]:
        """Return all that the page's script reads; call it after `sections`."""
        return {
            "simulated": self.run.simulated,
            "numeraire": self.run.numeraire,
            "decimals": self.money.decimals,
            "start": self.run.start // SECOND,
            "end": self.run.end // SECOND,
            "charts": self.payloads,
        }

    def sections(self) -> dict[str, Any]:
        """Return what the template reads, by the names that it uses."""
        result, money = self.result, self.money
        judged = verdict(result)
        return {
            "version": result["provenance"]["version"],
            "simulated": result["simulated"],
            "title": title(result),
            "span": span(result),
            "subtitle": self._subtitle(),
            "bad": judged.alarming,
            "verdict": judged,
            "tiles": [
                {"label": label, "figure": figure, "unit": unit, "note": note}
                for label, figure, unit, note in outcome_tables.tiles(result, money)
            ],
            "spans": [
                {"days": days, "label": label}
                for days, label in SPANS.items()
                if days * DAY < self.run.end - self.run.start
            ],
            "charts": self._main_charts(),
            "figures": outcome_tables.key_figures(result, money),
            "figures_note": "Volatility is the deviation of a day times the square root of 365. "
            "Value at risk is the loss of the worst day in a hundred, expected shortfall the mean "
            "loss of the days at least as bad.",
            "waterfall": waterfall(result, money),
            "waterfall_note": self._residual(),
            "effectiveness": outcome_tables.effectiveness(result),
            "effectiveness_note": "Intervals by block bootstrap. No carry leaves funding and "
            "financing out; no liq. days leaves out the days with a liquidation.",
            "heats": heats(result, money),
            "monthly": outcome_tables.monthly(result, money),
            "legs": [self._leg(number) for number in range(len(self.run.legs))],
            "liquidations": event_tables.liquidations(result, money),
            "liquidation_steps": event_tables.liquidation_steps(result, money),
            "liquidations_note": "The time is the open of the bar in which it happened.",
            "deleveragings": event_tables.deleveragings(result, money),
            "deleveragings_note": "Cost is what was taken times the difference between its price "
            "and the market; it counts under liquidation. Opening the hedge again is a trade.",
            "conversions": event_tables.conversions(result),
            "conversions_note": "After a liquidation the venue buys back what the account owes in "
            "other assets and sells pledges until its collateral owes nothing.",
            "accounts": [self._account(number) for number in range(len(self.run.accounts))],
            "capital": cash_tables.cash_and_capital(result, money),
            "capital_note": "A day's call that the reserve could not meet counts in full.",
            "trades": cash_tables.trades(result, money),
            "trades_note": "A cost is negative. Fees of liquidations stand under liquidation.",
            "coverage": data_tables.coverage(result),
            "stamps": result["stamps"],
            "provenance": data_tables.provenance(result),
            "config": result["provenance"]["config"],
        }

    def _subtitle(self) -> str:
        result = self.result
        said = [
            span(result),
            f"{counted(result['bars'], 'bar')} of {duration(result['bar_seconds'] * SECOND)}",
            f"policy {result['provenance']['policy']}",
            *(self._aim(leg) for leg in result["legs"][:1]),
            f"amounts in {result['numeraire']}",
        ]
        return " · ".join(said)

    def _aim(self, leg: Figures) -> str:
        band = "" if leg["half_width"] is None else f", band ± {percent(leg['half_width'])}"
        return f"ratio {number(leg['ratio'], 2)}{band}"

    def _residual(self) -> str:
        residual = self.result["pnl"]["residual"]
        return (
            f"What the parts fail to explain: {residual:.2g} {self.money.unit}. The hedge is "
            "marked at the end, not unwound."
        )

    def _main_charts(self) -> dict[str, ShownChart | None]:
        run, money = self.run, self.money
        by_day = daily(run)
        hedged, unhedged = (
            np.asarray(by_day[name].to_numpy(), np.float64) for name in ("hedged", "unhedged")
        )
        days = np.asarray(by_day["day"].to_physical().to_numpy(), np.int64)
        calls = cash_call_chart(run, money)
        return {
            "profit": self._shown(profit_chart(run, money)),
            "drawdown": self._shown(drawdown_chart((days + 1) * DAY, hedged, unhedged, money)),
            "histogram": self._shown(histogram_chart(hedged, unhedged, money)),
            "error": self._shown(hedge_error_chart(hedged, money)),
            "calls": None if calls is None else self._shown(calls),
        }

    def _leg(self, place: int) -> dict[str, Any]:
        run, leg = self.run, self.run.legs[place]
        name = f"leg-{place + 1}"
        return {
            "name": name,
            "instrument": leg.instrument,
            "title": f"{leg.instrument} on {leg.venue}, for {leg.asset}",
            "position": self._shown(position_chart(run, leg, f"{name}-position")),
            "funding": [
                self._shown(chart)
                for chart in funding_charts(run, leg, f"{name}-funding", self.money)
            ],
            "funding_table": cash_tables.funding_of_leg(
                self.result["funding"]["legs"][place], self.money
            ),
            "funding_note": "A positive rate is paid by longs to shorts.",
            "margin": [self._shown(chart) for chart in margin_charts(run, leg, f"{name}-margin")],
            "basis": self._shown(basis_chart(run, leg, f"{name}-basis")),
        }

    def _account(self, place: int) -> dict[str, Any]:
        account = self.run.accounts[place]
        dry = [
            shortfall_sentence(one)
            for one in self.result["margin"]["shortfall"]
            if one["account"] == account.name
        ]
        return {
            "title": f"Account {account.name}",
            "table": cash_tables.account(self.result["accounts"][place]),
            "pledges": cash_tables.pledges(self.result["accounts"][place]),
            "dry": " ".join(dry),
            "chart": self._shown(account_chart(self.run, account, f"account-{place + 1}")),
        }

    def _shown(self, chart: Chart) -> ShownChart:
        buckets = max(100, (BUCKETS if chart.step else EVENTS) // self.parts)
        self.payloads.append(chart.payload(buckets))
        return ShownChart(
            name=chart.name,
            title=chart.title,
            unit=chart.unit,
            caption=chart.caption,
            resolution=chart.resolution(buckets),
            spoken=chart.spoken(),
        )
