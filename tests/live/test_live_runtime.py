"""The running desk: facts before effects, one journal, one desk, and an answer to everybody."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal

import pytest
from desk_bench import CALM, CARE, PRICE, SYMBOL, setup

from hedgerow.adapters.journal.memory import MemoryJournal, MemoryStore
from hedgerow.execution.effects import Notice
from hedgerow.execution.order import OrderReport, OrderRequest
from hedgerow.execution.port import FeedReport, QuoteReport
from hedgerow.ledger.journal import JournalLeased
from hedgerow.live import runtime as runtime_module
from hedgerow.live.controller import Controller
from hedgerow.live.effects import Outcome
from hedgerow.live.handle import Reply
from hedgerow.live.paper.contract import balances_of, contracts_of
from hedgerow.live.paper.exchange import PaperExchange
from hedgerow.live.paper.markets import GeneratedFeed, PaperClock
from hedgerow.live.paper.port import PaperGateway, PaperVenue
from hedgerow.live.runtime import Around, Runtime, joined
from hedgerow.live.signals import Order, Signal
from hedgerow.live.view import State
from hedgerow.live.wires import Wire, Wires

SPEED = 50.0


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime_module, "TICK", 0.01)
    monkeypatch.setattr(runtime_module, "RENEW", 0.05)


@dataclass
class Running:
    """A desk that runs in this very loop."""

    runtime: Runtime
    venue: PaperVenue
    store: MemoryStore
    stages: list[str]
    told: list[Notice] = field(default_factory=list)

    def notify(self, notice: Notice) -> None:
        self.told.append(notice)

    @property
    def held(self) -> Decimal:
        return self.venue.exchange.accounts["main"].position(SYMBOL).amount

    async def until(self, condition: Callable[[], bool], seconds: float = 5.0) -> bool:
        for _ in range(round(seconds / 0.01)):
            if condition():
                return True
            await asyncio.sleep(0.01)
        return condition()


def made(store: MemoryStore | None = None, holder: str = "one") -> Running:
    clock, task = PaperClock(time.time_ns, SPEED), setup()
    store = store or MemoryStore()
    exchange = PaperExchange(
        venue="north",
        contracts=contracts_of("north", task.terms, task.listings),
        terms=task.terms,
        balances=balances_of(task.terms, task.venues, "north"),
    )
    source = GeneratedFeed("north", task.listings, {"BTC": PRICE}, clock, seed=1, weather=CALM)
    venue = PaperVenue(exchange, source, clock.now)

    def connect(_: Controller) -> Wires:
        wire = Wire(gateway=venue.gateway("main"), account=venue.account("main"))
        return Wires({"north": venue.feed()}, {"main": wire}, {"main": (SYMBOL,)}, clock.now)

    stages: list[str] = []
    found = Running(
        runtime=None,  # type: ignore[arg-type]
        venue=venue,
        store=store,
        stages=stages,
    )
    around = Around(clock=clock.now, holder=holder, notifier=found, stage=stages.append)
    found.runtime = Runtime(task, CARE, MemoryJournal(store), connect, around)
    return found


@asynccontextmanager
async def begun() -> AsyncIterator[Running]:
    """Yield a desk that is hedged; it is stopped afterwards, in good order."""
    found = made()
    running = asyncio.create_task(found.runtime.run())
    try:
        assert await found.until(lambda: found.runtime.controller.core.dealer.position(0) == -10)
        yield found
    finally:
        found.runtime.stop()
        await asyncio.gather(running, return_exceptions=True)


def lived(work: Callable[[Running], Awaitable[None]]) -> Running:
    """Let a test do something to a hedged desk."""

    async def life() -> Running:
        async with begun() as found:
            await work(found)
        return found

    return asyncio.run(life())


def test_it_hedges_and_ends_in_good_order_with_its_journal_given_back() -> None:
    async def nothing(found: Running) -> None:
        assert found.runtime.view().desk.state is State.TRADING
        assert len(await found.runtime.journal_tail(5)) == 5
        assert found.runtime.why("0", 1)

    found = lived(nothing)
    assert found.held == Decimal("-10.000")
    assert found.store.lease.holder == ""
    assert [notice.topic for notice in found.told][-1] == "stopped"
    intent = next(n for n, record in enumerate(found.store.records) if record.kind == "intent")
    trade = next(n for n, record in enumerate(found.store.records) if record.kind == "trade")
    assert intent < trade


class Witness(PaperGateway):
    """Looks into the journal at the moment in which an order arrives."""

    def __init__(self, found: Running) -> None:
        super().__init__(found.venue, "main")
        self._store = found.store
        self.durable: list[bool] = []

    async def place(self, request: OrderRequest) -> OrderReport:
        keys = {record.key for record in self._store.records if record.kind == "intent"}
        self.durable.append(request.client_id in keys)
        return await super().place(request)


def test_an_order_is_durable_before_it_arrives() -> None:
    async def life() -> list[bool]:
        found = made()
        connect, witness = found.runtime._connect, Witness(found)

        def witnessed(controller: Controller) -> Wires:
            wires = connect(controller)
            wires.accounts["main"] = replace(wires.accounts["main"], gateway=witness)
            return wires

        found.runtime._connect = witnessed
        running = asyncio.create_task(found.runtime.run())
        assert await found.until(lambda: found.held != 0)
        found.runtime.stop()
        await running
        return witness.durable

    durable = asyncio.run(life())
    assert durable
    assert all(durable)


def test_a_journal_that_is_away_lets_nothing_out_and_loses_nothing() -> None:
    async def away(found: Running) -> None:
        runtime, venue = found.runtime, found.venue
        found.store.away = "the disk is full"
        venue.tell(venue.exchange.deleverage(SYMBOL, 0.5, venue.now(), 50_000.0), "")
        orders = len(venue.exchange.accounts["main"].orders)
        assert await found.until(lambda: any(n.topic == "journal" for n in found.told))
        await asyncio.sleep(0.3)  # fifteen seconds of the desk's clock
        assert len(venue.exchange.accounts["main"].orders) == orders
        assert "the disk is full" in runtime.controller.core.held_back
        before = len(found.store.records)
        found.store.away = ""
        assert await found.until(lambda: found.held == Decimal("-10.000"))
        fresh = [record.kind for record in found.store.records[before:]]
        assert {"foreign", "notice", "intent"} <= set(fresh)

    lived(away)


def test_a_desk_that_lost_its_journal_to_another_ends_and_says_so() -> None:
    async def life() -> tuple[BaseException | None, Reply]:
        found = made()
        running = asyncio.create_task(found.runtime.run())
        assert await found.until(lambda: found.held != 0)
        lease = found.store.lease
        found.store.lease = replace(lease, fence=lease.fence + 1, holder="another")
        done, _ = await asyncio.wait({running}, timeout=5.0)
        assert done
        reply = await asyncio.wait_for(found.runtime.tell(Order.PAUSE, by="late"), 1.0)
        return running.exception(), reply

    error, reply = asyncio.run(life())
    assert isinstance(error, JournalLeased)
    assert not reply.accepted
    assert "the desk has ended" in reply.words


def test_two_desks_on_one_journal_are_not_possible() -> None:
    async def second(found: Running) -> None:
        other = made(found.store, "two")
        with pytest.raises(JournalLeased, match="two desks on one account are never allowed"):
            await other.runtime.run()
        assert found.runtime.view().desk.state is State.TRADING

    lived(second)


def test_everybody_who_gives_an_order_gets_the_answer_to_that_order() -> None:
    async def orders(found: Running) -> None:
        replies = await asyncio.gather(
            *(
                found.runtime.tell(order, by="test")
                for order in (Order.PAUSE, Order.PAUSE, Order.RESUME, Order.KILL, Order.ARM)
            )
        )
        assert [reply.accepted for reply in replies] == [True, False, True, True, True]
        assert [reply.state for reply in replies] == [
            State.PAUSED,
            State.PAUSED,
            State.TRADING,
            State.KILLED,
            State.ARMED,
        ]

    lived(orders)


def test_an_order_that_comes_as_the_desk_ends_is_answered_too() -> None:
    async def late(found: Running) -> None:
        asked = [asyncio.ensure_future(found.runtime.tell(Order.PAUSE, by="t")) for _ in range(9)]
        await asyncio.sleep(0)
        found.runtime.stop()
        replies = await asyncio.wait_for(asyncio.gather(*asked), 3.0)
        assert all(reply.words for reply in replies)

    lived(late)


def test_views_go_on_until_it_ends() -> None:
    async def watch(found: Running) -> None:
        seen = []
        async for view in found.runtime.subscribe():
            seen.append(view)
            if len(seen) == 2:
                break
        assert seen[1].time > seen[0].time

    lived(watch)


class Flood:
    """A feed that shows a thousand quotes at once."""

    venue = "north"

    async def watch(self, symbols: Sequence[str]) -> AsyncIterator[FeedReport]:
        del symbols
        for number in range(1000):
            yield QuoteReport(
                venue="north",
                symbol=SYMBOL,
                time=number,
                received=number,
                mark=PRICE + (500.0 if number == 400 else 0.0),
            )
        await asyncio.sleep(3600.0)

    async def quote(self, symbol: str) -> QuoteReport:
        raise NotImplementedError

    async def close(self) -> None:
        """Nothing is held."""


def test_of_a_flood_of_quotes_the_newest_is_heard_and_the_highest_is_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    heard: list[QuoteReport] = []
    handle = Controller.handle

    def noting(self: Controller, signal: Signal) -> Outcome:
        if isinstance(signal, QuoteReport):
            heard.append(signal)
        return handle(self, signal)

    async def life() -> Controller:
        found = made()
        connect = found.runtime._connect

        def flooded(controller: Controller) -> Wires:
            wires = connect(controller)
            wires.feeds["north"] = Flood()
            return wires

        found.runtime._connect = flooded
        running = asyncio.create_task(found.runtime.run())
        assert await found.until(lambda: bool(heard) and heard[-1].time == 999)
        found.runtime.stop()
        await running
        return found.runtime.controller

    monkeypatch.setattr(Controller, "handle", noting)
    controller = asyncio.run(life())
    assert len(heard) < 500
    assert max(quote.high or 0.0 for quote in heard) == PRICE + 500.0
    assert heard[-1].mark == PRICE
    seen = controller.core.market.seen(0)
    assert seen is not None
    assert seen.mark == PRICE


def test_joined_quotes_are_the_newer_numbers_with_the_range_of_both() -> None:
    first = QuoteReport(
        venue="north", symbol=SYMBOL, time=1, received=1, bid=9.0, mark=10.0, high=12.0
    )
    second = QuoteReport(venue="north", symbol=SYMBOL, time=2, received=2, mark=11.0, low=8.0)
    both = joined(first, second)
    assert both == QuoteReport(
        venue="north", symbol=SYMBOL, time=2, received=2, bid=9.0, mark=11.0, high=12.0, low=8.0
    )
