"""The book: what is held, how it changes from outside, and what its worth is counted in."""

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, get_args

from hedgerow.errors import ConfigError
from hedgerow.exposure.columns import Columns, columns_of
from hedgerow.exposure.flow import Flow
from hedgerow.exposure.line import Kind, Line
from hedgerow.exposure.positions import Position, coming
from hedgerow.market.instrument import MONEY

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

__all__ = ["Book", "Flow", "Holding"]


@dataclass(frozen=True, slots=True)
class Holding:
    """An amount of one asset, and what comes and goes.

    Attributes
    ----------
    asset
        Coin or money: BTC, ETH, USDT; of a wrapped or staked coin its name, ``wstETH``.
    amount
        Held at the start of the run, in units of the asset, >= 0.
    flows
        Later changes, in any order; those at or before the start of a run count into the start.
    of, ratio
        The coin that a wrapped or staked one stands for, and how many of it one unit is.

    Examples
    --------
    >>> Holding("wstETH", 10.0, of="ETH", ratio=1.19).lines()[0].size
    11.899999999999999
    """

    asset: str
    amount: float = 0.0
    flows: tuple[Flow, ...] = field(default=(), kw_only=True)
    of: str | None = field(default=None, kw_only=True)
    ratio: float = field(default=1.0, kw_only=True)

    def __post_init__(self) -> None:
        coin = self.asset if self.of is None else self.of
        if not coin or coin != coin.upper() or "/" in coin:
            raise ConfigError(f"asset {coin!r}: write one currency in capitals, such as BTC")
        if not math.isfinite(self.amount) or self.amount < 0.0:
            raise ConfigError(f"{self.asset}: amount = {self.amount}; it must be >= 0")
        if not 0.0 < self.ratio < math.inf or (self.of is None and self.ratio != 1.0):
            raise ConfigError(
                f"{self.asset}: ratio = {self.ratio}; write how many of the coin in `of` one is"
            )

    def lines(self) -> tuple[Line, ...]:
        """Return what is held, and each flow, as lines of a book."""
        coin = self.asset if self.of is None else self.of
        now = Line(self.asset, Kind.COIN, coin, self.amount * self.ratio)
        return now, *(coming(coin, flow, self.ratio) for flow in self.flows)


@dataclass(frozen=True, slots=True)
class Book:
    """Everything held, and the numeraire in which a neutral book does not move.

    Attributes
    ----------
    positions
        Holdings, one for each asset, and contracts, liquidity and coins to come, as many as wanted.
    numeraire
        Money (USD, USDT) or a coin: then the money is the exposure.

    Examples
    --------
    >>> from hedgerow.exposure.positions import Option
    >>> book = Book([Holding("BTC", 120.0), Option("BTC/USD:BTC-260327-100000-C", -50.0)])
    >>> book.amount("BTC"), len(book)
    (120.0, 2)
    """

    positions: "Sequence[Holding | Position]"
    numeraire: str = "USD"
    _columns: Columns | None = field(default=None, repr=False, compare=False, kw_only=True)

    def __post_init__(self) -> None:
        if not self.positions and self._columns is None:
            raise ConfigError("the book is empty; declare at least one holding")
        object.__setattr__(self, "positions", tuple(self.positions))
        for place, held in enumerate(self.positions):
            if not isinstance(held, Holding | Position):
                names = ", ".join(one.__name__ for one in get_args(Position))
                raise ConfigError(
                    f"positions[{place}] = {held!r:.60}: a book takes Holding, {names}; of a "
                    "frame of symbols write Book.from_frame"
                )
        names = [holding.asset for holding in self.holdings]
        for name in names:
            if names.count(name) > 1:
                raise ConfigError(f"the book declares {name} twice; join the two holdings")

    @classmethod
    def from_frame(cls, frame: "pl.DataFrame", *, numeraire: str = "USD") -> "Book":
        """Return a book of many positions, one row each.

        Parameters
        ----------
        frame
            ``symbol`` and ``size``, and ``entry`` where an average price is known. A symbol is a
            currency (held), a perpetual's, a dated future's or an option's; sizes are as of
            `Holding`, `Perp`, `DatedFuture` and `Option`. Rows that cannot be meant are left out
            and named in `Exposure.problems`.

        Examples
        --------
        >>> import polars as pl
        >>> frame = pl.DataFrame({"symbol": ["BTC", "BTC/USD:BTC-260327-9e4-C"], "size": [2, 1]})
        >>> [problem.reason for problem in Book.from_frame(frame).columns.problems]
        ['symbol is none that we know']
        """
        from hedgerow.exposure.frame import columns_of_frame  # noqa: PLC0415 - polars takes time

        return cls((), numeraire, _columns=columns_of_frame(frame))

    @property
    def holdings(self) -> tuple[Holding, ...]:
        """Coins and money, without contracts."""
        return tuple(held for held in self.positions if isinstance(held, Holding))

    @property
    def columns(self) -> Columns:
        """All positions as columns, a set of them for each kind; worked out once."""
        columns = self._columns
        if columns is None:
            columns = columns_of([line for held in self.positions for line in held.lines()])
            object.__setattr__(self, "_columns", columns)
        return columns

    def __len__(self) -> int:
        """Return how many lines the book has: each flow of a holding is one."""
        return self.columns.size

    @property
    def numeraire_coin(self) -> str | None:
        """The coin that worth is counted in, None for money."""
        return None if self.numeraire in MONEY else self.numeraire

    def amount(self, asset: str) -> float:
        """Return what is held of an asset at the start, 0 if nothing."""
        return sum(holding.amount for holding in self.holdings if holding.asset == asset)
