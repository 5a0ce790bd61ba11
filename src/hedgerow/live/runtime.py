"""The running desk: one loop takes in signals, makes facts durable, and only then acts.

Everything that waits (venues, streams, the clock, people) runs beside the loop and speaks to it
through one queue, so that the controller sees one signal after another, whatever happens around.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import Final, Protocol, TypeAlias

import structlog

from hedgerow.errors import HedgeError
from hedgerow.execution.effects import Notice, Place
from hedgerow.execution.port import (
    NO_ANSWER,
    Failure,
    Feed,
    FeedReport,
    PrivateReport,
    QuoteReport,
    StreamReport,
)
from hedgerow.ledger.journal import (
    Draft,
    Journal,
    JournalError,
    JournalLeased,
    JournalUnavailable,
    Record,
)
from hedgerow.live.controller import Care, Controller
from hedgerow.live.effects import LiveEffect, Outcome, SendTransfer
from hedgerow.live.handle import Reply
from hedgerow.live.last_words import died, stopped
from hedgerow.live.setup import Setup
from hedgerow.live.signals import (
    CallFailed,
    Clock,
    JournalBack,
    JournalFailed,
    Noticed,
    Order,
    Signal,
    Told,
)
from hedgerow.live.standing import DeskState
from hedgerow.live.timings import Timings, Untimed
from hedgerow.live.view import DecisionView, DeskView
from hedgerow.live.wires import Wires

TICK: Final = 0.25  # seconds between two looks at the clock
TRY_AGAIN: Final = 1.0  # seconds before a journal that could not be written is tried again
RENEW: Final = 10.0  # seconds between two renewals of the lease
FIRST_WAIT: Final = 1.0  # seconds before a venue is tried again, doubled each time
LONGEST_WAIT: Final = 30.0
ENDS: Final = 0.2  # seconds between two times that what runs beside the desk is told to end
ASKS: Final = 15.0  # between two quotes that only a guard looks at
VIEWS: Final = 0.5  # seconds between two views of a subscriber

Asked: TypeAlias = asyncio.Future[Reply | None]  # None: the desk ended before it was heard

log = structlog.get_logger("hedgerow.desk")


class Notifier(Protocol):
    """Whoever tells people."""

    def notify(self, notice: Notice) -> None:
        """Take a notice; never raises, never waits."""
        ...


class Keeper(Protocol):
    """Whoever keeps an operator's last word while the journal cannot; its calls may wait."""

    @property
    def place(self) -> object:
        """Where it is kept."""
        ...

    def prepare(self) -> None:
        """Get ready, as far as it goes."""
        ...

    def keep(self, fact: Draft) -> None:
        """Make a fact durable in the place of the one before; raises `OSError`."""
        ...

    def kept(self) -> Draft | None:
        """Return what is kept."""
        ...

    def forget(self) -> None:
        """Let go of it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What a desk needs from its surroundings.

    Attributes
    ----------
    clock
        UTC nanoseconds.
    holder
        Who takes the journal's lease, such as ``"host:1234"``.
    stage
        Called with a word at each step of a signal: "handled", "durable", "sent", "answered".
    keeper
        Of what an operator says while the journal cannot be written.
    """

    clock: Callable[[], int]
    holder: str
    notifier: Notifier | None = None
    stage: Callable[[str], None] | None = None
    timings: Timings = field(default_factory=Untimed)
    keeper: Keeper | None = None


