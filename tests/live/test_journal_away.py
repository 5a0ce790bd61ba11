"""While the journal cannot be written: what an operator says is kept, and nothing is hurried."""

import asyncio
import errno
import os
import sqlite3
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest
from journal_places import InFile, OnServer, note
from test_live_runtime import Running, made

from hedgerow.adapters.journal.memory import MemoryJournal, MemoryStore
from hedgerow.adapters.journal.spoken import SpokenFile
from hedgerow.adapters.journal.sqlite import SqliteJournal
from hedgerow.ledger.journal import Draft, Journal, JournalError, JournalUnavailable, Record
from hedgerow.live import runtime as runtime_module
from hedgerow.live.signals import Order
from hedgerow.live.view import State

Work = Callable[[Running], Awaitable[None]]
FULL = "the disk is full"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime_module, "TICK", 0.01)


def kept_in(folder: Path, store: MemoryStore | None = None) -> Running:
    found = made(store)
    keeper = SpokenFile(folder, "paper")
    found.runtime.around = replace(found.runtime.around, keeper=keeper)
    return found


def live(found: Running, work: Work) -> Running:
    async def life() -> None:
        running = asyncio.create_task(found.runtime.run())
        try:
            await found.until(lambda: found.runtime.controller.standing.state is not State.STOPPED)
            await work(found)
        finally:
            found.runtime.stop()
            await asyncio.gather(running, return_exceptions=True)

    asyncio.run(life())
    return found


@pytest.mark.parametrize(
    ("order", "state", "flattening"),
    [
        (Order.KILL, State.KILLED, False),
        (Order.PAUSE, State.PAUSED, False),
        (Order.FLATTEN, State.PAUSED, True),
    ],
)
def test_a_word_said_while_the_journal_is_away_is_known_to_the_next_start(
    tmp_path: Path, order: Order, state: State, *, flattening: bool
) -> None:
    async def speak(found: Running) -> None:
        found.store.away = FULL
        reply = await found.runtime.tell(order, by="ops", reason="fire")
        assert reply.accepted
        assert reply.state is state
        assert f"it is kept in {tmp_path / 'spoken-paper.json'}" in reply.words

    first = live(kept_in(tmp_path), speak)
    first.store.away = ""
    first.store.lease = replace(first.store.lease, holder="")
    assert "operator" not in {record.kind for record in first.store.records}

    async def look(found: Running) -> None:
        standing = found.runtime.controller.standing
        assert (standing.state, standing.flattening) == (state, flattening)
        assert "fire" in standing.reason

    second = live(kept_in(tmp_path, first.store), look)
    (spoken,) = [record for record in second.store.records if record.kind == "operator"]
    assert spoken.body["by"] == "ops"
    assert not (tmp_path / "spoken-paper.json").exists()
    third = live(kept_in(tmp_path, second.store), look)
    assert len([record for record in third.store.records if record.kind == "operator"]) == 1


def test_a_word_that_reaches_the_journal_after_all_is_kept_no_more(tmp_path: Path) -> None:
    async def speak(found: Running) -> None:
        found.store.away = FULL
        await found.runtime.tell(Order.PAUSE, by="ops")
        await found.runtime.tell(Order.RESUME, by="ops")
        assert SpokenFile(tmp_path, "paper").kept().body["begins_as"] == "trading"  # type: ignore[union-attr]
        await found.runtime.tell(Order.KILL, by="ops")
        found.store.away = ""
        assert await found.until(lambda: not (tmp_path / "spoken-paper.json").exists())

    found = live(kept_in(tmp_path), speak)
    orders = [r.body["order"] for r in found.store.records if r.kind == "operator"]
    assert orders == ["pause", "resume", "kill"]


def test_a_word_older_than_the_journal_s_is_let_go_of(tmp_path: Path) -> None:
    async def speak(found: Running) -> None:
        await found.runtime.tell(Order.PAUSE, by="ops")
        await found.runtime.tell(Order.RESUME, by="ops")

    first = live(kept_in(tmp_path), speak)
    pause = next(record for record in first.store.records if record.kind == "operator")
    body = {**pause.body, "begins_as": "paused", "flattening": False}
    SpokenFile(tmp_path, "paper").keep(Draft(time=pause.time, kind="operator", body=body))

    async def look(found: Running) -> None:
        assert found.runtime.controller.standing.state is State.TRADING

    live(kept_in(tmp_path, first.store), look)
    assert SpokenFile(tmp_path, "paper").kept() is None


