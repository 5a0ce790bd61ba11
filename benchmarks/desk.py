"""The live desk on quotes by the thousand, beside nautilus_trader; its latency and its memory."""

import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from benchmarks.contest import Contender, Report, contender, say
from benchmarks.desk_engine import engine_seconds
from benchmarks.desk_job import (
    GUARDED,
    PER_SECOND,
    Rig,
    Unsealed,
    on_disk,
    prices,
    quotes,
    with_clock,
)
from benchmarks.peers import PINS, PeerMissing, python_of
from hedgerow.adapters.journal.memory import MemoryJournal
from hedgerow.ledger.journal import Journal
from hedgerow.live.controller import Care
from hedgerow.live.signals import Signal
from hedgerow.units import SECOND, Floats

QUOTES = 200_000
EVERY = 100  # quotes to an order
CADENCE = EVERY * SECOND // PER_SECOND
LATENCY_QUOTES = 40_000
P50_S, P99_S = 50e-6, 500e-6
UNIT = "quotes/s"
MATCHED = "hedgerow, desk and dealer, no journal, as the peer"
FULL = "hedgerow, with guards, audits and sealed journal"
PEER = "nautilus_trader, backtest engine"


class _Times(NamedTuple):
    """Seconds of one run: on the wall, and of the processor."""

    wall: float
    cpu: float


def desk(rounds: int = 5, hours: int = 24) -> Report:
    """Return quotes a second, seconds from event to order, commit times and memory by the hour."""
    walk = prices(QUOTES)
    missing: dict[str, str] = {}
    ours: list[_Times] = []
    whole: list[_Times] = []
    theirs: list[_Times] = []
    filled: dict[str, int] = {}
    signals = list(with_clock(quotes(walk)))
    _timed(list(with_clock(quotes(walk[:5_000]))), GUARDED)  # compiles
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "prices.npy"
        np.save(file, walk)
        for number in range(rounds):
            say(f"round {number + 1} of {rounds}")
            times, rig = _timed(signals, None)
            ours.append(times)
            whole.append(_timed(signals, GUARDED)[0])
            filled["hedgerow"] = rig.venue.trades
            try:
                answer = _nautilus(file)
            except PeerMissing as error:
                missing["nautilus_trader"] = str(error)
                continue
            theirs.append(_Times(answer["seconds"], answer["cpu_seconds"]))
            filled["nautilus_trader"] = int(answer["filled"])
    found = [
        contender(name, [times.wall for times in every], QUOTES, UNIT)
        for name, every in ((MATCHED, ours), (FULL, whole), (PEER, theirs))
        if every
    ]
    ratios = {}
    if theirs:
        for which, every in (("desk and dealer", ours), ("with guards, audits and journal", whole)):
            ratios[f"nautilus_trader, 1 % orders: {which}"] = _ratio(
                [times.wall for times in every], [times.wall for times in theirs]
            )
            ratios[f"nautilus_trader, 1 % orders: {which}, processor time"] = _ratio(
                [times.cpu for times in every], [times.cpu for times in theirs]
            )
    say("latency")
    latency, commits = _latency(walk[:LATENCY_QUOTES])
    found += latency + commits
    for which, pair in (("engine", latency[0:2]), ("desk and dealer", latency[2:4])):
        ratios[f"the target of 50 us, median, {which}"] = P50_S / pair[0].median_s
        ratios[f"the target of 500 us, 99th percentile, {which}"] = P99_S / pair[1].median_s
    conditions: dict[str, Any] = {
        "rounds": rounds,
        "quotes": QUOTES,
        "quotes_to_an_order": EVERY,
        "filled": filled,
        "signals": len(signals),
        "versions": {"nautilus_trader": PINS["nautilus"]},
    }
    if hours:
        say(f"memory over {hours} simulated hours")
        conditions["memory"] = _memory(hours)
    return Report(
        name="desk",
        contenders=tuple(found),
        ratios=ratios,
        not_measured=missing,
        conditions=conditions,
    )


async def _lived(signals: Sequence[Signal], journal: Journal, care: Care | None) -> Rig:
    rig = Rig(journal, CADENCE, care)
    await rig.begin()
    for signal in signals:
        await rig.tell(signal)
    await journal.close()
    return rig


def _timed(signals: Sequence[Signal], care: Care | None) -> tuple[_Times, Rig]:
    begun, busy = time.perf_counter(), time.process_time()
    journal: Journal = Unsealed() if care is None else MemoryJournal()
    rig = asyncio.run(_lived(signals, journal, care))
    return _Times(time.perf_counter() - begun, time.process_time() - busy), rig


def _ratio(ours: list[float], theirs: list[float]) -> float:
    """Return the median over rounds of how many times longer the peer took."""
    return statistics.median(their / our for our, their in zip(ours, theirs, strict=True))


def _nautilus(file: Path) -> dict[str, Any]:
    """Return what one run of the peer, in a process of its own, answers."""
    request = json.dumps({"prices": str(file), "every": EVERY}) + "\n"
    ran = subprocess.run(
        [python_of("nautilus"), Path(__file__).parent / "nautilus_peer.py"],
        input=request,
        capture_output=True,
        text=True,
        check=False,
    )
    lines = ran.stdout.strip().splitlines()
    if ran.returncode != 0 or not lines:
        said = ran.stderr.strip().splitlines()[-1:] or ["no message"]
        raise PeerMissing(f"exit {ran.returncode}: {said[0][:200]}")
    answer: dict[str, Any] = json.loads(lines[-1])
    return answer


def _latency(walk: Floats) -> tuple[list[Contender], list[Contender]]:
    """Return event to order, and commits: of each the median and the 99th percentile."""
    signals = list(with_clock(quotes(walk)))
    matched = asyncio.run(_lived(signals, MemoryJournal(), None))
    full = asyncio.run(_lived(signals, MemoryJournal(), GUARDED))
    with on_disk() as journal:
        in_file = asyncio.run(_lived(signals, journal, GUARDED))
    latency = [
        *_percentiles("event to command, the engine's desk", engine_seconds(walk[:5_000])),
        *_percentiles("event to order, desk and dealer", matched.placed),
        *_percentiles("event to order, with guards and audits", full.placed),
    ]
    commits = [
        *_percentiles("commit of a step's facts, journal in memory", full.committed),
        *_percentiles("commit of a step's facts, journal in a file, flushed", in_file.committed),
    ]
    return latency, commits


def _percentiles(name: str, seconds: list[float]) -> list[Contender]:
    return [
        contender(f"{name}, {which}", [float(np.quantile(seconds, share))], None, "s")
        for which, share in (("median", 0.5), ("99th percentile", 0.99))
    ]


def _memory(hours: int) -> dict[str, Any]:
    ran = subprocess.run(
        [sys.executable, "-m", "benchmarks.desk_memory", str(hours)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[1],
    )
    found: dict[str, Any] = json.loads(ran.stdout)
    return found
