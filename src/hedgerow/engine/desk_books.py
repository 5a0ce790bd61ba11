"""The books of a desk: what a ledger adds up to, and nothing else.

`fold` is the only way books come to be. A desk keeps its own up to date by the same fold, entry by
entry, so that a restart, an audit and a replay cannot differ.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from hedgerow.engine.desk_note import first_word, read_note
from hedgerow.engine.terms import Funds, Terms
from hedgerow.errors import ConfigError
from hedgerow.kernels.contract import after_fill, notional, position_pnl
from hedgerow.ledger import EntryKind, LedgerEntry

NEVER: Final = -1e30
HOUR_NANOSECONDS: Final = 3.6e12
RESERVE: Final = "reserve"
HOLDING: Final = "holding"
DEBT: Final = "debt"
OFF_VENUE: Final = (RESERVE, HOLDING, DEBT)
DECLARED: Final = "declared"
COVERED: Final = "covered"
ADOPTED: Final = "adopted"


@dataclass(slots=True)
class Position:
    """One leg: whole signed lots, and three average prices that move by one rule."""

    lots: float = 0.0
    entry: float = 1.0  # of fill prices
    reference: float = 1.0  # of prices before slippage
    index_entry: float = 1.0  # of the index at the fills
    last_time: float = NEVER  # of the last fill, hours since 1970
    last_price: float = 0.0


@dataclass(slots=True)
class Purse:
    """The cash of one account, in its collateral."""

    wallet: float = 0.0
    reserve: float = 0.0  # off the venue
    line: float = 0.0  # what may still be borrowed, or raised by selling coins
    debt: float = 0.0
    raised: float = 0.0  # borrowed or sold for, about to be sent
    transit: float = 0.0  # > 0 on its way to the account, < 0 from it
    arrival: float = 0.0  # seconds since 1970
    stayed: bool = False  # liquidated, and to stay out
    pledges: list[float] = field(default_factory=list)  # in the account, by asset


@dataclass(slots=True)
class Stock:
    """One asset: what was declared, where it lies and what it was worth when it came."""

    holding: float = 0.0  # declared, less what was sold to raise cash
    pocket: float = 0.0  # of it, what lies off the venue
    cost: float = 0.0  # worth of the holding when it came
    beyond_cost: float = 0.0  # worth of what is held beyond it when that came
    declared: float = 0.0
    declared_cost: float = 0.0


@dataclass(slots=True)
class Sums:
    """What has added up since the start, in numeraire but for the counts."""

    realised_index: float = 0.0
    realised_basis: float = 0.0
    funding: float = 0.0
    fees: float = 0.0
    slippage: float = 0.0
    financing: float = 0.0
    liquidation: float = 0.0
    staking: float = 0.0  # part of financing that the unhedged book earns too
    flows: float = 0.0
    opening: float = 0.0
    turnover: float = 0.0
    received: float = 0.0
    paid: float = 0.0
    trades: int = 0
    top_ups: int = 0
    withdrawals: int = 0
    liquidations: int = 0
    partial: int = 0
    settlements: int = 0
    rehedges: int = 0
    deleveraged: int = 0
    naked: bool = False  # from a liquidation until the next fill


@dataclass(slots=True)
class Books:
    """All that a ledger says about positions, cash, coins and sums."""

    terms: Terms = field(compare=False, repr=False)
    positions: list[Position] = field(init=False)
    purses: list[Purse] = field(init=False)
    stocks: list[Stock] = field(init=False)
    sums: Sums = field(init=False)
    entries: int = field(init=False, default=0)
    _legs: dict[tuple[str, str], int] = field(init=False, compare=False, repr=False)
    _accounts: dict[str, int] = field(init=False, compare=False, repr=False)
    _assets: dict[str, int] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        terms = self.terms
        for account in terms.accounts:
            if account.name in OFF_VENUE:
                raise ConfigError(
                    f"an account may not be called {account.name!r}: the ledger uses that word for "
                    "what lies off the venue; give it another name"
                )
        self.positions = [Position() for _ in terms.legs]
        self.purses = [
            Purse(
                line=0.0 if account.reserve_from is Funds.OWNED else account.reserve,
                pledges=[0.0 for _ in terms.assets],
            )
            for account in terms.accounts
        ]
        self.stocks = [Stock() for _ in terms.assets]
        self.sums = Sums()
        self._legs = {(leg.instrument, leg.account): at for at, leg in enumerate(terms.legs)}
        self._accounts = {account.name: at for at, account in enumerate(terms.accounts)}
        self._assets = {asset: at for at, asset in enumerate(terms.assets)}

    def book(self, entry: LedgerEntry) -> None:
        """Take in one entry."""
        self.entries += 1
        _RULES[entry.kind](self, entry)

    def stock(self, entry: LedgerEntry) -> Stock:
        """Return the stock of the asset that an entry moves."""
        return self.stocks[self._assets[entry.unit]]

    def account(self, entry: LedgerEntry) -> int:
        """Return the number of the account that an entry is about, named there or in its note."""
        name = first_word(entry.note) if entry.account in OFF_VENUE else entry.account
        return self._accounts[name]

    def purse(self, entry: LedgerEntry) -> Purse:
        """Return the purse that an entry moves."""
        return self.purses[self.account(entry)]

    def pay_in(self, entry: LedgerEntry, amount: float) -> None:
        """Change what an account has of the asset that an entry moves: its wallet or a pledge."""
        number = self.account(entry)
        if entry.unit == self.terms.accounts[number].collateral:
            self.purses[number].wallet += amount
        else:
            self.purses[number].pledges[self._assets[entry.unit]] += amount

    def leg(self, entry: LedgerEntry) -> int:
        """Return the number of the leg that an entry is about."""
        return self._legs[entry.instrument, entry.account]


def fold(terms: Terms, entries: Iterable[LedgerEntry]) -> Books:
    """Return the books that `entries` add up to."""
    books = Books(terms)
    for entry in entries:
        books.book(entry)
    return books


def _opening(books: Books, entry: LedgerEntry) -> None:
    stock = books.stock(entry)
    books.sums.opening += entry.value
    if entry.account == HOLDING and first_word(entry.note) == DECLARED:
        stock.holding += entry.cash
        stock.pocket += entry.cash
        stock.cost += entry.value
        stock.declared += entry.cash
        stock.declared_cost += entry.value
        return
    stock.beyond_cost += entry.value
    if entry.account == HOLDING:
        stock.pocket += entry.cash
    elif entry.account == RESERVE:
        books.purse(entry).reserve += entry.cash
    else:
        books.pay_in(entry, entry.cash)


def _trade(books: Books, entry: LedgerEntry, reference: float, numbers: dict[str, float]) -> None:
    """Move a position and its averages, so that what is realised splits without a remainder."""
    number = books.leg(entry)
    leg, position, sums = books.terms.legs[number], books.positions[number], books.sums
    lots, worth, price = numbers["lots"], numbers["worth"], entry.price
    size, traded = position.lots * leg.lot_size, lots * leg.lot_size
    filled = after_fill(size, position.entry, traded, price, leg.inverse)
    plain = after_fill(size, position.reference, traded, reference, leg.inverse)
    pure = after_fill(size, position.index_entry, traded, numbers["index"], leg.inverse)
    slipped = position_pnl(traded, price, reference, leg.inverse)
    position.lots += lots
    position.entry = filled.entry
    position.reference = plain.entry
    position.index_entry = pure.entry
    books.pay_in(entry, entry.realised)
    books.pay_in(entry, entry.fee)
    sums.realised_index += pure.realised * worth
    sums.realised_basis += (plain.realised - pure.realised) * worth
    sums.slippage += slipped * worth
    sums.turnover += notional(traded, price, leg.inverse) * worth
    sums.trades += 1
    stock = books.stock(entry)
    stock.beyond_cost += (plain.realised + slipped) * worth
    stock.beyond_cost += entry.fee * worth


def _fill(books: Books, entry: LedgerEntry) -> None:
    numbers = read_note(entry.note)
    _trade(books, entry, numbers["reference"], numbers)
    position, sums = books.positions[books.leg(entry)], books.sums
    if first_word(entry.note) == ADOPTED:
        _adopted(books, entry, numbers)
        return
    sums.fees += entry.fee * numbers["worth"]
    position.last_time = entry.time / HOUR_NANOSECONDS
    position.last_price = entry.price
    if sums.naked:
        sums.naked = False
        sums.rehedges += 1


def _adopted(books: Books, entry: LedgerEntry, numbers: dict[str, float]) -> None:
    """Undo what a trade would count: what the position had made came with it."""
    leg, sums = books.terms.legs[books.leg(entry)], books.sums
    size = numbers["lots"] * leg.lot_size
    made = position_pnl(size, entry.price, numbers["reference"], leg.inverse) * numbers["worth"]
    sums.slippage -= made
    sums.flows += made
    sums.turnover -= notional(size, entry.price, leg.inverse) * numbers["worth"]
    sums.trades -= 1


def _liquidation(books: Books, entry: LedgerEntry) -> None:
    sums = books.sums
    if first_word(entry.note) == COVERED:
        books.purse(entry).wallet += entry.cash
        books.stock(entry).beyond_cost += entry.value
        sums.liquidation += entry.value
        return
    numbers = read_note(entry.note)
    _trade(books, entry, entry.price, numbers)
    leg = books.leg(entry)
    sums.liquidation += entry.fee * numbers["worth"]
    sums.liquidations += 1
    sums.partial += books.positions[leg].lots != 0.0
    sums.naked = True
    books.purse(entry).stayed = books.terms.accounts[books.account(entry)].stay


def _deleveraging(books: Books, entry: LedgerEntry) -> None:
    """Book a position taken away: what its price is worse than the market's is the cost."""
    sums, numbers = books.sums, read_note(entry.note)
    _trade(books, entry, numbers["market"], numbers)
    leg = books.terms.legs[books.leg(entry)]
    size = numbers["lots"] * leg.lot_size
    cost = position_pnl(size, entry.price, numbers["market"], leg.inverse) * numbers["worth"]
    sums.slippage += -cost
    sums.liquidation += cost
    sums.deleveraged += 1
    sums.naked = True