def test_where_the_disk_takes_nothing_at_all_the_reply_says_that_it_is_not_durable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: SpokenFile, __: Draft) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(SpokenFile, "keep", full)

    async def speak(found: Running) -> None:
        found.store.away = FULL
        reply = await found.runtime.tell(Order.KILL, by="ops")
        assert reply.accepted
        assert "NOT durable" in reply.words
        assert "No space left on device" in reply.words
        assert "free the disk and say it again" in reply.words

    live(kept_in(tmp_path), speak)


class Counted(MemoryJournal):
    """A journal that counts how often it is asked, and may take its time."""

    asked = 0
    delay = 0.0

    async def append(self, drafts: Sequence[Draft]) -> Sequence[Record]:
        self.asked += 1
        await asyncio.sleep(self.delay)
        return await super().append(drafts)


def test_a_journal_that_is_away_is_tried_again_once_a_second() -> None:
    found = made()
    journal = found.runtime.journal = Counted(found.store)

    async def wait(running: Running) -> None:
        assert await running.until(lambda: running.held != 0)
        running.store.away = FULL
        await running.runtime.tell(Order.PAUSE, by="ops")
        before, began = journal.asked, time.perf_counter()
        for _ in range(20):
            await running.runtime.tell(Order.PAUSE, by="ops")
            await asyncio.sleep(0.1)
        assert 1 <= journal.asked - before <= time.perf_counter() - began + 1
        running.store.away = ""
        assert await running.until(lambda: not running.runtime._unwritten)

    live(found, wait)


def test_a_slow_journal_does_not_keep_the_desk_from_showing_itself() -> None:
    found = made()
    journal = found.runtime.journal = Counted(found.store)

    async def look(running: Running) -> None:
        assert await running.until(lambda: running.held != 0)
        journal.delay = 1.5
        telling = asyncio.ensure_future(running.runtime.tell(Order.PAUSE, by="ops"))
        slowest = 0.0
        for _ in range(100):
            began = time.perf_counter()
            assert running.runtime.view().desk.name
            await asyncio.sleep(0)
            slowest = max(slowest, time.perf_counter() - began)
            await asyncio.sleep(0.01)
        journal.delay = 0.0
        assert (await telling).accepted
        assert slowest < 0.5

    live(found, look)


def test_another_s_lock_on_the_file_does_not_keep_the_desk_from_answering(in_file: InFile) -> None:
    async def life() -> float:
        journal = SqliteJournal(in_file.path, clock=in_file.watch, patience=0.5)
        await journal.open("desk")
        with closing(sqlite3.connect(in_file.path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            longest = await stalled(journal, JournalUnavailable)
            other.execute("ROLLBACK")
        assert len(await journal.append([note(2)])) == 1
        await journal.close()
        return longest

    assert asyncio.run(life()) < 0.1


def test_a_database_that_takes_its_time_does_not_keep_the_desk_from_answering(
    on_server: OnServer,
) -> None:
    async def life() -> float:
        journal = on_server.journal()
        await journal.open("desk")
        other = await asyncpg.connect(on_server.url)
        async with other.transaction():
            await other.execute("SELECT * FROM hedgerow.lease FOR UPDATE")
            longest = await stalled(journal, JournalUnavailable)
        await other.close()
        assert len(await journal.append([note(2)])) == 1
        await journal.close()
        return longest

    assert asyncio.run(life()) < 0.1


async def stalled(journal: Journal, error: type[JournalError]) -> float:
    """Return for how long at most nothing else went on while a journal tried to write."""
    writing = asyncio.ensure_future(journal.append([note(1)]))
    longest, before = 0.0, time.perf_counter()
    while not writing.done():
        await asyncio.sleep(0.001)
        now = time.perf_counter()
        longest, before = max(longest, now - before), now
    with pytest.raises(error):
        await writing
    return longest
