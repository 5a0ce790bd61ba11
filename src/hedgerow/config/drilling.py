"""A config's own desk, put on a stage for a drill: on paper, with its guards, whatever it says."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from hedgerow.config.live import LiveConfig
from hedgerow.live.controller import Care
from hedgerow.live.drill.stage import START, Task
from hedgerow.live.view import State

PRICES: Final[Mapping[str, float]] = {"BTC": 60_000.0, "ETH": 3_000.0, "SOL": 150.0}


def drill_task(given: LiveConfig, prices: Mapping[str, float], *, start: int = START) -> Task:
    """Return what a drill puts on the stage at `start`; `prices` are of coins there."""
    return Task(
        setup=replace(given.setup, mode="paper", simulated=True),
        care=Care(guards=given.guards, start=State.TRADING, failover=given.failover),
        prices={**PRICES, **prices},
        start=start,
    )
