"""The odds of liquidation over many simulated paths, with funding, a reserve and its delay."""

import math
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from hedgerow.errors import ConfigError
from hedgerow.kernels import odds_paths as lanes
from hedgerow.kernels.margin import BRACKETS, SIZE_SLOPE
from hedgerow.margin.odds.models import Diffusion, FundingPath, Heston, History, Jumps, Model
from hedgerow.margin.odds.question import OddsQuestion
from hedgerow.margin.odds.stake import Stake
from hedgerow.units import Floats

PATHS: Final = 100_000
MOST_PATHS: Final = 20_000_000  # half a gigabyte
CHUNK: Final = 4 * lanes.BLOCK  # lanes of one call: between calls there is progress, and Ctrl-C
NOTHING: Final = np.zeros(1)

Tell = Callable[[float], None]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SimulatedOdds:
    """What became of every path.

    Attributes
    ----------
    question
        What was asked.
    died
        Day of liquidation, NaN where the account lived, ``(paths,)``.
    need
        The deposit with which the account would have lived without any top-up, in settlement
        currency, ``(paths,)``.
    sent
        Cash sent from the reserve, ``(paths,)``.
    """

    question: OddsQuestion
    died: Floats
    need: Floats
    sent: Floats

    @property
    def paths(self) -> int:
        """How many."""
        return self.died.size

    @property
    def probability(self) -> float:
        """The part of the paths on which the account died."""
        return float(np.count_nonzero(np.isfinite(self.died))) / self.paths

    @property
    def standard_error(self) -> float:
        """Of the probability."""
        odds = self.probability
        return math.sqrt(odds * (1.0 - odds) / self.paths)

    def probability_by(self, days: Floats) -> Floats:
        """Return the part of the paths that have died by each of `days`, ``(n,)``."""
        dead = np.sort(self.died[np.isfinite(self.died)])
        found: Floats = np.searchsorted(dead, days, side="right") / self.paths
        return found

    def day(self, share: float) -> float:
        """Return the day by which a `share` of the deaths have happened; NaN without any."""
        dead = self.died[np.isfinite(self.died)]
        return float(np.quantile(dead, share)) if dead.size else math.nan

    @property
    def median_days(self) -> float:
        """Half of the deaths happen by this day; NaN without any."""
        return self.day(0.5)

    @property
    def cash_needed(self) -> Floats:
        """What the account lacked at its worst moment, beyond its deposit, >= 0, ``(paths,)``."""
        return np.maximum(self.need - self.question.stake.deposit, 0.0)

    def cash_quantile(self, level: float) -> float:
        """Return the cash that is enough, beyond the deposit, on a part `level` of the paths."""
        return float(np.quantile(self.cash_needed, level, method="higher"))

    def cash_shortfall(self, level: float) -> float:
        """Return the mean cash needed on the worst part ``1 - level`` of the paths."""
        worst = max(round((1.0 - level) * self.paths), 1)
        return float(np.sort(self.cash_needed)[-worst:].mean())

    def deposit_for(self, at_most: float) -> float:
        """Return the least deposit that dies on no more than a part `at_most` of the paths.

        Without top-ups: one run answers for every deposit at once.
        """
        order = np.sort(self.need)
        return float(order[max(math.ceil((1.0 - at_most) * self.paths) - 1, 0)])