class Runtime:
    """One desk in one process."""

    def __init__(
        self,
        setup: Setup,
        care: Care,
        journal: Journal,
        connect: Callable[[Controller], Wires],
        around: Around,
    ) -> None:
        self.setup = setup
        self.journal = journal
        self.around = around
        self.controller = Controller(setup, (), care)
        self.wires = Wires({}, {}, {}, around.clock)
        self.running = asyncio.Event()  # set once the journal is open and the desk can be held
        self._care = care
        self._connect = connect
        self._queue: asyncio.Queue[tuple[Signal, Asked | None]] = asyncio.Queue()
        self._asked: set[Asked] = set()  # by people who wait for an answer
        self._quotes: dict[tuple[str, str], QuoteReport] = {}  # that wait in the queue
        self._unwritten: list[Draft] = []
        self._next_try = 0.0  # of the journal, once it could not be written
        self._taking = ""  # the kind of the signal that the controller has in hand
        self._kept = False  # whether an operator's word waits beside the journal
        self._beside: set[asyncio.Task[None]] = set()
        self._stopping = asyncio.Event()
        self._tail: deque[Record] = deque(maxlen=200)

    async def run(self) -> None:
        """Run until `stop`; raises `JournalLeased` where another desk holds the journal.

        Whatever else ends it is raised too, and people hear of it first.
        """
        try:
            await self._live()
        except JournalLeased as error:
            if self.running.is_set():
                self._tell_people(Notice(level="critical", topic="lease-lost", text=str(error)))
            raise
        except Exception as error:
            self._tell_people(died(self.setup.name, error, self._taking))
            raise

    async def _live(self) -> None:
        records = await self.journal.open(self.around.holder)
        self._tail.extend(records[-200:])
        try:
            check_past(records, self.setup)
            spoken = await self._spoken()
            self.controller = Controller(self.setup, records, self._care)
            self.wires = self._connect(self.controller)
            self.running.set()
            await self._do(self.controller.start(self.around.clock()))
            await self._recall(spoken, records)
            for task in self._streams():
                self._spawn(task)
            await self._loop()
            if self._failure is None:
                self._tell_people(stopped(self.setup.name))
        finally:
            await self._end()

    async def rehearse(self) -> None:
        """Build the wires as `run` would, and let go of them; nothing is reached."""
        await self._connect(self.controller).close()

    def stop(self) -> None:
        """Ask the desk to end in good order: nothing new is sent, the hedge stays as it is."""
        self._stopping.set()

    def notice(self, level: str, topic: str, text: str) -> None:
        """Let the desk write down and say something that was seen outside it."""
        now = self.around.clock()
        self._put(Noticed(time=now, level=level, topic=topic, text=text))

    # --- the loop ---------------------------------------------------------------------------------

    async def _loop(self) -> None:
        stopping = asyncio.ensure_future(self._stopping.wait())
        try:
            while not self._stopping.is_set():
                getting = asyncio.ensure_future(self._queue.get())
                await asyncio.wait({getting, stopping}, return_when=asyncio.FIRST_COMPLETED)
                if not getting.done():
                    getting.cancel()
                    break
                signal, heard = getting.result()
                before = self.controller.standing
                await self._take(signal)
                if heard is not None and not heard.done() and isinstance(signal, Told):
                    heard.set_result(await self._answer(signal, before))
        finally:
            stopping.cancel()

    async def _take(self, signal: Signal) -> None:
        began = perf_counter()
        if isinstance(signal, QuoteReport):
            signal = self._quotes.pop((signal.venue, signal.symbol), signal)
        self._taking = type(signal).__name__
        outcome = self.controller.handle(signal)
        self._taking = ""
        self._stage("handled")
        await self._do(outcome, ticking=isinstance(signal, Clock))
        self.around.timings.event(perf_counter() - began)

    async def _do(self, outcome: Outcome, *, ticking: bool = False) -> None:
        """Make the facts durable, then start the effects; without facts, none that adds risk."""
        durable = await self._commit(outcome.drafts, ticking=ticking)
        for effect in outcome.effects:
            if isinstance(effect, Notice):
                self._tell_people(effect)
            elif isinstance(effect, SendTransfer) and effect.opening:
                continue  # the deposit lies there already
            elif durable or not isinstance(effect, Place | SendTransfer):
                self._spawn(self._carry(effect))
            else:
                self._put(self._never_sent(effect))

    async def _commit(self, drafts: Sequence[Draft], *, ticking: bool = False) -> bool:
        """Append to the journal; once that failed, only the clock tries again."""
        if not drafts and not self._unwritten:
            return True
        began = perf_counter()
        if self._unwritten and not (ticking and began >= self._next_try):
            self._unwritten.extend(drafts)
            return False
        waiting = [*self._unwritten, *drafts]
        try:
            self._tail.extend(await self.journal.append(waiting))
            self.around.timings.journal(perf_counter() - began)
        except JournalUnavailable as error:
            first = not self._unwritten
            self._unwritten = waiting
            self._next_try = perf_counter() + TRY_AGAIN
            if first:
                log.warning("journal unavailable", reason=str(error), waiting=len(waiting))
                now = self.around.clock()
                await self._do(self.controller.handle(JournalFailed(time=now, reason=str(error))))
            return False
        was_down = bool(self._unwritten)
        self._unwritten = []
        await self._forget()
        if drafts:
            self._stage("durable")
        if was_down:
            await self._do(self.controller.handle(JournalBack(time=self.around.clock())))
        return True

    # --- what an operator said while the journal was away -----------------------------------------

    async def _answer(self, told: Told, before: DeskState) -> Reply:
        """Return what came of an order, and keep it where the journal does not hold it."""
        reply = self.controller.reply(told, before)
        if not (reply.accepted and self._unwritten):
            return reply
        return replace(reply, words=f"{reply.words}; {await self._kept_or_not(told)}")

    async def _kept_or_not(self, told: Told) -> str:
        keeper, fact = self.around.keeper, self.controller.spoken(told)
        away = "the journal cannot be written, so nothing is ordered until it can"
        if keeper is None or fact is None:
            return f"{away}, and this is NOT durable: a restart before then would not know it"
        try:
            await asyncio.to_thread(keeper.keep, fact)
        except OSError as error:
            return (
                f"{away}, and this is NOT durable: {keeper.place} cannot be written either "
                f"({error.strerror}), so a restart would not know it; free the disk and say it "
                "again, and until then do not restart the desk"
            )
        self._kept = True
        return f"{away}; it is kept in {keeper.place}, and a restart goes by it"

    async def _spoken(self) -> Draft | None:
        """Return what an operator said to the last run, whose journal could not take it."""
        keeper = self.around.keeper
        if keeper is None:
            return None
        await asyncio.to_thread(keeper.prepare)
        return await asyncio.to_thread(keeper.kept)

    async def _recall(self, spoken: Draft | None, records: Sequence[Record]) -> None:
        """Take in what was kept of the last run, unless the journal holds it or more."""
        if spoken is None:
            return
        self._kept = True
        if any(one.kind == spoken.kind and one.time >= spoken.time for one in records):
            await self._forget()
        else:
            await self._do(self.controller.recall(spoken))

    async def _forget(self) -> None:
        """Let go of a kept word: the journal holds it now."""
        if self._kept and self.around.keeper is not None:
            await asyncio.to_thread(self.around.keeper.forget)
            self._kept = False

    async def _carry(self, effect: LiveEffect) -> None:
        self._stage("sent")
        answer = await self.wires.carry(effect)
        self._stage("answered")
        if answer is not None:
            self._put(answer)

    def _never_sent(self, effect: Place | SendTransfer) -> CallFailed:
        about = effect.request if isinstance(effect, Place) else effect
        return CallFailed(
            time=self.around.clock(),
            venue=about.venue,
            account=about.account,
            call="place" if isinstance(effect, Place) else "transfer",
            failure=Failure.UNREACHABLE,
            reason="never sent: the journal could not be written",
            client_id=effect.request.client_id if isinstance(effect, Place) else "",
        )

    # --- what runs beside it ----------------------------------------------------------------------

    def _streams(self) -> list[Coroutine[None, None, None]]:
        symbols: dict[str, list[str]] = {}
        for listing in self.setup.listings:
            symbols.setdefault(listing.venue, []).append(listing.symbol)
        return [
            self._ticking(),
            self._renewing(),
            *(
                self._feeding(feed, symbols.get(name, []))
                for name, feed in self.wires.feeds.items()
            ),
            *(self._hearing(name) for name in self.wires.accounts),
            *(
                self._asking(feed, symbol)
                for feed, symbols in self.wires.beside.values()
                for symbol in symbols
            ),
        ]

    async def _feeding(self, feed: Feed, symbols: Sequence[str]) -> None:
        await self._listening(lambda: feed.watch(symbols), feed.venue, "quotes")

    async def _asking(self, feed: Feed, symbol: str) -> None:
        """Ask now and then for what only a guard looks at; without an answer it has no data."""
        wait = ASKS
        while True:
            try:
                self._put(await asyncio.wait_for(feed.quote(symbol), ASKS))
                wait = ASKS
            except NO_ANSWER as error:
                if wait == ASKS:  # once a silence
                    place = f"{feed.venue} {symbol}"
                    log.info("no quote for a guard", place=place, reason=str(error))
                wait = min(2.0 * wait, 8.0 * ASKS)
            await asyncio.sleep(wait)

    async def _hearing(self, account: str) -> None:
        port = self.wires.accounts[account].account
        await self._listening(port.watch, port.venue, f"account {account}")

    async def _listening(
        self, watch: Callable[[], AsyncIterator[FeedReport | PrivateReport]], venue: str, name: str
    ) -> None:
        """Queue what a stream says; where a venue cannot be reached, say so and try again."""
        wait = FIRST_WAIT
        while True:
            try:
                async for report in watch():
                    if wait != FIRST_WAIT:
                        wait = FIRST_WAIT
                        self._put(self._stream(venue, name, alive=True))
                    self._put(report)
                reason = "the stream ended"
            except NO_ANSWER as error:
                reason = str(error) if isinstance(error, HedgeError) else repr(error)
            self._put(self._stream(venue, name, alive=False, reason=reason))
            await asyncio.sleep(wait)
            wait = min(2.0 * wait, LONGEST_WAIT)

    def _stream(self, venue: str, name: str, *, alive: bool, reason: str = "") -> StreamReport:
        now = self.around.clock()
        return StreamReport(venue=venue, stream=name, alive=alive, time=now, reason=reason)

    async def _ticking(self) -> None:
        while True:
            await asyncio.sleep(TICK)
            self._put(Clock(time=self.around.clock()))

    async def _renewing(self) -> None:
        while True:
            await asyncio.sleep(RENEW)
            try:
                await self.journal.renew()
            except JournalUnavailable as error:
                log.warning("the lease could not be renewed", reason=str(error))

    def _put(self, signal: Signal) -> None:
        """Queue a signal; of a symbol's quotes only the newest waits, with the range of all."""
        if isinstance(signal, QuoteReport):
            key = (signal.venue, signal.symbol)
            before = self._quotes.get(key)
            self._quotes[key] = signal if before is None else joined(before, signal)
            if before is not None:
                return
        self._queue.put_nowait((signal, None))

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.ensure_future(work)
        self._beside.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._beside.discard(task)
        if task.cancelled() or task.exception() is None:
            return
        error = task.exception()
        log.error("a task of the desk failed", kind=type(error).__name__, reason=str(error))
        self._failure = self._failure or error
        self._stopping.set()

    _failure: BaseException | None = None

    async def _end(self) -> None:
        self._stopping.set()
        for asked in tuple(self._asked):
            if not asked.done():
                asked.set_result(None)
        while self._beside:  # one that was about to be given something may overhear it once
            for task in tuple(self._beside):
                task.cancel()
            await asyncio.wait(tuple(self._beside), timeout=ENDS)
        await self.wires.close()
        with contextlib.suppress(JournalUnavailable):
            if self._unwritten:
                await self.journal.append(self._unwritten)
                await self._forget()
            await self.journal.close()
        if self._failure is not None:
            raise self._failure

    def _stage(self, word: str) -> None:
        if self.around.stage is not None:
            self.around.stage(word)

    def _tell_people(self, notice: Notice) -> None:
        level = {"info": log.info, "warning": log.warning}.get(notice.level, log.error)
        level(notice.text, topic=notice.topic)
        if self.around.notifier is not None:
            self.around.notifier.notify(notice)

    # --- how others hold it -----------------------------------------------------------------------

    def view(self) -> DeskView:
        """Return what the desk shows now."""
        return self.controller.view(self.around.clock())

    async def tell(self, order: Order, *, by: str, subject: str = "", reason: str = "") -> Reply:
        """Give an order; returns when it is durable and its effects have begun."""
        if self._stopping.is_set():
            return self._too_late(order)
        told = Told(time=self.around.clock(), order=order, by=by, subject=subject, reason=reason)
        heard: Asked = asyncio.get_running_loop().create_future()
        self._asked.add(heard)
        heard.add_done_callback(self._asked.discard)
        self._queue.put_nowait((told, heard))
        return await heard or self._too_late(order)

    def _too_late(self, order: Order) -> Reply:
        words = f"{order}: not done; the desk has ended, and the hedge stays as it is"
        return Reply(accepted=False, state=self.controller.standing.state, words=words)

    def why(self, leg: str | None, last: int) -> Sequence[DecisionView]:
        """Return the last decisions, oldest first."""
        return self.controller.why(leg, last)

    async def journal_tail(self, count: int) -> Sequence[Record]:
        """Return the last records, oldest first."""
        return tuple(self._tail)[-count:] if count else ()

    async def subscribe(self) -> AsyncIterator[DeskView]:
        """Yield views as the desk moves; views missed are not kept."""
        while not self._stopping.is_set():
            yield self.view()
            await asyncio.sleep(VIEWS)


