"""The doctor says what keeps a desk from running, and what to do; it changes nothing."""

import asyncio
import json
import os
import socket
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from fake_venue.binance import BinanceServer
from hedgerow.adapters.account_lock import AccountLock
from hedgerow.adapters.journal.opening import open_journal
from hedgerow.cli import doctor_machine
from hedgerow.cli.app import app
from hedgerow.cli.doctor import _examined, doctor
from hedgerow.cli.doctor_check import Check, Verdict, worst
from hedgerow.cli.doctor_config import tables
from hedgerow.config.live import live_setup
from hedgerow.config.loading import load
from hedgerow.config.samples import sample
from hedgerow.dashboard.address import Address, write_address
from hedgerow.execution.secret import Secret
from hedgerow.ledger.journal import Draft

LIVE = """
[live]
name = "treasury"
live = true

[orders]
order_notional = 500_000
turnover = 5_000_000

[alerts]
urls = ["ALERTS"]

[[venue]]
name = "binance"
api_key = "BINANCE_KEY"
api_secret = "BINANCE_SECRET"
"""


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("BINANCE_KEY", "made-up-key-of-the-fake-venue")
    monkeypatch.setenv("BINANCE_SECRET", "made-up-secret-of-the-fake-venue")
    monkeypatch.setenv("ALERTS", "json://127.0.0.1:9/Zx81QqK2")
    path = tmp_path / "treasury.toml"
    path.write_text(sample("treasury") + LIVE, encoding="utf-8")
    return path


def run(*words: str) -> tuple[int, str]:
    alone = typer.Typer()
    alone.command()(doctor)
    done = CliRunner(env={"COLUMNS": "200"}).invoke(alone, list(words))
    return done.exit_code, done.output


def said(checks: list[Check], topic: str) -> list[tuple[str, str]]:
    return [(str(check.verdict), check.text) for check in checks if check.topic == topic]


def offline(path: Path, *, live: bool = True) -> list[Check]:
    return asyncio.run(_examined(path, live=live, offline=True, send_test=False))


def changed(path: Path, old: str, new: str) -> Path:
    text = path.read_text(encoding="utf-8")
    before, found, after = text.rpartition(old)  # the sample has commented lines alike
    assert found
    path.write_text(before + new + after, encoding="utf-8")
    return path


def test_a_sound_config_has_nothing_wrong_and_says_what_was_not_looked_at(config: Path) -> None:
    checks = offline(config)
    assert Verdict.FAIL not in {check.verdict for check in checks}
    assert said(checks, "config") == [("ok", f"{config}: desk 'treasury', live")]
    assert said(checks, "venue") == [
        ("skipped", "binance: reach, clock, keys and modes (--offline)")
    ]
    assert ("ok", "[[venue]] binance main: found") in said(checks, "secrets")
    assert said(checks, "limits") == [("ok", "orders have their breakers")]
    assert any("ccxt 4" in text for _, text in said(checks, "packages"))
    assert not (config.parent / "state").exists()


def test_the_command_ends_with_two_and_the_mend_where_something_is_wrong(config: Path) -> None:
    code, shown = run(
        str(changed(config, '"BINANCE_SECRET"', '"ELSEWHERE"')), "--live", "--offline"
    )
    assert code == 2
    assert "the secret 'ELSEWHERE' is nowhere" in shown
    assert "mend the lines in red" in shown


def test_the_command_prints_json(config: Path) -> None:
    code, shown = run(str(config), "--offline", "--json")
    found = json.loads(shown)
    assert code == {"ok": 0, "warn": 1, "fail": 2}[found["verdict"]]
    assert found["config"] == str(config)
    assert {"topic", "verdict", "text"} == set(found["checks"][0])


def test_a_config_that_does_not_load_is_the_one_finding(config: Path) -> None:
    code, shown = run(str(changed(config, 'name = "treasury"', 'nam = "treasury"')), "--offline")
    assert code == 2
    assert "did you mean 'name'?" in shown
    code, shown = run("nowhere.toml", "--json")
    assert code == 2
    assert "no such file" in json.loads(shown)["checks"][0]["text"]


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ('[guards.severities]\nfunding-spik = "note"', "did you mean 'funding-spike'?"),
        ('[logging]\nfile = "no/such/desk.log"', "there is no folder"),
        ('[logging]\nfile = "."', "is a folder; name a file in it"),
        (
            '[api]\nhost = "nowhere.invalid"\nallow_remote = true',
            "cannot listen on nowhere.invalid",
        ),
        ('[api]\nhost = "0.0.0.0"', "is within reach of other machines"),
        ('[api]\nhost = "192.0.2.1"\nallow_remote = true', "cannot listen on 192.0.2.1"),
        ('[api]\ncertificate = "a.pem"\ncertificate_key = "b.pem"', "cannot be used"),
        ('[api]\ntoken = "NOWHERE"', "the secret 'NOWHERE' is nowhere"),
        ('[alerts]\nquiet_zone = "Mars/Olympus"', "no such time zone is installed"),
        ('[alerts]\nurls = ["STRANGE"]', "Apprise knows no address of the form morse://"),
    ],
)
def test_what_run_refuses_is_refused_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, table: str, words: str
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("STRANGE", "morse://dit")
    path = tmp_path / "desk.toml"
    path.write_text(f"{sample('treasury')}\n{table}\n", encoding="utf-8")
    refused = CliRunner(env={"COLUMNS": "200"}).invoke(
        app, ["run", str(path), "--generated", "--for", "0.1"]
    )
    assert refused.exit_code == 2
    assert words in " ".join(refused.stderr.split())
    checks = offline(path, live=False)
    assert [check for check in checks if check.verdict is Verdict.FAIL and words in check.text]


