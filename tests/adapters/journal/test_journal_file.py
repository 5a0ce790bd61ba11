"""A journal in a file: full disks, locks, a file that goes away, a process that is killed."""

import asyncio
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from journal_places import InFile, note

from hedgerow.adapters.journal.sqlite import SqliteJournal
from hedgerow.errors import ConfigError
from hedgerow.ledger.journal import (
    Draft,
    JournalError,
    JournalLeased,
    JournalUnavailable,
    Record,
    verified,
)

WRITER = """
import asyncio, sys
from pathlib import Path
from hedgerow.adapters.journal.sqlite import SqliteJournal
from hedgerow.ledger.journal import Draft

async def live():
    journal = SqliteJournal(Path(sys.argv[1]))
    number = len(await journal.open("child"))
    print("open", flush=True)
    while True:
        drafts = [Draft(time=0, kind="note", body={"text": "x" * 300}) for _ in range(3)]
        print((await journal.append(drafts))[-1].number, flush=True)

asyncio.run(live())
"""
FULL = """
import asyncio, resource, sys
from pathlib import Path
from hedgerow.adapters.journal.sqlite import SqliteJournal
from hedgerow.ledger.journal import Draft, JournalUnavailable

async def live():
    journal = SqliteJournal(Path(sys.argv[1]))
    await journal.open("child")
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, resource.RLIM_INFINITY))
    written = 0
    try:
        for _ in range(1_000):
            draft = Draft(time=0, kind="note", body={"text": "x" * 3_000})
            written = (await journal.append([draft]))[-1].number
    except JournalUnavailable as error:
        print(written, error, sep="\\n")
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    again = await journal.append([Draft(time=0, kind="note", body={})])
    print(again[0].number)
    await journal.close()

asyncio.run(live())
"""


def records(path: Path) -> list[Record]:
    async def live() -> list[Record]:
        return list(verified([record async for record in SqliteJournal(path).read()]))

    return asyncio.run(live())


@contextmanager
def child(program: str, path: Path) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-c", program, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_a_full_disk_loses_nothing_and_recovers(in_file: InFile) -> None:
    async def live() -> None:
        journal = in_file.journal()
        await journal.open("desk")
        await journal.append([note(1)])
        connection = journal._connection
        assert connection is not None
        connection.execute("PRAGMA max_page_count = 12")
        big = [Draft(time=0, kind="note", body={"text": "x" * 5_000}) for _ in range(20)]
        for _ in range(2):
            with pytest.raises(JournalUnavailable, match=r"disk is full: free some space.*lost"):
                await journal.append([note(2), *big])
        connection.execute("PRAGMA max_page_count = 100000")
        written = await journal.append([note(2), *big])
        assert [record.number for record in written] == list(range(2, 23))
        await journal.close()

    asyncio.run(live())
    assert len(records(in_file.path)) == 22


def test_a_write_the_system_refuses_loses_nothing_and_recovers(tmp_path: Path) -> None:
    path = tmp_path / "desk.journal"
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    written, reason, again = done.stdout.splitlines()
    assert int(written) > 10
    assert "check the disk it lies on. Nothing was lost" in reason
    assert int(again) == int(written) + 1
    assert len(records(path)) == int(again)


