"""What reviewers proved wrong of the desk's surroundings once: how it ends, and who hears of it."""

import asyncio
import re
import time as clocks
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time
from decimal import Decimal

import pytest
from desk_bench import CALM, CARE, PRICE, SYMBOL, flow, folded, hedged, kinds, setup

from hedgerow.adapters.journal.memory import MemoryJournal, MemoryStore
from hedgerow.errors import MarketDataError
from hedgerow.execution.effects import Notice
from hedgerow.execution.port import Failure
from hedgerow.ledger.journal import JournalBroken
from hedgerow.live import runtime as runtime_module
from hedgerow.live.alert_post import AlertPost
from hedgerow.live.alerting import AlertBox, AlertRules, Level, QuietHours
from hedgerow.live.controller import Controller
from hedgerow.live.effects import FetchFacts, FetchSnapshot, LiveEffect, SendTransfer
from hedgerow.live.last_words import died, stopped
from hedgerow.live.paper.contract import balances_of, contracts_of
from hedgerow.live.paper.exchange import PaperExchange
from hedgerow.live.paper.markets import GeneratedFeed, PaperClock
from hedgerow.live.paper.port import PaperVenue
from hedgerow.live.runtime import Around, Runtime
from hedgerow.live.signals import CallFailed, Checked
from hedgerow.live.wires import Wire, Wires

STOPPED = "stopped (critical)"
NIGHT = int(datetime(2026, 11, 22, 4, tzinfo=UTC).timestamp()) * 10**9


class Heard:
    """A carrier that keeps what it carried."""

    name = "phone"

    def __init__(self) -> None:
        self.carried: list[tuple[str, str, str]] = []

    async def send(self, level: str, title: str, text: str) -> str:
        self.carried.append((level, title, text))
        return ""


def office(phone: Heard, *, repeat: int = 0) -> AlertPost:
    quiet = QuietHours(start=time(22), end=time(7), zone="UTC")
    rules = AlertRules(level=Level.WARNING, quiet=quiet, repeat=repeat)
    return AlertPost(AlertBox(rules, "treasury (live)"), [phone], clock=lambda: NIGHT, redact=str)


def desk(phone: Heard) -> tuple[Runtime, AlertPost, PaperVenue]:
    """Return a desk on a made-up market that tells its alerts in the middle of the night."""
    clock, task, post = PaperClock(clocks.time_ns, 50.0), setup(), office(phone)
    exchange = PaperExchange(
        venue="north",
        contracts=contracts_of("north", task.terms, task.listings),
        terms=task.terms,
        balances=balances_of(task.terms, task.venues, "north"),
    )
    source = GeneratedFeed("north", task.listings, {"BTC": PRICE}, clock, seed=1, weather=CALM)
    venue = PaperVenue(exchange, source, clock.now)

    def connect(_: object) -> Wires:
        wire = Wire(gateway=venue.gateway("main"), account=venue.account("main"))
        return Wires({"north": venue.feed()}, {"main": wire}, {"main": (SYMBOL,)}, clock.now)

    around = Around(clock=clock.now, holder="one", notifier=post)
    return Runtime(task, CARE, MemoryJournal(MemoryStore()), connect, around), post, venue


def broken(harm: Callable[[Runtime], None]) -> tuple[Heard, BaseException | None, PaperVenue]:
    """Let a hedged desk come to harm; return who heard what, and what it ended with."""
    phone = Heard()

    async def life() -> tuple[BaseException | None, PaperVenue]:
        runtime, post, venue = desk(phone)
        running = asyncio.create_task(runtime.run())
        for _ in range(500):
            await asyncio.sleep(0.01)
            if runtime.running.is_set() and runtime.controller.core.dealer.position(0) == -10:
                break
        harm(runtime)
        await asyncio.wait({running}, timeout=10.0)
        await post.drain(1.0)
        return running.exception(), venue

    error, venue = asyncio.run(life())
    return phone, error, venue


def test_a_defect_of_the_desk_is_told_at_night_with_the_signal_that_it_was_in() -> None:
    def harm(runtime: Runtime) -> None:
        def tick(*_: object) -> None:
            raise KeyError("a reply nobody thought of")

        runtime.controller.core.tick = tick  # type: ignore[assignment]

    phone, error, venue = broken(harm)
    assert isinstance(error, KeyError)
    ((level, text),) = [(level, text) for level, title, text in phone.carried if STOPPED in title]
    assert level == "critical"
    # Whatever comes next is the signal that it dies of: a tick of the clock, or an answer.
    assert re.search(r"KeyError: 'a reply nobody thought of', while it took in an? [A-Z]\w+", text)
    assert venue.exchange.accounts["main"].position(SYMBOL).amount == Decimal("-10.000")


def test_a_journal_that_is_found_broken_is_told_with_its_reason() -> None:
    def harm(runtime: Runtime) -> None:
        async def append(_: object) -> None:
            raise JournalBroken("record 12 is not the one that was written")

        runtime.journal.append = append  # type: ignore[assignment,method-assign]
        runtime.notice("warning", "headroom", "so that something is written")

    phone, error, _ = broken(harm)
    assert isinstance(error, JournalBroken)
    ((level, text),) = [(level, text) for level, title, text in phone.carried if STOPPED in title]
    assert level == "critical"
    assert "record 12 is not the one that was written" in text