def _conversion(books: Books, entry: LedgerEntry) -> None:
    stock, number = books.stock(entry), books.account(entry)
    given = books.terms.accounts[number]
    books.pay_in(entry, entry.cash)
    if entry.unit == given.collateral:
        numbers = read_note(entry.note)
        books.sums.slippage += numbers["slipped"] * numbers["worth"]
        books.sums.fees += entry.fee * numbers["worth"]
        stock.beyond_cost += entry.value
        return
    declared = any(p.asset == entry.unit and p.from_holding for p in given.pledges)
    if declared and entry.cash < 0.0:
        stock.holding += entry.cash
        stock.cost += entry.value
    else:
        stock.beyond_cost += entry.value


def _funding(books: Books, entry: LedgerEntry) -> None:
    sums = books.sums
    books.pay_in(entry, entry.cash)
    books.stock(entry).beyond_cost += entry.value
    sums.funding += entry.value
    sums.settlements += 1
    sums.received += max(entry.value, 0.0)
    sums.paid += max(-entry.value, 0.0)


def _top_up(books: Books, entry: LedgerEntry) -> None:
    purse = books.purse(entry)
    purse.reserve -= read_note(entry.note)["own"]
    purse.raised = 0.0
    _set_off(books, entry, -entry.cash)
    books.sums.top_ups += 1


