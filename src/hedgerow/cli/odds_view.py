"""The answer of `hedgerow calc odds`, for a program and for a person."""

import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from rich.table import Table

    from hedgerow.cli.odds_market import Recorded
    from hedgerow.cli.stake_inputs import RulesInForce
    from hedgerow.margin.odds_closed_form import ClosedForm
    from hedgerow.margin.odds_paths import SimulatedOdds
    from hedgerow.margin.odds_question import OddsQuestion
    from hedgerow.margin.smallest_deposit import SmallestDeposit

SHARES: Final = (0.05, 0.25, 0.5, 0.75, 0.95)
CASH_LEVELS: Final = (0.9, 0.95, 0.99)


@dataclass(frozen=True, slots=True, kw_only=True)
class OddsAnswer:
    """What was asked, and what came of it; None where a part does not apply."""

    question: "OddsQuestion"
    closed: "ClosedForm | None"
    simulated: "SimulatedOdds | None"
    enough: "SmallestDeposit | None"
    at_most: float | None

    @property
    def probability(self) -> float:
        """Of the simulation where there is one."""
        if self.simulated is not None:
            return self.simulated.probability
        return self.closed.probability if self.closed is not None else math.nan

    def day(self, share: float) -> float:
        """Return the day by which a share of the liquidations have happened."""
        if self.simulated is not None:
            return self.simulated.day(share)
        return self.closed.day(share) if self.closed is not None else math.nan


def odds_json(answer: OddsAnswer, rules: "RulesInForce", memory: "Recorded | None") -> str:
    """Return the answer as one JSON object."""
    simulated, stake = answer.simulated, answer.question.stake
    shown: dict[str, object] = {
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
        "cash_needed": None if simulated is None else _cash(simulated),
        "at_most": answer.at_most,
        "smallest_deposit": None if answer.enough is None else answer.enough.deposit,
        "highest_leverage": None if answer.enough is None else _plain(answer.enough.leverage),
        "bound_by_opening_margin": None if answer.enough is None else answer.enough.opening,
        "settle": rules.contract.perpetual.settle,
        "calibrated_with": calibrated_with(answer, memory),
        "rules": rules.as_json(),
    }
    return json.dumps(shown, indent=2, allow_nan=False)


def calibrated_with(answer: OddsAnswer, memory: "Recorded | None") -> dict[str, object]:
    """Return the model, its numbers, and the record that they come from."""
    from hedgerow.cli.odds_market import model_numbers

    model = answer.question.model
    return {
        "model": model.name,
        "numbers": model_numbers(model),
        "record": None if memory is None else memory.stamp(),
    }


def odds_view(answer: OddsAnswer, rules: "RulesInForce", memory: "Recorded | None") -> "Table":
    """Return the answer as a small table."""
    from rich.table import Table

    question, perpetual = answer.question, rules.contract.perpetual
    horizon = question.horizon
    title = f"Odds of liquidation: {perpetual.symbol} on {rules.contract.venue}"
    view = Table(title=title, show_header=False, title_justify="left")
    view.add_column(style="bold")
    view.add_column(justify="right")
    looks = f"every {horizon.monitor_hours:g} h" if horizon.monitor_hours else "all the time"
    odds = f"{answer.probability:.4%}"
    if answer.simulated is not None:
        odds += f" ± {answer.simulated.standard_error:.4%}"
    view.add_row(f"liquidated within {horizon.days:g} days", odds)
    if answer.simulated is not None and answer.closed is not None:
        view.add_row("by the formula", f"{answer.closed.probability:.4%}")
    view.add_row("the venue looks", looks)
    price = question.stake.liquidation_price()
    mark = question.stake.position.price
    died_at = "never" if math.isnan(price) else f"{price:,.2f} ({price / mark - 1.0:+.1%})"
    view.add_row("liquidation price", died_at)
    view.add_row("leverage", f"{question.stake.leverage:.2f}x")
    days = [answer.day(share) for share in (0.05, 0.5, 0.95)]
    if not math.isnan(days[1]):
        view.add_row("if it happens: 5 %, half, 95 % by day", " / ".join(f"{d:.1f}" for d in days))
    for name, value in _money_rows(answer):
        view.add_row(name, f"{value:,.2f} {perpetual.settle}")
    if answer.enough is not None:
        floor = " (opening asks for it)" if answer.enough.opening else ""
        view.add_row("highest leverage", f"{answer.enough.leverage:.2f}x{floor}")
    view.add_row("the price moves as", _model_line(answer, memory))
    return view


def _money_rows(answer: OddsAnswer) -> list[tuple[str, float]]:
    rows = []
    if answer.simulated is not None:
        rows.append(("cash beyond the deposit, 95 %", answer.simulated.cash_quantile(0.95)))
        rows.append(("the same, mean of the worst 5 %", answer.simulated.cash_shortfall(0.95)))
    if answer.enough is not None and answer.at_most is not None:
        rows.append((f"least deposit for odds of {answer.at_most:g}", answer.enough.deposit))
    return rows


def _model_line(answer: OddsAnswer, memory: "Recorded | None") -> str:
    from hedgerow.cli.odds_market import model_numbers

    model = answer.question.model
    numbers = ", ".join(
        f"{name.replace('_', ' ')} {value:.4g}" for name, value in model_numbers(model).items()
    )
    if memory is None:
        return f"{model.name}: {numbers}"
    stamp = memory.stamp()
    return (
        f"{model.name}: {numbers}\n{stamp['series']} of {stamp['source']}, {stamp['bars']:,} bars, "
        f"{str(stamp['first'])[:10]} to {str(stamp['last'])[:10]}"
    )


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


def _cash(simulated: "SimulatedOdds") -> dict[str, object]:
    return {
        "quantiles": {f"{level:g}": simulated.cash_quantile(level) for level in CASH_LEVELS},
        "shortfalls": {f"{level:g}": simulated.cash_shortfall(level) for level in CASH_LEVELS},
        "worst": float(simulated.cash_needed.max()),
        "sent": float(simulated.sent.mean()),
    }


def _plain(value: float) -> float | None:
    return value if math.isfinite(value) else None
