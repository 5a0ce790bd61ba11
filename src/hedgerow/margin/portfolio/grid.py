"""A book over a grid of scenarios: the profit in each, and the worst."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from hedgerow.errors import ConfigError
from hedgerow.margin.portfolio.book import (
    Numeraire,
    PortfolioBook,
    VolatilityMove,
    VolatilityShock,
)

_ROUNDING: Final = 1e-12  # relative; profits nearer than this are the same


class Scenario(NamedTuple):
    """One move of the market.

    ``price_move`` is a fraction: -0.16 is a fall of 16 %. ``volatility`` says which way implied
    volatility goes, ``weight`` which fraction of the profit or loss counts.
    """

    price_move: float
    volatility: VolatilityMove
    weight: float = 1.0


class ScenarioProfit(NamedTuple):
    """One row of the grid; the profit is weighted and in the grid's numeraire."""

    price_move: float
    volatility: VolatilityMove
    profit: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioGrid:
    """The profit in every scenario.

    Attributes
    ----------
    rows
        In the order of the scenarios.
    numeraire
        ``"coin"`` or ``"quote"``.
    """

    rows: tuple[ScenarioProfit, ...]
    numeraire: Numeraire

    @property
    def worst(self) -> ScenarioProfit:
        """The lowest profit, the first of those that only rounding tells apart."""
        lowest = min(row.profit for row in self.rows)
        almost = lowest + _ROUNDING * abs(lowest)
        return next(row for row in self.rows if row.profit <= almost)

    @property
    def worst_at(self) -> tuple[float, VolatilityMove]:
        """Where the lowest profit is."""
        return self.worst.price_move, self.worst.volatility

    @property
    def loss(self) -> float:
        """The worst loss, >= 0."""
        return max(-self.worst.profit, 0.0)


def price_volatility_grid(
    price_range: float, buckets: int, moves: Sequence[VolatilityMove] = ("up", "same", "down")
) -> tuple[Scenario, ...]:
    """Return `buckets` even price steps from ``-price_range`` to it, each with each `moves`.

    >>> [scenario.price_move for scenario in price_volatility_grid(0.16, 9, ["same"])][:3]
    [-0.16, -0.12, -0.08]
    """
    if buckets < 2 or not 0.0 < price_range < 1.0:
        raise ConfigError(
            f"a grid of {buckets} price steps up to {price_range}: it takes at least 2 steps and "
            "a range between 0 and 1"
        )
    half = (buckets - 1) / 2.0
    steps = [round(price_range * (step - half) / half, 12) for step in range(buckets)]
    return tuple(Scenario(step, move) for step in steps for move in moves)


def extended_table(
    price_range: float, steps: Sequence[float], numeraire: Numeraire = "quote"
) -> tuple[Scenario, ...]:
    """Return far moves with volatility up, of which only a part counts.

    It is the part that leaves a perpetual with the loss it has at the edge of the range, so that
    the far moves find options sold far out of the money and nothing else: ``price_range / |move|``
    in quote.

    >>> [round(far.weight, 4) for far in extended_table(0.16, (-0.66, 5.0))]
    [0.2424, 0.032]
    """
    return tuple(
        Scenario(
            step,
            "up",
            min(
                1.0,
                _perpetual_loss(math.copysign(price_range, step), numeraire)
                / _perpetual_loss(step, numeraire),
            ),
        )
        for step in steps
    )


def _perpetual_loss(move: float, numeraire: Numeraire) -> float:
    """Return what a perpetual of one coin loses or gains in a move, in coin or per quote."""
    return abs(move) / (1.0 + move) if numeraire == "coin" else abs(move)


def profit_grid(
    book: PortfolioBook,
    scenarios: Sequence[Scenario],
    shock: VolatilityShock,
    numeraire: Numeraire = "quote",
) -> ScenarioGrid:
    r"""Return the book's profit in each scenario, valued at the shocked price.

    In quote it is :math:`C (S' - S) + \Delta V`, with :math:`C` coins of collateral and :math:`V`
    profit of futures plus worth of options. In coin it is :math:`D (1/S' - 1/S) + V'/S' - V/S`,
    with :math:`D` the cash: what does not move is the collateral that is the numeraire itself.

    Examples
    --------
    >>> from hedgerow.margin.portfolio.book import FuturePosition, Settlement
    >>> short = FuturePosition(size=-60_000.0, mark=60_000.0, settlement=Settlement.INVERSE)
    >>> book = PortfolioBook(index=60_000.0, coins=1.0, futures=[short])
    >>> grid = profit_grid(book, [Scenario(-0.5, "same")], VolatilityShock(up=0.5, down=0.25))
    >>> grid.worst.profit  # a coin sold forward for its dollars gains and loses nothing
    0.0
    """
    now = book.position_worth()
    rows = []
    for scenario in scenarios:
        factor = 1.0 + scenario.price_move
        if not factor > 0.0:
            raise ConfigError(f"scenario: a price move of {scenario.price_move} leaves no price")
        then = book.position_worth(factor, scenario.volatility, shock)
        if numeraire == "coin":
            profit = (then + book.cash) / (book.index * factor) - (now + book.cash) / book.index
        else:
            profit = then - now + book.coins * book.index * scenario.price_move
        profit *= scenario.weight
        rows.append(ScenarioProfit(scenario.price_move, scenario.volatility, profit))
    return ScenarioGrid(rows=tuple(rows), numeraire=numeraire)
