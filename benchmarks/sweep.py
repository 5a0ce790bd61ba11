"""A sweep of a band's width over five years of hours, hedgerow beside vectorbt."""

import json
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from benchmarks import jobs
from benchmarks.contest import Report, contender, say
from benchmarks.market import Market, recorded, synthetic
from benchmarks.peers import PINS, PeerMissing, python_of
from hedgerow.engine import layout as at
from hedgerow.engine.batch import Plan, run_lanes

CONFIGS = 1_000
PEER_CONFIGS = 20
ROUNDS = 5
CASH = 1e9  # so much that vectorbt cuts no order
UNIT = "bar-configs/s"
WORST = 1e-8


class Disagreement(RuntimeError):
    """Two programs that should do the same job do not."""


class Vectorbt:
    """vectorbt in a process of its own, so that it keeps what it compiled."""

    def __init__(self, python: Path, market: Path) -> None:
        self._market = str(market)
        self._process = subprocess.Popen(
            [python, Path(__file__).parent / "vectorbt_peer.py"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, configs: int) -> dict[str, Any]:
        """Return what the peer answers for the widths of so many configs."""
        request = {
            "market": self._market,
            "widths": jobs.widths(configs).tolist(),
            "holding": jobs.HOLDING,
            "lot": jobs.LOT,
            "fee": jobs.FEE,
            "half_spread": jobs.HALF_SPREAD,
            "minimum": jobs.MINIMUM,
            "cash": CASH,
        }
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("vectorbt's process has no pipes")
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise PeerMissing("vectorbt's process ended; its message stands above")
        found: dict[str, Any] = json.loads(answer)
        return found

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.terminate()
        self._process.wait()


def timed(plan: Plan) -> float:
    """Return the seconds of one run on one core."""
    begin = time.perf_counter()
    run_lanes(plan)
    return time.perf_counter() - begin


def sweep(data: Path | None, rounds: int = ROUNDS) -> Report:
    """Return our throughput on both jobs, and vectorbt's on the one it can do."""
    market = synthetic() if data is None else recorded(data)
    hours = len(market.closes)
    conditions: dict[str, Any] = {
        "hours": hours,
        "data": "synthetic" if data is None else str(data),
        "rounds": rounds,
        "configs": {"hedgerow": CONFIGS, "vectorbt": PEER_CONFIGS},
        "cores": 1,
        "versions": {"vectorbt": PINS["vectorbt"]},
    }
    matched, full = jobs.matched(market, CONFIGS), jobs.full(market, CONFIGS)
    say("hedgerow: compiling and warming up")
    run_lanes(matched)
    totals = run_lanes(full).totals
    conditions["full_job"] = {
        name: int(totals[row].sum())
        for name, row in (
            ("trades", at.TRADES),
            ("settlements", at.SETTLEMENTS),
            ("top_ups", at.TOP_UPS),
            ("withdrawals", at.WITHDRAWALS),
            ("liquidations", at.LIQUIDATIONS),
        )
    }
    conditions["full_job"]["lanes_liquidated"] = int((totals[at.LIQUIDATIONS] > 0).sum())
    ours: list[float] = []
    whole: list[float] = []
    theirs: list[float] = []
    agreement: dict[str, float] = {}
    missing: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as folder:
        try:
            python = python_of("vectorbt")
            with Vectorbt(python, _written(market, Path(folder))) as peer:
                agreement["vectorbt"] = _agreed(market, peer)
                for number in range(rounds):
                    say(f"round {number + 1} of {rounds}")
                    ours.append(timed(matched))
                    theirs.append(float(peer.run(PEER_CONFIGS)["seconds"]))
                    whole.append(timed(full))
        except PeerMissing as error:
            missing["vectorbt"] = str(error)
            ours = [timed(matched) for _ in range(rounds)]
            whole = [timed(full) for _ in range(rounds)]
    mine = contender("hedgerow, matched job", ours, hours * CONFIGS, UNIT)
    all_of_it = contender("hedgerow, full job", whole, hours * CONFIGS, UNIT)
    contenders = [mine, all_of_it]
    ratios = {}
    if not missing:
        other = contender("vectorbt, matched job", theirs, hours * PEER_CONFIGS, UNIT)
        contenders.append(other)
        if mine.throughput and other.throughput and all_of_it.throughput:
            ratios["vectorbt, matched job"] = mine.throughput / other.throughput
            ratios["vectorbt, our full job over its matched one"] = (
                all_of_it.throughput / other.throughput
            )
    return Report(
        name="sweep",
        contenders=tuple(contenders),
        ratios=ratios,
        agreement=agreement,
        not_measured=missing,
        conditions=conditions,
    )


def _written(market: Market, folder: Path) -> Path:
    path = folder / "market.npz"
    np.savez(path, opens=market.opens, closes=market.closes, flows=market.flows)
    return path


def _agreed(market: Market, peer: Vectorbt) -> float:
    """Return the largest difference of profits, relative; trades must be the same in number."""
    say("vectorbt: compiling, and comparing results")
    batch = run_lanes(jobs.matched(market, PEER_CONFIGS))
    answer = peer.run(PEER_CONFIGS)
    trades = int(batch.totals[at.TRADES].sum())
    if trades != answer["trades"]:
        raise Disagreement(f"trades: hedgerow {trades}, vectorbt {answer['trades']}")
    profits = batch.totals[at.HEDGED]
    scale = np.max(np.abs(profits))
    gap = float(np.max(np.abs(profits - np.array(answer["profits"]))) / scale)
    if gap > WORST:
        raise Disagreement(f"profits differ by {gap:.1e} of the largest; at most {WORST:.0e}")
    return gap
