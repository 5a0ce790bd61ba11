"""A journal on a server: lost connections, locks, refusals, and no password in any message."""

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from urllib.parse import parse_qs, urlsplit

import asyncpg
import pytest
from journal_places import OnServer, note, told

from hedgerow.adapters.journal import postgres_server
from hedgerow.adapters.journal.opening import open_journal
from hedgerow.adapters.journal.postgres import _KNOWN, PostgresJournal
from hedgerow.adapters.journal.postgres_server import shown
from hedgerow.errors import ConfigError, HedgeError
from hedgerow.ledger.journal import (
    Draft,
    Journal,
    JournalLeased,
    JournalUnavailable,
    Record,
    verified,
)

OTHERS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


class Wire:
    """A way to the server that can lose its answers."""

    def __init__(self, url: str) -> None:
        (folder,) = parse_qs(urlsplit(url).query)["host"]
        self._socket = f"{folder}/.s.PGSQL.5432"
        self._database = urlsplit(url).path
        self._writers: list[asyncio.StreamWriter] = []
        self._carriers: set[asyncio.Task[None]] = set()
        self.url = ""
        self.answers = True
        self.last = b""  # after these bytes have reached the server, no answer comes back

    @asynccontextmanager
    async def laid(self) -> AsyncIterator["Wire"]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        self.url = f"postgresql://postgres@127.0.0.1:{port}{self._database}?sslmode=disable"
        try:
            yield self
        finally:
            self.cut()
            server.close()
            await asyncio.gather(*self._carriers)
            await server.wait_closed()

    def cut(self) -> None:
        for writer in self._writers:
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inside, outside = await asyncio.open_unix_connection(self._socket)
        self._writers += [writer, outside]
        for coming, going, back in ((reader, outside, False), (inside, writer, True)):
            carrier = asyncio.create_task(self._carry(coming, going, back=back))
            self._carriers.add(carrier)

    async def _carry(
        self, coming: asyncio.StreamReader, going: asyncio.StreamWriter, *, back: bool
    ) -> None:
        with suppress(OSError):
            while data := await coming.read(65536):
                if back and not self.answers:
                    continue
                if not back and self.last and self.last in data:
                    self.answers, self.last = False, b""
                going.write(data)
                await going.drain()
        going.close()
        with suppress(OSError):
            await going.wait_closed()


async def insisted(journal: Journal, drafts: list[Draft]) -> Sequence[Record]:
    """Append as a desk does, again and again until the journal takes it."""
    for _ in range(5):
        try:
            return await journal.append(drafts)
        except JournalUnavailable:
            await asyncio.sleep(0.02)
    return await journal.append(drafts)


async def everything(journal: Journal) -> list[Record]:
    return [record async for record in journal.read()]


def test_a_lost_connection_is_made_anew(on_server: OnServer) -> None:
    async def live() -> None:
        await (journal := on_server.journal()).open("desk")
        await journal.append([note(1)])
        await told(on_server.url, OTHERS)
        await insisted(journal, [note(2), note(3)])
        found = list(verified(await everything(journal)))
        assert {record.body["number"] for record in found} == {1, 2, 3}
        await journal.close()

    asyncio.run(live())


def test_a_write_whose_answer_was_lost_is_not_written_twice(
    on_server: OnServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_server, "PATIENCE", 0.4)

    async def live() -> None:
        async with Wire(on_server.url).laid() as wire:
            journal = PostgresJournal(wire.url)
            await journal.open("desk")
            await journal.append([note(1)])
            wire.last = b'{"number":3}'
            lost = [note(2, key="a"), note(3), note(4, key="a")]
            with pytest.raises(JournalUnavailable, match=r"Nothing was lost"):
                await journal.append(lost)
            stored = await everything(on_server.journal())
            assert [record.body["number"] for record in stored] == [1, 2, 3]
            wire.cut()
            wire.answers = True
            again = await insisted(journal, [*lost, note(5)])
            assert [record.body["number"] for record in again] == [2, 3, 5]
            found = list(verified(await everything(journal)))
            assert [record.body["number"] for record in found] == [1, 2, 3, 5]
            await journal.append([note(6)])
            await journal.close()

    asyncio.run(live())


def test_a_write_that_never_arrived_is_written_again(
    on_server: OnServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_server, "PATIENCE", 0.4)

    async def live() -> None:
        async with Wire(on_server.url).laid() as wire:
            journal = PostgresJournal(wire.url)
            await journal.open("desk")
            wire.cut()
            await insisted(journal, [note(1)])
            found = list(verified(await everything(journal)))
            assert [record.body["number"] for record in found] == [1]
            await journal.close()

    asyncio.run(live())


