"""A whole desk with pairs, its paper venues, and wires that do as they are told."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import partial

from hedgerow.engine.desk_worth import parts, worth
from hedgerow.engine.terms import AccountTerms, LegTerms, PledgeTerms, Terms
from hedgerow.execution.effects import Notice, Place
from hedgerow.execution.order import Listing, OrderReport, OrderRequest, Side, TradeReport
from hedgerow.execution.port import Failure, PrivateReport, QuoteReport
from hedgerow.execution.style import Limits, Style
from hedgerow.ledger.journal import Draft
from hedgerow.live.chaos.desks import LINEAR
from hedgerow.live.chaos.heap import VirtualClock
from hedgerow.live.chaos.scenario import CARE, TIERS
from hedgerow.live.chaos.streams import LoudVenue
from hedgerow.live.chaos.wire import wires_of
from hedgerow.live.controller import Controller
from hedgerow.live.effects import LiveEffect, Outcome, SendTransfer
from hedgerow.live.paper.book import Depth
from hedgerow.live.paper.contract import balances_of, contracts_of
from hedgerow.live.paper.exchange import PaperExchange
from hedgerow.live.paper.markets import GeneratedFeed, PaperClock
from hedgerow.live.setup import Answers, PairTask, Setup
from hedgerow.live.signals import Clock, Order, Signal, Told
from hedgerow.live.view import State
from hedgerow.policies.band import Band
from hedgerow.units import SECOND

START = 1_704_067_200 * SECOND
PRICE = 50_000.0
SPOT = "BTC/USDT"
COINS = 10.0
SIZE = Decimal(2)
ZERO = Decimal(0)
FEE = 0.0005
SPOT_FEE = 0.001
LIMITS = Limits(orders=100_000, rejects=100_000, naked=2e6)
PLACES = {"main": "west", "carry": "north", "abroad": "south"}
CASH = {"main": 200_000.0, "carry": 300_000.0, "abroad": 200_000.0}
BAND = Band(half_width=0.01, to="centre")


def _listing(account: str, symbol: str, lot: str) -> Listing:
    return Listing(
        venue=PLACES[account],
        account=account,
        symbol=symbol,
        tick=Decimal("0.1"),
        lot=Decimal(lot),
        minimum_notional=Decimal(10),
        spot=symbol == SPOT,
    )


HEDGE = _listing("main", LINEAR, "0.001")
CARRY = _listing("carry", LINEAR, "0.001")
ABROAD = _listing("abroad", LINEAR, "0.001")
COIN = _listing("carry", SPOT, "0.00001")


def _leg(listing: Listing, ratio: float) -> LegTerms:
    return LegTerms(
        instrument=listing.symbol,
        asset="BTC",
        account=listing.account,
        settle="USDT",
        inverse=False,
        lot_size=float(listing.lot),
        minimum=10.0,
        brackets=TIERS,
        method="full",
        fee=FEE,
        liquidation_fee=0.001,
        ratio=ratio,
        numbers=BAND.numbers(),
    )


def _setup(legs: tuple[Listing, ...], pair: PairTask, spot: tuple[Listing, ...] = ()) -> Setup:
    accounts = [listing.account for listing in legs]
    pledged = {listing.account for listing in spot}
    terms = Terms(
        assets=("BTC", "USDT"),
        cash=frozenset({"USDT"}),
        numeraire_coin=None,
        holdings=(COINS, 0.0),
        legs=tuple(_leg(listing, 1.0 if listing is HEDGE else 0.0) for listing in legs),
        accounts=tuple(
            AccountTerms(
                name=name,
                collateral="USDT",
                deposit=CASH[name],
                top_up_below=-1e9,
                top_up_to=-1e9,
                pledges=(PledgeTerms(asset="BTC", amount=0.0, haircut=0.1),)
                if name in pledged
                else (),
            )
            for name in accounts
        ),
        rule=Band.rule,
        spot_fee=SPOT_FEE,
    )
    return Setup(
        name="pairs",
        mode="paper",
        terms=terms,
        venues={name: PLACES[name] for name in accounts},
        listings=(*legs, *spot),
        styles=tuple(Style(collar=0.01) for _ in (*legs, *spot)),
        limits=LIMITS,
        cadence=5 * SECOND,
        check=20 * SECOND,
        answers=Answers(manual="rehedge", unknown="rehedge"),
        tolerance=1e-9,
        pairs=(pair,),
    )


def carry_setup(size: Decimal = SIZE) -> Setup:
    """Return a desk that holds coins against a perpetual in one account, beside its hedge."""
    pair = PairTask(name="carry", first=2, second=1, size=size)
    return _setup((HEDGE, CARRY), pair, (COIN,))


def spread_setup(size: Decimal = SIZE) -> Setup:
    """Return a desk that holds one perpetual against another, at two venues."""
    pair = PairTask(name="spread", first=1, second=2, size=size)
    return _setup((HEDGE, CARRY, ABROAD), pair)


@dataclass
class PairDeskWorld:
    """A desk and its venues on a virtual clock.

    `outcomes` says by leg what becomes of orders that open: "filled", "partial" (four tenths, then
    nothing) or "none"; `down` names venues that answer nothing; what is in `unknown` is done, and
    the answer lost.
    """

    setup: Setup
    start: State = State.TRADING
    price: Callable[[float], float] = lambda _: PRICE
    outcomes: dict[int, str] = field(default_factory=dict)
    down: set[str] = field(default_factory=set)
    unknown: set[int] = field(default_factory=set)
    clock: VirtualClock = field(default_factory=lambda: VirtualClock(START))
    records: list[Draft] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    requests: list[OrderRequest] = field(default_factory=list)
    area: float = 0.0  # of the pair, naked notional times seconds, in truth
    life: int = 0
    checks: int = 0

    def __post_init__(self) -> None:
        self.venues = {name: self._venue(name) for name in set(self.setup.venues.values())}
        self.wires = wires_of(self.venues, self.setup.venues, self.clock)
        self.care = replace(CARE, start=self.start)
        self.controller = Controller(self.setup, (), self.care)
        self._tick()
        self.restart()

    # --- what a test does -------------------------------------------------------------------------

    def run(self, seconds: float) -> None:
        """Let time pass."""
        end = self.clock.now + round(seconds * SECOND)
        self.clock.at(end, lambda: None)
        while self.clock.now < end:
            self.clock.step()

    def restart(self, setup: Setup | None = None) -> None:
        """Start the desk (again), out of its journal alone."""
        self.life += 1
        self.setup = setup or self.setup
        self.controller = Controller(self.setup, tuple(self.records), self.care)
        self._do(self.controller.start(self.clock.now))

    def tell(self, order: Order, subject: str = "") -> None:
        """Speak as an operator."""
        self._hear(Told(time=self.clock.now, order=order, by="test", subject=subject))

    def by_hand(self, leg: int, amount: str) -> None:
        """Trade past the desk."""
        listing = self.setup.listings[leg]
        venue = self.venues[listing.venue]
        reports = venue.exchange.manual(
            listing.account, listing.symbol, Decimal(amount), self.clock.now
        )
        venue.tell(reports, "")

    # --- what there is ----------------------------------------------------------------------------

    @property
    def pair(self) -> PairTask:
        return self.setup.pairs[0]

    def held(self, leg: int) -> Decimal:
        """Return what a venue holds of a leg in truth; of spot, the coins in its account."""
        listing = self.setup.listings[leg]
        account = self.venues[listing.venue].exchange.accounts[listing.account]
        if listing.spot:
            return account.balance("BTC")
        held = account.held.get(listing.symbol)
        return ZERO if held is None else held.amount

    def both(self) -> tuple[Decimal, Decimal]:
        """Return what both legs of the pair hold."""
        return self.held(self.pair.first), self.held(self.pair.second)

    def is_square(self) -> bool:
        """Return whether neither leg is alone."""
        first, second = self.both()
        return abs(first + second) < Decimal("0.002")

    @property
    def is_trading(self) -> bool:
        """Return whether the desk opens."""
        return self.controller.standing.state is State.TRADING

    def kinds(self, kind: str) -> list[Draft]:
        """Return the facts of a kind."""
        return [record for record in self.records if record.kind == kind]

    def check(self) -> None:
        """Hold the books against the venues, the parts against the worth, the fold against all."""
        core = self.controller.core
        books, market = core.desk.books, core.desk.market
        total = worth(books, market) - books.sums.opening - books.sums.flows
        assert math.isclose(sum(parts(books, market)), total, abs_tol=1e-6)
        for purse, terms in zip(books.purses, self.setup.terms.accounts, strict=True):
            exchange = self.venues[self.setup.venues[terms.name]].exchange
            account = exchange.accounts[terms.name]
            # Trades may be heard of in another order: positions are closed at their entries.
            mine, theirs = purse.wallet, float(account.balance("USDT"))
            for leg, position in enumerate(books.positions):
                if self.setup.listings[leg].account == terms.name:
                    held = account.position(LINEAR)
                    mine -= position.lots * 0.001 * position.entry
                    theirs -= float(held.amount) * held.entry
            assert math.isclose(mine, theirs, abs_tol=1e-6)
            assert math.isclose(purse.pledges[0], float(account.balance("BTC")), abs_tol=1e-9)
        for leg, listing in enumerate(self.setup.listings):
            assert abs(core.dealer.position(leg) - self.held(leg)) < listing.lot, listing
        folded = Controller(self.setup, tuple(self.records), self.care)
        assert folded.snapshot() == self.controller.snapshot()
        self.checks += 1

    # --- what goes on by itself -------------------------------------------------------------------

    def _tick(self) -> None:
        for listing in dict.fromkeys(self.setup.listings):
            if listing.venue not in self.down:
                self._quote(listing)
        self.clock.after(SECOND // 2, self._clock)
        self.clock.after(SECOND, self._tick)

    def _clock(self) -> None:
        self._hear(Clock(time=self.clock.now))
        naked = abs(float(sum(self.both())))
        self.area += (naked if naked >= 0.001 else 0.0) * PRICE

    def _quote(self, listing: Listing) -> None:
        now = self.clock.now
        price = self.price((now - START) / SECOND)
        leg = self.setup.listings.index(listing)
        size = float(SIZE) * 0.4 if self.outcomes.get(leg) == "partial" else 100.0
        quote = QuoteReport(
            venue=listing.venue,
            symbol=listing.symbol,
            time=now,
            received=now,
            bid=round(price - 1.0, 1),
            ask=round(price + 1.0, 1),
            bid_size=size,
            ask_size=size,
            mark=None if listing.spot else price,
            index=None if listing.spot else price - 2.0,
            last=round(price - 1.0, 1),
            funding=None if listing.spot else 0.0001,
            interval_hours=None if listing.spot else 8.0,
            settlement=None if listing.spot else (now // (28_800 * SECOND) + 1) * 28_800 * SECOND,
        )
        self.venues[listing.venue].hear(quote)
        self._hear(quote)

    def _hear(self, signal: Signal) -> None:
        self._do(self.controller.handle(signal))

    def _do(self, outcome: Outcome) -> None:
        self.records.extend(outcome.drafts)
        for effect in outcome.effects:
            if isinstance(effect, Notice):
                self.notices.append(effect)
            elif not (isinstance(effect, SendTransfer) and effect.opening):
                self.clock.after(SECOND // 50, partial(self._carry, effect, self.life))

    def _carry(self, effect: LiveEffect, life: int) -> None:
        about = effect.request if isinstance(effect, Place) else effect
        answer: Signal | None
        if getattr(about, "venue", "") in self.down:
            answer = self.wires.broken(effect, Failure.UNREACHABLE)
        elif isinstance(effect, Place):
            answer = self._place(effect)
        else:
            answer = self.wires.act(effect)
        if answer is not None and life == self.life:
            self.clock.after(SECOND // 50, lambda: self._answer(answer, life))

    def _answer(self, answer: Signal, life: int) -> None:
        if life == self.life:
            self._hear(answer)

    def _place(self, effect: Place) -> Signal | None:
        request = effect.request
        leg = next(
            number
            for number, listing in enumerate(self.setup.listings)
            if (listing.account, listing.symbol) == (request.account, request.symbol)
        )
        self.requests.append(request)
        spot = self.setup.listings[leg].spot
        opens = request.side is Side.BUY if spot else not request.reduce_only
        outcome = self.outcomes.get(leg, "filled")
        spent = outcome == "partial" and bool(self.held(leg))
        if opens and (outcome == "none" or spent):
            return self.wires.broken(effect, Failure.REFUSED)
        answer = self.wires.act(effect)
        return self.wires.broken(effect, Failure.UNKNOWN) if leg in self.unknown else answer

    def _told(self, _: str, report: PrivateReport) -> None:
        life = self.life
        if isinstance(report, TradeReport | OrderReport) and self.unknown:
            return
        self.clock.after(SECOND // 100, lambda: self._answer(report, life))

    def _venue(self, name: str) -> LoudVenue:
        task = self.setup
        exchange = PaperExchange(
            venue=name,
            contracts=contracts_of(name, task.terms, task.listings),
            terms=task.terms,
            balances=balances_of(task.terms, task.venues, name),
            depth=Depth(levels=1),
        )
        source = GeneratedFeed(name, task.listings, {}, PaperClock(lambda: self.clock.now), seed=1)
        return LoudVenue(exchange, source, lambda: self.clock.now, self._told)


def resized(setup: Setup, size: str) -> Setup:
    """Return the same desk with another size of its pair."""
    (pair,) = setup.pairs
    return replace(setup, pairs=(replace(pair, size=Decimal(size)),))
