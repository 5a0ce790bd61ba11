"""Walk recorded bars through the whole live desk, in the normative order of one step."""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace

from hedgerow.engine.commands import Alert, Concern
from hedgerow.engine.desk_bar import Bar, Bars
from hedgerow.engine.desk_look import BarLook, look
from hedgerow.engine.events import (
    Duty,
    Event,
    HoldingFlow,
    MarketClosed,
    MarketOpened,
    MarketRanged,
    OrderReject,
    Quote,
    Refusal,
    RulesChanged,
    Tick,
)
from hedgerow.engine.tape import Tape
from hedgerow.engine.terms import Fill as FillTime
from hedgerow.engine.terms import RuleChange
from hedgerow.errors import AccountingError
from hedgerow.execution.effects import Cancel, Notice, Place, Probe
from hedgerow.ledger.journal import Draft, Journal
from hedgerow.live.controller import Controller
from hedgerow.live.effects import LiveEffect, Outcome, SendTransfer
from hedgerow.live.replay.bar_venue import BarVenue
from hedgerow.live.setup import Setup
from hedgerow.live.signals import Probed, Signal, Venue, signal_time
from hedgerow.live.view import State
from hedgerow.units import Times


class Session:
    """A live desk and its paper venue on a virtual clock.

    Parameters
    ----------
    setup
        The desk's task; its styles must send an order whole, as the backtest does.
    settlements
        Instants of the tape's settlements, UTC nanoseconds.
    journal
        Where the desk writes; opened by the caller.
    """

    def __init__(self, setup: Setup, settlements: Times, journal: Journal) -> None:
        self.controller = Controller(setup)
        self.venue = BarVenue(setup.terms, setup.listings, settlements)
        self.journal = journal
        self.looks: list[BarLook] = []
        self.notices: list[Notice] = []
        self.alerts: list[tuple[int, Alert]] = []
        self.refusals: list[OrderReject] = []
        self.records = 0
        self._setup = setup

    async def tell(self, signal: Signal) -> None:
        """Give the desk a signal, make durable what it writes, and do what it asks."""
        await self._carry(self.controller.handle(signal), signal_time(signal))

    async def _carry(self, outcome: Outcome, time: int) -> None:
        waiting = deque([outcome])
        while waiting:
            outcome = waiting.popleft()
            if outcome.drafts:
                self._remember(outcome.drafts)
                self.records += len(await self.journal.append(outcome.drafts))
            for effect in outcome.effects:
                answer = self._do(effect, time)
                if answer is not None:
                    waiting.append(self.controller.handle(answer))

    def _remember(self, drafts: Sequence[Draft]) -> None:
        """Keep what a result shows and no ledger holds."""
        for draft in drafts:
            body = draft.body
            if draft.kind == "alert":
                concern = Concern(body["concern"])
                alert = Alert(concern=concern, place=body["place"], amount=body["amount"])
                self.alerts.append((draft.time, alert))
            elif draft.kind == "given":
                reason = Refusal(body["refusal"])
                self.refusals.append(OrderReject(time=draft.time, leg=body["leg"], reason=reason))

    def _do(self, effect: LiveEffect, time: int) -> Signal | None:
        match effect:
            case Place():
                return self.venue.place(effect.request, time)
            case Cancel():
                return self.venue.cancel(effect.client_id, time)
            case Probe():
                report = self.venue.probe(effect.client_id, time)
                return Probed(time=time, client_id=effect.client_id, report=report)
            case SendTransfer():
                self.venue.transfer(effect, time)
            case Notice():
                self.notices.append(effect)
            case _:
                pass
        return None

    async def begin(self, time: int) -> None:
        """Let the desk trade."""
        await self._carry(self.controller.begin(time, State.TRADING, "replay"), time)

    async def step(self, bar: Bar) -> None:
        """Live one bar."""
        at_close = self._setup.terms.fill is FillTime.CLOSE
        await self._open(bar)
        if not at_close:
            await self._fills(bar)
        await self._inside(bar)
        await self._close(bar)
        if at_close:
            await self._fills(bar)
        if self._setup.terms.checked:
            await self._event(Tick(time=bar.close_time, duty=Duty.COLLATERAL))
        self.venue.pass_on(bar)
        self._agree()
        self.looks.append(look(self.controller.core.desk))

    async def _event(self, event: Event) -> None:
        await self.tell(Venue(time=event.time, event=event))

    async def _open(self, bar: Bar) -> None:
        index = tuple(leg.index_open for leg in bar.legs)
        mark = tuple(leg.mark_open for leg in bar.legs)
        await self._event(MarketOpened(time=bar.time, index=index, mark=mark, worth=bar.worth_open))
        for signal in self.venue.arrivals(bar):
            await self.tell(signal)
        for asset, amount in bar.flows:
            await self._event(HoldingFlow(time=bar.time, asset=asset, amount=amount))
        for signal in self.venue.settlements(bar, inside=False):
            await self.tell(signal)

    async def _fills(self, bar: Bar) -> None:
        for signal in self.venue.fills(bar):
            await self.tell(signal)

    async def _inside(self, bar: Bar) -> None:
        for signal in self.venue.settlements(bar, inside=True):
            await self.tell(signal)
        if not self._setup.terms.checked:
            return
        high = tuple(leg.mark_high for leg in bar.legs)
        low = tuple(leg.mark_low for leg in bar.legs)
        await self._event(MarketRanged(time=bar.time, high=high, low=low))
        for event in self.venue.forced(bar):
            await self._event(event)

    async def _close(self, bar: Bar) -> None:
        quotes = tuple(
            Quote(leg.mark, leg.index_close, leg.volatility, leg.predicted, leg.interval)
            for leg in bar.legs
        )
        await self._event(MarketClosed(time=bar.close_time, quotes=quotes, worth=bar.worth))
        if bar.years > 0.0:
            await self._event(Tick(time=bar.close_time, duty=Duty.INTEREST, years=bar.years))
            for signal in self.venue.charges(bar):
                await self.tell(signal)
        await self._event(Tick(time=bar.close_time, duty=Duty.HEDGE))

    async def adopt(self, change: RuleChange, time: int) -> None:
        """Let the venue apply other rules, and tell the desk."""
        self._setup = replace(self._setup, terms=change.terms)
        self.venue.adopt(change.terms)
        await self._event(RulesChanged(time=time, terms=change.terms))

    def _agree(self) -> None:
        """Refuse to go on if venue and desk disagree on a wallet or a position."""
        books = self.controller.core.desk.books
        ours = [[purse.wallet, *purse.pledges] for purse in books.purses]
        held = [(position.lots, position.entry) for position in books.positions]
        if ours != self.venue.wallets or held != self.venue.held:
            raise AccountingError(
                f"desk and venue disagree: wallets {ours} and {self.venue.wallets}, positions "
                f"{held} and {self.venue.held}; this is a defect of the program"
            )


async def live_through(
    session: Session,
    tape: Tape,
    changes: tuple[RuleChange, ...] = (),
    progress: Callable[[float], None] | None = None,
    lane: int = 0,
) -> None:
    """Walk a tape through a session, as lane `lane` of it."""
    bars = Bars(tape, lane)
    due = {change.step: change for change in changes}
    count = len(bars)
    await session.begin(bars.at(0).time)
    for step in range(count):
        bar = bars.at(step)
        if step in due:
            await session.adopt(due[step], bar.time)
        await session.step(bar)
        if progress is not None and step % 240 == 0:
            progress((step + 1) / count)