def check_past(records: Sequence[Record], setup: Setup) -> None:
    """Refuse a journal that another kind of desk wrote.

    Paper money and real money are never one book, and facts know their legs by number.
    """
    for record in reversed(records):
        if record.kind != "started":
            continue
        before, legs = record.body["mode"], record.body.get("legs", [])
        if before != setup.mode:
            raise JournalError(
                f"the journal of desk {setup.name!r} was written in {before}, and this desk runs "
                f"in {setup.mode}; give it another name or journal under [live]"
            )
        now = setup.leg_names
        for number, leg in enumerate(legs):
            if number >= len(now) or now[number] != leg:
                raise JournalError(
                    f"the journal of desk {setup.name!r} knows leg {number + 1} as {leg}, and the "
                    f"config has {now[number] if number < len(now) else 'none'} there; keep the "
                    "order of the hedges and pairs and add new ones at the end (a hedge that is "
                    "no longer wanted gets ratio = 0), or give the desk another name"
                )
        return


def joined(first: QuoteReport, second: QuoteReport) -> QuoteReport:
    """Return two quotes of a symbol as one: the newer numbers, the range of both."""
    gaps = {
        name: getattr(first, name)
        for name in QuoteReport.__dataclass_fields__
        if getattr(second, name) is None
    }
    marks = [
        mark
        for quote in (first, second)
        for mark in (quote.mark, quote.high, quote.low)
        if mark is not None
    ]
    bounds = {"high": max(marks), "low": min(marks)} if marks else {}
    return replace(second, **{**gaps, **bounds})
