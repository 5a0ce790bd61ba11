"""The figures that a comparison of runs shows, and how each is read."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One line of the comparison: where it stands in a result, and how to read it.

    `kind` is "money", "share" or "count". `better` is +1 if more is better, -1 if less is, and 0
    if neither can be said.
    """

    section: str
    label: str
    key: str
    kind: str
    better: int


FIGURES: Final = (
    Figure(section="P&L", label="unhedged", key="unhedged.pnl", kind="money", better=0),
    Figure(section="P&L", label="hedged", key="hedged.pnl", kind="money", better=1),
    Figure(section="Where from", label="exposure", key="pnl.exposure", kind="money", better=0),
    Figure(
        section="Where from", label="hedge, index", key="pnl.hedge_index", kind="money", better=0
    ),
    Figure(
        section="Where from", label="hedge, basis", key="pnl.hedge_basis", kind="money", better=0
    ),
    Figure(section="Where from", label="funding", key="pnl.funding", kind="money", better=1),
    Figure(section="Where from", label="fees", key="pnl.fees", kind="money", better=1),
    Figure(section="Where from", label="slippage", key="pnl.slippage", kind="money", better=1),
    Figure(section="Where from", label="financing", key="pnl.financing", kind="money", better=1),
    Figure(section="Where from", label="collateral", key="pnl.collateral", kind="money", better=0),
    Figure(
        section="Where from", label="liquidation", key="pnl.liquidation", kind="money", better=1
    ),
    Figure(section="Risk", label="volatility", key="hedged.volatility", kind="money", better=-1),
    Figure(
        section="Risk", label="max drawdown", key="hedged.max_drawdown", kind="money", better=-1
    ),
    Figure(section="Risk", label="VaR 99 %, a day", key="hedged.var_99", kind="money", better=-1),
    Figure(section="Risk", label="ES 99 %, a day", key="hedged.es_99", kind="money", better=-1),
    *(
        Figure(
            section="Variance reduction",
            label=horizon,
            key=f"effectiveness.{horizon}.variance_reduction",
            kind="share",
            better=1,
        )
        for horizon in ("1h", "8h", "24h", "168h")
    ),
    Figure(section="Trading", label="trades", key="trades.count", kind="count", better=0),
    Figure(section="Trading", label="turnover", key="trades.turnover", kind="money", better=-1),
    Figure(section="Trading", label="cost to exit", key="exit_cost", kind="money", better=-1),
    Figure(
        section="Margin", label="lowest headroom", key="margin.min_headroom", kind="share", better=1
    ),
    Figure(section="Margin", label="top-ups", key="margin.top_ups", kind="count", better=-1),
    Figure(
        section="Margin",
        label="liquidations",
        key="margin.liquidation_events",
        kind="count",
        better=-1,
    ),
    Figure(
        section="Margin",
        label="deleveragings",
        key="margin.deleveragings",
        kind="count",
        better=-1,
    ),
)
