"""The desk: events in, commands out, and a ledger of what happened in between.

It reads no clock, no network and no random source: the same events give the same bytes. Recorded
bars, paper and live trading drive it alike.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from hedgerow.engine.commands import Alert, CancelOrder, Command, Concern, TransferCollateral
from hedgerow.engine.desk_books import RESERVE, Books, fold
from hedgerow.engine.desk_collateral import call_of
from hedgerow.engine.desk_margin import FLAT, worst_room
from hedgerow.engine.desk_market import Market
from hedgerow.engine.desk_note import write_note
from hedgerow.engine.desk_orders import Bound, decide
from hedgerow.engine.desk_policy import Adviser
from hedgerow.engine.desk_scribe import (
    Move,
    brought,
    converted,
    covered,
    loan,
    overdrawn,
    settled,
    traded,
)
from hedgerow.engine.desk_terms import in_floats
from hedgerow.engine.desk_treasury import Raise, declared, interest, raised
from hedgerow.engine.events import (
    AccountFlow,
    Conversion,
    Deleveraging,
    Duty,
    Event,
    Fill,
    FundingSettled,
    GoalShifted,
    HoldingFlow,
    Liquidation,
    LossCovered,
    MarketClosed,
    MarketOpened,
    MarketRanged,
    OrderAck,
    OrderReject,
    Overdraft,
    RulesChanged,
    Tick,
    Transfer,
)
from hedgerow.engine.terms import AccountTerms, Funds, Terms
from hedgerow.ledger import EntryKind, Ledger, LedgerEntry

Commands: TypeAlias = tuple[Command, ...]
_DUST = 1e-9  # of a call: what rounding may leave unmet


class Plan(NamedTuple):
    """What became of the last look at one leg; base coin but for `wanted`."""

    waiting: float = 0.0  # lots on order
    acknowledged: bool = False
    wanted: float = 0.0  # notional asked for at this close, settle asset
    goal: float = 0.0
    exposure: float = 0.0
    residual: float = 0.0
    held: float = 0.0
    target: float = 0.0  # what the policy asked for
    bound: Bound = Bound.CONTENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a desk has in mind that has not happened: with the ledger, all it takes to go on.

    `memory` is the policy's, one tuple a leg; `unmet` the accounts whose call stands.
    """

    plans: tuple[Plan, ...]
    memory: tuple[tuple[float, ...], ...]
    unmet: frozenset[int]
    market: Market
    headroom: tuple[float, ...]


