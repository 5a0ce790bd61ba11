"""The desk's job: quotes by the thousand, a hedge that is turned at every decision."""

import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

import numpy as np

from benchmarks import jobs
from benchmarks.desk_venue import PromptVenue
from hedgerow.adapters.journal.sqlite import SqliteJournal
from hedgerow.execution.effects import Place
from hedgerow.execution.order import Listing
from hedgerow.execution.port import QuoteReport
from hedgerow.execution.style import Style
from hedgerow.ledger.journal import Draft, Journal, Record
from hedgerow.live.controller import Care, Controller
from hedgerow.live.effects import Outcome
from hedgerow.live.guards.limits import GuardLimits
from hedgerow.live.setup import Setup
from hedgerow.live.signals import Clock, Signal, signal_time
from hedgerow.live.view import State
from hedgerow.policies.base import policy
from hedgerow.units import SECOND, Floats

START = 1_704_067_200 * SECOND
PER_SECOND = 50  # quotes
TICK = SECOND // 4  # between two looks at the clock, as in the running desk
PRICE = 60_000.0
VENUE, ACCOUNT, SYMBOL = "prompt", "venue", "BTC/USDT:USDT"


@policy
def turning(exposure, memory, *, share=0.05):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
    """Hold the whole hedge and a little less of it in turn, so that every decision trades."""
    if memory == 0.0:
        return -exposure, 1.0
    return -exposure * (1.0 - share), 0.0


def setup(cadence: int) -> Setup:
    """Return the task: 120 coins, ten tiers, margin checked at each decision."""
    terms = jobs.terms(turning(), 1.0, full=True)
    listing = Listing(
        venue=VENUE,
        account=ACCOUNT,
        symbol=SYMBOL,
        tick=Decimal("0.1"),
        lot=Decimal(repr(jobs.LOT)),
        minimum_notional=Decimal(5),
    )
    return Setup(
        name="bench",
        mode="paper",
        terms=terms,
        venues={ACCOUNT: VENUE},
        listings=(listing,),
        styles=(Style(route="taker", slice_pause=0),),
        cadence=cadence,
    )


def prices(count: int, seed: int = 5) -> Floats:
    """Return a walk in dimes around `PRICE`, ``(count,)``."""
    steps = np.random.default_rng(seed).normal(0.0, 1.0, count)
    return np.asarray(np.round(PRICE + np.cumsum(steps), 1))


def quotes(walk: Floats, start: int = START) -> Iterator[QuoteReport]:
    """Yield a quote for each price, `PER_SECOND` a second."""
    apart = SECOND // PER_SECOND
    for number, price in enumerate(walk.tolist()):
        now = start + number * apart
        yield QuoteReport(
            venue=VENUE,
            symbol=SYMBOL,
            time=now,
            received=now,
            bid=price,
            ask=price + 0.1,
            mark=price,
            index=price,
            funding=1e-4,
            interval_hours=8.0,
        )


def with_clock(given: Iterator[QuoteReport]) -> Iterator[Signal]:
    """Yield quotes with a look at the clock between them, every `TICK`."""
    due = 0
    for quote in given:
        yield quote
        if quote.received >= due:
            due = quote.received + TICK
            yield Clock(time=quote.received)


GUARDED = Care(guards=GuardLimits(), start=State.TRADING)


class Rig:
    """A desk, a journal and a venue that answers at once; guards and audits where there is care."""

    def __init__(self, journal: Journal, cadence: int, care: Care | None = GUARDED) -> None:
        task = setup(cadence)
        self.journal = journal
        self.venue = PromptVenue("USDT", task.terms.accounts[0].deposit)
        self.controller = Controller(task, care=care)
        self.placed: list[float] = []  # seconds from a signal to the order it led to
        self.committed: list[float] = []  # seconds of each write to the journal

    async def begin(self) -> None:
        """Open the journal and let the desk begin, or ask what it must know before it does."""
        await self.journal.open("benchmark")
        if self.controller.care is None:
            begun = self.controller.begin(START, State.TRADING, "benchmark")
        else:
            begun = self.controller.start(START)
        await self._carry(begun, START)

    async def tell(self, signal: Signal) -> None:
        """Give the desk a signal and do what follows."""
        if isinstance(signal, QuoteReport):
            self.venue.quote = signal
        begun = time.perf_counter()
        outcome = self.controller.handle(signal)
        if outcome.drafts or outcome.effects:
            taken = time.perf_counter() - begun
            if any(isinstance(effect, Place) for effect in outcome.effects):
                self.placed.append(taken)
            await self._carry(outcome, signal_time(signal))

    async def _carry(self, outcome: Outcome, now: int) -> None:
        if outcome.drafts:
            begun = time.perf_counter()
            await self.journal.append(outcome.drafts)
            self.committed.append(time.perf_counter() - begun)
        for effect in outcome.effects:
            for answer in self.venue.answers(effect, now):
                await self.tell(answer)


class Unsealed:
    """A journal that keeps nothing: what a peer without one is held against."""

    async def open(self, holder: str) -> Sequence[Record]:
        """Return no past."""
        del holder
        return ()

    async def append(self, drafts: Sequence[Draft]) -> Sequence[Record]:
        """Forget them."""
        del drafts
        return ()

    async def renew(self) -> None:
        """Do nothing."""

    async def holder(self) -> str:
        """Return nobody."""
        return ""

    async def read(self, after: int = 0) -> AsyncIterator[Record]:
        """Yield nothing."""
        nothing: tuple[Record, ...] = ()
        for record in nothing[after:]:
            yield record

    async def close(self) -> None:
        """Do nothing."""


@contextmanager
def on_disk() -> Iterator[SqliteJournal]:
    """Give a journal in a file that is gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        yield SqliteJournal(Path(folder) / "desk.journal")