def test_a_port_that_another_has_is_found_and_one_that_this_desk_has_is_no_fault(
    config: Path,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        changed(config, "[alerts]", f"[api]\nport = {port}\n\n[alerts]")
        assert said(offline(config), "api")[-1][0] == "fail"
        folder = config.parent / "state" / "hedgerow" / "treasury"
        mine = Address(
            name="treasury",
            url=f"http://127.0.0.1:{port}",
            pid=os.getpid(),
            token=Secret("x" * 32),
            mode="paper",
        )
        write_address(folder, mine)
        verdict, text = said(offline(config), "api")[-1]
        assert verdict == "warn"
        assert "is the desk itself" in text


def test_an_account_that_another_desk_trades_is_told_and_not_taken(config: Path) -> None:
    lock = AccountLock(config.parent / "state" / "hedgerow" / "accounts")
    lock.take("binance", "made-up-key-of-the-fake-venue", "elsewhere")
    try:
        ((verdict, text),) = said(offline(config), "account")
    finally:
        lock.release()
    assert verdict == "warn"
    assert "is traded by 'elsewhere'" in text
    assert said(offline(config), "account") == []


def test_the_confirmation_of_another_config_is_told(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HEDGEROW_CONFIRM_LIVE", raising=False)
    ((verdict, text),) = said(offline(config), "confirmation")
    assert verdict == "skipped"
    word = text.split()[4].rstrip(";")
    for value, expected in (("treasury-00000000", "warn"), (word, "ok")):
        monkeypatch.setenv("HEDGEROW_CONFIRM_LIVE", value)
        assert said(offline(config), "confirmation")[0][0] == expected


def test_a_journal_of_other_legs_is_refused_as_run_refuses_it(config: Path) -> None:
    path = config.parent / "state" / "hedgerow" / "treasury" / "journal.sqlite"
    path.parent.mkdir(parents=True, mode=0o700)
    body = {"mode": "live", "legs": ["binance main ETH/USDT:USDT"]}

    async def written() -> None:
        book = open_journal(str(path))
        await book.open("before")
        await book.append([Draft(time=1, kind="started", body=body)])
        await book.close()

    asyncio.run(written())
    ((verdict, text),) = said(offline(config), "journal")
    assert verdict == "fail"
    assert "keep the order of the hedges" in text


def test_live_without_breakers_must_not_start(config: Path) -> None:
    checks = offline(changed(config, "order_notional = 500_000\nturnover = 5_000_000", ""))
    ((verdict, text),) = said(checks, "limits")
    assert verdict == "fail"
    assert "order_notional and turnover have no limit" in text
    assert said(offline(config, live=False), "limits")[0][0] == "ok"


def test_a_remote_api_without_tls_and_a_short_token_are_doubtful(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKEN", "hunter22")
    api = '[api]\nhost = "0.0.0.0"\nallow_remote = true\ntoken = "TOKEN"\n\n[alerts]'
    checks = offline(changed(config, "[alerts]", api))
    assert "crosses the network in the clear" in said(checks, "api")[0][1]
    assert any("shorter than 24 characters" in text for _, text in said(checks, "secrets"))
    assert "hunter22" not in str(checks)


def test_tables_that_nobody_compared_for_long_are_named_with_the_command(config: Path) -> None:
    desk = live_setup(load(config), live=False)
    (first, *_) = tables(desk, date(2035, 1, 1))
    assert first.verdict is Verdict.WARN
    assert "days ago" in first.text
    assert "hedgerow venues update binance" in first.text


def test_a_package_that_is_missing_is_named_with_its_extra(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(doctor_machine.PACKAGES, "alerts", ("not-a-package-of-ours",))
    found = said(offline(config), "packages")
    assert (
        "fail",
        'not-a-package-of-ours missing; run `pip install "hedgerow[alerts]"`',
    ) in found


def test_a_disk_without_room_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Usage:
        free = 5e7

    monkeypatch.setattr("shutil.disk_usage", lambda _: Usage)
    assert doctor_machine.disk(tmp_path / "x" / "y").verdict is Verdict.FAIL
    Usage.free = 5e8
    assert doctor_machine.disk(tmp_path).verdict is Verdict.WARN
    Usage.free = 5e10
    assert doctor_machine.disk(tmp_path).verdict is Verdict.OK


@pytest.mark.parametrize(
    ("mode", "verdict"), [(0o700, Verdict.OK), (0o755, Verdict.WARN), (0o770, Verdict.FAIL)]
)
def test_a_folder_that_others_share_is_told(tmp_path: Path, mode: int, verdict: Verdict) -> None:
    folder = tmp_path / "desk"
    folder.mkdir()
    folder.chmod(mode)
    found = doctor_machine.folder(folder)
    assert found.verdict is verdict
    assert verdict is Verdict.OK or f"chmod 700 {folder}" in found.text


def test_a_journal_is_verified_and_whoever_holds_it_is_named(config: Path) -> None:
    path = config.parent / "state" / "hedgerow" / "treasury" / "journal.sqlite"
    path.parent.mkdir(parents=True, mode=0o700)

    async def held() -> list[Check]:
        book = open_journal(str(path))
        await book.open("the other desk")
        now = int(datetime.now(UTC).timestamp() * 1e9)
        await book.append([Draft(time=now, kind="opened", body={"x": n}) for n in range(3)])
        try:
            return await _examined(config, live=True, offline=True, send_test=False)
        finally:
            await book.close()

    found = said(asyncio.run(held()), "journal")
    assert found[0] == ("ok", f"{path}: 3 records, their chain holds")
    assert found[1][0] == "warn"
    assert "held by desk 'the other desk'" in found[1][1]
    assert [verdict for verdict, _ in said(offline(config), "journal")] == ["ok"]


def test_a_journal_that_is_none_is_told(config: Path) -> None:
    path = config.parent / "state" / "hedgerow" / "treasury" / "journal.sqlite"
    path.parent.mkdir(parents=True)
    path.write_bytes(os.urandom(5000))
    ((verdict, text),) = said(offline(config), "journal")
    assert verdict == "fail"
    assert str(path) in text


def pointed(path: Path, server: BinanceServer) -> Path:
    text = path.read_text(encoding="utf-8")
    path.write_text(f'{text}url = "{server.url}"\n', encoding="utf-8")
    return path


async def at_the_venue(path: Path, server: BinanceServer, *, live: bool = True) -> list[Check]:
    return await _examined(pointed(path, server), live=live, offline=False, send_test=False)


@pytest.fixture
def keyed(config: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    server = BinanceServer()
    monkeypatch.setenv("BINANCE_KEY", server.key)
    monkeypatch.setenv("BINANCE_SECRET", server.secret)
    return config


def test_a_venue_is_asked_for_reach_clock_rights_and_modes(keyed: Path) -> None:
    async def main() -> list[Check]:
        async with BinanceServer() as server:
            return await at_the_venue(keyed, server)

    checks = asyncio.run(main())
    assert ("ok", "binance main: may trade and may not withdraw") in said(checks, "keys")
    assert ("ok", "binance main: one-way mode") in said(checks, "modes")
    assert said(checks, "venue") == [("ok", "binance main: answers, and lists BTC/USDT:USDT")]
    assert said(checks, "clock")[0][0] == "ok"
    assert ("ok", "json: understood") in said(checks, "alerts")


def test_a_key_that_may_withdraw_hedge_mode_and_a_wrong_clock_are_refused(keyed: Path) -> None:
    async def main() -> list[Check]:
        async with BinanceServer() as server:
            server.account.rights = {"trade", "read", "withdraw"}
            server.account.hedge_mode = True
            server.skew = -700
            return await at_the_venue(keyed, server)

    checks = asyncio.run(main())
    assert worst(checks) is Verdict.FAIL
    assert said(checks, "key-may-withdraw")[0][0] == "fail"
    assert said(checks, "hedge-mode")[0][0] == "fail"
    ((verdict, text),) = said(checks, "clock")
    assert verdict == "warn"
    assert "timedatectl set-ntp true" in text


def test_a_venue_that_is_away_is_told_without_the_key(keyed: Path) -> None:
    async def main() -> list[Check]:
        async with BinanceServer() as server:
            pass
        return await at_the_venue(keyed, server)

    checks = asyncio.run(main())
    ((verdict, text),) = said(checks, "venue")
    assert verdict == "fail"
    assert text.startswith("binance main: ")
    assert BinanceServer().key not in text


def test_paper_asks_a_venue_without_a_key(config: Path) -> None:
    async def main() -> tuple[list[Check], list[str]]:
        async with BinanceServer() as server:
            checks = await at_the_venue(config, server, live=False)
            return checks, [name for one in server.requests for name in one.headers]

    checks, headers = asyncio.run(main())
    assert said(checks, "venue") == [("ok", "binance main: answers, and lists BTC/USDT:USDT")]
    assert said(checks, "keys") == []
    assert "X-MBX-APIKEY" not in headers


def test_a_test_message_that_does_not_arrive_is_told_without_its_address(keyed: Path) -> None:
    async def main() -> list[Check]:
        async with BinanceServer() as server:
            path = pointed(keyed, server)
            return await _examined(path, live=False, offline=False, send_test=True)

    ((verdict, text),) = said(asyncio.run(main()), "alerts")
    assert verdict == "fail"
    assert "Zx81QqK2" not in text
