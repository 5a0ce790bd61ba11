"""How long `GET /status` takes while the desk works: 50 quotes a second and a stream beside it.

The desk, its guards, its journal on disk and the real API share one process, as they do in
`hedgerow run`; whoever asks is a process of its own.
"""

import asyncio
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.contest import Report, contender, say
from benchmarks.desk_job import PER_SECOND, START, Rig, on_disk, prices, quotes, with_clock
from hedgerow.dashboard.listening import Listening
from hedgerow.dashboard.opening import desk_metrics, open_api
from hedgerow.ledger.journal import Record
from hedgerow.live.handle import Reply
from hedgerow.live.signals import Order, signal_time
from hedgerow.live.view import DecisionView, DeskView
from hedgerow.units import SECOND

P99_S = 20e-3
CADENCE = 5 * SECOND
SECONDS = 600  # of quotes at hand; asking ends long before
QUESTIONS = 1_500


class Held:
    """A rig as its API holds it."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.now = START

    def view(self) -> DeskView:
        """Return what the desk shows now."""
        return self.rig.controller.view(self.now)

    async def tell(self, order: Order, *, by: str, subject: str = "", reason: str = "") -> Reply:
        """Refuse: nobody gives orders here."""
        del order, by, subject, reason
        return Reply(accepted=False, state=self.view().desk.state, words="a benchmark")

    def why(self, leg: str | None, last: int) -> Sequence[DecisionView]:
        """Return the last decisions."""
        return self.rig.controller.why(leg, last)

    async def journal_tail(self, count: int) -> Sequence[Record]:
        """Return nothing."""
        del count
        return ()


def status(rounds: int = 5) -> Report:
    """Return the time of one answer, half of them and 99 in 100 of them."""
    p50, p99, views, per_second = [], [], [], []
    for number in range(rounds):
        say(f"round {number + 1} of {rounds}")
        seen = asyncio.run(_round())
        p50.append(float(np.quantile(seen["seconds"], 0.5)))
        p99.append(float(np.quantile(seen["seconds"], 0.99)))
        views.append(seen["views"])
        per_second.append(seen["quotes"] / seen["took"])
    return Report(
        name="status",
        contenders=(
            contender("GET /status, half within", p50, None, "s"),
            contender("GET /status, 99 % within", p99, None, "s"),
        ),
        ratios={"99 % within 20 ms": P99_S / float(np.median(p99))},
        conditions={
            "quotes_per_second": per_second,
            "stream_views_per_round": views,
            "questions_per_round": QUESTIONS,
        },
    )


async def _round() -> dict[str, Any]:
    with on_disk() as journal, tempfile.TemporaryDirectory() as name:
        rig = Rig(journal, CADENCE)
        await rig.begin()
        desk = Held(rig)
        api = await open_api(desk, Listening(), Path(name), metrics=desk_metrics(desk))
        working = asyncio.create_task(_work(desk))
        begun = asyncio.get_running_loop().time()
        try:
            asking = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "benchmarks.status_client"),
                *(str(Path(name) / "api.json"), str(QUESTIONS)),
                stdout=asyncio.subprocess.PIPE,
            )
            said, _ = await asking.communicate()
        finally:
            took = asyncio.get_running_loop().time() - begun
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)
            await api.close()
            await journal.close()
    if asking.returncode:
        raise RuntimeError("the client ended badly; what it said stands above")
    found: dict[str, Any] = json.loads(said)
    return found | {"took": took, "quotes": (desk.now - START) / SECOND * PER_SECOND}


async def _work(desk: Held) -> None:
    """Give the desk its quotes at the pace of the clock on the wall."""
    loop = asyncio.get_running_loop()
    begun = loop.time()
    for signal in with_clock(quotes(prices(SECONDS * PER_SECOND))):
        desk.now = signal_time(signal)
        await asyncio.sleep(max(0.0, begun + (desk.now - START) / SECOND - loop.time()))
        await desk.rig.tell(signal)
