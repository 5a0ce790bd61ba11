"""An account made ready for being solved again and again: arrays, and which rows move together.

Where a position takes its account down is searched on its own side first, against it, and where
no price there does, on the other: of a long and a short that almost cancel out, requirements grow
with the price and profits do not.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np

from hedgerow.kernels.cross_margin import Groups, Rows, each_exit, joint_exit
from hedgerow.kernels.plain import plain
from hedgerow.margin.margin_account import MarginAccount
from hedgerow.units import Floats, Integers

FEW = 8  # rows: compiling would take longer than answering


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedAccount:
    """Rows of an account, and for each side held of a contract those that move with its price.

    Attributes
    ----------
    rows
        Positions, then collaterals.
    assets
        The coin of each row.
    leg
        Number of the contract and side of each position, ``(positions,)``.
    mark
        Of each position, ``(positions,)``.
    moving, carried, against
        Of each leg: the rows that move with its contract, those that stand still in its coin,
        and the direction against it.

    Examples
    --------
    >>> from hedgerow.margin.margin_account import isolated
    >>> from hedgerow.margin.position import Position
    >>> from hedgerow.margin.rows import rows_of
    >>> from hedgerow.margin.terms import flat_terms
    >>> account = isolated(Position(terms=flat_terms(0.5), size=1.0, entry=100.0), 60.0)
    >>> PreparedAccount.of(account, rows_of(account, (0.0,))).alone().tolist()
    [80.0]
    """

    rows: Rows
    assets: tuple[str, ...]
    leg: Integers
    mark: Floats
    moving: Groups
    carried: Groups
    against: Floats

    @classmethod
    def of(cls, account: MarginAccount, rows: Rows) -> Self:
        """Return an account with its `rows`, which `hedgerow.margin.rows` makes."""
        held = account.positions
        symbols = list(dict.fromkeys(position.terms.symbol for position in held))
        legs = list(dict.fromkeys((position.terms.symbol, position.side) for position in held))
        number = {leg: index for index, leg in enumerate(legs)}
        assets = [position.terms.asset for position in held]
        assets += [collateral.asset for collateral in account.collaterals]
        assets += [account.unit] * (len(rows.price) - len(assets))
        moving: dict[str, list[int]] = {symbol: [] for symbol in symbols}
        for row, position in enumerate(held):
            moving[position.terms.symbol].append(row)
        carried = dict(zip(symbols, _carried(account, symbols, len(rows.price)), strict=True))
        for one in moving.values():
            asset = assets[one[0]]
            for row in range(len(held), len(held) + len(account.collaterals)):
                if assets[row] == asset:
                    one.append(row)
        return cls(
            rows=rows,
            assets=tuple(assets),
            leg=np.array(
                [number[position.terms.symbol, position.side] for position in held], dtype=np.int64
            ),
            mark=np.array([position.price for position in held]),
            moving=_groups([moving[symbol] for symbol, _ in legs]),
            carried=_groups([carried[symbol] for symbol, _ in legs]),
            against=np.array([-1.0 if side >= 0.0 else 1.0 for _, side in legs]),
        )

    @property
    def surplus(self) -> float:
        """Equity less requirement at the marks, in money."""
        rows = self.rows
        lines = rows.line_constant + rows.line_slope * rows.price[:, np.newaxis]
        asked = lines.max(axis=1, initial=0.0) + rows.curve / rows.price
        return float((rows.constant + rows.slope * rows.price - asked).sum())

    def alone(self) -> Floats:
        """Return the price of each position at which the account dies if only that one moves.

        Against the position, or, where no price there does, on the other side. ``(positions,)``,
        NaN where there is none.
        """
        solve = plain(each_exit) if len(self.rows.price) <= FEW else each_exit
        factors = solve(self.rows, self.moving, self.carried, self.against)
        none = np.isnan(factors)
        if none.any():  # to pick out those would take longer than to search for all
            other = solve(self.rows, self.moving, self.carried, -self.against)
            factors = np.where(none, other, factors)
        return self.mark * factors[self.leg]

    def joint(self, moves: Mapping[str, float], sign: float) -> float:
        """Return the factor of the market at which the account dies; NaN if it never does.

        Parameters
        ----------
        moves
            How much further than the market each coin moves; coins that are not named stand.
        sign
            +1 upwards, -1 downwards.
        """
        beta = np.array([float(moves.get(asset, 0.0)) for asset in self.assets])
        if not beta.any():
            return float("nan")
        solve = plain(joint_exit) if len(self.rows.price) <= FEW else joint_exit
        return float(solve(self.rows, beta, sign))


def _groups(sets: list[list[int]]) -> Groups:
    return Groups(
        first=np.cumsum([0, *(len(rows) for rows in sets)]),
        rows=np.array([row for rows in sets for row in rows], dtype=np.int64),
    )


def _carried(account: MarginAccount, symbols: list[str], rows: int) -> list[list[int]]:
    """Return for each contract the rows that stand still in its coin: others paid in it."""
    assets = {held.terms.symbol: held.terms.asset for held in account.positions}
    inverse = [
        (row, held.terms) for row, held in enumerate(account.positions) if held.terms.inverse
    ]
    fixed = list(range(len(account.positions) + len(account.collaterals), rows))
    found = []
    for symbol in symbols:
        asset = assets[symbol]
        others = [row for row, terms in inverse if terms.asset == asset and terms.symbol != symbol]
        found.append(others + fixed if account.unit == asset else others)
    return found
