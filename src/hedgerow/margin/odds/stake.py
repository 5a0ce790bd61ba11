"""One position, what is deposited behind it, and the prices at which that is gone."""

import math
from dataclasses import dataclass, replace
from typing import NamedTuple, Self

from hedgerow.errors import ConfigError
from hedgerow.margin.collateral import Collateral
from hedgerow.margin.initial import initial_margin
from hedgerow.margin.liquidation import liquidation_price
from hedgerow.margin.margin_account import MarginAccount
from hedgerow.margin.position import Position
from hedgerow.margin.terms import flat_terms, terms_of
from hedgerow.market.venue import ContractRules

HALVINGS = 200
FARTHEST = 20.0  # log price either way, 500 million times: further off is nowhere


class SafeRange(NamedTuple):
    """The prices between which equity covers the requirement: 0 and inf where there is no end."""

    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Stake:
    """A position and the collateral that answers for it, and for nothing else.

    Attributes
    ----------
    deposit
        In settlement currency: cash for a linear contract, coins for an inverse one. A debt of the
        account is negative.
    coins
        Of the base coin, held beside the deposit as collateral of a linear contract, after the
        venue's haircut.

    Examples
    --------
    >>> stake = flat_stake(side=-1, leverage=4.0, maintenance=0.005, entry=100.0)
    >>> stake.deposit, round(stake.liquidation_price(), 6)
    (25.0, 124.378109)
    """

    position: Position
    deposit: float
    coins: float = 0.0

    def __post_init__(self) -> None:
        name = self.position.terms.symbol
        if not self.position.size:
            raise ConfigError(f"{name}: size = 0: only a position can be liquidated; give a size")
        if not math.isfinite(self.deposit):
            raise ConfigError(f"{name}: deposit = {self.deposit} is not a number")
        if not (math.isfinite(self.coins) and self.coins >= 0.0):
            raise ConfigError(f"{name}: coins = {self.coins}: it must be a number >= 0")
        if self.coins and self.position.terms.inverse:
            raise ConfigError(
                f"{name}: coins = {self.coins}: the coins behind an inverse contract are its "
                "deposit; add them there"
            )

    @property
    def leverage(self) -> float:
        """Notional over equity at the mark; inf without equity."""
        equity = self.deposit + self.coins * self.position.price + self.position.pnl()
        return self.position.notional() / equity if equity > 0.0 else math.inf

    @property
    def least_deposit(self) -> float:
        """What the venue asks for to open the position, coins counted."""
        return max(initial_margin(self.position) - self.coins * self.position.price, 0.0)

    @property
    def alive(self) -> bool:
        """Whether equity covers the requirement at the mark."""
        return self.surplus(self.position.price) >= 0.0

    def surplus(self, price: float) -> float:
        """Return equity less maintenance at `price`, in settlement currency."""
        position = self.position
        equity = self.deposit + self.coins * price + position.pnl(price)
        return equity - position.maintenance(price)

    def deposit_at(self, price: float) -> float:
        """Return the deposit that is just enough at `price`.

        >>> round(flat_stake(side=-1, leverage=5.0, maintenance=0.005).deposit_at(1.2), 12)
        0.206
        """
        return self.deposit - self.surplus(price)

    def safe_range(self) -> SafeRange:
        """Return the prices around the mark between which the account lives.

        Equity less requirement is concave in the price (in its inverse, for an inverse contract),
        so on each side there is at most one end. Both are the mark where it is dead already.
        """
        mark = self.position.price
        if not self.alive:
            return SafeRange(mark, mark)
        return SafeRange(self._end(-1.0, 0.0), self._end(1.0, math.inf))

    def liquidation_price(self) -> float:
        """Return the end of the range on the side that hurts; NaN where there is none.

        Of a stake that is dead already: the price at which it would be alive again.

        >>> round(flat_stake(side=1, leverage=10.0, maintenance=0.005).liquidation_price(), 12)
        0.904522613065
        """
        if not self.alive:
            price = liquidation_price(self._account())
            return math.nan if price is None else price
        ends = self.safe_range()
        hurting, other = (
            (ends.low, ends.high) if self.position.side > 0.0 else (ends.high, ends.low)
        )
        for price in (hurting, other):
            if 0.0 < price < math.inf:
                return price
        return math.nan

    def with_deposit(self, deposit: float) -> Self:
        """Return the same with another deposit."""
        return replace(self, deposit=deposit)

    def _account(self) -> MarginAccount:
        terms, mark = self.position.terms, self.position.price
        worth = mark if terms.inverse else 1.0
        held = [Collateral(asset=terms.settle, amount=self.deposit, price=worth)]
        if self.coins:
            held.append(Collateral(asset=terms.asset, amount=self.coins, price=mark))
        return MarginAccount(positions=(self.position,), collaterals=tuple(held), unit=terms.settle)

    def _end(self, way: float, nowhere: float) -> float:
        """Return the first price that way of the mark where the account dies."""
        mark = self.position.price
        near, far = 0.0, 1e-3
        while self.surplus(mark * math.exp(way * far)) >= 0.0:
            if far == FARTHEST:
                return nowhere
            near, far = far, min(2.0 * far, FARTHEST)
        inside, outside = mark * math.exp(way * near), mark * math.exp(way * far)
        for _ in range(HALVINGS):
            middle = 0.5 * (inside + outside)
            if middle in {inside, outside}:
                break
            if self.surplus(middle) >= 0.0:
                inside = middle
            else:
                outside = middle
        return outside


def stake_of(
    rules: ContractRules, size: float, entry: float, deposit: float, mark: float | None = None
) -> Stake:
    """Return a stake in the contract of `rules`; `size` is signed, see `Position`.

    Raises
    ------
    ConfigError
        If the position is larger than the venue's last bracket.

    Examples
    --------
    >>> from datetime import date
    >>> from hedgerow.market.tables import contract_rules
    >>> rules = contract_rules("binance", "BTC/USDT:USDT", date(2026, 8, 1))
    >>> stake = stake_of(rules, -120.0, 50_000.0, 2_000_000.0)
    >>> round(stake.liquidation_price(), 2)
    66101.07
    """
    terms = terms_of(rules)
    terms.check(size, entry)
    return Stake(position=Position(terms=terms, size=size, entry=entry, mark=mark), deposit=deposit)


def flat_stake(*, side: int, leverage: float, maintenance: float, entry: float = 1.0) -> Stake:
    """Return one coin at `leverage` on a venue that asks for one `maintenance` rate.

    >>> flat_stake(side=-1, leverage=5.0, maintenance=0.005).leverage
    5.0
    """
    position = Position(terms=flat_terms(maintenance), size=float(side), entry=entry)
    return Stake(position=position, deposit=entry / leverage)
