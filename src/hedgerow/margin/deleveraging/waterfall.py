"""Where the loss of a liquidated position goes: book, insurance fund, winners."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from hedgerow.errors import ConfigError
from hedgerow.margin.deleveraging.ranking import Population, scores, taken_by_rank, unit_worth
from hedgerow.units import Floats

LastResort = Literal["deleverage", "socialise"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Takeover:
    """A liquidated position in the venue's hands, and what it still can bring.

    Attributes
    ----------
    size
        Long > 0; base coin if linear, quote face if inverse.
    bankruptcy
        Price at which its owner's margin is just gone.
    mark
        Mark price now, at which winners are ranked.
    """

    size: float
    bankruptcy: float
    mark: float

    def __post_init__(self) -> None:
        if self.size == 0.0:
            raise ConfigError("a takeover has size 0: there is nothing to close")
        for name in ("bankruptcy", "mark"):
            if not getattr(self, name) > 0.0:
                raise ConfigError(f"takeover: {name} = {getattr(self, name)}: it must be above 0")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BookSide:
    """The orders a liquidation can fill against, best first.

    Attributes
    ----------
    prices, sizes
        ``(orders,)``; bids for a long, asks for a short; sizes > 0 in the contract's unit.
    """

    prices: Floats
    sizes: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class WaterfallRule:
    """What a venue does once its insurance fund is empty.

    Attributes
    ----------
    last_resort
        ``"deleverage"``: winners hand over their positions at the bankruptcy price, by rank.
        ``"socialise"``: the order fills on and winners share the loss in proportion to profit.
    ranking
        Order of the queue, as `LiquidationRule.deleveraging` names it.
    """

    last_resort: LastResort = "deleverage"
    ranking: str = "profit_leverage"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Waterfall:
    """Where every unit of a takeover and every cent of its loss went.

    ``filled + sum(taken) + unfilled`` is the size taken over, and the proceeds of the book
    against the bankruptcy price are ``fund_change - sum(losses) - uncovered``.

    Attributes
    ----------
    filled
        Units closed in the book.
    fill_price
        Their average price (harmonic if inverse), None if none.
    fund
        The insurance fund afterwards, settlement currency.
    fund_change
        What it won (> 0) or paid (< 0).
    taken
        Units each winner handed over at the bankruptcy price, ``(positions,)``.
    losses
        What each winner paid of a socialised loss, settlement currency, ``(positions,)``.
    uncovered
        Socialised loss that exceeds all profits.
    unfilled
        Units that neither the book nor the winners could take.
    """

    filled: float
    fill_price: float | None
    fund: float
    fund_change: float
    taken: Floats
    losses: Floats
    uncovered: float
    unfilled: float

    @property
    def deleveraged(self) -> float:
        """Units taken from winners."""
        return float(self.taken.sum())


def waterfall(
    takeover: Takeover, book: BookSide, fund: float, population: Population, rule: WaterfallRule
) -> Waterfall:
    """Close a liquidated position in the book, then by the fund, then at the winners' expense.

    A fill better than the bankruptcy price feeds the insurance fund, a worse one is paid by it.
    When the fund is empty, what is left of the position goes to the opposite side by rank, or the
    order fills on and those in profit share the loss.

    Parameters
    ----------
    population
        The positions that may be deleveraged; those of the takeover's own side and those without
        equity are passed over. It also says whether the contract is inverse.

    Examples
    --------
    >>> shorts = Population(
    ...     sizes=np.array([-6.0, -4.0]), entries=np.array([100.0, 100.0]),
    ...     wallets=np.array([60.0, 400.0]),
    ... )
    >>> bids = BookSide(prices=np.array([88.0]), sizes=np.array([20.0]))
    >>> end = waterfall(
    ...     Takeover(size=10.0, bankruptcy=90.0, mark=88.0), bids, 8.0, shorts, WaterfallRule()
    ... )
    >>> end.filled, end.fund, end.taken.tolist()
    (4.0, 0.0, [6.0, 0.0])
    """
    if fund < 0.0:
        raise ConfigError(f"insurance fund = {fund}: it cannot be negative; write 0 for none")
    side = 1.0 if takeover.size > 0.0 else -1.0
    shares = rule.last_resort == "socialise"
    floor = unit_worth(takeover.bankruptcy, inverse=population.inverse)
    left, worth, change, shared = abs(takeover.size), 0.0, 0.0, 0.0
    for price, size in zip(book.prices.tolist(), book.sizes.tolist(), strict=True):
        at = unit_worth(price, inverse=population.inverse)
        units = min(left, size)
        covered = units_covered(units, side * (at - floor), fund + change)
        change += covered * side * (at - floor)
        if shares:
            shared -= (units - covered) * side * (at - floor)
            covered = units
        worth += covered * at
        left -= covered
        if left <= 0.0 or covered < units:
            break
    change = max(change, -fund)
    losses = _shared_losses(population, takeover, shared)
    taken = np.zeros_like(population.sizes) if shares else _taken(population, takeover, left, rule)
    filled = abs(takeover.size) - left
    return Waterfall(
        filled=filled,
        fill_price=_price_of(worth / filled, inverse=population.inverse) if filled else None,
        fund=fund + change,
        fund_change=change,
        taken=taken,
        losses=losses,
        uncovered=max(shared - float(losses.sum()), 0.0),
        unfilled=max(left - float(taken.sum()), 0.0),
    )


def units_covered(units: float, gain: float, fund: float) -> float:
    """Return how many of `units` can close at `gain` each before the fund is empty."""
    if gain >= 0.0:
        return units
    return min(units, max(fund, 0.0) / -gain)


def _opposite(population: Population, takeover: Takeover) -> Floats:
    """Return the size of each position that could take the takeover over, else 0."""
    against = population.sizes * takeover.size < 0.0
    alive = population.equity(takeover.mark) > 0.0
    return np.where(against & alive, np.abs(population.sizes), 0.0)


def _taken(
    population: Population, takeover: Takeover, quantity: float, rule: WaterfallRule
) -> Floats:
    score = scores(population, takeover.mark, rule.ranking)
    return taken_by_rank(score, _opposite(population, takeover), quantity)


def _shared_losses(population: Population, takeover: Takeover, loss: float) -> Floats:
    """Return what each winner of the opposite side pays of `loss`, at most its profit."""
    profit = np.maximum(population.unrealised(takeover.mark), 0.0)
    profit = np.where(_opposite(population, takeover) > 0.0, profit, 0.0)
    total = float(profit.sum())
    return profit * min(1.0, loss / total) if total > 0.0 else profit


def _price_of(worth: float, *, inverse: bool) -> float:
    return -1.0 / worth if inverse else worth