def simulate_odds(
    question: OddsQuestion,
    *,
    paths: int = PATHS,
    seed: int = 1,
    workers: int = 1,
    tell: Tell | None = None,
) -> SimulatedOdds:
    """Walk the account along `paths` price paths.

    Parameters
    ----------
    seed
        A whole number >= 0. The answer depends on it and never on `workers`.
    workers
        Threads.
    tell
        Called with the part that is done, between 0 and 1.

    Examples
    --------
    >>> from hedgerow.margin.odds.models import Horizon
    >>> from hedgerow.margin.odds.stake import flat_stake
    >>> question = OddsQuestion(
    ...     stake=flat_stake(side=-1, leverage=5.0, maintenance=0.005),
    ...     model=Diffusion(volatility=0.8),
    ...     horizon=Horizon(days=30.0, monitor_hours=8.0),
    ... )
    >>> odds = simulate_odds(question, paths=20_000, seed=7)
    >>> abs(odds.probability - 0.36594692431257151) < 4.0 * odds.standard_error
    True
    """
    if paths > MOST_PATHS:
        raise ConfigError(
            f"paths = {paths:,}: their outcomes would not fit in memory, and the standard error is "
            f"small long before; write {MOST_PATHS:,} at most"
        )
    if paths < 1 or seed < 0 or workers < 1:
        raise ConfigError(
            f"paths = {paths}, seed = {seed}, workers = {workers}: write at least one path and one "
            "worker, and a whole number of 0 or more as the seed"
        )
    steps, step_hours = _steps(question)
    walk = _walk(question, steps, step_hours)
    carry = _carry(question.funding, step_hours)
    footing = _footing(question, step_hours)
    out = np.empty((3, paths))

    def one(first: int) -> None:
        rows = np.empty((3, min(CHUNK, paths - first)))
        lanes.walk_lanes(first, seed, walk, carry, footing, rows)
        out[:, first : first + rows.shape[1]] = rows

    chunks = range(0, paths, CHUNK)
    for number, _ in enumerate(_over(one, chunks, workers), start=1):
        if tell is not None:
            tell(number / len(chunks))
    died = np.where(out[0] >= 0.0, out[0] * step_hours / 24.0, np.nan)
    return SimulatedOdds(question=question, died=died, need=out[1], sent=out[2])


def simulated_deposit(
    question: OddsQuestion,
    at_most: float,
    *,
    paths: int = PATHS,
    seed: int = 1,
    workers: int = 1,
    closeness: float = 1e-3,
    tell: Tell | None = None,
) -> float:
    """Return the least deposit that dies on no more than a part `at_most` of the paths.

    With a reserve, by halving, always over the same paths, to a relative `closeness`; without,
    exactly, from one run.
    """
    alone = replace(question, reserve=None)
    high = simulate_odds(alone, paths=paths, seed=seed, workers=workers).deposit_for(at_most)
    if question.reserve is None or not question.reserve.amount:
        return high
    low = min(high - question.reserve.amount, 0.0)
    width = high - low
    while high - low > closeness * abs(high):
        middle = 0.5 * (low + high)
        asked = replace(question, stake=question.stake.with_deposit(middle))
        odds = simulate_odds(asked, paths=paths, seed=seed, workers=workers).probability
        if odds > at_most:
            low = middle
        else:
            high = middle
        if tell is not None:
            tell(min(math.log(width / (high - low)) / math.log(1.0 / closeness), 1.0))
    return high


def _over(work: Callable[[int], None], chunks: range, workers: int) -> Iterator[None]:
    if workers == 1:
        yield from map(work, chunks)
        return
    with ThreadPoolExecutor(workers) as pool:
        try:
            yield from pool.map(work, chunks)
        finally:
            pool.shutdown(cancel_futures=True)  # Ctrl-C: what has not begun never does


def _steps(question: OddsQuestion) -> tuple[int, float]:
    """Return the number of steps and the hours of one."""
    horizon, model = question.horizon, question.model
    step = horizon.monitor_hours or 1.0
    if isinstance(model, History) and horizon.monitor_hours != model.step_hours:
        raise ConfigError(
            f"monitor_hours = {horizon.monitor_hours:g}, but the recorded returns are of "
            f"{model.step_hours:g} h: with model 'history' the account is looked at once a bar"
        )
    steps = max(round(horizon.days * 24.0 / step), 1 if horizon.days else 0)
    if steps and not isinstance(model, History):
        step = horizon.days * 24.0 / steps
    return steps, step


