"""An account made ready for being solved again and again: arrays, and which rows move together."""

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
    """Rows of an account, and for each contract those that move with its price.

    Attributes
    ----------
    rows
        Positions, then collaterals.
    assets
        The coin of each row.
    symbol
        Number of the contract of each position, ``(positions,)``.
    mark
        Of each position, ``(positions,)``.
    moving, carried, against
        Of each contract: the rows that move with it, those that stand still in its coin, and
        the direction against what is held.

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
    symbol: Integers
    mark: Floats
    moving: Groups
    carried: Groups
    against: Floats

    @classmethod
    def of(cls, account: MarginAccount, rows: Rows) -> Self:
        """Return an account with its `rows`, which `hedgerow.margin.rows` makes."""
        held = account.positions
        symbols = list(dict.fromkeys(position.terms.symbol for position in held))
        number = {symbol: index for index, symbol in enumerate(symbols)}
        assets = [position.terms.asset for position in held]
        assets += [collateral.asset for collateral in account.collaterals]
        assets += [account.unit] * (len(rows.price) - len(assets))
        moving: list[list[int]] = [[] for _ in symbols]
        net = [0.0] * len(symbols)
        for row, position in enumerate(held):
            moving[number[position.terms.symbol]].append(row)
            net[number[position.terms.symbol]] += position.delta()
        carried = _carried(account, symbols, len(rows.price))
        for one in moving:
            asset = assets[one[0]]
            for row in range(len(held), len(held) + len(account.collaterals)):
                if assets[row] == asset:
                    one.append(row)
        return cls(
            rows=rows,
            assets=tuple(assets),
            symbol=np.array([number[position.terms.symbol] for position in held], dtype=np.int64),
            mark=np.array([position.price for position in held]),
            moving=_groups(moving),
            carried=_groups(carried),
            against=np.array([-1.0 if one >= 0.0 else 1.0 for one in net]),
        )

    def alone(self) -> Floats:
        """Return the price of each position at which the account dies if only that one moves.

        ``(positions,)``, NaN where there is none.
        """
        solve = plain(each_exit) if len(self.rows.price) <= FEW else each_exit
        factors = solve(self.rows, self.moving, self.carried, self.against)
        return self.mark * factors[self.symbol]

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
