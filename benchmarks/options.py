"""How fast options are: greeks, implied volatilities and revaluation, against their peers.

On one core seconds of the processor are told, so that a busy machine does no harm; on all cores
those of the clock. Contenders take turns. Ours are called as a user calls them: checks included.
"""

import json
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from benchmarks.contest import Contender, Report, contender, say
from benchmarks.peers import HERE, PeerMissing, python_of
from hedgerow.pricing.implied import implied_volatility
from hedgerow.pricing.options import black76
from hedgerow.pricing.revaluation import Grid, revalue
from hedgerow.units import Floats

ROWS = 100_000
POSITIONS = 400
PEERS = ("numpy", "pyvolr", "iv_engine", "fast_vollib", "quantlib")
MANY = 20  # runs at a turn, of which the middle one counts, as of the peers'
LONG = 0.1  # seconds after which there are enough of them
FIVE = ("price", "delta", "gamma", "vega", "theta")
RATE = 0.03

Ours = Callable[[], Floats]


@dataclass(slots=True)
class _Race:
    """Seconds and answers by contender, over the rounds."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    sums: dict[str, float] = field(default_factory=dict)
    answers: Floats = field(default_factory=lambda: np.empty(0))  # ours, row by row
    versions: dict[str, str] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)


def greeks(rounds: int = 5) -> Report:
    """Return contracts a second of price and four sensitivities, on one core and on all."""
    m = market()

    def one(workers: int) -> Floats:
        option = black76(
            m["f"],
            m["k"],
            m["v"],
            m["t"],
            m["w"],
            rate=RATE,
            quantities=FIVE,
            workers=workers,
        )
        return option.price

    peers = (*PEERS, "numpy:all", "iv_engine:all", "fast_vollib:all")
    return _report("greeks", m, one, peers, rounds, "contracts/s", ROWS)


def implied_vol(rounds: int = 5) -> Report:
    """Return implied volatilities a second, on one core and on all, with the worst error."""
    m = market()

    def one(workers: int) -> Floats:
        found = implied_volatility(m["p"], m["f"], m["k"], m["t"], m["otm"], workers=workers)
        return found.volatility

    peers = ("pyvolr", "iv_engine", "fast_vollib", "quantlib")
    report = _report(
        "implied",
        m,
        one,
        (*peers, "iv_engine:all", "fast_vollib:all"),
        rounds,
        "volatilities/s",
        ROWS,
    )
    error = float(np.abs(one(1) - m["v"]).max())
    report.agreement["worst error of ours"] = error
    return report


def revaluation(rounds: int = 5) -> Report:
    """Return repricings a second of a book over 10,000 scenarios, on one core and on all."""
    m = {name: values[:POSITIONS] for name, values in market().items() if values.ndim}
    m["q"] = np.random.default_rng(6).normal(size=POSITIONS)
    grid = Grid.of(
        spot=np.linspace(-0.5, 0.8, 100),
        volatility=np.linspace(-0.2, 0.3, 10),
        years=np.linspace(0.0, 0.015, 10),
    )
    m |= {"spots": grid.spots, "added": grid.added, "passed": grid.passed}

    def one(workers: int) -> Floats:
        columns = (m["f"], m["k"], m["v"], m["t"], m["w"], m["q"])
        return revalue(*columns, grid=grid, workers=workers).total

    work = POSITIONS * 10_000
    peers = (*PEERS, "numpy:all", "iv_engine:all", "fast_vollib:all")
    return _report("revalue", m, one, peers, rounds, "repricings/s", work)


def market() -> dict[str, Floats]:
    """Return many contracts: a week to a year, strikes within three deviations, 30 to 120 %."""
    random = np.random.default_rng(3)
    f = 60_000.0 * (1.0 + 0.01 * random.normal(size=ROWS))
    v = random.uniform(0.3, 1.2, ROWS)
    t = random.uniform(0.02, 1.0, ROWS)
    away = np.clip(random.normal(size=ROWS), -3.0, 3.0) * v * np.sqrt(t)
    k = f * np.exp(away)
    otm = np.where(away >= 0.0, 1.0, -1.0)
    w = random.choice([-1.0, 1.0], ROWS)
    p = black76(f, k, v, t, otm, quantities=("price",)).price
    return {"f": f, "k": k, "v": v, "t": t, "w": w, "otm": otm, "p": p, "r": np.array(RATE)}


def _report(
    job: str,
    m: dict[str, Floats],
    one: Callable[[int], Floats],
    peers: tuple[str, ...],
    rounds: int,
    unit: str,
    work: int,
) -> Report:
    cores = os.cpu_count() or 1
    race = _Race()
    one(1)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "market.npz"
        np.savez(path, **m)  # type: ignore[arg-type]
        try:
            python = python_of("options")
        except PeerMissing as error:
            race.missing |= dict.fromkeys(peers, str(error))
            python = None
        _run(race, one, cores, rounds, str(path), job, peers, python)
    return _told(race, job, rounds, unit, work, cores)


def _run(
    race: _Race,
    one: Callable[[int], Floats],
    cores: int,
    rounds: int,
    path: str,
    job: str,
    peers: tuple[str, ...],
    python: Path | None,
) -> None:
    child = None
    if python is not None:
        environment = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        child = subprocess.Popen(
            [str(python), str(HERE / "options_peer.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )
    try:
        for number in range(rounds + 1):  # the first warms up and is not counted
            say(f"round {number} of {rounds}")
            for name, workers in (("hedgerow", 1), (f"hedgerow, {cores} threads", cores)):
                seconds: list[float] = []
                clock = time.process_time if workers == 1 else time.perf_counter
                while len(seconds) < MANY and sum(seconds) < LONG:
                    begin = clock()
                    found = one(workers)
                    seconds.append(clock() - begin)
                _note(race, name, number, statistics.median(seconds), found.size)
                race.sums[name] = float(found.sum())
                race.answers = found.ravel()
            for peer in peers if child is not None else ():
                if peer not in race.missing:
                    _ask(race, child, number, path, job, peer)
    finally:
        if child is not None:
            child.communicate()


def _ask(
    race: _Race,
    child: "subprocess.Popen[str] | None",
    number: int,
    path: str,
    job: str,
    peer: str,
) -> None:
    assert child is not None  # noqa: S101 - the caller has looked
    assert child.stdin is not None  # noqa: S101 - it was asked for
    assert child.stdout is not None  # noqa: S101 - likewise
    name, _, where = peer.partition(":")
    asked = {"file": path, "peer": name, "job": f"{job}_{where}" if where else job}
    child.stdin.write(json.dumps(asked) + "\n")
    child.stdin.flush()
    answer = json.loads(child.stdout.readline() or '{"error": "it ended"}')
    if "error" in answer:
        race.missing[peer] = answer["error"]
        race.seconds.pop(peer, None)
        return
    seconds = answer["seconds" if where else "busy"]
    _note(race, peer, number, seconds, answer["rows"])
    race.sums[peer] = answer["sum"]
    race.versions[name] = answer["version"]


def _note(race: _Race, name: str, number: int, seconds: float, rows: int) -> None:
    race.rows[name] = rows
    if number:
        race.seconds.setdefault(name, []).append(seconds)


def _told(race: _Race, job: str, rounds: int, unit: str, work: int, cores: int) -> Report:
    mine = race.rows["hedgerow"]
    found: dict[str, Contender] = {
        name: contender(name, seconds, work * race.rows[name] / mine, unit)
        for name, seconds in race.seconds.items()
    }
    all_cores = found[f"hedgerow, {cores} threads"].throughput or 0.0
    one_core = found["hedgerow"].throughput or 0.0
    ratios = {}
    for name, peer in found.items():
        if name.startswith("hedgerow") or not peer.throughput:
            continue
        ours = all_cores if name.endswith(":all") else one_core
        ratios[f"hedgerow over {name}"] = ours / peer.throughput
    ratios["all cores over one"] = all_cores / one_core
    agreement = {  # a peer that works out a part works out the first rows
        f"{name}, relative": abs(total / float(race.answers[: race.rows[name]].sum()) - 1.0)
        for name, total in race.sums.items()
        if name != "hedgerow"
    }
    return Report(
        name={"implied": "implied-vol"}.get(job, job),
        contenders=tuple(found.values()),
        ratios=ratios,
        agreement=agreement,
        not_measured=race.missing,
        conditions={"rounds": rounds, "cores": cores, "versions": race.versions, "rows": mine},
    )