def test_a_task_that_fails_is_told_with_its_reason_and_not_as_an_end_in_good_order() -> None:
    def harm(runtime: Runtime) -> None:
        async def work() -> None:
            raise MarketDataError("the venue does not say the size of a contract")

        runtime._spawn(work())

    phone, error, _ = broken(harm)
    assert isinstance(error, MarketDataError)
    (word,) = [text for _, title, text in phone.carried if "stopped" in title]
    assert "has died (the venue does not say the size of a contract)" in word


def test_a_desk_that_cannot_open_its_journal_is_told_of() -> None:
    phone = Heard()

    async def life() -> None:
        runtime, post, _ = desk(phone)

        async def no_journal(_: str) -> None:
            raise JournalBroken("record 3 is missing")

        runtime.journal.open = no_journal  # type: ignore[assignment,method-assign]
        with pytest.raises(JournalBroken):
            await runtime.run()
        await post.drain(1.0)

    asyncio.run(life())
    assert [level for level, _, _ in phone.carried] == ["critical"]


def test_what_the_quiet_hours_kept_back_goes_out_when_the_desk_ends() -> None:
    phone = Heard()
    post = office(phone)
    post.notify(Notice(level="warning", topic="headroom", text="it is tight"))
    post.notify(stopped("treasury"))
    asyncio.run(post.drain(1.0))
    ((_, _, text),) = phone.carried
    assert "it is tight" in text
    assert "nobody looks after the hedge" in text


def test_a_repeat_that_was_counted_goes_out_when_the_desk_ends() -> None:
    phone = Heard()
    post = office(phone, repeat=10**15)
    post.notify(died("treasury", KeyError("one")))
    post.notify(died("treasury", KeyError("two")))
    asyncio.run(post.drain(1.0))
    assert ["'one'" in phone.carried[0][2], "'two'" in phone.carried[1][2]] == [True, True]


def test_a_delivery_that_breaks_down_is_counted_and_logged() -> None:
    class Torn(Heard):
        async def send(self, level: str, title: str, text: str) -> str:
            raise KeyError(level, title, text)

    post = office(Torn())
    post.notify(died("treasury", KeyError("one")))
    asyncio.run(post.drain(1.0))
    assert post.tally.failed == 1


def test_an_answer_that_cannot_be_read_is_a_failed_call_and_not_the_end() -> None:
    class Torn:
        venue = account = "main"

        async def facts(self, _: object) -> None:
            raise MarketDataError("the venue does not say the size of a contract")

        async def snapshot(self) -> None:
            raise KeyError("positions")

        async def transfer(self, *_: object) -> None:
            raise TypeError("no mapping")

    torn = Torn()
    wire = Wire(gateway=torn, account=torn)  # type: ignore[arg-type]
    wires = Wires({}, {"main": wire}, {"main": ()}, lambda: 1)
    place = {"venue": "north", "account": "main"}
    sent = SendTransfer(
        venue="north",
        account="main",
        currency="USDT",
        amount=Decimal(1),
        transfer_id="t",
        delay_seconds=0.0,
    )
    asked: list[LiveEffect] = [FetchFacts(**place), FetchSnapshot(**place), sent]

    async def answers() -> list[CallFailed]:
        found = [await wires.carry(effect) for effect in asked]
        return [each for each in found if isinstance(each, CallFailed)]

    told = asyncio.run(answers())
    assert [each.failure for each in told] == [Failure.GARBLED, Failure.GARBLED, Failure.UNKNOWN]
    assert "does not say the size of a contract" in told[0].reason
    assert "KeyError('positions')" in told[1].reason


def test_a_stream_that_cannot_be_read_is_opened_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime_module, "FIRST_WAIT", 0.01)
    opened = []

    async def life() -> Runtime:
        runtime, _, _ = desk(Heard())
        connect = runtime._connect

        def connected(controller: Controller) -> Wires:
            wires = connect(controller)
            feed = wires.feeds["north"]
            watch = feed.watch

            def torn(symbols: tuple[str, ...]) -> object:
                opened.append(symbols)
                if len(opened) == 1:
                    raise MarketDataError("a market without a tick")
                return watch(symbols)

            feed.watch = torn  # type: ignore[assignment,method-assign]
            return wires

        runtime._connect = connected
        running = asyncio.create_task(runtime.run())
        for _ in range(300):
            await asyncio.sleep(0.01)
            if len(opened) > 1 and runtime.controller.core.dealer.position(0) == -10:
                break
        runtime.stop()
        await running
        return runtime

    assert asyncio.run(life()).controller.core.dealer.position(0) == -10
    assert len(opened) >= 2


def test_orders_are_priced_on_the_tick_that_the_venue_has_now_and_the_fold_agrees() -> None:
    found = hedged()
    facts = found.venues["north"].exchange.facts("main", (SYMBOL,))
    (listing,) = facts.listings.values()
    told = replace(facts, listings={SYMBOL: replace(listing, tick=Decimal(7))})
    found.hear(Checked(time=found.now, facts=told))
    (fact,) = kinds(found, "tick")
    assert fact == {"leg": 0, "tick": "7"}
    found.hear(Checked(time=found.now, facts=told))
    assert len(kinds(found, "tick")) == 1
    before = len(kinds(found, "intent"))
    flow(found, 3.0)
    found.pass_by(10.0)
    prices = [Decimal(each["request"]["price"]) for each in kinds(found, "intent")[before:]]
    assert prices
    assert all(price % 7 == 0 for price in prices)
    assert folded(found).core.dealer.snapshot() == found.controller.core.dealer.snapshot()