def test_another_desk_that_came_while_the_answer_was_lost_keeps_the_journal(
    on_server: OnServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_server, "PATIENCE", 0.4)

    async def live() -> None:
        async with Wire(on_server.url).laid() as wire:
            journal = PostgresJournal(wire.url, clock=on_server.watch)
            await journal.open("old")
            wire.last = b'{"number":1}'
            with pytest.raises(JournalUnavailable):
                await journal.append([note(1)])
            wire.answers = True
            on_server.watch.pass_(31)
            await (fresh := on_server.journal()).open("fresh")
            with pytest.raises(JournalLeased, match="'fresh'"):
                await insisted(journal, [note(1)])
            assert len(await everything(fresh)) == 1
            await journal.close()
            await fresh.append([note(2)])
            await fresh.close()

    asyncio.run(live())


def test_another_sessions_lock_is_not_waited_for_long(
    on_server: OnServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_server, "LOCK_PATIENCE", 0.1)

    async def live() -> None:
        await (journal := on_server.journal()).open("desk")
        other = await asyncpg.connect(on_server.url)
        async with other.transaction():
            await other.execute("LOCK TABLE hedgerow.records")
            with pytest.raises(JournalUnavailable, match="another session holds a lock"):
                await journal.append([note(1)])
        await other.close()
        assert [record.number for record in await journal.append([note(1)])] == [1]
        await journal.close()

    asyncio.run(live())


def test_renewing_waits_for_its_turn_beside_writing(on_server: OnServer) -> None:
    async def live() -> None:
        await (journal := on_server.journal()).open("desk")
        uses = [journal.append([note(number)]) for number in range(5)]
        await asyncio.gather(*uses, journal.renew(), journal.renew())
        assert len(list(verified(await everything(journal)))) == 5
        await journal.close()

    asyncio.run(live())


def test_what_is_known_is_looked_up_in_the_index(on_server: OnServer) -> None:
    async def live() -> None:
        await (journal := on_server.journal()).open("desk")
        await journal.close()

    asyncio.run(live())
    plan = on_server.run(
        "SET enable_seqscan = off",
        "EXPLAIN " + _KNOWN.replace("$1", "ARRAY['a']").replace("$2", "ARRAY['b']"),
    )
    assert "records_once" in str(plan)


def test_a_database_that_may_lose_commits_is_told_not_to(on_server: OnServer) -> None:
    name = urlsplit(on_server.url).path.lstrip("/")
    on_server.run(f"ALTER DATABASE {name} SET synchronous_commit = off")

    async def live() -> None:
        await (journal := on_server.journal()).open("desk")
        assert journal._connection is not None
        assert await journal._connection.fetchval("SHOW synchronous_commit") == "on"
        await journal.close()

    asyncio.run(live())


def test_a_user_who_may_not_make_tables_is_told(on_server: OnServer) -> None:
    name = urlsplit(on_server.url).path.lstrip("/")
    on_server.run(
        f"DROP ROLE IF EXISTS guest_{name}",
        f"CREATE ROLE guest_{name} LOGIN",
    )
    url = on_server.url.replace("postgres:@", f"guest_{name}@")

    async def live() -> None:
        with pytest.raises(JournalUnavailable, match="permission denied"):
            await PostgresJournal(url).open("desk")

    asyncio.run(live())


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://desk:hunter2@127.0.0.1:1/journal",
        "postgresql://desk@127.0.0.1:1/journal?password=hunter2",
        "postgresql://desk:hunter2@127.0.0.1:hunter2/journal",
        "postgresql://desk:p@ss:hunter2@127.0.0.1:1/journal",
        "postgresql://desk:hunter2@no.such.host.invalid/journal",
        "postgres://desk:hunter2@[broken/journal",
    ],
)
def test_no_message_holds_the_password(url: str) -> None:
    async def live() -> None:
        journal = open_journal(url)
        assert "hunter2" not in repr(journal)
        await journal.open("desk")

    with pytest.raises(HedgeError) as refused:
        asyncio.run(live())
    error: BaseException | None = refused.value
    while error is not None:
        assert "hunter2" not in str(error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def test_a_url_is_shown_without_its_secrets() -> None:
    url = "postgresql://desk:a%40b@db:5432/j?sslpassword=x&sslmode=require&passfile=y"
    assert shown(url) == "postgresql://desk@db:5432/j?sslmode=require"


def test_without_asyncpg_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "asyncpg", None)
    with pytest.raises(ConfigError, match=r'pip install "hedgerow\[postgres\]"'):
        asyncio.run(everything(open_journal("postgresql://desk@127.0.0.1:1/journal")))
