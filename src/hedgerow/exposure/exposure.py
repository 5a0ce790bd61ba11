"""What a book is worth at a market, and how that moves: by underlying, expiry and position."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hedgerow.exposure import beta, hedge, scenario
from hedgerow.exposure.book import Book
from hedgerow.exposure.greeks import Greeks
from hedgerow.exposure.measured import Measured, measured, price_of
from hedgerow.exposure.positions import Position
from hedgerow.exposure.view import MarketView
from hedgerow.pricing.rows import Column

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Exposure(Measured):
    """A book at a market: what it is worth, how that moves, and what takes the move away.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from hedgerow.exposure.book import Holding
    >>> from hedgerow.exposure.positions import Perp
    >>> book = Book([Holding("BTC", 2.0), Perp("BTC/USD:BTC", -90_000.0, entry=60_000.0)])
    >>> market = MarketView(
    ...     time=datetime(2026, 1, 2, tzinfo=UTC),
    ...     spot={"BTC": 60_000.0},
    ...     marks={"BTC/USD:BTC": 60_000.0},
    ...     funding={"BTC/USD:BTC": 0.1},
    ... )
    >>> found = exposure(book, market)
    >>> found["BTC"].delta, found["BTC"].carry, found.hedge_size("BTC/USD:BTC")
    (0.5, 9000.0, -30000.0)
    >>> found.scenario(spot=[-0.3, 0.3]).change.ravel().round(6).tolist()
    [-9000.0, 9000.0]
    >>> found.ladder("carry").rows()
    [('no expiry', 9000.0, 9000.0)]

    With another coin beside it, all counted as if it were the first, which it moves one and a half
    times as far as:

    >>> both = Book([*book.positions, Holding("ETH", 20.0)])
    >>> beside = MarketView(
    ...     time=datetime(2026, 1, 2, tzinfo=UTC),
    ...     spot={"BTC": 60_000.0, "ETH": 3_000.0},
    ...     marks=market.marks,
    ...     funding=market.funding,
    ... )
    >>> together = exposure(both, beside)
    >>> together.beta_weighted("BTC", {"ETH": 1.5}).delta
    2.0
    >>> together.scenario(spot=-0.3, betas={"ETH": 1.5}).change.item()
    -36000.0
    """

    def counted_in(self, numeraire: str) -> "Exposure":
        """Return the same counted in another numeraire, money or a coin."""
        price_of(self.market, numeraire)
        return Exposure(
            book=self.book,
            market=self.market,
            numeraire=numeraire,
            groups=self.groups,
            cells=self.cells,
        )

    def hedge_size(
        self, instrument: str | Position, *, greek: str = "delta", underlying: str = ""
    ) -> float:
        """Return the size of a trade in `instrument` that takes a sensitivity away.

        See `hedge.hedge_size`.
        """
        return hedge.hedge_size(self, instrument, greek=greek, underlying=underlying)

    def beta_weighted(self, to: str, betas: Mapping[str, float]) -> Greeks:
        """Return all underlyings' sensitivities together, as if they were of `to`.

        Parameters
        ----------
        betas
            How many per cent each other underlying moves when `to` moves by one.
        """
        return beta.beta_weighted(self, to, betas)

    def scenario(
        self,
        *,
        spot: Column = 0.0,
        volatility: Column = 0.0,
        years: Column = 0.0,
        funding: Column = 0.0,
        betas: "Mapping[str, float] | None" = None,
    ) -> scenario.Cube:
        """Return the book's worth where every move meets every other, each position priced anew.

        Parameters
        ----------
        spot
            Moves of all spot prices and what hangs on them, -0.1 for a fall of 10 per cent.
        volatility
            Added to all volatilities, 0.1 for ten points.
        years
            Time gone by; forwards stand still, dated options age and end at their payoff, funding
            is paid.
        funding
            Added to the yearly funding of all perpetuals, from now on.
        betas
            How many times the move of `spot` each underlying makes; 1 where left out.
        """
        moves = scenario.Scenarios.of(spot, volatility, years, funding)
        return scenario.revalued(self, moves, {} if betas is None else betas)

    def by_underlying(self) -> "pl.DataFrame":
        """Return the sensitivities by underlying, one row each."""
        from hedgerow.exposure.tables import by_underlying  # noqa: PLC0415 - polars takes time

        return by_underlying(self)

    def by_expiry(self, buckets: "Sequence[float] | None" = None) -> "pl.DataFrame":
        """Return the sensitivities by underlying and expiry; see `tables.by_expiry`."""
        from hedgerow.exposure.tables import by_expiry  # noqa: PLC0415 - polars takes time

        return by_expiry(self, buckets)

    def ladder(
        self, quantity: str = "vega", buckets: "Sequence[float] | None" = None
    ) -> "pl.DataFrame":
        """Return one sensitivity, a row for each expiry, a column for each underlying."""
        from hedgerow.exposure.tables import ladder  # noqa: PLC0415 - polars takes time

        return ladder(self, quantity, buckets)

    def contributions(self) -> "pl.DataFrame":
        """Return what each position brings; see `tables.contributions`."""
        from hedgerow.exposure.tables import contributions  # noqa: PLC0415 - polars takes time

        return contributions(self)


def exposure(book: Book, market: MarketView) -> Exposure:
    """Return what a book is worth at a market and how that moves, in the book's numeraire.

    Positions that the market lacks something for are left out, and named in `Exposure.problems`.

    Raises
    ------
    ConfigError
        If the numeraire is a coin that the market has no price of.
    """
    found = measured(book, market)
    return Exposure(
        book=book,
        market=market,
        numeraire=book.numeraire,
        groups=found.groups,
        cells=found.cells,
    )
