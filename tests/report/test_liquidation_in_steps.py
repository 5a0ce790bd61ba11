"""A liquidation in several steps of one bar is told as one."""

from copy import deepcopy
from typing import Any

from hedgerow.report.result import result
from hedgerow.report.verdict import verdict
from sample_run import sample_run

FIGURES: dict[str, Any] = result(sample_run())


def figures_with(*, steps: int, later: bool = False) -> dict[str, Any]:
    figures = deepcopy(FIGURES)
    margin = figures["margin"]
    (event,) = margin["liquidations"]
    margin["liquidations"] = [event] * steps
    if later:
        margin["liquidations"].append({**event, "time": "2030-01-01T00:00:00Z"})
    return figures


def test_steps_of_one_bar_are_one_liquidation() -> None:
    figures = figures_with(steps=3)
    (event, *_) = figures["margin"]["liquidations"]
    said = verdict(figures)
    assert "it was liquidated once" in said.headline
    assert "liquidated it once, in 3 steps, on" in said.survival
    assert f"{3 * abs(event['quantity']):,.4f} of" in said.survival


def test_a_later_liquidation_is_another_one() -> None:
    said = verdict(figures_with(steps=1, later=True))
    assert "it was liquidated twice" in said.headline
    assert "liquidated it twice, first on" in said.survival
