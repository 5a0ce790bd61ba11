"""What the venues of a simulated desk hold in truth, and how far that is from what it wants."""

from dataclasses import dataclass
from decimal import Decimal

from hedgerow.kernels.contract import base_size
from hedgerow.live.chaos.desks import Place
from hedgerow.live.chaos.process import Process
from hedgerow.live.chaos.scenario import BAND, COINS, PRICE, Scenario
from hedgerow.live.core import Core, trade_key
from hedgerow.live.paper.account import PaperAccount
from hedgerow.live.paper.exchange import PaperExchange
from hedgerow.live.setup import PairTask

ZERO = Decimal(0)
SHORT = 0.1  # of a hedge's worth: a venue asks for half of it, and prices move


@dataclass(slots=True)
class Truth:
    """Reads venues and books; changes nothing."""

    scenario: Scenario
    process: Process
    exchanges: dict[str, PaperExchange]
    rounding: float

    def account(self, place: Place) -> PaperAccount:
        """Return the account of a place."""
        return self.exchanges[place.venue].accounts[place.account]

    def held(self, leg: int) -> Decimal:
        """Return what a leg holds; of spot, the coins in its account."""
        place = self.scenario.places[leg]
        if place.spot:
            return self.account(place).balance("BTC")
        held = self.account(place).held.get(place.symbol)
        return ZERO if held is None else held.amount

    def coins(self, leg: int) -> float:
        """Return what a leg hedges, base coin."""
        place = self.scenario.places[leg]
        return base_size(float(self.held(leg)), self.mark(leg), place.inverse)

    def mark(self, leg: int) -> float:
        """Return the mark of a leg at its venue."""
        place = self.scenario.places[leg]
        return self.exchanges[place.venue].book(place.symbol).mark

    def booked(self, leg: int) -> Decimal:
        """Return what the books of the desk say that a leg holds."""
        books, listing = self._core.desk.books, self.scenario.setup.listings[leg]
        if listing.spot:
            account = self.scenario.setup.terms.accounts
            number = [each.name for each in account].index(listing.account)
            return Decimal(repr(books.purses[number].pledges[0]))
        return Decimal(repr(books.positions[leg].lots)) * listing.lot

    def gap(self, leg: int) -> float:
        """Return how far the venue's position is from the desk's goal, base coin."""
        desk = self._core.desk
        if leg in self._core.paired or leg >= len(desk.plans) or not desk.market.quotes:
            return 0.0
        return abs(self.coins(leg) - desk.plans[leg].goal)

    def allowed(self, leg: int) -> float:
        """Return how far it may be: the band, a few lots, and what moves between two looks."""
        if leg in self._core.paired:
            return 0.0
        exposure = abs(self._core.desk.plans[leg].exposure)
        mark = max(self.mark(leg), 1.0)
        lots = 20.0 / mark if self.scenario.places[leg].inverse else 0.002
        least = self.scenario.setup.terms.legs[leg].minimum / mark
        return 1.5 * BAND * max(exposure, 0.1 * COINS) + lots + least

    def is_short(self, leg: int, wanted: float) -> bool:
        """Whether an account holds too little to open so many coins of a leg."""
        place, terms = self.scenario.places[leg], self.scenario.setup.terms.legs[leg]
        account, mark = self.account(place), self.mark(leg)
        held = account.position(place.symbol)
        size = float(held.amount)
        equity = float(account.balance(terms.settle))
        if size:
            equity += signed_worth(size, mark, inverse=place.inverse)
            equity -= signed_worth(size, held.entry, inverse=place.inverse)
        return equity < SHORT * abs(wanted) * (1.0 if place.inverse else mark)

    def over(self, holding: float) -> float:
        """Return by how much all hedges together are larger than a holding, base coin."""
        legs = (leg for leg in range(self.scenario.setup.legs) if leg not in self._core.paired)
        return -sum(self.coins(leg) for leg in legs) - holding

    def naked(self, task: PairTask) -> float:
        """Return how many coins of a pair are not matched by its other leg; 0 for crumbs."""
        alone = abs(float(self.held(task.first) + self.held(task.second)))
        lot = max(float(self.scenario.setup.listings[leg].lot) for leg in task.legs)
        least = max(
            float(self.scenario.setup.listings[leg].minimum_notional) / max(self.mark(leg), 1.0)
            for leg in task.legs
        )
        return alone if alone > 2.0 * lot + least else 0.0

    def leg_differs(self, leg: int) -> str:
        """Return how orders, dealer and books of a leg differ from the venue; "" for not."""
        core, held, booked = self._core, self.held(leg), self.booked(leg)
        lot = self.scenario.setup.listings[leg].lot
        if not core.dealer.settled(leg):
            return f"leg {leg} has orders out"
        if abs(core.dealer.position(leg) - held) >= lot:
            return f"leg {leg}: the dealer has {core.dealer.position(leg)}, the venue {held}"
        crumbs = lot if self.scenario.places[leg].spot else ZERO
        if abs(booked - held) > crumbs:
            return f"leg {leg}: the books have {booked}, the venue {held}"
        return ""

    def cash_differs(self) -> str:
        """Compare wallets with all open positions closed at their entries, and reserves.

        That does not depend on the order in which trades are heard of, as the wallet alone does.
        """
        setup = self.scenario.setup
        books = self._core.desk.books
        for purse, terms in zip(books.purses, setup.terms.accounts, strict=True):
            account = self.exchanges[setup.venues[terms.name]].accounts[terms.name]
            mine, theirs = purse.wallet, float(account.balance(terms.collateral))
            scale = max(abs(theirs), terms.deposit, books.sums.turnover / PRICE)
            for number, leg in enumerate(setup.terms.legs):
                if leg.account == terms.name:
                    position, held = books.positions[number], account.position(leg.instrument)
                    size = position.lots * leg.lot_size
                    mine -= signed_worth(size, position.entry, inverse=leg.inverse)
                    theirs -= signed_worth(float(held.amount), held.entry, inverse=leg.inverse)
            if abs(mine - theirs) > self.rounding * scale:
                return f"account {terms.name}: the books have {mine}, the venue {theirs}"
            if purse.transit:
                return f"account {terms.name}: a transfer of {purse.transit} is on its way"
            left = terms.reserve - float(self.moved(account))
            if abs(purse.reserve - left) > self.rounding * max(terms.reserve, 1.0):
                return (
                    f"reserve of {terms.name}: the books have {purse.reserve}, and {left} is left"
                )
        return ""

    def moved(self, account: PaperAccount) -> Decimal:
        """Return what came into an account from its reserve, less what went back."""
        mine = f"{self.scenario.setup.name}t"
        return sum((flow.amount for flow in account.flows if flow.name.startswith(mine)), ZERO)

    def trades_differ(self) -> str:
        """Return a trade of the venues that the journal does not hold; "" for none."""
        known = {
            record.key
            for record in self.process.tape.records
            if record.kind in {"trade", "foreign"}
        }
        for place in self.scenario.places:
            trades = self.exchanges[place.venue].trades(place.account, place.symbol, 0)
            for trade in trades:
                if trade_key(trade) not in known:
                    return f"trade {trade_key(trade)} ({trade.cause}) is not in the journal"
        return ""

    def is_lent(self, leg: int) -> bool:
        """Whether others hold something for a leg."""
        warden = self.process.controller.warden
        failover = None if warden is None else warden.failover
        return failover is not None and failover.cover(leg).total != 0

    @property
    def _core(self) -> Core:
        return self.process.controller.core


def signed_worth(size: float, entry: float, *, inverse: bool) -> float:
    """Return what a position cost, settle asset: what a wallet gives up for it at its entry.

    >>> signed_worth(2.0, 100.0, inverse=False), signed_worth(100.0, 50.0, inverse=True)
    (200.0, -2.0)
    """
    return -size / entry if inverse else size * entry