def _walk(question: OddsQuestion, steps: int, step_hours: float) -> lanes.Walk:
    model = question.model
    walk = lanes.Walk(
        kind=lanes.DIFFUSION,
        steps=steps,
        years=step_hours / 8_760.0,
        drift=_drift(model),
        volatility=model.volatility,
        jumps=0.0,
        jump_mean=0.0,
        jump_deviation=0.0,
        reversion=0.0,
        level=0.0,
        wobble=0.0,
        correlation=0.0,
        history=NOTHING,
        block=1,
        bridge=question.horizon.monitor_hours == 0.0,
    )
    if isinstance(model, Jumps):
        return walk._replace(
            jumps=model.per_year, jump_mean=model.mean, jump_deviation=model.deviation
        )
    if isinstance(model, Heston):
        return walk._replace(
            kind=lanes.STOCHASTIC,
            reversion=model.reversion,
            level=model.long_run**2,
            wobble=model.wobble,
            correlation=model.correlation,
        )
    if isinstance(model, History):
        returns = np.ascontiguousarray(model.returns, dtype=np.float64)
        return walk._replace(kind=lanes.RECORDED, history=returns, block=model.block)
    return walk


def _drift(model: Model) -> float:
    if isinstance(model, Diffusion | Jumps):
        return model.log_drift
    return model.drift if isinstance(model, Heston) else 0.0


def _carry(funding: FundingPath | None, step_hours: float) -> lanes.Carry:
    """Return funding in steps; settlements inside one step are paid together at its end."""
    if funding is None:
        return lanes.Carry(every=0, start=0.0, level=0.0, decay=0.0, shock=0.0, correlation=0.0)
    inside = max(step_hours / funding.interval_hours, 1.0)
    every = max(funding.interval_hours / step_hours, 1.0)
    for ratio in (inside, every):
        if abs(ratio - round(ratio)) > 1e-6:
            raise ConfigError(
                f"funding every {funding.interval_hours:g} h does not fit looks every "
                f"{step_hours:g} h; let one be a whole multiple of the other"
            )
    decay = funding.decay**inside
    now = funding.level if funding.now is None else funding.now
    return lanes.Carry(
        every=round(every),
        start=now * inside,
        level=funding.level * inside,
        decay=decay,
        shock=funding.deviation * inside * math.sqrt(1.0 - decay**2),
        correlation=funding.correlation,
    )


def _footing(question: OddsQuestion, step_hours: float) -> lanes.Footing:
    stake, reserve = question.stake, question.reserve
    position = stake.position
    inverse = position.terms.inverse
    rate, amount, curve = _lines(stake)
    sent = reserve is not None and reserve.top_up_below > 0.0
    return lanes.Footing(
        inverse=inverse,
        start=position.price,
        constant=position.size / position.entry if inverse else -position.size * position.entry,
        slope=-position.size if inverse else position.size + stake.coins,
        size=position.size,
        cash=stake.deposit,
        reserve=reserve.amount if reserve is not None and sent else 0.0,
        delay=math.ceil(reserve.transfer_hours / step_hours - 1e-9) if reserve else 0,
        below=reserve.top_up_below if reserve else 0.0,
        upto=reserve.top_up_to if reserve else 0.0,
        rate=rate,
        amount=amount,
        curve=curve,
    )


def _lines(stake: Stake) -> tuple[Floats, Floats, float]:
    """Return rates, amounts and curve of the requirement: see `hedgerow.kernels.odds_paths`."""
    position = stake.position
    rule = position.terms.requirement
    if rule.kind == BRACKETS:
        known = np.isfinite(rule.amount)
        return rule.rate[known], rule.amount[known], 0.0
    if rule.kind == SIZE_SLOPE:
        if position.terms.inverse:
            return rule.rate[:1], np.zeros(1), rule.slope
        return rule.rate[:1] + rule.slope * abs(position.size), np.zeros(1), 0.0
    asked = position.maintenance(position.entry)
    if position.terms.rule.method == "entry_brackets":
        return np.zeros(1), np.array([-asked]), 0.0
    return np.array([asked / position.notional(position.entry)]), np.zeros(1), 0.0
