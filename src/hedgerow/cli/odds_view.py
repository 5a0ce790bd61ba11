"""The answer of `hedgerow calc odds`, for a program and for a person."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hedgerow.cli.calc_output import Json, Line, money, position_json, stamps

if TYPE_CHECKING:
    from hedgerow.cli.odds_market import Recorded
    from hedgerow.margin.odds.closed_form import ClosedForm
    from hedgerow.margin.odds.hedge_under_liquidation import HedgeUnderLiquidation
    from hedgerow.margin.odds.models import Model
    from hedgerow.margin.odds.paths import SimulatedOdds
    from hedgerow.margin.odds.question import OddsQuestion
    from hedgerow.margin.odds.smallest_deposit import SmallestDeposit
    from hedgerow.market.venue import ContractRules

SHARES: Final = (0.05, 0.25, 0.5, 0.75, 0.95)
CASH_LEVELS: Final = (0.9, 0.95, 0.99)


@dataclass(frozen=True, slots=True, kw_only=True)
class OddsAnswer:
    """What was asked, and what came of it; None where a part does not apply."""

    question: "OddsQuestion"
    closed: "ClosedForm | None"
    simulated: "SimulatedOdds | None"
    enough: "SmallestDeposit | None"
    hedge: "HedgeUnderLiquidation | None"
    at_most: float | None

    @property
    def probability(self) -> float:
        """Of the simulation where there is one."""
        if self.simulated is not None:
            return self.simulated.probability
        return self.closed.probability if self.closed is not None else math.nan

    @property
    def warnings(self) -> list[str]:
        """What a reader of the odds must know."""
        if self.question.stake.alive:
            return []
        said = (
            "The account is below its maintenance margin at the mark: it would be liquidated now. "
            "The liquidation price is where it would be above again."
        )
        return [said]

    def day(self, share: float) -> float:
        """Return the day by which a share of the liquidations have happened."""
        if self.simulated is not None:
            return self.simulated.day(share)
        return self.closed.day(share) if self.closed is not None else math.nan


def odds_json(answer: OddsAnswer, contract: "ContractRules", memory: "Recorded | None") -> Json:
    """Return the answer as plain values."""
    simulated, stake = answer.simulated, answer.question.stake
    rules, warnings = stamps([contract])
    return {
        **position_json(stake.position),
        "deposit": stake.deposit,
        "probability": answer.probability,
        "standard_error": None if simulated is None else simulated.standard_error,
        "closed_form": None if answer.closed is None else answer.closed.probability,
        "paths": None if simulated is None else simulated.paths,
        "days": answer.question.horizon.days,
        "monitor_hours": answer.question.horizon.monitor_hours,
        "median_days": _plain(answer.day(0.5)),
        "quantiles": {f"{share:g}": _plain(answer.day(share)) for share in SHARES},
        "probability_by": _growth(answer),
        "liquidation_price": _plain(stake.liquidation_price()),
        "leverage": _plain(stake.leverage),
        "hedge_ratio": None if answer.hedge is None else answer.hedge.ratio,
        "hedge_effectiveness": None if answer.hedge is None else answer.hedge.effectiveness,
        "cash_needed": None if simulated is None else _cash(simulated),
        "at_most": answer.at_most,
        "smallest_deposit": None if answer.enough is None else answer.enough.deposit,
        "highest_leverage": None if answer.enough is None else _plain(answer.enough.leverage),
        "bound_by_opening_margin": None if answer.enough is None else answer.enough.opening,
        "calibrated_with": calibrated_with(answer.question.model, memory),
        "rules": rules,
        "warnings": [*answer.warnings, *warnings],
    }


def calibrated_with(model: "Model", memory: "Recorded | None") -> Json:
    """Return the model, its numbers, and the record that they come from."""
    from hedgerow.cli.odds_market import model_numbers

    return {
        "model": model.name,
        "numbers": model_numbers(model),
        "record": None if memory is None else memory.stamp(),
    }


def odds_lines(
    answer: OddsAnswer, contract: "ContractRules", memory: "Recorded | None"
) -> list[Line]:
    """Return the answer line by line, for a person."""
    question, settle = answer.question, contract.perpetual.settle
    horizon, stake = question.horizon, question.stake
    price, mark = stake.liquidation_price(), stake.position.price
    odds = f"{answer.probability:.4%}"
    if answer.simulated is not None:
        odds += f" ± {answer.simulated.standard_error:.4%}"
    looks = f"every {horizon.monitor_hours:g} h" if horizon.monitor_hours else "all the time"
    died_at = "never" if math.isnan(price) else f"{price:,.2f} ({price / mark - 1.0:+.1%})"
    lines = [(f"liquidated within {horizon.days:g} days", odds)]
    if answer.simulated is not None and answer.closed is not None:
        lines.append(("by the formula", f"{answer.closed.probability:.4%}"))
    lines += [
        ("the venue looks", looks),
        ("liquidation price", died_at),
        ("leverage", "none" if math.isinf(stake.leverage) else f"{stake.leverage:.2f}x"),
    ]
    days = [answer.day(share) for share in (0.05, 0.5, 0.95)]
    if not math.isnan(days[1]):
        shown = " / ".join(f"{day:.1f}" for day in days)
        lines.append(("if so: 5 %, half, 95 % by day", shown))
    lines += [(name, money(value, settle)) for name, value in _money_rows(answer)]
    if answer.enough is not None:
        floor = " (opening asks for it)" if answer.enough.opening else ""
        lines.append(("highest leverage", f"{answer.enough.leverage:.2f}x{floor}"))
    if answer.hedge is not None:
        best = answer.hedge
        shown = f"{best.ratio:.3f} a coin, {best.effectiveness:.1%} of the variance"
        lines.append(("hedge of least variance", shown))
    return lines + _model_lines(question.model, memory)


def _money_rows(answer: OddsAnswer) -> list[tuple[str, float]]:
    rows = []
    if answer.simulated is not None:
        rows.append(("cash beyond it, enough for 95 %", answer.simulated.cash_quantile(0.95)))
        rows.append(("cash beyond it, mean of worst 5 %", answer.simulated.cash_shortfall(0.95)))
    if answer.enough is not None and answer.at_most is not None:
        rows.append((f"deposit for odds of {answer.at_most:g}", answer.enough.deposit))
    return rows


def _model_lines(model: "Model", memory: "Recorded | None") -> list[Line]:
    from hedgerow.cli.odds_market import model_numbers

    numbers = ", ".join(
        f"{name.replace('_', ' ')} {value:.4g}" for name, value in model_numbers(model).items()
    )
    lines = [("the price moves as", f"{model.name}: {numbers}")]
    if memory is not None:
        stamp = memory.stamp()
        days = f"{str(stamp['first'])[:10]} to {str(stamp['last'])[:10]}"
        lines.append(("taken from", f"{stamp['series']} of {stamp['source']}"))
        lines.append(("", f"{stamp['bars']:,} bars, {days}"))
    return lines


def _growth(answer: OddsAnswer) -> dict[str, float]:
    """Return the odds by each tenth of the horizon, days as keys."""
    import numpy as np

    days = answer.question.horizon.days * np.linspace(0.1, 1.0, 10)
    source = answer.simulated if answer.simulated is not None else answer.closed
    if source is None:
        return {}
    return {
        f"{day:g}": float(odds)
        for day, odds in zip(days.tolist(), source.probability_by(days), strict=True)
    }


def _cash(simulated: "SimulatedOdds") -> Json:
    return {
        "quantiles": {f"{level:g}": simulated.cash_quantile(level) for level in CASH_LEVELS},
        "shortfalls": {f"{level:g}": simulated.cash_shortfall(level) for level in CASH_LEVELS},
        "worst": float(simulated.cash_needed.max()),
        "sent": float(simulated.sent.mean()),
    }


def _plain(value: float) -> float | None:
    return value if math.isfinite(value) else None
