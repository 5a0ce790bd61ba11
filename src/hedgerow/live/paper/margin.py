"""What the accounts of a paper venue must hold, by the rules and kernels of the engine."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from hedgerow.engine.desk_account import Holdings, pledges_of, positions_of, schedule_of
from hedgerow.engine.desk_terms import in_floats
from hedgerow.engine.pack import is_plain, is_shared
from hedgerow.engine.terms import LegTerms, Terms
from hedgerow.kernels.contract import notional, position_pnl
from hedgerow.kernels.margin import (
    Pledges,
    Positions,
    Schedule,
    equity,
    initial_margin,
    maintenance,
    needed,
    of_position,
    price_of_liquidation,
    surplus,
    unit_of,
)
from hedgerow.live.paper.account import PaperAccount
from hedgerow.live.paper.book import Book
from hedgerow.market.instrument import MONEY, parse_symbol

NO_LIMIT = 1e9  # of leverage: the venue's brackets alone


class Way(NamedTuple):
    """From where to where the marks of all legs go; `worth` is that of each asset at the start."""

    start: Sequence[float]
    worst: Sequence[float]
    worth: Sequence[float]


class Arrays(NamedTuple):
    """An account as the kernels read it."""

    wallet: float
    positions: Positions
    pledges: Pledges


@dataclass(slots=True)
class MarginRules:
    """The terms of every leg, with the prices that the venue's books show."""

    terms: Terms
    books: Mapping[str, Book]
    schedule: Schedule = field(init=False)
    _numbers: dict[tuple[str, str], int] = field(init=False)
    _legs: dict[str, tuple[int, ...]] = field(init=False)
    _places: dict[str, int] = field(init=False)
    _coins: dict[str, list[Book]] = field(init=False)
    _pledging: bool = field(init=False)
    _plain: dict[str, bool] = field(init=False)  # by account, as `is_plain` says

    def __post_init__(self) -> None:
        self.adopt(self.terms)

    def adopt(self, terms: Terms) -> None:
        """Apply other rules from now on."""
        self.terms = in_floats(terms)
        legs = self.terms.legs
        self.schedule = schedule_of(legs)
        self._numbers = {(leg.account, leg.instrument): at for at, leg in enumerate(legs)}
        self._places = {account.name: at for at, account in enumerate(self.terms.accounts)}
        self._legs = {
            name: tuple(at for at, leg in enumerate(legs) if leg.account == name)
            for name in self._places
        }
        self._plain = {each.name: is_plain(self.terms, each) for each in self.terms.accounts}
        self._pledging = any(is_shared(self.terms, each) for each in self.terms.accounts)
        self._coins = {}
        for symbol, book in self.books.items():
            self._coins.setdefault(parse_symbol(symbol).base, []).append(book)

    def number(self, account: str, symbol: str) -> int | None:
        """Return the leg of a symbol in an account, None if it may not be held there."""
        return self._numbers.get((account, symbol))

    def leg(self, account: str, symbol: str) -> LegTerms:
        """Return the rules of a symbol in an account."""
        return self.terms.legs[self._numbers[account, symbol]]

    def legs(self, account: str) -> tuple[int, ...]:
        """Return the legs of an account."""
        return self._legs.get(account, ())

    def is_shared(self, account: PaperAccount) -> bool:
        """Return whether an account may hold more than its collateral."""
        return is_shared(self.terms, self.terms.accounts[self._places[account.name]])

    def collateral(self, account: PaperAccount) -> str:
        """Return what an account is margined in."""
        return self.terms.accounts[self._places[account.name]].collateral

    def lots(self, leg: int, amount: Decimal) -> float:
        """Return an amount as whole lots."""
        return float(round(float(amount) / self.terms.legs[leg].lot_size))

    def size(self, leg: int, amount: Decimal) -> float:
        """Return an amount as the kernels count it: whole lots times their size."""
        return self.lots(leg, amount) * self.terms.legs[leg].lot_size

    def marks(self) -> list[float]:
        """Return the mark of every leg; 1 where this venue does not trade it."""
        return [
            book.mark if (book := self.books.get(leg.instrument)) and book.mark > 0.0 else 1.0
            for leg in self.terms.legs
        ]

    def price_of(self, asset: str) -> float:
        """Return what an asset is worth in money here, 0 where nobody knows."""
        if asset in MONEY or asset in self.terms.cash:
            return 1.0
        return next((book.index for book in self._coins.get(asset, ()) if book.index > 0.0), 0.0)

    def worth(self, asset: str) -> float:
        """Return the worth of one unit in the book's numeraire."""
        coin = self.terms.numeraire_coin
        if coin is None or asset == coin:
            return 1.0 if asset == coin else self.price_of(asset)
        unit = self.price_of(coin)
        return self.price_of(asset) / unit if unit > 0.0 else 0.0

    def arrays(self, account: PaperAccount, way: Way) -> Arrays:
        """Return an account on its way from one set of marks to another."""
        terms, place = self.terms, self._places[account.name]
        lots = [0.0] * len(terms.legs)
        entry = [1.0] * len(terms.legs)
        for leg in self._legs[account.name]:
            held = account.held.get(terms.legs[leg].instrument)
            if held is not None:
                lots[leg], entry[leg] = self.lots(leg, held.amount), held.entry
        holdings = Holdings(
            lots=lots,
            entry=entry,
            start=way.start,
            worst=way.worst,
            pledges=[float(account.balance(asset)) for asset in terms.assets],
            worth=way.worth,
        )
        return Arrays(
            float(account.balance(terms.accounts[place].collateral)),
            positions_of(terms, place, holdings),
            pledges_of(terms, place, holdings),
        )

    def here(self) -> Way:
        """Return the way that goes nowhere: all prices as they are."""
        marks = self.marks()
        worth = [self.price_of(asset) for asset in self.terms.assets] if self._pledging else ()
        return Way(marks, marks, worth)

    def room(self, account: PaperAccount, way: Way) -> float:
        """Return equity less maintenance at the end of the way, in collateral."""
        if not self._plain[account.name]:
            wallet, positions, pledges = self.arrays(account, way)
            return surplus(wallet, 1.0, positions, self.schedule, pledges)
        return self._left(account, way)

    def _left(self, account: PaperAccount, way: Way, without: int | None = None) -> float:
        """Return equity less maintenance of a plain account, one leg left out."""
        left = float(account.balance(self.terms.accounts[self._places[account.name]].collateral))
        for leg in self._legs[account.name]:
            terms = self.terms.legs[leg]
            held = account.held.get(terms.instrument)
            if leg == without or held is None or not held.amount:
                continue
            size = self.size(leg, held.amount)
            left += position_pnl(size, held.entry, way.worst[leg], terms.inverse)
            worth = notional(size, way.worst[leg], terms.inverse)
            left -= maintenance(worth, terms.brackets.rate, terms.brackets.amount)
        return left

    def free(self, account: PaperAccount, more: Mapping[str, Decimal]) -> tuple[float, float]:
        """Return equity, and the initial margin of what is held and on order with `more` of each.

        An order counts whole: the larger of all purchases and all sales, on top of the position.
        """
        way = self.here()
        marks = way.worst
        wallet, positions, pledges = self.arrays(account, way)
        asked = 0.0
        for leg in self._legs[account.name]:
            terms = self.terms.legs[leg]
            amount = account.position(terms.instrument).amount
            long, short = amount, amount
            orders = [
                order.signed_left
                for order in account.working.values()
                if order.request.symbol == terms.instrument and not order.request.reduce_only
            ]
            for change in (*orders, more.get(terms.instrument, Decimal(0))):
                long += max(change, Decimal(0))
                short += min(change, Decimal(0))
            size = self.size(leg, max(abs(long), abs(short)))
            if size == 0.0:
                continue
            worth = notional(size, marks[leg], terms.inverse)
            opening = terms.brackets.opening(NO_LIMIT)
            own = initial_margin(worth, marks[leg], terms.inverse, opening)
            asked += own * unit_of(leg, 1.0, positions, pledges)
        return equity(wallet, 1.0, positions, pledges), asked

    def liquidation_price(self, account: PaperAccount, leg: int) -> float | None:
        """Return the mark at which a position takes its account down while the others stand still.

        None where there is none, or where other coins in the account move with it.
        """
        if self.is_shared(account):
            return None
        way, held = self.here(), account.held.get(self.terms.legs[leg].instrument)
        if held is None or not held.amount:
            return None
        if self._plain[account.name]:
            rest = self._left(account, way, without=leg)
        else:
            rest = self._rest(account, way, leg)
        size = self.size(leg, held.amount)
        inverse = self.terms.legs[leg].inverse
        rule = of_position(self.schedule, leg)
        price = price_of_liquidation(size, held.entry, rest, inverse, rule)
        return price if price > 0.0 else None

    def _rest(self, account: PaperAccount, way: Way, without: int) -> float:
        """Return what is left beside one leg, under any rules."""
        rest, positions, pledges = self.arrays(account, way)
        for other in self._legs[account.name]:
            if other == without or positions.size[other] == 0.0:
                continue
            terms = self.terms.legs[other]
            rest += position_pnl(
                float(positions.size[other]),
                float(positions.entry[other]),
                way.worst[other],
                terms.inverse,
            )
            rest -= needed(other, 1.0, positions, self.schedule, pledges)
        return rest
