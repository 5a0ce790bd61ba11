"""What a person, a venue or a machine gets wrong: named, and nothing is traded on a guess.

Each story starts the real program, as a service would, against a fake venue on loopback; only the
imports are shared.
"""

import asyncio
import json
import os
import socket
import sqlite3
import sys
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, replace
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pytest
from forking import started
from wired_desk import (
    Outcomes,
    binance,
    journal_of,
    live_through,
    orders,
    story,
    wired,
    write_config,
)

from fake_venue.binance import BinanceServer
from fake_venue.loopback import KEY, SECRET
from hedgerow.adapters.venues import feed
from hedgerow.config.live import live_setup
from hedgerow.config.loading import load
from hedgerow.live.view import State

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals are others there")

ORDER = "POST /fapi/v1/order"
LIMIT = 60.0  # seconds for a program to start on a busy machine


@pytest.fixture(scope="module")
def told(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Outcomes:
    return live_through(request, tmp_path_factory.mktemp("bad"), together=4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A program that runs, and what it wrote until it ended."""

    process: ForkServerProcess
    output: Path

    @property
    def said(self) -> str:
        return " ".join(self.output.read_text(encoding="utf-8").split())

    async def ends(self) -> int:
        for _ in range(round(LIMIT * 20)):
            if self.process.exitcode is not None:
                return self.process.exitcode
            await asyncio.sleep(0.05)
        raise AssertionError(f"it has not ended, and said {self.said}")

    async def stops(self) -> int:
        """End it as a service manager does."""
        self.process.terminate()
        return await self.ends()

    async def says(self, words: str) -> None:
        for _ in range(round(LIMIT * 10)):
            if words in self.said:
                return
            assert self.process.exitcode is None, f"ended with {self.said}"
            await asyncio.sleep(0.1)
        raise AssertionError(f"{words!r} is not in {self.said}")


@asynccontextmanager
async def program(
    folder: Path, *words: str, confirmed: bool = True, output: str = "output", home: str = ""
) -> AsyncIterator[Program]:
    """Lend ``hedgerow WORDS`` with the config and the state of `folder`, or of another `home`."""
    state = str(folder / home)
    environment = {**os.environ, "XDG_STATE_HOME": state, "NO_COLOR": "1", "COLUMNS": "200"}
    environment.pop("HEDGEROW_CONFIRM_LIVE", None)
    if confirmed:
        given = live_setup(load(folder / "desk.toml"), live=True)
        word = f"{given.setup.name}-{given.setup.config_hash[:8]}"
        environment["HEDGEROW_CONFIRM_LIVE"] = word
    path = folder / output
    path.touch()
    process = started(words, environment, path)
    try:
        yield Program(process=process, output=path)
    finally:
        process.kill()
        await asyncio.to_thread(process.join, LIMIT)
        process.close()


def live(folder: Path) -> tuple[str, ...]:
    return "run", str(folder / "desk.toml"), "--live"


async def refused(folder: Path, venue: BinanceServer, *changes: tuple[str, str]) -> str:
    """Return what a desk says that must not begin: it ends with 1 and has sent nothing."""
    write_config(folder, venue, *changes)
    async with program(folder, *live(folder)) as desk:
        assert await desk.ends() == 1, desk.said
        assert "did not begin, and traded nothing" in desk.said
        assert not orders(venue)
        assert "Traceback" not in desk.said
        return desk.said


# --- keys -----------------------------------------------------------------------------------------


@story
async def test_a_wrong_key_ends_the_start_and_is_named(folder: Path) -> None:
    async with binance() as venue:
        venue.pulse()
        venue.key = "another key, of the test net say"
        said = await refused(folder, venue)
        assert (
            "check the key, its rights, its addresses, and that it is not of the test net" in said
        )


@story
async def test_a_key_that_may_withdraw_is_refused(folder: Path) -> None:
    async with binance() as venue:
        venue.pulse()
        venue.account.rights.add("withdraw")
        assert "the key may withdraw; whoever reads it can empty the account" in (
            await refused(folder, venue)
        )


@story
async def test_a_key_that_may_not_trade_is_refused(folder: Path) -> None:
    async with binance() as venue:
        venue.pulse()
        venue.account.rights.discard("trade")
        assert "the key may not trade; give it that right" in await refused(folder, venue)


@story
async def test_a_key_that_is_revoked_in_flight_pauses_the_desk(folder: Path) -> None:
    async with binance() as venue:
        venue.pulse()
        async with wired(folder, venue) as desk:
            await desk.settles()
            venue.key = "another"
            await desk.until(lambda: desk.state is State.PAUSED)
            assert "check the key" in desk.said["preflight"][0]
            sent = len(orders(venue))
            await asyncio.sleep(1.0)
            assert len(orders(venue)) == sent


# --- venues and clocks ----------------------------------------------------------------------------


@story
async def test_a_venue_that_cannot_be_reached_is_named_and_waited_for(folder: Path) -> None:
    with closing(socket.socket()) as held:  # bound and deaf: nobody else takes the port meanwhile
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
        venue = BinanceServer(port=port)
        write_config(folder, venue, ("[guards]", "[guards]\nerrors = 1000"))
        async with program(folder, *live(folder)) as desk:
            await desk.says("not begun, as the venue does not answer")
            held.close()
            async with venue:
                venue.pulse()
                await desk.says("runs in live: trading")
                await venue.until(lambda: abs(venue.account.net("BTCUSDT") + 1) < 0.02, 20.0)
                assert await desk.stops() == 0


@story
async def test_a_clock_that_is_behind_the_venues_ends_the_start(folder: Path) -> None:
    async with binance() as venue:
        venue.pulse()
        venue.skew = 1_700
        said = await refused(folder, venue)
        assert "from this machine's; set this machine's clock by NTP" in said


@story
async def test_a_clock_that_is_ahead_of_the_venues_ends_the_start(folder: Path) -> None:
    async with binance() as venue:
        venue.pulse()
        venue.skew = -1_700
        assert "the clocks differ: set this machine's by NTP" in await refused(folder, venue)


@story
async def test_an_account_in_hedge_mode_ends_the_start(folder: Path) -> None:
    async with binance() as venue:
        venue.pulse()
        venue.account.hedge_mode = True
        assert "set one-way mode on the venue's page" in await refused(folder, venue)


# --- symbols and intervals ------------------------------------------------------------------------


@story
async def test_a_symbol_that_is_no_longer_listed_ends_the_start(folder: Path) -> None:
    async with binance() as venue:
        venue.pulse()
        venue.exchange.market("BTCUSDT").listed = False
        said = await refused(folder, venue)
        assert "BTC/USDT:USDT is not traded there: delisted, renamed or paused" in said


@story
async def test_a_symbol_that_is_delisted_in_flight_pauses_the_desk(folder: Path) -> None:
    async with binance() as venue:
        venue.pulse()
        async with wired(folder, venue) as desk:
            await desk.settles()
            venue.exchange.deleverage("BTCUSDT")
            venue.exchange.market("BTCUSDT").listed = False
            await desk.until(lambda: desk.state is State.PAUSED)
            assert "BTC/USDT:USDT is not traded there" in desk.said["symbol-gone"][0]


@story
async def test_an_interval_that_changes_in_flight_is_named_and_opens_nothing(folder: Path) -> None:
    async with binance() as venue:
        venue.pulse()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(feed, "RELEARNS", 500_000_000)
            async with wired(folder, venue) as desk:
                await desk.settles()
                market = venue.exchange.market("BTCUSDT")
                market.contract = replace(market.contract, interval_hours=4)
                await desk.until(lambda: "interval-changed" in desk.said)
                text = desk.said["interval-changed"][0]
                assert "funding every 4 h, 8 h before" in text
                venue.exchange.deleverage("BTCUSDT")
                await asyncio.sleep(2.0)
                assert desk.held == 0


# --- two desks ------------------------------------------------------------------------------------


@story
async def test_a_second_desk_on_the_same_journal_is_locked_out(folder: Path) -> None:
    async with binance() as venue:
        venue.pulse()
        async with wired(folder, venue) as first:
            await first.settles()
            async with program(folder, *live(folder), home="elsewhere") as second:
                assert await second.ends() == 1
                assert f"{first.desk.runtime.setup.name} on" in second.said
                assert f"process {os.getpid()}" in second.said
            assert first.state is State.TRADING


@story
async def test_a_second_desk_on_the_same_account_is_locked_out(folder: Path) -> None:
    async with binance() as venue:
        venue.pulse()
        async with wired(folder, venue) as first:
            await first.settles()
            async with program(folder, *live(folder)) as second:
                assert await second.ends() == 2
                assert "two desks on one account undo each other" in second.said
            assert first.state is State.TRADING


@story
async def test_of_two_desks_with_journals_of_their_own_the_one_that_is_traded_past_pauses(
    folder: Path,
) -> None:
    async with binance() as venue:
        venue.pulse()
        async with wired(folder / "first", venue) as first:
            await first.settles()
            async with wired(folder / "second", venue) as second:
                await second.begins()
                venue.exchange.deleverage("BTCUSDT")  # whoever is late sees the other's trade
                both = (first, second)
                await first.until(lambda: any(desk.state is State.PAUSED for desk in both))
                await first.until(
                    lambda: all(
                        desk.rests
                        and (desk.state is State.PAUSED or (desk.is_hedged and desk.agrees))
                        for desk in both
                    )
                )
                for desk in both:
                    if desk.state is State.PAUSED:
                        assert "somebody traded past the desk" in desk.said["manual-trade"][0]
                assert await comes_to_rest(venue)
                assert len(orders(venue)) <= 6  # to open, and each at most twice since


async def comes_to_rest(venue: BinanceServer, tries: int = 10) -> bool:
    """Whether there is a time in which nobody orders anything."""
    for _ in range(tries):
        sent = len(orders(venue))
        await asyncio.sleep(1.5)
        if len(orders(venue)) == sent:
            return True
    return False


@story
async def test_an_order_of_another_desk_is_known_by_its_name(folder: Path) -> None:
    resting = ("[orders]", '[orders]\nroute = "maker"')
    async with binance() as venue:
        venue.pulse()
        async with wired(folder / "first", venue, resting) as first:
            await first.until(lambda: bool(venue.exchange.open_orders()))
            async with wired(folder / "second", venue, resting) as second:
                await second.until(lambda: second.state is State.PAUSED)
                assert (
                    "is another desk's: one account has one desk"
                    in (second.said["manual-trade"][0])
                )


# --- journal and config ---------------------------------------------------------------------------


@story
async def test_a_journal_of_a_newer_version_is_left_alone(folder: Path) -> None:
    async with binance() as venue:
        venue.pulse()
        async with wired(folder, venue) as desk:
            await desk.settles()
        sent = len(orders(venue))
        with closing(sqlite3.connect(folder / "journal.sqlite")) as journal:
            journal.execute("INSERT INTO version SELECT max(number) + 1, 0 FROM version")
            journal.commit()
        async with program(folder, *live(folder)) as newer:
            assert await newer.ends() == 2
            assert "install the newer hedgerow that wrote it" in newer.said
        assert len(orders(venue)) == sent


@story
async def test_a_config_that_is_changed_under_the_desk_is_named_and_not_obeyed(
    folder: Path,
) -> None:
    async with binance() as venue:
        venue.pulse()
        path = write_config(folder, venue)
        async with program(folder, *live(folder)) as desk:
            await desk.says("runs in live: trading")
            text = path.read_text(encoding="utf-8")
            path.write_text(text.replace("amount = 1.0", "amount = 5.0"), encoding="utf-8")
            await desk.says("was changed: this desk goes on with what it was started with")
            assert await desk.stops() == 0
        assert venue.account.net("BTCUSDT") == -1


@story
async def test_live_without_its_confirmation_does_not_start(folder: Path) -> None:
    async with binance() as venue:
        write_config(folder, venue)
        async with program(folder, *live(folder), confirmed=False) as desk:
            assert await desk.ends() == 2
            assert "live needs a confirmation: set HEDGEROW_CONFIRM_LIVE=" in desk.said
        assert not venue.requests


# --- secrets --------------------------------------------------------------------------------------


@story
async def test_no_secret_is_in_anything_that_a_desk_says_answers_or_keeps(folder: Path) -> None:
    echo = json.dumps({"code": -1022, "msg": f"Signature of {KEY} with {SECRET} is not valid."})
    async with binance() as venue:
        venue.pulse()
        venue.faults.answer(ORDER, echo)  # a venue that repeats what it was sent
        venue.faults.reject(ORDER, -1111, f"{KEY} may not, says {SECRET}")
        venue.faults.fail("GET /fapi/v3/positionRisk", 502, f"{KEY} {SECRET}")
        write_config(
            folder, venue, ("[guards]", '[logging]\nlevel = "debug"\nfile = "desk.log"\n\n[guards]')
        )
        async with program(folder, *live(folder)) as desk:
            await desk.says("runs")
            await venue.until(lambda: abs(venue.account.net("BTCUSDT") + 1) < 0.02, 30.0)
            answers = await asyncio.to_thread(everything, folder)
            async with program(folder, "status", output="status") as status:
                assert await status.ends() == 0
            assert await desk.stops() == 0
        assert not venue.faults.requests
        assert len(await journal_of(folder)) > 20
        texts = kept(folder) | answers
        assert {"journal.sqlite", "desk.log", "output", "status", "/status"} <= set(texts)
        for secret in (KEY, SECRET):
            assert [name for name, text in texts.items() if secret.encode() in text] == []


def kept(folder: Path) -> dict[str, bytes]:
    """Return what lies in a desk's folder, but for what a person put there."""
    found = {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    return {name: text for name, text in found.items() if not name.endswith(".toml")}


def everything(folder: Path) -> dict[str, bytes]:
    """Return what the API of a desk answers to every question that it takes."""
    (place,) = folder.rglob("api.json")
    address = json.loads(place.read_text(encoding="utf-8"))
    bearer = {"Authorization": f"Bearer {address['token']}"}

    def ask(path: str) -> bytes:
        request = urllib.request.Request(address["url"] + path, headers=bearer)  # noqa: S310
        with urllib.request.urlopen(request, timeout=10.0) as reply:  # noqa: S310
            found: bytes = reply.read()
            return found

    described = json.loads(ask("/openapi.json"))
    paths = [path for path, ways in described["paths"].items() if "get" in ways]
    assert len(paths) >= 7
    return {path: ask(path) for path in paths}
