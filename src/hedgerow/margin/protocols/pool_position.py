"""A position against a liquidity pool, as GMX v2 has it: when its keepers may close it."""

from dataclasses import dataclass

from hedgerow.margin.collateral import Collateral
from hedgerow.margin.liquidation import liquidation_price
from hedgerow.margin.margin_account import MarginAccount
from hedgerow.margin.position import Position
from hedgerow.margin.terms import flat_terms


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolPosition:
    """A position with its own collateral; money is in dollars.

    Attributes
    ----------
    asset
        The coin of the index.
    size
        Signed dollars at the entry, long > 0: it stands still while the price moves.
    entry
        Price at which it was opened.
    collateral
        What lies behind it; a coin moves with the index if it is the same one.
    fees
        Position, borrowing and funding fees still to pay on closing.
    impact
        Price impact of closing, < 0 if it costs; gains do not count.
    minimum
        Least collateral of any position.
    factor
        Least collateral as a fraction of `size`.

    References
    ----------
    GMX synthetics, ``contracts/position/PositionUtils.sol``, isPositionLiquidatable: below
    ``minimum``, below 0, or below ``size * factor``.

    Examples
    --------
    >>> dollars = Collateral(asset="USDC", amount=1_000.0)
    >>> short = PoolPosition(asset="BTC", size=-10_000.0, entry=50_000.0, collateral=dollars)
    >>> short.is_liquidatable(54_000.0), short.is_liquidatable(54_600.0)
    (False, True)
    >>> round(short.liquidation_price, 6)
    54500.0
    """

    asset: str
    size: float
    entry: float
    collateral: Collateral
    fees: float = 0.0
    impact: float = 0.0
    minimum: float = 1.0
    factor: float = 0.01

    def remaining(self, price: float) -> float:
        """Return collateral, profit, impact and fees at an index price."""
        moves = self.collateral.asset == self.asset
        held = self.collateral.worth(price if moves else None)
        profit = self.size * (price / self.entry - 1.0)
        return held + profit + min(self.impact, 0.0) - self.fees

    @property
    def least(self) -> float:
        """Collateral below which the position may be closed."""
        return max(self.minimum, abs(self.size) * self.factor)

    def is_liquidatable(self, price: float) -> bool:
        """Tell whether keepers may close it at an index price."""
        return self.remaining(price) < self.least

    @property
    def liquidation_price(self) -> float | None:
        """The index price at which it may be closed, None if never against it."""
        terms = flat_terms(0.0, symbol=f"{self.asset}/USD:USD")
        held = Position(terms=terms, size=self.size / self.entry, entry=self.entry)
        account = MarginAccount(
            positions=(held,),
            collaterals=(self.collateral,),
            unit="USD",
            fixed_requirement=self.least + self.fees - min(self.impact, 0.0),
        )
        return liquidation_price(account)
