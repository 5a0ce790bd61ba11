"""The core of the live desk: the engine's desk decides how much, the dealer works the orders.

Everything it learns it writes down as facts; `apply` of the same facts gives the same core. What
orders may be sent is set from outside (`allowed`), by whoever watches guards and states.
"""

from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from hedgerow.engine.commands import (
    Alert,
    CancelOrder,
    Command,
    PlaceOrder,
    TransferCollateral,
)
from hedgerow.engine.desk import Desk, Plan
from hedgerow.engine.events import (
    AccountFlow,
    Duty,
    Event,
    Fill,
    GoalShifted,
    LossCovered,
    OrderReject,
    Overdraft,
    Refusal,
    Tick,
)
from hedgerow.execution.client_id import mark
from hedgerow.execution.dealer import Dealer, Permission, Touch
from hedgerow.execution.effects import Given, Moved, Notice
from hedgerow.execution.machine import Step
from hedgerow.execution.order import (
    Cause,
    FundingReport,
    OrderReport,
    OrderStatus,
    TradeReport,
)
from hedgerow.execution.port import CashKind, CashReport, Facts, TransferReport
from hedgerow.ledger.journal import Draft, Record
from hedgerow.live.booking import Around, paid, traded
from hedgerow.live.cash_book import CashBook
from hedgerow.live.decisions import decision, decision_draft, same_decision
from hedgerow.live.effects import LiveEffect, Outcome
from hedgerow.live.entries import entry_draft, entry_of
from hedgerow.live.foreign_fees import ForeignFees, question, unvalued
from hedgerow.live.leg_sums import AllSums
from hedgerow.live.market_view import MarketView
from hedgerow.live.setup import Setup
from hedgerow.live.signals import CallFailed, Probed
from hedgerow.live.spot_booking import account_of, coin_of, exchanged
from hedgerow.live.transfers import Transfers
from hedgerow.live.words import alert_notice
from hedgerow.market.instrument import parse_symbol
from hedgerow.units import MINUTE

DECISION_EVERY: Final = 5 * MINUTE  # between two records of the same decision
KEPT: Final = 40  # decisions and notices in memory
TRADES_KEPT: Final = 10  # decisions that ordered, which others must not push out
FEE_ROOM: Final = Decimal("1.05")  # a liquidation's fee is of its own price, which may differ
NAMES_KEPT: Final = 20_000  # orders and trades that are known when they come again
QUIET: Final = Outcome()
_REFUSALS: Final = {
    "outage": Refusal.OUTAGE,
    "breach": Refusal.BREACH,
    "expired": Refusal.EXPIRED,
}


