"""How fast the odds of liquidation are: paths of 90 days, hour by hour, on one core."""

import time

from benchmarks.contest import Report, contender, say
from hedgerow.margin.odds.closed_form import odds_of_liquidation
from hedgerow.margin.odds.models import (
    Diffusion,
    FundingPath,
    Heston,
    Horizon,
    Jumps,
    Model,
    Reserve,
)
from hedgerow.margin.odds.paths import simulate_odds
from hedgerow.margin.odds.question import OddsQuestion
from hedgerow.margin.odds.stake import flat_stake

PATHS = 100_000
HOURLY = Horizon(days=90.0, monitor_hours=1.0)
PLAIN = Diffusion(volatility=0.6)


def odds(rounds: int = 5) -> Report:
    """Return path-steps a second of each kind of question, the plain one checked."""
    jobs = {
        "diffusion": _question(PLAIN),
        "diffusion, funding": _question(PLAIN, funding=True),
        "diffusion, funding, reserve": _question(PLAIN, funding=True, reserve=True),
        "jumps": _question(Jumps(volatility=0.6, per_year=40.0, mean=0.0, deviation=0.05)),
        "heston": _question(Heston(volatility=0.6, long_run=0.7, reversion=6.0, wobble=1.0)),
        "diffusion, between the hours": _question(PLAIN, Horizon(days=90.0)),
    }
    simulate_odds(jobs["diffusion"], paths=1)
    found = []
    for name, question in jobs.items():
        say(name)
        seconds = []
        for _ in range(rounds):
            begin = time.perf_counter()
            simulated = simulate_odds(question, paths=PATHS, seed=1)
            seconds.append(time.perf_counter() - begin)
        work = PATHS * HOURLY.days * 24.0
        found.append(contender(name, seconds, work, "path-steps/s"))
        if question.is_closed:
            exact = odds_of_liquidation(question.stake, PLAIN, question.horizon).probability
            off = abs(simulated.probability - exact) / simulated.standard_error
            if not off < 4.0:
                raise RuntimeError(f"{name}: {off:.1f} standard errors off the closed form")
    return Report(
        name="odds",
        contenders=tuple(found),
        conditions={"rounds": rounds, "paths": PATHS, "steps": 2_160, "cores": 1},
    )


def _question(
    model: Model, horizon: Horizon = HOURLY, *, funding: bool = False, reserve: bool = False
) -> OddsQuestion:
    stake = flat_stake(side=-1, leverage=3.0, maintenance=0.01)
    return OddsQuestion(
        stake=stake,
        model=model,
        horizon=horizon,
        funding=FundingPath(interval_hours=8.0, level=1e-4) if funding else None,
        reserve=Reserve(amount=0.2, transfer_hours=4.0) if reserve else None,
    )