class Desk:
    """A hedging desk for one book.

    Parameters
    ----------
    terms
        What it is asked to do.
    entries, standing
        Of a desk that stopped, to go on where it did.
    """

    __slots__ = (
        "_adviser",
        "_books",
        "_headroom",
        "_ledger",
        "_market",
        "_plans",
        "_unmet",
        "terms",
    )

    def __init__(
        self, terms: Terms, entries: Iterable[LedgerEntry] = (), standing: Standing | None = None
    ) -> None:
        self.terms = in_floats(terms)
        self._ledger = Ledger(entries)
        self._books = fold(self.terms, self._ledger)
        self._market = Market() if standing is None else standing.market
        self._plans = [Plan() for _ in terms.legs] if standing is None else [*standing.plans]
        self._adviser = Adviser(self.terms, () if standing is None else standing.memory)
        self._unmet: set[int] = set() if standing is None else set(standing.unmet)
        self._headroom = (FLAT,) * len(terms.accounts) if standing is None else standing.headroom

    @property
    def ledger(self) -> Ledger:
        """What happened; append-only."""
        return self._ledger

    @property
    def books(self) -> Books:
        """What the ledger adds up to."""
        return self._books

    @property
    def market(self) -> Market:
        """What the desk last heard of the market."""
        return self._market

    @property
    def standing(self) -> Standing:
        """What the desk has in mind."""
        return Standing(
            plans=tuple(self._plans),
            memory=self._adviser.memory,
            unmet=frozenset(self._unmet),
            market=self._market,
            headroom=self._headroom,
        )

    @property
    def memory(self) -> tuple[tuple[float, ...], ...]:
        """What the policy keeps, one tuple a leg."""
        return self._adviser.memory

    @property
    def plans(self) -> tuple[Plan, ...]:
        """What became of the last look at each leg."""
        return tuple(self._plans)

    @property
    def headroom(self) -> tuple[float, ...]:
        """Worst headroom of each account in the last bar, before any liquidation."""
        return self._headroom

    def write(self, entry: LedgerEntry) -> None:
        """Add an entry that a desk with the same past wrote, as a restart does."""
        self._write(entry)

    def stand(self, standing: Standing) -> None:
        """Have in mind what a desk with the same past had; the market stays as it is known."""
        self._plans = [*standing.plans]
        shifts = self._adviser.shifts
        self._adviser = Adviser(self.terms, standing.memory)
        self._adviser.shifts = shifts
        self._unmet = set(standing.unmet)

    def handle(self, event: Event) -> Commands:
        """Take in one event; return what to do about it."""
        match event:
            case MarketOpened():
                self._market = self._market.opened(event)
                return () if len(self._ledger) else self._open(event)
            case MarketRanged():
                return self._watch(event)
            case MarketClosed():
                self._market = self._market.closed(event)
                return ()
            case Tick():
                return self._tick(event)
            case FundingSettled():
                return self._settle(event)
            case Fill():
                self._plan(event.leg, waiting=event.left, acknowledged=event.left != 0.0)
                self._write(traded(self._books, event))
                return ()
            case Deleveraging():
                self._write(traded(self._books, event))
                return ()
            case Conversion():
                self._move(converted(self._books, event), event.time)
                return ()
            case Liquidation():
                self._write(traded(self._books, event))
                return self._drop_orders(self.terms.legs[event.leg].account)
            case Overdraft():
                self._write(overdrawn(self._books, event, self._market.worth).at(event.time))
                return ()
            case LossCovered():
                move = covered(self._books, event.account, event.amount, event.worth)
                self._write(move.at(event.time))
                return ()
            case OrderAck():
                self._plan(event.leg, acknowledged=True)
                return ()
            case OrderReject():
                self._plan(event.leg, waiting=0.0, acknowledged=False)
                return ()
            case Transfer():
                return self._arrive(event)
            case HoldingFlow():
                return self._flow(event)
            case AccountFlow():
                self._write(brought(self._books, event, self._market.worth).at(event.time))
                return ()
            case GoalShifted():
                self._adviser.shifts[event.leg] = event.amount
                return ()
            case RulesChanged():
                self.terms = self._books.terms = in_floats(event.terms)
                return ()

    def _write(self, entry: LedgerEntry) -> None:
        self._ledger.append(entry)
        self._books.book(entry)

    def _move(self, moves: Iterable[Move], time: int) -> None:
        for move in moves:
            if move.cash != 0.0:
                self._write(move.at(time))

    def _plan(self, leg: int, *, waiting: float | None = None, acknowledged: bool) -> None:
        plan = self._plans[leg]
        lots = plan.waiting if waiting is None else waiting
        if lots != plan.waiting or acknowledged is not plan.acknowledged:
            self._plans[leg] = plan._replace(waiting=lots, acknowledged=acknowledged)

    def _unit(self, account: AccountTerms) -> float:
        """Return the worth of one unit of an account's collateral."""
        return self._market.worth[self.terms.assets.index(account.collateral)]

    def _open(self, event: MarketOpened) -> Commands:
        """Open the book: holdings, owned deposits and reserves, then what must be raised."""
        self._move(declared(self.terms, event.worth), event.time)
        for number, account in enumerate(self.terms.accounts):
            if account.deposit_from is not Funds.OWNED and account.deposit > 0.0:
                wish = Raise(
                    account=number,
                    amount=account.deposit,
                    funds=account.deposit_from,
                    into=account.name,
                )
                self._move(raised(self._books, event.worth, wish), event.time)
        return tuple(
            TransferCollateral(
                account=number,
                amount=purse.wallet,
                pledges=tuple(purse.pledges),
                delay_seconds=0.0,
                opening=True,
            )
            for number, purse in enumerate(self._books.purses)
            if purse.wallet > 0.0 or any(purse.pledges)
        )

    def _watch(self, event: MarketRanged) -> Commands:
        self._headroom = tuple(
            worst_room(self._books, self._market, account, event).headroom
            for account in range(len(self.terms.accounts))
        )
        return tuple(
            Alert(concern=Concern.BREACH, place=account, amount=headroom)
            for account, headroom in enumerate(self._headroom)
            if headroom < 0.0
        )

    def _settle(self, event: FundingSettled) -> Commands:
        # What a venue says it paid is booked, though the position has gone since.
        if self._books.positions[event.leg].lots != 0.0 or event.cash is not None:
            asset = self.terms.assets.index(self.terms.legs[event.leg].settle)
            self._write(settled(self._books, event, self._market.worth[asset]))
        return ()

    def _drop_orders(self, account: str) -> Commands:
        """Withdraw what waits in an account that was liquidated: it was meant for another one."""
        dropped = [
            number
            for number, leg in enumerate(self.terms.legs)
            if leg.account == account and self._plans[number].waiting != 0.0
        ]
        for leg in dropped:
            self._plan(leg, waiting=0.0, acknowledged=False)
        return tuple(CancelOrder(leg=leg) for leg in dropped)

    def _arrive(self, event: Transfer) -> Commands:
        account, purse = self.terms.accounts[event.account], self._books.purses[event.account]
        inward = event.amount > 0.0
        repaid = 0.0 if inward else min(-event.amount, purse.debt)
        worth = self._unit(account)
        arrival = Move(
            kind=EntryKind.ARRIVAL,
            account=account.name if inward else RESERVE,
            unit=account.collateral,
            cash=abs(event.amount),
            value=abs(event.amount) * worth,
            note=write_note(account.name, repaid=repaid),
        )
        self._write(arrival.at(event.time))
        self._move(loan(self._books, event.account, -repaid, worth, RESERVE), event.time)
        return ()

    def _flow(self, event: HoldingFlow) -> Commands:
        move = Move(
            kind=EntryKind.FLOW,
            account="holding",
            unit=self.terms.assets[event.asset],
            cash=event.amount,
            value=event.amount * self._market.worth[event.asset],
            quantity=event.amount,
        )
        self._write(move.at(event.time))
        return ()

    def _tick(self, event: Tick) -> Commands:
        if event.duty is Duty.HEDGE:
            return self._hedge(event.time)
        if event.duty is Duty.COLLATERAL:
            return self._fund(event.time)
        self._move(interest(self._books, self._market.worth, event.years), event.time)
        return ()

    def _hedge(self, time: int) -> Commands:
        """Ask the policy of every leg, in order, and turn its wishes into orders."""
        commands: list[Command] = []
        for leg, plan in enumerate(self._plans):
            wish = self._adviser.wish(self._books, self._market, leg, plan.waiting, time)
            orders = [each.waiting for each in self._plans]
            decision = decide(self._books, self._market, wish, orders, time)
            same = decision.waiting == plan.waiting
            self._plans[leg] = Plan(
                waiting=decision.waiting,
                acknowledged=plan.acknowledged and same,
                wanted=decision.wanted,
                goal=wish.goal,
                exposure=wish.exposure,
                residual=decision.residual,
                held=wish.held,
                target=wish.target,
                bound=decision.bound,
            )
            commands.extend(decision.commands)
        return tuple(commands)

    def _fund(self, time: int) -> Commands:
        """Look at every account's headroom, and move cash."""
        commands: list[Command] = []
        wanted = [plan.wanted for plan in self._plans]
        for number, account in enumerate(self.terms.accounts):
            call = call_of(self._books, self._market, number, wanted)
            if call is None:
                continue
            if call.amount > 0.0:
                commands.extend(self._top_up(number, call.amount, time))
                continue
            self._unmet.discard(number)
            if call.amount < 0.0:
                self._withdraw(account, -call.amount, time)
                commands.append(_transfer(number, account, call.amount))
        return tuple(commands)

    def _top_up(self, number: int, call: float, time: int) -> list[Command]:
        """Meet a call from the reserve, then from the line; say what stays unmet."""
        account, purse = self.terms.accounts[number], self._books.purses[number]
        own = min(call, purse.reserve)
        more = min(call - own, purse.line)
        if more > 0.0:
            wish = Raise(account=number, amount=more, funds=account.reserve_from, into=RESERVE)
            self._move(raised(self._books, self._market.worth, wish), time)
        sent = own + purse.raised
        commands: list[Command] = []
        if sent > 0.0:
            move = Move(
                kind=EntryKind.TOP_UP,
                account=RESERVE,
                unit=account.collateral,
                cash=-sent,
                value=-sent * self._unit(account),
                note=write_note(account.name, own=own),
            )
            self._write(move.at(time))
            commands.append(_transfer(number, account, sent))
        short = call - sent
        if short > _DUST * call and number not in self._unmet:
            self._unmet.add(number)
            commands.append(Alert(concern=Concern.UNMET, place=number, amount=short))
        return commands

    def _withdraw(self, account: AccountTerms, amount: float, time: int) -> None:
        move = Move(
            kind=EntryKind.WITHDRAWAL,
            account=account.name,
            unit=account.collateral,
            cash=-amount,
            value=-amount * self._unit(account),
        )
        self._write(move.at(time))


def _transfer(number: int, account: AccountTerms, amount: float) -> TransferCollateral:
    return TransferCollateral(account=number, amount=amount, delay_seconds=account.delay_seconds)