class Core:
    """Desk and dealer of one setup, and the facts between them."""

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        self.desk = Desk(setup.terms)
        self.dealer = Dealer(setup.listings, setup.styles, setup.limits, setup.name)
        self.market = MarketView(setup.terms, setup.listings)
        self.decisions: deque[tuple[int, Mapping[str, Any]]] = deque(maxlen=KEPT)
        self.ordered: deque[tuple[int, Mapping[str, Any]]] = deque(maxlen=TRADES_KEPT)
        self.notices: deque[tuple[int, Notice]] = deque(maxlen=KEPT)
        self.counters: Counter[str] = Counter()
        self.now = 0
        self.allowed = Permission.NONE
        self.held_back = "the desk has not begun"
        self.answered: dict[int, str] = {}  # of those blocked, the ones an answer did
        self.blocked: dict[int, str] = {}  # legs that may add no risk, and why
        self.blind: dict[str, str] = {}  # accounts whose books are not seen to be right, and why
        self.changed: dict[tuple[str, str], int] = {}  # by account and symbol or currency: when
        self.transfers = Transfers(self)
        self.sums = AllSums(setup.listings)
        self.outcomes: Counter[str] = Counter()
        self._drafts: list[Draft] = []
        self._effects: list[LiveEffect] = []
        self._memory = self.desk.standing.memory
        self._last: dict[int, tuple[int, Mapping[str, Any]]] = {}  # decision by leg
        self.happened: list[tuple[int, TradeReport]] = []  # past the desk, not yet answered
        self._mark = mark(setup.name)
        self._refused: dict[int, tuple[str, int]] = {}  # by leg: what was written last, and when
        self._arrival = [0.0 for _ in setup.listings]
        self.paired = setup.paired
        self._shifts: list[dict[str, float]] = [{} for _ in setup.terms.legs]  # of goals, by why
        self._written = 0  # entries of the ledger that are drafted
        self._paid: set[str] = set()  # keys of funding payments
        self.fees_due: dict[str, Decimal] = {}  # by account: the most that liquidations may cost
        self.stale_after = 0  # age beyond which best prices open nothing; 0 for any age
        self.finishing: frozenset[int] = frozenset()  # legs of pairs that must not stay naked
        self.fees = ForeignFees()
        self.cash = CashBook(setup)
        self._booked: dict[str, None] = {}  # keys of the last trades, whoever made them
        self._ids: dict[str, None] = {}  # client ids of the last intents
        self._foreign: set[str] = set()  # keys of trades that no order of ours made
        self._legs = {
            (listing.account, listing.symbol): number
            for number, listing in enumerate(setup.listings)
        }

    def told_decisions(self) -> list[tuple[int, Mapping[str, Any]]]:
        """Return the last decisions, oldest first, and the last that ordered among them."""
        first = self.decisions[0][0] if self.decisions else 0
        return [*(one for one in self.ordered if one[0] < first), *self.decisions]

    def collected(self) -> Outcome:
        """Return what has been written and asked for since the last time."""
        if not (self._drafts or self._effects):
            return QUIET
        outcome = Outcome(tuple(self._drafts), tuple(self._effects))
        self._drafts, self._effects = [], []
        return outcome

    # --- the fold ---------------------------------------------------------------------------------

    def apply(self, fact: Draft | Record) -> None:
        """Change the state by one fact."""
        match fact.kind:
            case "entry":
                entry = entry_of(fact.body)
                self.desk.write(entry)
                self.sums.add(entry)
                self._written = len(self.desk.ledger)
            case "memory":
                memory: list[list[float]] = fact.body["memory"]
                self._memory = tuple(tuple(leg) for leg in memory)
            case _:
                self._apply(fact)
                self._remember(fact)
                self.dealer.apply(fact)
                self.cash.apply(fact)
                self.fees.apply(fact)

    def _remember(self, fact: Draft | Record) -> None:
        """Keep the last names of orders and trades: whatever comes again is known."""
        if fact.kind == "intent":
            _keep(self._ids, fact.key)
        elif fact.kind in {"trade", "foreign"}:
            _keep(self._booked, fact.key)

    def _apply(self, fact: Draft | Record) -> None:
        match fact.kind:
            case "decision":
                self._decided(fact)
            case "funding":
                self._paid.add(fact.key)
                self.sums.of[int(fact.body["leg"])].learn(fact.body)
            case "foreign":
                self._foreign.add(fact.key)
                self._note_liquidation(fact)
            case "difference" | "cash" if _is_liquidation_fee(fact.body):
                self.fees_due.pop(fact.body["account"], None)
            case "sent" | "arrived":
                self.transfers.apply(fact)
            case "blocked":
                self.answered[int(fact.body["leg"])] = fact.body["reason"]
                self.blocked.update(self.answered)
            case "unblocked":
                for leg in self.answered:
                    self.blocked.pop(leg, None)
                self.answered.clear()

    def _decided(self, fact: Draft | Record) -> None:
        """Remember a decision, and the price when something was ordered."""
        body, leg = fact.body, int(fact.body["leg"])
        self.decisions.append((fact.time, body))
        if body["traded"]:
            self.ordered.append((fact.time, body))
        self._last[leg] = (fact.time, body)
        if body["traded"]:
            self._arrival[leg] = body["arrival"]
        if body.get("traded_other"):
            self._arrival[int(body["other"])] = body["arrival_other"]

    def _note_liquidation(self, fact: Draft | Record) -> None:
        """Remember the most that the fee of a liquidation may be; it comes apart from the trade."""
        if fact.body["cause"] != str(Cause.LIQUIDATION) or "price" not in fact.body:
            return
        listing = self.setup.listings[int(fact.body["leg"])]
        if listing.spot:
            return
        amount, price = Decimal(fact.body["amount"]), Decimal(fact.body["price"])
        worth = amount / price if listing.inverse else amount * price
        rate = Decimal(repr(self.desk.terms.legs[int(fact.body["leg"])].liquidation_fee))
        due = self.fees_due.get(listing.account, Decimal(0))
        self.fees_due[listing.account] = due + worth * rate * FEE_ROOM

    def go_on(self) -> None:
        """Have in mind again what the facts say was meant."""
        standing = self.desk.standing
        plans = tuple(Plan(waiting=self._wanted(leg)) for leg in range(len(standing.plans)))
        self.desk.stand(replace(standing, plans=plans, memory=self._memory))

    def _wanted(self, leg: int) -> float:
        """Return the lots that the dealer still aims for."""
        target = self.dealer.target(leg)
        if target is None or leg in self.paired:
            return 0.0
        return float((target - self.dealer.position(leg)) / self.setup.listings[leg].lot)

    def snapshot(self) -> object:
        """Return the whole folded state as plain, comparable values."""
        return (
            self.desk.books,
            self._memory,
            self.dealer.snapshot(),
            frozenset(self._paid),
            frozenset(self._foreign),
            dict(self.transfers.sent),
            self.cash.snapshot(),
            dict(self.fees.unvalued),
        )

    # --- what is told --------------------------------------------------------------------------

    def decide(self, time: int) -> None:
        """Ask the policy, write down what it said and why, and work towards it."""
        self._forget_orders()
        commands = self.desk.handle(Tick(time=time, duty=Duty.HEDGE))
        self._write_entries()
        memory = self.desk.memory
        if memory != self._memory:
            self._memory = memory
            kept = {"memory": [list(leg) for leg in memory]}
            self._drafts.append(Draft(time=time, kind="memory", body=kept))
        ordered = {given.leg: given.lots for given in commands if isinstance(given, PlaceOrder)}
        for leg in range(self.setup.legs):
            if leg in self.paired:
                continue
            band = self.setup.bands[leg] if self.setup.bands else None
            body = decision(self.desk, leg, ordered.get(leg, 0.0), self.why_not(leg), band)
            body["arrival"] = self._middle(leg)
            self.note_decision(body, time)
        self._obey(commands)

    def _forget_orders(self) -> None:
        """Let the desk wait for no order that nobody works on any more, as after a kill."""
        for leg in range(self.setup.legs):
            if self.dealer.target(leg) is None:
                self._reject(leg, "given up", Refusal.HELD)

    def note_decision(self, body: Mapping[str, Any], time: int) -> None:
        """Write a decision down, unless the last one on its leg was the same not long ago."""
        last = self._last.get(int(body["leg"]))
        if last and same_decision(last[1], body) and time - last[0] < DECISION_EVERY:
            return
        self.note(decision_draft(body, time))

    def report(self, report: OrderReport) -> None:
        """Take in what a venue says of an order; where one ended, the next may follow."""
        once = self._sent_once(report)
        if report.status.is_final and self.dealer.knows(report.client_id):
            self.outcomes[str(report.status)] += 1
        refusal = _REFUSALS.get(report.reason, Refusal.REFUSED)
        self.take(self.dealer.report(report, self.now), refusal=refusal)
        if once is not None:
            self.take(self.dealer.drop(once, self.now, report.reason))
            self._reject(once, report.reason, refusal)
        elif report.status.is_final:
            self.tick(self.now)

    def _sent_once(self, report: OrderReport) -> int | None:
        """Return the leg of a refused order whose aim does not outlive it."""
        if report.status is not OrderStatus.REJECTED:
            return None
        for order in self.dealer.working():
            if order.client_id == report.client_id:
                return None if self.setup.styles[order.leg].persists else order.leg
        return None

    def tick(self, time: int) -> None:
        """Let the dealer see the clock and the books."""
        busy = self.dealer.busy()
        if not (busy or self.dealer.breakers()):
            return
        allowed = {leg: self.permission(leg) for leg in busy}
        touches = {leg: self.touch(leg) for leg in busy} if self.desk.market.quotes else {}
        self.take(self.dealer.tick(time, touches, allowed))

    def shift(self, leg: int, why: str, amount: float) -> None:
        """Let a leg hold `amount` more than its policy's goal, base coin, beside other shifts."""
        shifts = self._shifts[leg]
        if amount != shifts.get(why, 0.0):
            shifts[why] = amount
            self.tell(GoalShifted(time=self.now, leg=leg, amount=sum(shifts.values())))

    def permission(self, leg: int) -> Permission:
        """Return what orders of a leg may be sent now."""
        if self.allowed is Permission.NONE and leg in self.finishing:
            return Permission.REDUCE_ONLY
        blind = bool(self.blind) and self.setup.listings[leg].account in self.blind
        if leg in self.blocked or blind or self._is_stale(leg):
            return min(self.allowed, Permission.REDUCE_ONLY)
        return self.allowed

    def _is_stale(self, leg: int) -> bool:
        """Whether a leg's best prices are too old, or crossed, to open anything on."""
        seen = self.market.seen(leg)
        if not self.stale_after or seen is None:
            return False
        old = seen.touch_time > 0 and self.now - seen.touch_time > self.stale_after
        return old or seen.bid > seen.ask > 0.0

    def block(self, leg: int, reason: str) -> None:
        """Let a leg add no risk until `unblock`."""
        self.note(Draft(time=self.now, kind="blocked", body={"leg": leg, "reason": reason}))

    def unblock(self) -> None:
        """Let every leg add risk again that an answer blocked."""
        if self.answered:
            self.note(Draft(time=self.now, kind="unblocked", body={}))

    def why_not(self, leg: int) -> str:
        """Return what stops an order of a leg that adds risk; "" for nothing."""
        stale = "its best prices are too old to open on" if self._is_stale(leg) else ""
        blind = self.blind.get(self.setup.listings[leg].account, "")
        return self.held_back or self.blocked.get(leg, "") or blind or stale

    def trade(self, report: TradeReport) -> None:
        """Take in a trade, of ours or past us; each counts once."""
        leg = self._legs.get((report.account, report.symbol))
        if leg is None:
            return
        key = trade_key(report)
        if key in self._booked:
            return
        self._note_fee(report, leg)
        if report.cause is Cause.OURS and self.dealer.knows(report.client_id):
            self.take(self.dealer.trade(report, self.now), report=report)
            self._change(report.account, report.symbol, leg, report.time)
            return
        late = report.cause is Cause.OURS and self.is_ours(report.client_id)
        if report.cause is Cause.OURS and not late:
            report = replace(report, cause=Cause.MANUAL)
        body = {
            "cause": str(report.cause),
            "leg": leg,
            "amount": str(report.amount),
            "price": str(report.price),
        }
        draft = Draft(time=self.now, kind="foreign", body=body, key=key)
        self.note(draft)
        self._remember(draft)
        listing = self.setup.listings[leg]
        if listing.spot:
            for event in exchanged(self.desk, listing, report, self._around(leg, report)):
                self.tell(event)
            self._hold(leg, self.dealer.position(leg) + report.moved)
        else:
            for event in traded(self.desk, leg, listing, report, self._around(leg, report)):
                self.tell(event)
            self.adopt(leg)
        self._change(report.account, report.symbol, leg, report.time)
        if not late:  # an order that the dealer has long forgotten needs no answer
            self.happened.append((leg, report))

    def is_ours(self, client_id: str) -> bool:
        """Whether a client id is of an order that this desk remembers."""
        return client_id in self._ids

    def listed(self, facts: Facts) -> None:
        """Price orders on the ticks that an account's venue has now."""
        for leg, listing in enumerate(self.setup.listings):
            told = facts.listings.get(listing.symbol)
            if told is not None and listing.account == facts.account:
                self.take(self.dealer.adopt_tick(leg, told.tick, self.now))

    @property
    def recent_ids(self) -> tuple[str, ...]:
        """The client ids of the last orders, oldest first."""
        return tuple(self._ids)

    def _note_fee(self, report: TradeReport, leg: int) -> None:
        """Count a fee in a coin that nobody can value; tell people once, and ask for its price."""
        coin, own = report.fee_currency, self._own(leg)
        known = {own, parse_symbol(report.symbol).base, *self.desk.terms.assets}
        if report.fee == 0 or coin in known or self._fee_price(report, leg) is not None:
            return
        if coin not in self.fees.unvalued:
            text = (
                f"{report.venue} {report.account}: the fee of a trade of {report.symbol} was "
                f"{-report.fee} {coin}, whose price in {own} is not known: such fees are in no "
                f"result, and `hedgerow status` counts them. Have the venue take fees in {own}"
            )
            self.notice(Notice(level="warning", topic="balance-differs", text=text))
        draft = unvalued(report, self.now)
        self.write(draft)
        self.fees.apply(draft)
        self.ask(question(report.venue, coin, own))

    def _fee_price(self, report: TradeReport, leg: int) -> float | None:
        return self.fees.price(report.venue, report.fee_currency, self._own(leg))

    def _own(self, leg: int) -> str:
        """Return what the account of a leg counts in."""
        listing = self.setup.listings[leg]
        if listing.spot:
            return self.desk.terms.accounts[account_of(self.desk, listing)].collateral
        return self.desk.terms.legs[leg].settle

    def ask_fee_prices(self) -> None:
        """Ask what the coins cost that venues like to take fees in."""
        own: dict[str, set[str]] = {}
        for leg, listing in enumerate(self.setup.listings):
            own.setdefault(listing.venue, set()).add(self._own(leg))
        self._effects.extend(self.fees.questions(own))

    def _change(self, account: str, symbol: str, leg: int, time: int) -> None:
        listing = self.setup.listings[leg]
        if listing.spot:
            own = self.desk.terms.accounts[account_of(self.desk, listing)].collateral
            moved = [own, coin_of(listing)]
        else:
            moved = [self.desk.terms.legs[leg].settle]
        for name in (symbol, *moved):
            self.heard_of(account, name, time)

    def heard_of(self, account: str, name: str, time: int) -> None:
        """Remember that what an account holds of something changed."""
        self.changed[account, name] = max(self.changed.get((account, name), 0), time)

    def adopt(self, leg: int) -> None:
        """Let the dealer know what a leg holds now."""
        lots = int(self.desk.books.positions[leg].lots)
        self._hold(leg, lots * self.setup.listings[leg].lot)

    def _hold(self, leg: int, amount: Decimal) -> None:
        self.take(self.dealer.adopt(leg, amount, self.now))

    def funding(self, report: FundingReport) -> None:
        """Take in a funding payment; each counts once."""
        leg = self._legs.get((report.account, report.symbol))
        key = funding_key(report)
        if leg is None or key in self._paid:
            return
        seen = self.market.seen(leg)
        body = {
            "leg": leg,
            "amount": str(report.amount),
            "currency": report.currency,
            "rate": None if report.rate is None else str(report.rate),
            "predicted": None if seen is None else seen.before_settlement,
        }
        self.note(Draft(time=report.settlement, kind="funding", body=body, key=key))
        self.tell(paid(leg, report, seen.mark if seen else 0.0))
        self.heard_of(report.account, self.desk.terms.legs[leg].settle, report.settlement)

    def cash_moved(self, report: CashReport) -> None:
        """Take in cash that came or went past trades and funding; each counts once."""
        found = self.cash.read(report)
        if found is None:
            return
        self.note(found.draft(self.now))
        number = [given.name for given in self.desk.terms.accounts].index(report.account)
        self.heard_of(report.account, report.currency, report.time)
        amount = float(report.amount)
        if found.transfer in self.transfers.sent:  # one of ours whose outcome nobody had told
            self.transfers.take(
                TransferReport(
                    venue=report.venue,
                    account=report.account,
                    currency=report.currency,
                    amount=report.amount,
                    time=report.time,
                    transfer_id=found.transfer,
                )
            )
        elif found.is_news:
            asset = self.desk.terms.assets.index(report.currency)
            own = self.desk.terms.accounts[number].collateral
            if report.kind is CashKind.INSURANCE and report.currency == own:
                self.book_liquidation_fee(number, amount)
            elif report.kind is CashKind.INTEREST:
                self.tell(Overdraft(time=self.now, account=number, asset=asset, amount=amount))
            else:
                self.book_flow(number, asset, amount, str(report.kind))
            self.notice(found.notice())

    def failed(self, failed: CallFailed) -> None:
        """Take in that a request failed."""
        self.counters[f"failed_{failed.failure}"] += 1
        if failed.call == "transfer":
            self.transfers.failed(failed)
        elif failed.client_id:
            self.take(
                self.dealer.failed(
                    failed.client_id,
                    failed.call,
                    failed.failure,
                    failed.reason,
                    failed.time,
                    failed.retry_after,
                )
            )

    def probed(self, probed: Probed) -> None:
        """Take in what became of an order."""
        for report in probed.trades:
            self.trade(report)
        step = self.dealer.probed(probed.client_id, probed.report, probed.trades, probed.time)
        self.take(step)

    def reduce(self, leg: int, lots: int, time: int) -> None:
        """Take lots off a leg's position, whatever its side."""
        held = self.dealer.position(leg)
        less = min(lots * self.setup.listings[leg].lot, abs(held))
        target = held - less if held > 0 else held + less
        step = self.dealer.aim(
            leg, target, self.touch(leg), time, Permission.REDUCE_ONLY, "margin", hurry=True
        )
        self.take(step)

    def book_gap(self, leg: int, lots: float, price: float, *, adopted: bool) -> None:
        """Book a position that differs: what was there before (`adopted`), or a trade unseen."""
        terms, market = self.desk.terms.legs[leg], self.desk.market
        seen = self.market.seen(leg)
        now_mark = seen.mark if seen else price
        worth = market.worth[self.desk.terms.assets.index(terms.settle)]
        fill = Fill(
            time=self.now,
            leg=leg,
            lots=lots,
            price=price if adopted else now_mark,
            reference=now_mark,
            index=seen.index_price if seen else price,
            worth=worth,
            fee=0.0,
            left=0.0 if leg in self.paired else self.desk.plans[leg].waiting,
            adopted=adopted,
        )
        self.tell(fill)
        self.adopt(leg)

    def book_liquidation_fee(self, account: int, amount: float) -> None:
        """Book what the insurance fund took (< 0) after a liquidation."""
        terms, market = self.desk.terms, self.desk.market
        worth = market.worth[terms.assets.index(terms.accounts[account].collateral)]
        self.tell(LossCovered(time=self.now, account=account, amount=amount, worth=worth))

    def book_flow(
        self, account: int, asset: int, amount: float, note: str = "past the desk"
    ) -> None:
        """Book money or coins that somebody moved past the desk."""
        flow = AccountFlow(time=self.now, account=account, asset=asset, amount=amount, note=note)
        self.tell(flow)

    def arrival(self, leg: int) -> float:
        """Return the middle of the book when a leg's last order was decided; 0 for never."""
        return self._arrival[leg]

    def ask(self, effect: LiveEffect) -> None:
        """Ask for something to be done."""
        self._effects.append(effect)

    @property
    def is_flat(self) -> bool:
        """Whether no hedge is held, and nothing is on its way; pairs are closed on their own."""
        legs = (leg for leg in range(self.setup.legs) if leg not in self.paired)
        return all(self.dealer.position(leg) == 0 and self.dealer.settled(leg) for leg in legs)

    def flatten(self, time: int) -> None:
        """Close every hedge that is in no pair; said again, it goes on with that."""
        for leg in range(self.setup.legs):
            if leg in self.paired:
                continue
            if self.dealer.position(leg) != 0 or not self.dealer.settled(leg):
                step = self.dealer.aim(
                    leg,
                    Decimal(0),
                    self.touch(leg),
                    time,
                    Permission.REDUCE_ONLY,
                    "flatten",
                )
                self.take(step)

    # --- what follows --------------------------------------------------------------------------

    def tell(self, event: Event) -> None:
        """Give the engine's desk an event and do what it asks."""
        commands = self.desk.handle(event)
        self._write_entries()
        if commands:
            self._obey(commands)

    def _write_entries(self) -> None:
        ledger = self.desk.ledger
        if len(ledger) == self._written:
            return
        for entry in ledger.since(self._written):
            self._drafts.append(entry_draft(entry))
            self.sums.add(entry)
        self._written = len(ledger)

    def _obey(self, commands: Iterable[Command]) -> None:
        placed = {given.leg for given in commands if isinstance(given, PlaceOrder)}
        for command in commands:
            match command:
                case PlaceOrder() | CancelOrder() if command.leg in self.paired:
                    continue  # a policy has no say over them
                case PlaceOrder():
                    self._place(command)
                case CancelOrder():
                    lasting = self.setup.styles[command.leg].persists
                    if command.leg not in placed or not lasting:
                        self.take(self.dealer.drop(command.leg, self.now, "no longer wanted"))
                case TransferCollateral():
                    self.transfers.send(command)
                case Alert():
                    self._alert(command)

    def _alert(self, alert: Alert) -> None:
        body = {
            "concern": str(alert.concern),
            "place": alert.place,
            "amount": alert.amount,
        }
        self.write(Draft(time=self.now, kind="alert", body=body))
        self.notice(alert_notice(self.setup, alert))

    def _place(self, command: PlaceOrder) -> None:
        listing = self.setup.listings[command.leg]
        lots = self.desk.books.positions[command.leg].lots + command.lots
        target = round(lots) * listing.lot
        touch = self.touch(command.leg)
        step = self.dealer.aim(command.leg, target, touch, self.now, self.permission(command.leg))
        self.take(step)

    def take(
        self,
        step: Step,
        *,
        report: TradeReport | None = None,
        refusal: Refusal = Refusal.REFUSED,
    ) -> None:
        """Take over a machine's step; `report` is the trade it is about."""
        self._drafts.extend(step.drafts)
        for draft in step.drafts:
            self._remember(draft)
        for effect in step.effects:
            match effect:
                case Moved():
                    if report is not None:
                        self._fill(effect, report)
                case Given():
                    self._given(effect, refusal)
                case Notice():
                    self.notice(effect)
                case _:
                    self._effects.append(effect)

    def _fill(self, moved: Moved, report: TradeReport) -> None:
        leg, listing = moved.leg, self.setup.listings[moved.leg]
        left = 0.0 if leg in self.paired else float(moved.left / listing.lot)
        around = self._around(leg, report)._replace(arrival=self._arrival[leg], left=left)
        if listing.spot:
            for event in exchanged(self.desk, listing, report, around):
                self.tell(event)
            return
        for event in traded(self.desk, leg, listing, report, around):
            self.tell(event)

    def _around(self, leg: int, report: TradeReport) -> Around:
        seen = self.market.seen(leg)
        left = 0.0 if leg in self.paired else self.desk.plans[leg].waiting
        price = self._fee_price(report, leg)
        if seen is None:
            return Around(left=left, fee_price=price)
        return Around(0.0, seen.index_price, seen.mark, left, price)

    def _given(self, given: Given, refusal: Refusal) -> None:
        self.counters["given_up"] += 1
        allowed = self.permission(given.leg)
        reason = refusal if allowed is Permission.ALL else Refusal.HELD
        self._reject(given.leg, given.reason, reason)

    def _reject(self, leg: int, words: str, refusal: Refusal) -> None:
        """Let the desk know that a leg's order is gone, where it still waits for one."""
        if leg not in self.paired and self.desk.plans[leg].waiting != 0.0:
            body = {"leg": leg, "refusal": str(refusal), "reason": words}
            last, when = self._refused.get(leg, ("", 0))
            again = words == last and self.now - when < DECISION_EVERY
            if refusal is not Refusal.HELD or not again:
                self._refused[leg] = words, self.now
                self.write(Draft(time=self.now, kind="given", body=body))
            self.tell(OrderReject(time=self.now, leg=leg, reason=refusal))

    def notice(self, notice: Notice) -> None:
        """Tell a person."""
        self.notices.append((self.now, notice))
        body = {"level": notice.level, "topic": notice.topic, "text": notice.text}
        self._drafts.append(Draft(time=self.now, kind="notice", body=body))
        self._effects.append(notice)

    def write(self, draft: Draft) -> None:
        """Write down a fact that somebody else folds."""
        self._drafts.append(draft)

    def drop_all(self, time: int, reason: str) -> None:
        """Give up every aim: what waits is cancelled."""
        for leg in range(len(self.setup.listings)):
            if leg not in self.finishing:
                self.take(self.dealer.drop(leg, time, reason))

    def note(self, draft: Draft) -> None:
        """Write down a fact of our own, and let it take effect."""
        self._drafts.append(draft)
        self._apply(draft)
        self.cash.apply(draft)

    def touch(self, leg: int) -> Touch:
        """Return the best prices of a leg; its mark where no book is known."""
        seen = self.market.seen(leg)
        if seen is not None and seen.bid > 0.0:
            return Touch(seen.bid, seen.ask, seen.touch_time)
        mark = seen.mark if seen is not None else self.desk.market.quotes[leg].mark
        return Touch(mark, mark, self.now)

    def touches(self) -> dict[int, Touch]:
        """Return the best prices of the legs that have any."""
        if not self.desk.market.quotes:
            return {}
        return {leg: self.touch(leg) for leg in range(len(self.setup.listings))}

    def _middle(self, leg: int) -> float:
        touch = self.touch(leg)
        return (touch.bid + touch.ask) / 2.0


def trade_key(report: TradeReport) -> str:
    """Return what is unique about a trade."""
    return f"{report.venue} {report.account} {report.symbol} {report.trade_id}"


def funding_key(report: FundingReport) -> str:
    """Return what is unique about a funding payment: its minute, as stamps jitter."""
    minute = (report.settlement + MINUTE // 2) // MINUTE
    return f"{report.venue} {report.account} {report.symbol} {minute}"


def _is_liquidation_fee(body: Mapping[str, Any]) -> bool:
    """Return whether a difference or a movement of cash is what a liquidation cost."""
    return body.get("reason") == str(Cause.LIQUIDATION) or body.get("kind") == str(
        CashKind.INSURANCE
    )


def _keep(names: dict[str, None], name: str) -> None:
    """Add a name to the last ones."""
    names[name] = None
    if len(names) > NAMES_KEPT:
        del names[next(iter(names))]
