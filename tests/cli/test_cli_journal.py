"""`hedgerow journal` as a person runs it."""

import asyncio
import csv
import hashlib
import json
import math
import sqlite3
from collections import defaultdict
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hedgerow.adapters.journal.sqlite import SqliteJournal
from hedgerow.cli.journal import app
from hedgerow.execution.codec import encode
from hedgerow.execution.order import OrderKind, OrderReport, OrderRequest, OrderStatus, Side
from hedgerow.ledger.journal import Draft
from hedgerow.live.entries import entry_draft
from hedgerow.live.standing import DeskState
from hedgerow.live.view import State
from sample_run import sample_run

runner = CliRunner()
RUN = sample_run(seed=3, days=90)
ENTRIES = len(RUN.ledger)


def intent(client_id: str) -> Draft:
    request = OrderRequest(
        client_id=client_id,
        venue="binance",
        account="main",
        symbol="BTC/USDT:USDT",
        side=Side.SELL,
        amount=Decimal("1.5"),
        kind=OrderKind.MARKET,
        price=Decimal(59_000),
    )
    return Draft(time=5, kind="intent", body={"request": encode(request)}, key=client_id)


def report(client_id: str, status: OrderStatus, filled: str) -> Draft:
    said = OrderReport(
        venue="binance",
        client_id=client_id,
        venue_id="1",
        symbol="BTC/USDT:USDT",
        status=status,
        filled=Decimal(filled),
        average=None,
        time=6,
    )
    return Draft(time=6, kind="order", body={"report": encode(said), "source": "venue"})


def guard(name: str, what: str) -> Draft:
    return Draft(time=7, kind="guard", body={"guard": name, "what": what, "message": "old data"})


AFTER = [
    DeskState(state=State.TRADING, since=1_704_096_000 * 10**9, reason="begun", by="ann").draft(),
    *(intent("a"), intent("b"), intent("c")),
    report("a", OrderStatus.OPEN, "0.5"),
    report("b", OrderStatus.FILLED, "1.5"),
    *(guard("stale-stream", "tripped"), guard("peg", "tripped"), guard("peg", "reset")),
]


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("desk") / "desk.journal"

    async def live() -> None:
        journal = SqliteJournal(path)
        await journal.open("desk")
        await journal.append([entry_draft(entry) for entry in RUN.ledger])
        await journal.append(AFTER)
        await journal.close()

    asyncio.run(live())
    return path


def ask(*arguments: object) -> str:
    shown = runner.invoke(app, [str(argument) for argument in arguments])
    assert shown.exit_code == 0, shown.output
    return shown.stdout


def refused(*arguments: object) -> str:
    shown = runner.invoke(app, [str(argument) for argument in arguments])
    assert shown.exit_code == 2
    assert shown.stdout == ""
    assert "Traceback" not in shown.stderr
    return " ".join(shown.stderr.split())


