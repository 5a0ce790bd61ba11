"""Coins off the venue and the account that hedges them: what they are worth together."""

from dataclasses import dataclass

from hedgerow.margin.liquidation import Frontier, frontier
from hedgerow.margin.margin_account import MarginAccount


@dataclass(frozen=True, slots=True, kw_only=True)
class HedgedPair:
    """A holding of one coin in a vault, and an account with contracts on it.

    Only what moves with the coin counts: the vault, contracts on the coin, coins in the account.
    Money is the account's, prices are those of the coin.

    Attributes
    ----------
    account
        The account; its marks are those of now.
    asset
        The coin.
    spot
        Coins in the vault.

    Examples
    --------
    >>> from hedgerow.margin.margin_account import isolated
    >>> from hedgerow.margin.position import Position
    >>> from hedgerow.margin.terms import flat_terms
    >>> short = Position(terms=flat_terms(0.25), size=-1.0, entry=100.0)
    >>> pair = HedgedPair(account=isolated(short, 50.0), asset="BTC", spot=1.0)
    >>> pair.delta, pair.profit(pair.frontier.up)
    (0.0, 0.0)
    """

    account: MarginAccount
    asset: str
    spot: float

    @property
    def frontier(self) -> Frontier:
        """The prices at which the account dies."""
        return frontier(self.account, self.asset)

    @property
    def delta(self) -> float:
        """Change of the pair's worth per change of the price, coins.

        Of an inverse contract with its profit kept in coin: face over entry, at any price.
        """
        held = self.spot + self._coins
        for position in self.account.positions:
            if position.terms.asset == self.asset:
                inverse = position.terms.inverse
                held += position.size / position.entry if inverse else position.size
        return held

    def profit(self, price: float) -> float:
        """Return what the pair makes from now until the coin stands at `price`."""
        return self._worth(price) - self._worth(self._now)

    @property
    def _coins(self) -> float:
        held = self.account.collaterals
        return sum(collateral.amount for collateral in held if collateral.asset == self.asset)

    @property
    def _now(self) -> float:
        for position in self.account.positions:
            if position.terms.asset == self.asset:
                return position.price
        return self.account.price_of(self.asset)

    def _worth(self, price: float) -> float:
        worth = (self.spot + self._coins) * price
        for position in self.account.positions:
            if position.terms.asset == self.asset:
                worth += position.pnl(price) * (price if position.terms.inverse else 1.0)
        return worth
