"""``kill -9`` at every step at which a desk touches its journal or its venue, and restart.

The desk is a process of its own with the real runtime, journal and adapters; the venue stands on
loopback. How many steps there are is counted on a life without a kill.
"""

import asyncio
import os
import signal
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pytest

from fake_venue.binance import BinanceServer

sys.path.insert(0, str(Path(__file__).parent))

import desk_process
from desk_bench import hedged
from forking import forking

from hedgerow.adapters.journal.opening import open_journal
from hedgerow.ledger.journal import Record

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is not known there")

NAME = "BTCUSDT"
ORDER = "POST /fapi/v1/order"
LIMIT = 45.0  # seconds within which a desk that came up again must be hedged
ALL = 20  # steps of a whole life, at least
BEGINNING = 5  # steps of which every life begins
TOGETHER = 4  # lives at a time
ON_THE_WAY = -1  # killed from outside, while the venue has the order and has not answered
EVERY = "HEDGEROW_KILL_EVERY_STEP"  # in the environment: not only these few
STEPS = tuple(range(1, ALL + 1)) if os.environ.get(EVERY) else (1, 8, 10, 12, 17)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What is left when all is over."""

    died: int | None  # exit code of the first life
    ended: int | None  # and of the last
    first: tuple[str, ...]  # steps of the first
    hedged: bool
    venue: BinanceServer
    records: tuple[Record, ...]


def begin(venue: BinanceServer, folder: Path, step: int) -> ForkServerProcess:
    folder.mkdir(exist_ok=True)
    steps = folder / "steps"
    steps.touch()
    arguments = (venue.url, str(folder / "journal.db"), step, steps)
    process = forking().Process(target=desk_process.life, args=arguments, daemon=True)
    process.start()
    return process


def is_hedged(venue: BinanceServer) -> bool:
    return abs(venue.account.net(NAME) + Decimal(1)) <= Decimal(repr(desk_process.BAND))


async def until(condition: Callable[[], bool], seconds: float) -> bool:
    """Wait until a condition holds; whether it does within `seconds`."""
    for _ in range(round(seconds * 20)):
        if condition():
            return True
        await asyncio.sleep(0.05)
    return condition()


async def killed_and_restarted(folder: Path, step: int) -> Ended:
    """Let a desk die at `step` (0: never), start it again, and return what came of it."""
    async with BinanceServer() as venue:
        venue.pulse(0.2)
        if step == ON_THE_WAY:
            venue.faults.delay(ORDER, 2.0)
            venue.faults.lose_message("ORDER_TRADE_UPDATE", times=2)  # nor does the stream tell
        process = begin(venue, folder, max(step, 0))
        died = None
        if step:
            orders = venue.exchange.orders
            await until(
                lambda: not process.is_alive() or (step == ON_THE_WAY and bool(orders)), LIMIT
            )
            process.kill()
            await until(lambda: not process.is_alive(), LIMIT)
            died = process.exitcode
        first = tuple((folder / "steps").read_text().split()) if step else ()
        process = begin(venue, folder, 0) if step else process
        hedged = await until(lambda: is_hedged(venue), LIMIT)
        steps = folder / "steps"  # by now it has asked who it is, and heard
        began = len(first) + BEGINNING
        await until(
            lambda: len(steps.read_text().split()) >= began or not process.is_alive(), LIMIT
        )
        await asyncio.sleep(1.2)  # two more decisions: nothing is done again
        process.terminate()
        await until(lambda: not process.is_alive(), LIMIT)
        ended = process.exitcode
        process.kill()
        first = first or tuple((folder / "steps").read_text().split())
        journal = open_journal(str(folder / "journal.db"))
        records = tuple([record async for record in journal.read()])
    return Ended(died=died, ended=ended, first=first, hedged=hedged, venue=venue, records=records)


def nothing_lost_and_nothing_twice(ended: Ended) -> None:
    exchange = ended.venue.exchange
    sent = Counter(order.ticket.client_id for order in exchange.orders.values())
    assert sent
    assert set(sent.values()) == {1}
    intended = {r.body["request"]["client_id"] for r in ended.records if r.kind == "intent"}
    assert set(sent) <= intended
    traded = {str(trade.id) for trade in exchange.trades}
    booked = Counter(r.body["report"]["trade_id"] for r in ended.records if r.kind == "trade")
    assert set(booked) == traded
    assert set(booked.values()) == {1}
    assert sum(trade.amount for trade in exchange.trades) <= Decimal("1.01")


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Ended]:
    """Return what came of every kill, several at a time."""
    folder = tmp_path_factory.mktemp("kill")
    hedged()  # compiled now, not in each of them

    async def all_of_them() -> dict[int, Ended]:
        gate = asyncio.Semaphore(TOGETHER)

        async def one(step: int) -> Ended:
            async with gate:
                return await killed_and_restarted(folder / str(step), step)

        found = await asyncio.gather(*(one(step) for step in (0, ON_THE_WAY, *STEPS)))
        return dict(zip((0, ON_THE_WAY, *STEPS), found, strict=True))

    return asyncio.run(all_of_them())


def test_a_desk_that_nobody_kills_hedges_and_ends_in_good_order(
    outcomes: dict[int, Ended],
) -> None:
    ended = outcomes[0]
    assert ended.hedged
    assert ended.ended == 0
    assert len(ended.first) >= ALL
    assert {"durable", "sent", "answered"} <= set(ended.first)
    nothing_lost_and_nothing_twice(ended)


@pytest.mark.parametrize("step", STEPS)
def test_a_desk_killed_at_a_step_is_hedged_after_its_restart(
    outcomes: dict[int, Ended], step: int
) -> None:
    ended = outcomes[step]
    assert ended.died == -signal.SIGKILL
    assert len(ended.first) == step
    assert (ended.hedged, ended.ended) == (True, 0)
    nothing_lost_and_nothing_twice(ended)


def test_a_desk_killed_while_the_venue_has_its_order_finds_it_again(
    outcomes: dict[int, Ended],
) -> None:
    ended = outcomes[ON_THE_WAY]
    assert ended.died == -signal.SIGKILL
    assert (ended.hedged, ended.ended) == (True, 0)
    assert ended.venue.seen("GET /fapi/v1/order")
    nothing_lost_and_nothing_twice(ended)