def changed(recorded: Path, tmp_path: Path, *statements: str) -> Path:
    copy = tmp_path / "copy.journal"
    copy.write_bytes(recorded.read_bytes())
    with closing(sqlite3.connect(copy, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)
    return copy


def test_verify_says_how_far_the_chain_holds(recorded: Path) -> None:
    said = ask("verify", recorded)
    assert f"the chain of {ENTRIES + len(AFTER):,} records holds" in said
    anchor = said.splitlines()[-1].removeprefix("anchor ")
    assert said == ask("verify", recorded, "--anchor", anchor)
    found = json.loads(ask("verify", recorded, "--json"))
    assert f"{found['number']}:{found['digest']}" == anchor


def test_verify_names_the_record_that_was_changed(recorded: Path, tmp_path: Path) -> None:
    body = "UPDATE records SET body = replace(body, 'USDT', 'USDC') WHERE number = 7"
    copy = changed(recorded, tmp_path, "DROP TRIGGER records_are_not_changed", body)
    for command in ("verify", "export", "replay"):
        shown = runner.invoke(app, [command, str(copy)])
        assert shown.exit_code == 2
        assert "record 7 (entry) does not follow" in shown.stderr


def test_verify_names_a_gap(recorded: Path, tmp_path: Path) -> None:
    copy = changed(
        recorded,
        tmp_path,
        "DROP TRIGGER records_are_not_deleted",
        "DELETE FROM records WHERE number = 4",
    )
    assert "from record 3 to 5: records are missing" in refused("verify", copy)


def test_an_anchor_shows_what_a_chain_alone_cannot(recorded: Path, tmp_path: Path) -> None:
    anchor = ask("verify", recorded).splitlines()[-1].removeprefix("anchor ")
    last = int(anchor.partition(":")[0])
    cut = changed(
        recorded,
        tmp_path,
        "DROP TRIGGER records_are_not_deleted",
        f"DELETE FROM records WHERE number > {last - 2}",  # noqa: S608 - a number of ours
    )
    assert "the chain of" in ask("verify", cut)
    assert "records were cut off" in refused("verify", cut, "--anchor", anchor)
    forged = f"{last}:{'0' * 64}"
    assert "was written anew" in refused("verify", recorded, "--anchor", forged)
    assert "NUMBER:DIGEST" in refused("verify", recorded, "--anchor", "12")


def test_export_gives_lines_that_anybody_can_verify(recorded: Path, tmp_path: Path) -> None:
    file = tmp_path / "lines.jsonl"
    assert ask("export", recorded, "--to", file) == ""
    before = "0" * 64
    lines = file.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines, 1):
        r = json.loads(line)
        body = json.dumps(r["body"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        text = f"1\n{number}\n{r['time']}\n{r['kind']}\n{r['key']}\n{body}\n{before}"
        before = hashlib.sha256(text.encode()).hexdigest()
        assert before == r["digest"]
    assert len(lines) == ENTRIES + len(AFTER)
    assert ask("export", recorded) == file.read_text(encoding="utf-8")


def test_export_chooses_by_kind_and_time(recorded: Path) -> None:
    lines = [json.loads(line) for line in ask("export", recorded, "--kind", "state").splitlines()]
    assert [line["kind"] for line in lines] == ["state"]
    lines = ask("export", recorded, "--since", "2024-02-01", "--kind", "entry").splitlines()
    start = 1_706_745_600 * 10**9
    assert len(lines) == sum(entry.time >= start for entry in RUN.ledger) > 0


def test_export_writes_a_table(recorded: Path, tmp_path: Path) -> None:
    file = tmp_path / "table.csv"
    ask("export", recorded, "--format", "csv", "--to", file, "--kind", "entry")
    with file.open(encoding="utf-8", newline="") as opened:
        rows = list(csv.DictReader(opened))
    assert len(rows) == ENTRIES
    assert rows[0]["moment"] == "2024-01-01T00:00:00+00:00"
    cash = [float(json.loads(row["body"])["cash"]) for row in rows]
    assert cash == [entry.cash for entry in RUN.ledger]


def test_an_export_that_fails_leaves_no_file(recorded: Path, tmp_path: Path) -> None:
    copy = changed(
        recorded,
        tmp_path,
        "DROP TRIGGER records_are_not_changed",
        "UPDATE records SET time = 1 WHERE number = 9",
    )
    file = tmp_path / "out.jsonl"
    file.write_text("what was there")
    assert "record 9" in refused("export", copy, "--to", file)
    assert file.read_text() == "what was there"
    assert not list(tmp_path.glob("*.part"))
    assert "is a folder" in refused("export", recorded, "--to", tmp_path)
    assert "cannot be written" in refused("export", recorded, "--to", tmp_path / "no" / "x")


def test_replay_adds_up_to_the_books_of_the_run(recorded: Path) -> None:
    found = json.loads(ask("replay", recorded, "--json"))
    (leg,) = RUN.legs
    (account,) = RUN.accounts
    wallet = float(account.series["wallet"][-1])
    assert found["wallets"][leg.account]["USDT"] == pytest.approx(wallet)
    assert found["positions"][leg.account] == {}  # its last position was liquidated
    bar = leg.series.height // 3
    until = leg.series["time"].dt.epoch("ns")[bar]
    number = sum(entry.time <= until for entry in RUN.ledger)
    early = json.loads(ask("replay", recorded, "--to", number, "--json"))
    held = float(leg.series["position"][bar])
    assert held < -100.0
    assert early["positions"][leg.account][leg.instrument] == pytest.approx(held)
    assert found["state"] == {
        "state": "trading",
        "since": 1_704_096_000 * 10**9,
        "reason": "begun",
        "by": "ann",
    }
    assert set(found["orders"]) == {"a", "c"}
    assert found["orders"]["a"]["filled"] == "0.5"
    assert found["orders"]["c"]["status"] == "not confirmed"
    assert found["guards"] == {"stale-stream": "old data"}
    assert found["kinds"]["entry"] == ENTRIES


def test_replay_stops_at_any_record(recorded: Path) -> None:
    number = ENTRIES // 2
    found = json.loads(ask("replay", recorded, "--to", number, "--json"))
    cash: defaultdict[str, float] = defaultdict(float)
    for entry in list(RUN.ledger)[:number]:
        cash[f"{entry.account} {entry.unit}"] += entry.cash
    assert found["record"] == number
    for account, wallets in found["wallets"].items():
        for unit, amount in wallets.items():
            assert math.isclose(amount, cash[f"{account} {unit}"], rel_tol=1e-12)
    assert "the journal ends with record" in refused("replay", recorded, "--to", 10**6)
    assert "numbered from 1" in refused("replay", recorded, "--to", -1)


def test_replay_shows_it_to_people(recorded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    said = ask("replay", recorded)
    for part in ("The desk is trading since", "begun (ann)", "BTC/USDT:USDT", "not confirmed"):
        assert part in said
    assert "old data" in said


def test_an_empty_journal_is_no_error(tmp_path: Path) -> None:
    path = tmp_path / "desk.journal"

    async def live() -> None:
        journal = SqliteJournal(path)
        await journal.open("desk")
        await journal.close()

    asyncio.run(live())
    assert "no records yet" in ask("verify", path)
    assert "no records yet" in ask("replay", path)
    assert ask("export", path) == ""


@pytest.mark.parametrize("command", ["verify", "export", "replay"])
def test_what_is_no_journal_is_refused(command: str, recorded: Path, tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("no journal, only words " * 100)
    assert "does not exist" in refused(command, tmp_path / "none")
    assert "is a folder" in refused(command, tmp_path)
    assert "is not a journal of hedgerow" in refused(command, text)
    assert "a journal cannot be kept at mysql:" in refused(command, "mysql://u:pw@h/d")
    assert "nothing to read" in refused(command, "memory:")
    newer = changed(recorded, tmp_path, "INSERT INTO version VALUES (99, 0)")
    assert "written as version 99, this program knows" in refused(command, newer)
    said = refused(command, "postgresql://u:hunter2@127.0.0.1:1/d")
    assert "postgresql://u@127.0.0.1:1/d" in said
    assert "hunter2" not in said


def test_a_record_of_another_version_is_named(recorded: Path, tmp_path: Path) -> None:
    path = tmp_path / "desk.journal"

    async def live() -> None:
        journal = SqliteJournal(path)
        await journal.open("desk")
        await journal.append([Draft(time=0, kind="entry", body={"something": "else"})])
        await journal.close()

    asyncio.run(live())
    assert "record 1 (entry) does not hold what its kind needs" in refused("replay", path)
    assert "no moment; write it like" in refused("export", recorded, "--since", "yesterday")


def test_it_works_beside_a_running_desk(tmp_path: Path) -> None:
    path = tmp_path / "desk.journal"

    async def live() -> None:
        journal = SqliteJournal(path)
        await journal.open("desk")
        await journal.append([guard("peg", "tripped")])
        said = await asyncio.to_thread(ask, "verify", path)
        assert "the chain of 1 record holds" in said
        await journal.append([guard("peg", "reset")])
        await journal.close()

    asyncio.run(live())
