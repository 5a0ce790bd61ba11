"""A book measured at a market: its sums by underlying and expiry, in any numeraire."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from hedgerow.errors import ConfigError, UnknownName
from hedgerow.exposure import futures, listed_options, perpetual_options
from hedgerow.exposure.book import Book
from hedgerow.exposure.columns import Group, Problem
from hedgerow.exposure.greeks import COUNT, WORTH, Greeks, converted, crossed
from hedgerow.exposure.line import Kind
from hedgerow.exposure.valued import Place, Valued
from hedgerow.exposure.view import MarketView
from hedgerow.market.instrument import MONEY
from hedgerow.units import Floats, Integers

_FORMULAS: Final[Mapping[Kind, Callable[[Group, Place, Floats], Valued]]] = {
    Kind.COIN: futures.value_coins,
    Kind.PERP: futures.value_perps,
    Kind.FUTURE: futures.value_futures,
    Kind.OPTION: listed_options.value_options,
    Kind.EVERLASTING: perpetual_options.value_everlasting,
    Kind.POWER: perpetual_options.value_powers,
    Kind.POOL: perpetual_options.value_pools,
    Kind.SWAP: futures.value_swaps,
    Kind.VOLATILITY: futures.value_volatilities,
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Measured:
    """A book at a market.

    Sensitivities are those of `greeks.Greeks`: delta, gamma and vanna in coins, the rest in the
    numeraire. In a coin as numeraire that coin's delta is the money the book holds, as coins short.

    Attributes
    ----------
    book, market
        What was valued, and at what.
    numeraire
        What worth is counted in.
    groups
        The positions by kind, in money.
    cells
        Sums by underlying and expiry, in the order of the book's cells, in money, ``(10, cells)``.
    """

    book: Book
    market: MarketView
    numeraire: str
    groups: tuple[Valued, ...] = field(repr=False)
    cells: Floats = field(repr=False)

    @property
    def underlyings(self) -> tuple[str, ...]:
        """What the book moves with, in alphabetical order; a coin numeraire is among them."""
        names = set(self.book.columns.underlyings)
        if self.moves_with_numeraire:
            names.add(self.numeraire)
        return tuple(sorted(name for name in names if self.market.moves(name)))

    @property
    def moves_with_numeraire(self) -> bool:
        """Whether the numeraire has a price of its own, so that money is an exposure."""
        return self.market.moves(self.numeraire)

    @property
    def price(self) -> float:
        """The numeraire's price, in money."""
        return price_of(self.market, self.numeraire)

    @property
    def worth(self) -> float:
        """What the whole book is worth, in the numeraire."""
        return float(self.cells[WORTH].sum()) / self.price

    def __getitem__(self, underlying: str) -> Greeks:
        """Return the sensitivities of the whole book by one underlying.

        Raises
        ------
        UnknownName
            If the book does not move with it.
        """
        if underlying not in self.underlyings:
            raise UnknownName("underlying", underlying, self.underlyings)
        codes, _, values = self.by_cell()
        at = np.array([self.names[code] == underlying for code in codes.tolist()], dtype=np.bool_)
        return Greeks(*(float(value) for value in values[:, at].sum(axis=1)))

    @property
    def names(self) -> tuple[str, ...]:
        """The book's underlyings, and the numeraire last if it is none of them."""
        known = self.book.columns.underlyings
        return known if self.numeraire in known else (*known, self.numeraire)

    def by_cell(self) -> tuple[Integers, Integers, Floats]:
        """Return underlying (its place in `names`), expiry and sensitivities of each cell.

        In a numeraire with a price of its own each expiry has a cell of it, for the worth that it
        brings; shapes ``(cells,)``, ``(cells,)`` and ``(10, cells)``.
        """
        columns = self.book.columns
        if not self.moves_with_numeraire:
            return columns.cells, columns.cell_expiry, self.cells
        return self.told(self.cells, columns.cells, columns.cell_expiry)

    def told(
        self, money: Floats, underlying: Integers, expiry: Integers
    ) -> tuple[Integers, Integers, Floats]:
        """Return sensitivities in money, with their underlying and expiry, in the numeraire.

        What moves with another underlying brings one more column: that of the numeraire.
        """
        coin = self.names.index(self.numeraire)
        own = underlying == coin
        mine = converted(money, own, self.price)
        others = ~own
        codes = np.append(underlying, np.full(int(others.sum()), coin))
        values = np.concatenate([mine, crossed(money[:, others], self.price)], axis=1)
        return codes, np.append(expiry, expiry[others]), values

    @property
    def problems(self) -> tuple[Problem, ...]:
        """The positions that are not counted, or not wholly, and why, in the book's order."""
        columns = self.book.columns
        found = list(columns.problems)
        for group in self.groups:
            for row, reason in (*group.rows.problems(), *group.notes):
                place = int(group.group.rows[row])
                found.append(Problem(place, columns.names[place], reason))
        return tuple(sorted(found))

    def coin_equity(self, coin: str) -> float:
        """Return the account's whole equity in a coin: cash, options' worth and what is unrealised.

        Holdings, and whatever settles in the coin, counted in it.
        """
        code = _code_of(self.book.columns.underlyings, coin)
        total = 0.0
        for group in self.groups:
            kept = group.group.kind is Kind.COIN
            in_coin = np.full(group.group.rows.size, kept) | (group.group["inverse"] > 0.0)
            here = in_coin & (group.group.codes == code)
            if here.any():
                total += float(np.nansum(group.table[WORTH, here]))
        return total / self.market.spot_of(coin)


def measured(book: Book, market: MarketView) -> Measured:
    """Return a book measured at a market, in the book's numeraire."""
    price_of(market, book.numeraire)
    columns = book.columns
    place = place_of(book, market)
    cells = np.zeros((COUNT, columns.cells.size))
    groups = tuple(_FORMULAS[group.kind](group, place, cells) for group in columns.groups)
    return Measured(book=book, market=market, numeraire=book.numeraire, groups=groups, cells=cells)


def place_of(book: Book, market: MarketView) -> Place:
    """Return where the book's groups stand."""
    columns = book.columns
    return Place.of(market, columns.names, columns.underlyings)


def price_of(market: MarketView, numeraire: str) -> float:
    """Return a numeraire's price, in money.

    Raises
    ------
    ConfigError
        If the market has none.
    """
    price = market.spot_of(numeraire)
    if not price > 0.0:
        held = numeraire.upper()
        mend = "give one"
        if numeraire != held and (held in MONEY or market.spot_of(held) > 0.0):
            mend = f"write {held}"
        raise ConfigError(f"numeraire {numeraire}: the market has no spot price of it; {mend}")
    return price


def _code_of(names: tuple[str, ...], coin: str) -> int:
    if coin not in names:
        raise UnknownName("underlying", coin, names)
    return names.index(coin)