def _withdrawal(books: Books, entry: LedgerEntry) -> None:
    purse = books.purse(entry)
    purse.wallet += entry.cash
    _set_off(books, entry, entry.cash)
    books.sums.withdrawals += 1


def _set_off(books: Books, entry: LedgerEntry, amount: float) -> None:
    delay = books.terms.accounts[books.account(entry)].delay_seconds
    purse = books.purse(entry)
    purse.transit = amount
    purse.arrival = entry.time // 1_000_000_000 + delay


def _arrival(books: Books, entry: LedgerEntry) -> None:
    purse = books.purse(entry)
    purse.transit = 0.0
    if entry.account == RESERVE:
        purse.reserve += entry.cash - read_note(entry.note)["repaid"]
    else:
        purse.wallet += entry.cash


def _interest(books: Books, entry: LedgerEntry) -> None:
    stock = books.stock(entry)
    books.sums.financing += entry.value
    stock.beyond_cost += entry.value
    if entry.account == DEBT:
        books.purse(entry).debt -= entry.cash
        return
    if entry.account == HOLDING:
        stock.pocket += entry.cash
    elif entry.account == RESERVE:
        books.purse(entry).reserve += entry.cash
    else:  # owed inside the account
        books.pay_in(entry, entry.cash)
        return
    if entry.account == HOLDING or entry.kind is EntryKind.STAKING:
        books.sums.staking += entry.value


