"""The prices at which an account is liquidated, and at which it is bankrupt."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from hedgerow.margin.margin_account import MarginAccount
from hedgerow.margin.position import Position
from hedgerow.margin.prepared import PreparedAccount
from hedgerow.margin.rows import bankruptcy_rows, rows_of
from hedgerow.market.instrument import MONEY
from hedgerow.market.venue import MarginTier

Moving: TypeAlias = Literal["alone", "asset", "all"] | Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Liquidation:
    """Where one position takes its account down.

    Attributes
    ----------
    position
        Which one.
    price
        The mark at which equity is the requirement: in the direction against the position, or,
        where no price there does that, in the other; None if no price does. Of an account already
        below its requirement: the price at which it would be above again.
    bankruptcy
        The mark at which equity is nil, on the same side.
    bracket
        The venue's bracket at `price`.
    alive
        Whether the account is above its requirement at the mark.
    """

    position: Position
    price: float | None
    bankruptcy: float | None
    bracket: MarginTier | None
    alive: bool = True

    @property
    def distance(self) -> float | None:
        """How far the mark is from `price`, as a fraction of the mark, >= 0 while alive."""
        if self.price is None:
            return None
        away = abs(self.price / self.position.price - 1.0)
        return away if self.alive else -away

    @property
    def hurts(self) -> float:
        """+1 where `price` is reached by a fall, like a long's, and -1 where by a rise."""
        if self.price is None or self.price == self.position.price or not self.alive:
            return self.position.side
        return 1.0 if self.price < self.position.price else -1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Frontier:
    """The prices of one asset at which the whole account dies, None where it never does."""

    asset: str
    price: float
    down: float | None
    up: float | None


def liquidation_prices(account: MarginAccount, moving: Moving = "alone") -> tuple[Liquidation, ...]:
    """Return where each position takes the account down.

    Parameters
    ----------
    moving
        ``"alone"``: only the price of the position's own contract moves, and with it the
        collateral in its coin. ``"asset"``: so do all contracts on the same coin. ``"all"``:
        every price moves by the same fraction. A mapping from coin to beta: those coins move
        so many times as far, the others stand still.

    Examples
    --------
    >>> from hedgerow.margin.margin_account import isolated
    >>> from hedgerow.margin.terms import flat_terms
    >>> long = Position(terms=flat_terms(0.5, amount=0.0), size=1.0, entry=100.0)
    >>> liquidation_prices(isolated(long, 60.0))[0].price
    80.0
    """
    bust = _exits(PreparedAccount.of(account, bankruptcy_rows(account)), account, moving)
    fees = tuple(map(_closing_fee, account.positions, bust))
    ready = PreparedAccount.of(account, rows_of(account, fees))
    alive = ready.surplus >= 0.0
    prices = _exits(ready, account, moving)
    return tuple(
        Liquidation(
            position=position,
            price=price,
            bankruptcy=_beyond(bankrupt, price, position.price) if alive else bankrupt,
            bracket=None if price is None else position.bracket(price),
            alive=alive,
        )
        for position, price, bankrupt in zip(account.positions, prices, bust, strict=True)
    )


def liquidation_price(account: MarginAccount, moving: Moving = "alone") -> float | None:
    """Return the liquidation price of the account's first position."""
    return liquidation_prices(account, moving)[0].price


def bankruptcy_price(account: MarginAccount, moving: Moving = "alone") -> float | None:
    """Return the bankruptcy price of the account's first position."""
    return _exits(PreparedAccount.of(account, bankruptcy_rows(account)), account, moving)[0]


def frontier(
    account: MarginAccount, asset: str, betas: Mapping[str, float] | None = None
) -> Frontier:
    """Return the prices of `asset`, down and up, at which the account dies.

    Contracts on it and collateral in it move together; so do other coins that `betas` names.
    Coins that are not in the account, a hedged holding in a vault, do not count: that is why a
    hedge can die while the pair has lost nothing.

    Examples
    --------
    >>> from hedgerow.margin.collateral import Collateral
    >>> from hedgerow.margin.margin_account import isolated
    >>> from hedgerow.margin.terms import flat_terms
    >>> hedge = Position(terms=flat_terms(0.25), size=-1.0, entry=100.0)
    >>> frontier(isolated(hedge, 50.0), "BTC").up
    120.0
    >>> coins = (Collateral(asset="BTC", amount=1.0, price=100.0, haircut=0.0),)
    >>> frontier(MarginAccount(positions=(hedge,), collaterals=coins), "BTC").up
    400.0
    """
    bust = _exits(PreparedAccount.of(account, bankruptcy_rows(account)), account, "asset")
    fees = tuple(map(_closing_fee, account.positions, bust))
    ready = PreparedAccount.of(account, rows_of(account, fees))
    moves = {asset: 1.0, **(betas or {})}
    start = _asset_price(account, asset)
    down, up = (_price(start, ready.joint(moves, sign)) for sign in (-1.0, 1.0))
    return Frontier(asset=asset, price=start, down=down, up=up)


def _exits(ready: PreparedAccount, account: MarginAccount, moving: Moving) -> list[float | None]:
    """Return the exit price of each position: against it, or else on the other side."""
    if moving == "alone":
        return [
            price if held.size and not math.isnan(price) else None
            for held, price in zip(account.positions, ready.alone().tolist(), strict=True)
        ]
    return [_together(ready, account, position, moving) for position in account.positions]


def _together(
    ready: PreparedAccount, account: MarginAccount, position: Position, moving: Moving
) -> float | None:
    if not position.size:
        return None
    own = position.terms.asset
    if isinstance(moving, Mapping):
        pace = moving.get(own, 1.0)
        if pace == 0.0:
            return None
        moves = {asset: beta / pace for asset, beta in moving.items()} | {own: 1.0}
    else:
        every = {held.terms.asset for held in account.positions}
        every |= {held.asset for held in account.collaterals} - MONEY
        moves = dict.fromkeys(every if moving == "all" else {own}, 1.0)
    for sign in (-position.side, position.side):
        price = _price(position.price, ready.joint(moves, sign))
        if price is not None:
            return price
    return None


def _beyond(bankrupt: float | None, price: float | None, mark: float) -> float | None:
    """Return a bankruptcy price that lies on the side on which the account dies, else None."""
    if bankrupt is None or price is None or (bankrupt < mark) == (price < mark):
        return bankrupt
    return None


def _asset_price(account: MarginAccount, asset: str) -> float:
    for position in account.positions:
        if position.terms.asset == asset:
            return position.price
    return account.price_of(asset)


def _closing_fee(position: Position, bankrupt: float | None) -> float:
    """Return the fee of closing at the bankruptcy price, where the venue asks for it."""
    if position.terms.closing_fee != "bankruptcy" or bankrupt is None:
        return 0.0
    return position.terms.taker_fee * position.notional(bankrupt)


def _price(start: float, factor: float) -> float | None:
    return None if math.isnan(factor) else start * factor
