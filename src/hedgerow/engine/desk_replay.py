"""Walk a tape through a desk, in the normative order of one step."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from hedgerow.engine.commands import Alert, CancelOrder, Command, PlaceOrder, TransferCollateral
from hedgerow.engine.desk import Desk
from hedgerow.engine.desk_bar import Bar, Bars
from hedgerow.engine.desk_look import BarLook, look
from hedgerow.engine.desk_venue import Venue
from hedgerow.engine.events import (
    Duty,
    Event,
    HoldingFlow,
    MarketClosed,
    MarketOpened,
    MarketRanged,
    OrderReject,
    Quote,
    RulesChanged,
    Tick,
    Transfer,
)
from hedgerow.engine.tape import Tape
from hedgerow.engine.terms import Fill as FillTime
from hedgerow.engine.terms import RuleChange, Terms
from hedgerow.errors import AccountingError
from hedgerow.ledger import Ledger


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DeskRun:
    """What a desk leaves behind.

    Attributes
    ----------
    desk
        As it stands after the last bar, to look at or to go on with.
    looks
        One a bar, at its close.
    alerts, rejects
        With their instants, UTC nanoseconds.
    events
        How many the desk took in.
    """

    desk: Desk
    looks: tuple[BarLook, ...]
    alerts: tuple[tuple[int, Alert], ...]
    rejects: tuple[OrderReject, ...]
    events: int

    @property
    def ledger(self) -> Ledger:
        """What happened."""
        return self.desk.ledger


@dataclass(slots=True)
class Replay:
    """A desk, the venue it trades on and the transfers between them."""

    terms: Terms
    desk: Desk = field(init=False)
    venue: Venue = field(init=False)
    transfers: dict[int, tuple[float, float]] = field(init=False)  # account: amount, arrival s
    looks: list[BarLook] = field(init=False)
    alerts: list[tuple[int, Alert]] = field(init=False)
    rejects: list[OrderReject] = field(init=False)
    events: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self.desk = Desk(self.terms)
        self.venue = Venue(self.terms)
        self.transfers = {}
        self.looks = []
        self.alerts = []
        self.rejects = []

    def tell(self, event: Event) -> None:
        """Give the desk an event and do what it asks."""
        self.events += 1
        if isinstance(event, OrderReject):
            self.rejects.append(event)
        for command in self.desk.handle(event):
            self._obey(command, event.time)

    def _obey(self, command: Command, time: int) -> None:
        match command:
            case PlaceOrder():
                self.tell(self.venue.take_order(command.leg, command.lots, time))
            case CancelOrder():
                self.venue.cancel(command.leg)
            case TransferCollateral():
                self._transfer(command, time)
            case Alert():
                self.alerts.append((time, command))

    def _transfer(self, command: TransferCollateral, time: int) -> None:
        if command.opening or command.amount < 0.0:
            self.venue.credit(command.account, command.amount)
            self.venue.pledge(command.account, command.pledges)
        if not command.opening:
            arrival = time // 1_000_000_000 + command.delay_seconds
            self.transfers[command.account] = (command.amount, arrival)

    def adopt(self, terms: Terms, time: int) -> None:
        """Let the venue apply other rules, and tell the desk."""
        self.terms = terms
        self.venue.adopt(terms)
        self.tell(RulesChanged(time=time, terms=terms))

    def step(self, bar: Bar) -> None:
        """Live one bar."""
        self._open(bar)
        at_close = self.terms.fill is FillTime.CLOSE
        if not at_close:
            self._fills(bar)
        self._inside(bar)
        self._close(bar)
        if at_close:
            self._fills(bar)
        if self.terms.checked:
            self.tell(Tick(time=bar.close_time, duty=Duty.COLLATERAL))
        self._reconcile()
        self.looks.append(look(self.desk))

    def _open(self, bar: Bar) -> None:
        index = tuple(leg.index_open for leg in bar.legs)
        mark = tuple(leg.mark_open for leg in bar.legs)
        self.tell(MarketOpened(time=bar.time, index=index, mark=mark, worth=bar.worth_open))
        for account in sorted(self.transfers):
            amount, arrival = self.transfers[account]
            if arrival <= bar.time // 1_000_000_000:
                del self.transfers[account]
                if amount > 0.0:
                    self.venue.credit(account, amount)
                self.tell(Transfer(time=bar.time, account=account, amount=amount))
        for asset, amount in bar.flows:
            self.tell(HoldingFlow(time=bar.time, asset=asset, amount=amount))
        self._settle(bar, inside=False)

    def _settle(self, bar: Bar, *, inside: bool) -> None:
        for settlement in bar.settlements:
            if settlement.inside == inside:
                self.tell(self.venue.settle(settlement, bar.time))

    def _fills(self, bar: Bar) -> None:
        for leg in range(len(self.terms.legs)):
            event = self.venue.try_order(bar, leg)
            if event is not None:
                self.tell(event)

    def _inside(self, bar: Bar) -> None:
        self._settle(bar, inside=True)
        if not self.terms.checked:
            return
        high = tuple(leg.mark_high for leg in bar.legs)
        low = tuple(leg.mark_low for leg in bar.legs)
        self.tell(MarketRanged(time=bar.time, high=high, low=low))
        for account in range(len(self.terms.accounts)):
            for event in self.venue.watch(bar, account):
                self.tell(event)
        for leg in range(len(self.terms.legs)):
            taken = self.venue.deleverage(bar, leg)
            if taken is not None:
                self.tell(taken)

    def _close(self, bar: Bar) -> None:
        quotes = tuple(
            Quote(leg.mark, leg.index_close, leg.volatility, leg.predicted, leg.interval)
            for leg in bar.legs
        )
        self.tell(MarketClosed(time=bar.close_time, quotes=quotes, worth=bar.worth))
        if bar.years > 0.0:
            self.tell(Tick(time=bar.close_time, duty=Duty.INTEREST, years=bar.years))
            for event in self.venue.charge(bar):
                self.tell(event)
        self.tell(Tick(time=bar.close_time, duty=Duty.HEDGE))

    def _reconcile(self) -> None:
        """Refuse to go on if venue and desk disagree on a wallet or a position."""
        books = self.desk.books
        ours = [[purse.wallet, *purse.pledges] for purse in books.purses]
        held = [(position.lots, position.entry) for position in books.positions]
        theirs = [(position.lots, position.entry) for position in self.venue.held]
        kept = [
            [has, *more] for has, more in zip(self.venue.wallets, self.venue.pledges, strict=True)
        ]
        if ours != kept or held != theirs:
            raise AccountingError(
                f"desk and venue disagree: wallets {ours} and {kept}, "
                f"positions {held} and {theirs}; this is a defect of the program"
            )


def replay_desk(
    tape: Tape, terms: Terms, lane: int = 0, changes: Sequence[RuleChange] = ()
) -> DeskRun:
    """Run one book over a tape, event by event, as lane `lane` of it."""
    replay = Replay(terms)
    bars = Bars(tape, lane)
    due = {change.step: change.terms for change in changes}
    for step in range(len(bars)):
        bar = bars.at(step)
        if step in due:
            replay.adopt(due[step], bar.time)
        replay.step(bar)
    return DeskRun(
        desk=replay.desk,
        looks=tuple(replay.looks),
        alerts=tuple(replay.alerts),
        rejects=tuple(replay.rejects),
        events=replay.events,
    )