def _sale(books: Books, entry: LedgerEntry) -> None:
    stock = books.stock(entry)
    if entry.account == HOLDING:
        stock.pocket += entry.cash
        stock.holding += entry.cash
        stock.cost += entry.value
        return
    numbers = read_note(entry.note)
    books.sums.slippage += numbers["slipped"] * numbers["worth"]
    books.sums.fees += entry.fee * numbers["worth"]
    stock.beyond_cost += entry.value
    _raised(books, entry)


def _loan(books: Books, entry: LedgerEntry) -> None:
    purse = books.purse(entry)
    if entry.account == DEBT:
        purse.debt -= entry.cash
    elif entry.cash > 0.0:
        _raised(books, entry)
    else:  # repaid out of what has just arrived, which the arrival already left out
        terms = books.terms.accounts[books.account(entry)]
        if terms.reserve_from is Funds.BORROWED:
            purse.line = min(purse.line - entry.cash, terms.reserve)


def _raised(books: Books, entry: LedgerEntry) -> None:
    purse = books.purse(entry)
    if entry.account == RESERVE:
        purse.raised += entry.cash
        purse.line -= entry.cash
    else:  # the deposit, at the opening
        purse.wallet += entry.cash


def _flow(books: Books, entry: LedgerEntry) -> None:
    stock = books.stock(entry)
    if entry.account != HOLDING:
        books.pay_in(entry, entry.cash)
        stock.beyond_cost += entry.value
        books.sums.flows += entry.value
        return
    stock.holding += entry.cash
    stock.pocket += entry.cash
    stock.cost += entry.value
    stock.declared += entry.cash
    stock.declared_cost += entry.value
    books.sums.flows += entry.value


_RULES: Final[dict[EntryKind, Callable[[Books, LedgerEntry], None]]] = {
    EntryKind.OPENING: _opening,
    EntryKind.FILL: _fill,
    EntryKind.FUNDING: _funding,
    EntryKind.LIQUIDATION: _liquidation,
    EntryKind.TOP_UP: _top_up,
    EntryKind.WITHDRAWAL: _withdrawal,
    EntryKind.ARRIVAL: _arrival,
    EntryKind.INTEREST: _interest,
    EntryKind.STAKING: _interest,
    EntryKind.SALE: _sale,
    EntryKind.LOAN: _loan,
    EntryKind.FLOW: _flow,
    EntryKind.CONVERSION: _conversion,
    EntryKind.DELEVERAGING: _deleveraging,
}