def test_another_programs_lock_is_not_waited_for_long(in_file: InFile) -> None:
    async def live() -> None:
        journal = in_file.journal()
        await journal.open("desk")
        await journal.append([note(1)])
        with closing(sqlite3.connect(in_file.path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            begin = time.perf_counter()
            for use in (journal.append([note(2)]), journal.renew()):
                with pytest.raises(JournalUnavailable, match="end that program"):
                    await use
            assert time.perf_counter() - begin < 2.0
            assert len([record async for record in journal.read()]) == 1
            other.execute("ROLLBACK")
        assert [record.number for record in await journal.append([note(2)])] == [2]
        await journal.close()

    asyncio.run(live())


def test_a_journal_that_is_locked_when_the_desk_comes_is_named(in_file: InFile) -> None:
    async def live() -> None:
        await (journal := in_file.journal()).open("desk")
        await journal.close()
        with closing(sqlite3.connect(in_file.path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(JournalUnavailable, match="holds a lock"):
                await in_file.journal().open("desk")

    asyncio.run(live())


@pytest.mark.parametrize("name", ["desk.journal", "desk.journal-wal"])
def test_a_file_moved_under_the_desk_stops_it_until_it_is_back(in_file: InFile, name: str) -> None:
    file = in_file.path.with_name(name)
    aside = in_file.path.with_name("aside")

    async def live() -> None:
        journal = in_file.journal()
        await journal.open("desk")
        await journal.append([note(1)])
        file.rename(aside)
        with pytest.raises(JournalUnavailable, match=f"{name}: was deleted.*put it back"):
            await journal.append([note(2)])
        with pytest.raises(JournalUnavailable, match=f"{name}: was deleted"):
            await journal.renew()
        file.write_bytes(b"")
        with pytest.raises(JournalUnavailable, match="replaced"):
            await journal.append([note(2)])
        aside.rename(file)
        assert [record.number for record in await journal.append([note(2)])] == [2]
        await journal.close()

    asyncio.run(live())
    assert len(records(in_file.path)) == 2


def test_a_process_killed_while_it_writes_leaves_all_it_was_told_was_written(
    tmp_path: Path,
) -> None:
    path = tmp_path / "desk.journal"
    acknowledged = 0
    for lines in (1, 40, 7):
        with child(WRITER, path) as process:
            assert line(process) == "open"
            for _ in range(lines):
                acknowledged = int(line(process))
            process.send_signal(signal.SIGKILL)
            process.wait()
            assert process.stdout is not None
            rest = process.stdout.read().splitlines()
            acknowledged = max([acknowledged, *map(int, rest)])
        found = records(path)
        assert acknowledged <= len(found) <= acknowledged + 3
        assert len(found) % 3 == 0  # a batch is all there or not at all


def test_a_killed_desk_is_followed_at_once_a_living_one_never(tmp_path: Path) -> None:
    path = tmp_path / "desk.journal"

    async def live(process: "subprocess.Popen[str]") -> None:
        journal = SqliteJournal(path)
        with pytest.raises(JournalLeased, match=f"'child', process {process.pid} on "):
            await journal.open("next")
        process.kill()
        await asyncio.sleep(0.2)  # nobody waits for the child: it stays as a zombie
        await journal.open("next")
        await journal.append([note(1)])
        await journal.close()

    with child(WRITER, path) as process:
        assert line(process) == "open"
        asyncio.run(live(process))


@pytest.mark.parametrize(("host", "machine"), [("elsewhere", "other boot"), ("elsewhere", "")])
def test_a_process_of_another_machine_is_believed_for_as_long_as_its_lease(
    in_file: InFile, host: str, machine: str
) -> None:
    async def live() -> None:
        await (journal := in_file.journal()).open("far")
        await journal.append([note(1)])
        in_file.run(
            f"UPDATE lease SET host = '{host}', machine = '{machine}', pid = 999999999"  # noqa: S608
        )
        with pytest.raises(JournalLeased, match="process 999999999 on elsewhere"):
            await in_file.journal().open("near")
        in_file.watch.pass_(31)
        await (near := in_file.journal()).open("near")
        await near.close()
        await journal.close()

    asyncio.run(live())


def test_a_reused_process_number_holds_nothing(in_file: InFile) -> None:
    async def live() -> None:
        await (journal := in_file.journal()).open("old")
        in_file.run("UPDATE lease SET born = '1'")
        await (fresh := in_file.journal()).open("fresh")
        await fresh.close()
        await journal.close()

    asyncio.run(live())


def test_only_its_owner_reads_the_file(in_file: InFile) -> None:
    async def live() -> None:
        await (journal := in_file.journal()).open("desk")
        for file in in_file.path.parent.iterdir():
            assert file.stat().st_mode & 0o077 == 0
        await journal.close()

    asyncio.run(live())


def test_commits_are_flushed_to_the_disk(in_file: InFile) -> None:
    async def live() -> None:
        await (journal := in_file.journal()).open("desk")
        assert journal._connection is not None
        assert journal._connection.execute("PRAGMA synchronous").fetchone() == (2,)
        assert journal._connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        await journal.close()

    asyncio.run(live())


def test_what_is_no_journal_is_named(tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("not a database, but long enough to look like something" * 20)
    empty = tmp_path / "empty"
    empty.touch()

    async def opened(path: Path) -> None:
        await SqliteJournal(path).open("desk")

    for path in (text, empty):
        with pytest.raises(JournalError, match=f"{path.name}: is not a journal"):
            records(path)
    with pytest.raises(JournalError, match=r"notes.txt: is not a journal"):
        asyncio.run(opened(text))
    with pytest.raises(ConfigError, match="is a folder"):
        records(tmp_path)
    with pytest.raises(ConfigError, match="is a folder"):
        asyncio.run(opened(tmp_path))
    with pytest.raises(ConfigError, match="does not exist"):
        records(tmp_path / "none")
    with pytest.raises(ConfigError, match=r"there is no folder .*; make it first"):
        asyncio.run(opened(tmp_path / "none" / "desk.journal"))
    assert text.read_text().startswith("not a database")
    assert not (tmp_path / "none").exists()


def test_a_damaged_file_is_named(in_file: InFile) -> None:
    async def live() -> None:
        await (journal := in_file.journal()).open("desk")
        await journal.append(
            [Draft(time=0, kind="note", body={"text": "x" * 900}) for _ in range(200)]
        )
        await journal.close()

    asyncio.run(live())
    content = bytearray(in_file.path.read_bytes())
    for page in range(4, 20):
        content[page * 4096 : page * 4096 + 100] = os.urandom(100)
    in_file.path.write_bytes(content)
    with pytest.raises(JournalError, match="restore"):
        records(in_file.path)


def test_a_long_journal_takes_records_as_quickly_as_a_short_one(in_file: InFile) -> None:
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    async def live() -> None:
        nonlocal steps
        await (journal := in_file.journal()).open("desk")
        assert journal._connection is not None
        journal._connection.set_progress_handler(count, 1)
        needed = []
        for length in (10, 3_000):
            await journal.append(
                [note(number, key=f"{length} {number}") for number in range(length)]
            )
            steps = 0
            await journal.append([note(1, key=f"new {length}")])
            needed.append(steps)
        assert 0 < needed[1] < 2 * needed[0]
        await journal.close()

    asyncio.run(live())


def test_anybody_can_read_it_with_sqlite_alone(in_file: InFile) -> None:
    async def live() -> None:
        await (journal := in_file.journal()).open("desk")
        await journal.append([note(1)])
        await journal.close()

    asyncio.run(live())
    ((body,),) = in_file.run("SELECT body FROM records")
    assert json.loads(body) == {"number": 1}
