"""Many simulated lives, one a seed, in as many processes as wanted; and what they add up to."""

import gc
import signal
import traceback
from collections import Counter, deque
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, field
from itertools import islice
from multiprocessing import get_context

from hedgerow.live.chaos.invariants import Broken
from hedgerow.live.chaos.world import Life, World

AHEAD = 4  # lives planned for each process


@dataclass(slots=True)
class Tally:
    """What so many lives came to.

    Attributes
    ----------
    broken
        Seeds whose invariants did not hold, with the first that did not.
    recoveries
        Seconds until all was well again, of every time that faults stopped.
    desks
        How many there were of each kind; one may be of several.
    naked, alone
        Worst unhedged notional times seconds, and that of a pair on one leg.
    double
        Most that was hedged twice by stand-ins, fraction of what was to be hedged.
    left
        Calms through which an operator left a desk stopped.
    """

    lives: int = 0
    days: float = 0.0
    events: int = 0
    checked: int = 0
    orders: int = 0
    trades: int = 0
    naked: float = 0.0
    alone: float = 0.0
    double: float = 0.0
    left: int = 0
    desks: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    recoveries: list[float] = field(default_factory=list)
    broken: dict[int, Broken] = field(default_factory=dict)

    def add(self, life: Life) -> None:
        """Count one life."""
        self.lives += 1
        self.days += life.days
        self.events += life.events
        self.checked += life.checked
        self.orders += life.orders
        self.trades += life.trades
        self.naked = max(self.naked, life.naked)
        self.alone = max(self.alone, life.alone)
        self.double = max(self.double, life.double)
        self.left += life.left
        self.desks.update(life.traits)
        self.faults.update(life.faults)
        self.recoveries.extend(life.recoveries)
        if life.broken:
            self.broken[life.seed] = life.broken[0]

    @property
    def worst_recovery(self) -> float:
        """The longest time until all was well, seconds."""
        return max(self.recoveries, default=0.0)

    def recovery(self, share: float) -> float:
        """Return the recovery that this share of all did not exceed, seconds."""
        ranked = sorted(self.recoveries)
        return ranked[min(int(share * len(ranked)), len(ranked) - 1)] if ranked else 0.0


def live(seed: int, days: float = 1.0) -> Life:
    """Return the life of one seed; an error of the desk is an invariant that did not hold."""
    return lived(seed, days)[1]


def lived(seed: int, days: float = 1.0) -> tuple[World, Life]:
    """Return the world of one seed as it ended, and its life."""
    world = World(seed)
    try:
        return world, world.run(days)
    except Exception as error:  # noqa: BLE001 - a worker: one seed must not end all others
        place = traceback.extract_tb(error.__traceback__)[-1]
        text = f"{type(error).__name__}: {error} ({place.filename}:{place.lineno})"
        return world, world.life((Broken("no defect", world.clock.now, text),))


def soak(
    seeds: range,
    *,
    days: float = 1.0,
    jobs: int = 1,
    tell: Callable[[Tally], None] = lambda _: None,
) -> Tally:
    """Live all seeds; what is known so far is told after each, and is kept when interrupted.

    The tally depends on the seeds, not on the number of processes.
    """
    tally = Tally()
    for life in _lives(seeds, days, jobs):
        tally.add(life)
        tell(tally)
    return tally


def _lives(seeds: range, days: float, jobs: int) -> Iterator[Life]:
    if jobs <= 1:
        for seed in seeds:
            yield live(seed, days)
        return
    waiting = deque(seeds)
    with ProcessPoolExecutor(
        jobs, mp_context=get_context("spawn"), initializer=_begin_worker
    ) as pool:
        planned: set[Future[Life]] = set()
        try:
            while waiting or planned:
                room = AHEAD * jobs - len(planned)
                for seed in list(islice(waiting, room)):
                    waiting.popleft()
                    planned.add(pool.submit(_live_alone, seed, days))
                done, planned = wait(planned, return_when=FIRST_COMPLETED)
                for each in done:
                    yield each.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _begin_worker() -> None:
    """Leave Ctrl-C to the process that a person talks to, and garbage until a life is over."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.disable()


def _live_alone(seed: int, days: float) -> Life:
    """Live one seed in a worker; what it leaves is collected once, what it loaded never again."""
    life = live(seed, days)
    gc.collect()
    gc.freeze()
    return life
