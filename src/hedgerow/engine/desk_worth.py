"""What the books are worth at the close, how much is exposed and where the P&L came from."""

from typing import Final, NamedTuple

from hedgerow.engine.desk_books import Books
from hedgerow.engine.desk_market import Market
from hedgerow.engine.pack import is_shared
from hedgerow.kernels.contract import position_pnl

PARTS: Final = (
    "exposure",
    "hedge_index",
    "hedge_basis",
    "funding",
    "fees",
    "slippage",
    "financing",
    "collateral",
    "liquidation",
)


class Parts(NamedTuple):
    """The P&L since the start by where it came from, numeraire; none is a remainder."""

    exposure: float
    hedge_index: float
    hedge_basis: float
    funding: float
    fees: float
    slippage: float
    financing: float
    collateral: float
    liquidation: float


def profit(books: Books, leg: int, price: float) -> float:
    """Return the unrealised profit of a leg at `price`, settle asset."""
    terms, position = books.terms.legs[leg], books.positions[leg]
    return position_pnl(position.lots * terms.lot_size, position.entry, price, terms.inverse)


def units(books: Books, asset: int) -> float:
    """Return all units of an asset that the books have, unrealised profit not counted."""
    held = books.stocks[asset].pocket
    name = books.terms.assets[asset]
    for terms, purse in zip(books.terms.accounts, books.purses, strict=True):
        if terms.collateral == name:
            held += purse.wallet + purse.reserve
            held += abs(purse.transit) - purse.debt
        elif is_shared(books.terms, terms):
            held += purse.pledges[asset]
    return held


def worth(books: Books, market: Market) -> float:
    """Return what the books are worth, positions at their marks, numeraire."""
    terms = books.terms
    total = 0.0
    for asset in range(len(terms.assets)):
        total += units(books, asset) * market.worth[asset]
    for leg, given in enumerate(terms.legs):
        settle = market.worth[terms.assets.index(given.settle)]
        total += profit(books, leg, market.quotes[leg].mark) * settle
    return total


def exposure(books: Books, market: Market, leg: int) -> float:
    """Return the coins exposed that a leg is to hedge, the hedge itself not counted.

    All coins of its asset, profit paid in them counted; in that coin as numeraire, less what the
    books are worth, so that the dollars are the exposure.
    """
    terms = books.terms
    asset = terms.legs[leg].asset
    coins = units(books, terms.assets.index(asset))
    for other, given in enumerate(terms.legs):
        if given.settle == asset:
            coins += profit(books, other, market.quotes[other].mark)
    if asset == terms.numeraire_coin:
        coins -= worth(books, market)
    return coins


def unhedged(books: Books, market: Market) -> float:
    """Return what the declared book alone has made since the start, numeraire."""
    total = books.sums.staking
    for stock, value in zip(books.stocks, market.worth, strict=True):
        total += stock.declared * value
        total -= stock.declared_cost
    return total


def parts(books: Books, market: Market) -> Parts:
    """Return the P&L since the start by part, each computed on its own."""
    sums = books.sums
    index, basis = _hedge(books, market)
    return Parts(
        exposure=sum(
            stock.holding * value - stock.cost
            for stock, value in zip(books.stocks, market.worth, strict=True)
        ),
        hedge_index=index,
        hedge_basis=basis,
        funding=sums.funding,
        fees=sums.fees,
        slippage=sums.slippage,
        financing=sums.financing,
        collateral=sum(_beyond(books, market, asset) for asset in range(len(books.stocks))),
        liquidation=sums.liquidation,
    )


def _hedge(books: Books, market: Market) -> tuple[float, float]:
    """Return the profit of all legs on the index, and that on mark less index."""
    by_index, by_basis = books.sums.realised_index, books.sums.realised_basis
    for leg, position, quote in zip(books.terms.legs, books.positions, market.quotes, strict=True):
        size = position.lots * leg.lot_size
        settle = market.worth[books.terms.assets.index(leg.settle)]
        pure = position_pnl(size, position.index_entry, quote.index_price, leg.inverse)
        plain = position_pnl(size, position.reference, quote.mark, leg.inverse)
        by_index += pure * settle
        by_basis += (plain - pure) * settle
    return by_index, by_basis


def _beyond(books: Books, market: Market, asset: int) -> float:
    """Return how the worth of what is held beyond the holding changed since it came.

    Slippage of open positions is in no wallet yet, and was valued when it was paid.
    """
    stock = books.stocks[asset]
    extra = units(books, asset) - stock.holding
    for leg, position in zip(books.terms.legs, books.positions, strict=True):
        if leg.settle == books.terms.assets[asset]:
            size = position.lots * leg.lot_size
            extra += position_pnl(size, position.entry, position.reference, leg.inverse)
    return extra * market.worth[asset] - stock.beyond_cost
