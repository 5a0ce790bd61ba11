"""A day that every venue states in its own way, held against the journal of the same day."""

import asyncio
import csv
import json
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import typer
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from hedgerow.adapters.journal.opening import open_journal
from hedgerow.adapters.statements.line import Flow, Line
from hedgerow.adapters.statements.matching import matched
from hedgerow.adapters.statements.reading import read_statement
from hedgerow.cli.reconcile import reconcile
from hedgerow.errors import ConfigError, UnknownName
from hedgerow.ledger.entry import EntryKind, LedgerEntry
from hedgerow.ledger.journal import Draft
from hedgerow.live.entries import entry_draft
from hedgerow.units import DAY, HOUR, MINUTE, SECOND

DATA = Path(__file__).parent / "data"
DOCS = Path(__file__).parents[3] / "docs" / "how-to"
MIDNIGHT = 1_709_683_200 * SECOND  # 2024-03-06
PERP = "BTC/USDT:USDT"
STATEMENTS = (
    "binance_transactions.csv",
    "binance_income.json",
    "bybit_unified.csv",
    "okx_trading.csv",
    "okx_bills.json",
    "transaction_log-10001-USDT-2024.csv",
)


def entry(
    after: int, kind: EntryKind, realised: float = 0.0, fee: float = 0.0, cash: float = 0.0
) -> LedgerEntry:
    return LedgerEntry(
        time=MIDNIGHT + after,
        kind=kind,
        instrument=PERP if kind in (EntryKind.FILL, EntryKind.FUNDING) else "",
        account="main",
        quantity=0.0,
        price=60_000.0,
        cash=cash or realised + fee,
        fee=fee,
        realised=realised,
        unit="USDT",
        value=0.0,
        note="",
    )


DAY_OF_OURS = (
    entry(0, EntryKind.OPENING, cash=10_498.0),
    entry(10 * HOUR + 123_000_000, EntryKind.FILL, fee=-24.0),
    entry(16 * HOUR, EntryKind.FUNDING, cash=12.05),
    entry(18 * HOUR, EntryKind.FILL, realised=-200.0, fee=-2.44),
    entry(18 * HOUR, EntryKind.FILL, realised=-300.0, fee=-3.66),
    entry(20 * HOUR + 30 * SECOND, EntryKind.ARRIVAL, cash=500.0),
)


def journal(
    folder: Path, entries: Iterable[LedgerEntry], opened: dict[str, Any] | None = None
) -> str:
    """Write a journal as a desk does; return its path."""
    path = str(folder / "desk.journal")
    drafts = [Draft(time=MIDNIGHT, kind="opened", body=opened or {})]
    drafts += [entry_draft(one) for one in entries]

    async def write() -> None:
        kept = open_journal(path)
        await kept.open("test")
        await kept.append(drafts)
        await kept.close()

    asyncio.run(write())
    return path


def run(*words: str | Path) -> Result:
    app = typer.Typer()
    app.command()(reconcile)
    return CliRunner(env={"COLUMNS": "160"}).invoke(app, [str(word) for word in words])


@pytest.mark.parametrize("name", STATEMENTS)
def test_every_venue_explains_the_same_day_to_the_cent(name: str, tmp_path: Path) -> None:
    done = run(journal(tmp_path, DAY_OF_OURS), "--statement", DATA / name, "--json")
    found = json.loads(done.stdout)
    assert done.exit_code == 0, done.output
    assert found["explained"]
    totals = {total["flow"]: Decimal(total["statement"]) for total in found["totals"]}
    assert totals == {
        "fee": Decimal("-30.1"),
        "funding": Decimal("12.05"),
        "realised": Decimal(-500),
        "transfer": Decimal(500),
    }
    assert all(Decimal(total["difference"]) == 0 for total in found["totals"])
    assert (found["begin"], found["end"]) == ("2024-03-06T00:00:00Z", "2024-03-07T00:00:00Z")


def test_any_other_venue_is_read_by_a_map(tmp_path: Path) -> None:
    done = run(
        journal(tmp_path, DAY_OF_OURS),
        "--statement",
        DATA / "gate_account_book.csv",
        "--map",
        DATA / "gate_map.toml",
    )
    assert done.exit_code == 0, done.output
    assert "Everything is explained to the cent." in done.stdout
    assert "gate (columns of gate_map.toml) against account main, 2024-03-06" in done.stdout


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("bybit_unified.csv", "Change"),
        ("okx_trading.csv", "Balance Change"),
        ("transaction_log-10001-USDT-2024.csv", "Change"),
        ("gate_account_book.csv", "Change"),
    ],
)
def test_the_parts_of_a_row_add_up_to_its_change(name: str, column: str) -> None:
    columns = DATA / "gate_map.toml" if name.startswith("gate") else None
    lines = (DATA / name).read_text(encoding="utf-8-sig").splitlines()
    header = next(at for at, line in enumerate(lines) if column in line)
    stated = sum(Decimal(row[column]) for row in csv.DictReader(lines[header:]))
    found = read_statement(DATA / name, columns)
    assert sum((line.amount for line in found.lines), Decimal(0)) == stated


def test_the_page_shows_what_the_screen_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (DOCS / "reconcile-a-statement.md").read_text(encoding="utf-8")
    commands, shown, own_map = (
        re.findall(rf"^```{kind}\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
        for kind in ("sh", "text", "toml")
    )
    for name in ("bybit_unified.csv", "gate_account_book.csv"):
        (tmp_path / name).write_bytes((DATA / name).read_bytes())
    (tmp_path / "gate_map.toml").write_text(own_map[0])
    journal(tmp_path, DAY_OF_OURS)
    monkeypatch.chdir(tmp_path)
    for command in commands:
        done = run(*command.split()[2:])
        assert done.exit_code == 0, done.output
        if "bybit" in command:
            screen = [line.rstrip() for line in done.stdout.splitlines() if line.strip()]
            assert screen == [line.rstrip() for line in shown[0].splitlines() if line.strip()]


def test_a_payment_that_we_missed_is_named(tmp_path: Path) -> None:
    ours = [one for one in DAY_OF_OURS if one.kind is not EntryKind.FUNDING]
    done = run(journal(tmp_path, ours), "--statement", DATA / "bybit_unified.csv")
    assert done.exit_code == 1
    assert "In the statement, not in the journal" in done.stdout
    assert "+12.05" in done.stdout
    assert "bybit_unified.csv, line 6" in done.stdout.replace("\n", "")
    assert "1 line of the statement, 0 lines of the journal without its like" in done.stdout


def test_a_payment_that_was_never_made_is_named(tmp_path: Path) -> None:
    extra = entry(8 * HOUR, EntryKind.FUNDING, cash=11.0)
    path = journal(tmp_path, (*DAY_OF_OURS, extra))
    done = run(path, "--statement", DATA / "binance_income.json", "--json")
    found = json.loads(done.stdout)
    assert done.exit_code == 1
    (line,) = found["only_in_journal"]
    assert (line["amount"], line["where"]) == ("11", "record 8")
    funding = next(total for total in found["totals"] if total["flow"] == "funding")
    assert Decimal(funding["difference"]) == Decimal(-11)
    assert (funding["matched"], funding["lines"]) == (1, 1)


def test_a_cent_too_much_is_found_on_both_sides(tmp_path: Path) -> None:
    ours = [
        one._replace(cash=12.06) if one.kind is EntryKind.FUNDING else one for one in DAY_OF_OURS
    ]
    done = run(journal(tmp_path, ours), "--statement", DATA / "okx_bills.json", "--json")
    found = json.loads(done.stdout)
    assert done.exit_code == 1
    assert len(found["only_in_journal"]) == len(found["only_in_statement"]) == 1


def test_cents_of_opposite_sign_on_large_lines_do_not_cancel() -> None:
    ours = [line(0, 50_000_000), line(10 * SECOND, -50_000_000)]
    theirs = [line(0, 50_000_004), line(10 * SECOND, -50_000_004)]
    found = matched(ours, theirs)
    assert found.pairs == ()
    assert len(found.only_ours) == len(found.only_theirs) == 2


def test_one_day_is_looked_at_alone(tmp_path: Path) -> None:
    later = entry(DAY + 8 * HOUR, EntryKind.FUNDING, cash=9.0)
    path = journal(tmp_path, (*DAY_OF_OURS, later))
    statement = DATA / "bybit_unified.csv"
    assert run(path, "--statement", statement, "--day", "2024-03-06").exit_code == 0
    assert run(path, "--statement", statement, "--day", "2024-03-07").exit_code == 1
    assert run(path, "--statement", statement, "--day", "2024-03-05").exit_code == 0


def test_the_account_is_that_of_the_venue(tmp_path: Path) -> None:
    other = [one._replace(account="second", cash=1.0) for one in DAY_OF_OURS]
    venues = {"venues": {"main": "bybit", "second": "okx"}}
    path = journal(tmp_path, (*DAY_OF_OURS, *other), venues)
    assert run(path, "--statement", DATA / "bybit_unified.csv").exit_code == 0
    assert run(path, "--statement", DATA / "okx_trading.csv").exit_code == 1
    by_name = run(path, "--statement", DATA / "okx_trading.csv", "--account", "main")
    assert by_name.exit_code == 0


def said(tmp_path: Path, *words: str | Path) -> str:
    done = run(journal(tmp_path, DAY_OF_OURS), *words)
    assert done.exit_code == 2, done.output
    return " ".join(done.stderr.split())


def test_what_is_not_clear_is_asked_for(tmp_path: Path) -> None:
    other = [one._replace(account="second") for one in DAY_OF_OURS]
    path = journal(tmp_path, (*DAY_OF_OURS, *other))
    done = run(path, "--statement", DATA / "bybit_unified.csv")
    assert done.exit_code == 2
    assert "the accounts main, second; say which one" in " ".join(done.stderr.split())
    done = run(path, "--statement", DATA / "bybit_unified.csv", "--account", "mian")
    assert "did you mean 'main'" in done.stderr


def test_bad_input_is_named(tmp_path: Path) -> None:
    statement = tmp_path / "statement.csv"
    assert "No such file" in said(tmp_path, "--statement", tmp_path / "none.csv")
    statement.write_text("a,b\n1,2\n")
    assert "no statement that hedgerow knows" in said(tmp_path, "--statement", statement)
    statement.write_bytes(b"\xff\xfe\x00")
    assert "not UTF-8" in said(tmp_path, "--statement", statement)
    statement.write_text("[1, 2]")
    assert "no list of rows" in said(tmp_path, "--statement", statement)
    statement.write_text("{]")
    assert "not valid JSON" in said(tmp_path, "--statement", statement)
    header = "User_ID,UTC_Time,Account,Operation,Coin,Change,Remark\n"
    statement.write_text(f"{header}1,2024-03-06 10:00:00,USD-M Futures,Fee,USDT,many,\n")
    assert "line 2: Change = 'many' is not a number" in said(tmp_path, "--statement", statement)
    statement.write_text(f"{header}1,yesterday,USD-M Futures,Fee,USDT,1,\n")
    assert "UTC_Time = 'yesterday' is not a time" in said(tmp_path, "--statement", statement)
    statement.write_text(f"{header}1,2024-03-06 10:00:00,Spot,Fee,USDT,1,\n")
    assert "no line of a futures account" in said(tmp_path, "--statement", statement)
    good = DATA / "bybit_unified.csv"
    assert "--day 'today'" in said(tmp_path, "--statement", good, "--day", "today")


def test_a_deribit_log_needs_a_currency(tmp_path: Path) -> None:
    copy = tmp_path / "log.csv"
    copy.write_bytes((DATA / "transaction_log-10001-USDT-2024.csv").read_bytes())
    with pytest.raises(ConfigError, match="which currency"):
        read_statement(copy)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("nonsense", "not valid TOML"),
        ('venue = "x"', "columns is missing"),
        ('columns = { time = "T" }\nflows = { a = "fee" }', "amount is missing"),
        ('colums = { time = "T" }', "did you mean 'columns'"),
    ],
)
def test_a_wrong_map_is_named(text: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "map.toml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=words):
        read_statement(DATA / "gate_account_book.csv", path)


def test_a_flow_that_nobody_knows_is_named(tmp_path: Path) -> None:
    path = tmp_path / "map.toml"
    text = (DATA / "gate_map.toml").read_text().replace('"realised"', '"realized"')
    path.write_text(text)
    with pytest.raises(UnknownName, match="did you mean 'realised'"):
        read_statement(DATA / "gate_account_book.csv", path)


def line(after: int, cents: int, flow: Flow = Flow.FUNDING, symbol: str = "") -> Line:
    return Line(
        time=MIDNIGHT + after,
        flow=flow,
        amount=Decimal(cents) / 100,
        currency="USDT",
        symbol=symbol,
    )


def test_the_nearest_in_time_match_first() -> None:
    ours = [line(0, 5), line(MINUTE, 5)]
    theirs = [line(70 * SECOND, 5), line(5 * SECOND, 5)]
    pairs = matched(ours, theirs).pairs
    assert {(pair.ours[0].time, pair.theirs[0].time) for pair in pairs} == {
        (MIDNIGHT, MIDNIGHT + 5 * SECOND),
        (MIDNIGHT + MINUTE, MIDNIGHT + 70 * SECOND),
    }


@pytest.mark.parametrize(
    "other",
    [
        line(0, 5, Flow.FEE),
        line(0, 6),
        line(3 * MINUTE, 5),
        line(0, 5, symbol="ETHUSDT"),
    ],
)
def test_another_flow_amount_time_or_symbol_is_no_match(other: Line) -> None:
    found = matched([line(0, 5, symbol=PERP)], [other])
    assert found.pairs == ()
    assert len(found.only_ours) == len(found.only_theirs) == 1


LINES = st.lists(
    st.builds(
        line,
        st.integers(0, 3_600).map(lambda second: second * SECOND),
        st.integers(-500, 500).filter(bool),
        st.sampled_from([Flow.FEE, Flow.FUNDING]),
    ),
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(lines=LINES, dropped=st.integers(0, 11))
def test_a_statement_matches_itself_and_what_is_dropped_is_missing(
    lines: Sequence[Line], dropped: int
) -> None:
    assert matched(lines, lines).only_ours == ()
    if lines:
        rest = [one for at, one in enumerate(lines) if at != dropped % len(lines)]
        found = matched(lines, rest)
        left = sum((one.amount for one in found.only_ours), Decimal(0))
        left -= sum((one.amount for one in found.only_theirs), Decimal(0))
        assert left == lines[dropped % len(lines)].amount
