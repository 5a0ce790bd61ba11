"""Portfolio margin: one requirement for a whole book, from its worst scenario."""

import math
from dataclasses import dataclass, field
from typing import Final

from hedgerow.margin.portfolio.book import Numeraire, PortfolioBook, VolatilityShock
from hedgerow.margin.portfolio.charges import Contingencies, DeltaMinimum
from hedgerow.margin.portfolio.grid import (
    Scenario,
    ScenarioGrid,
    extended_table,
    price_volatility_grid,
    profit_grid,
)

_FAR: Final = (-0.66, -0.33, 0.5, 1.0, 2.0, 3.0, 4.0, 5.0)
_PARADEX_WEIGHTS: Final = (0.24, 0.48, 0.32, 0.16, 0.08, 0.0533, 0.04, 0.032)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioRule:
    """A venue's portfolio margin.

    The risk of a book is its worst loss or its delta minimum, whichever is more, and its
    contingencies; maintenance and initial margin are multiples of it.

    Attributes
    ----------
    name
        What it is called.
    scenarios, shock
        What the market may do.
    maintenance, initial
        Multiples of the risk.
    contingencies, minimum
        Charges beside the scenarios, and the least risk.
    numeraire
        In which profits are compared: ``"coin"`` for accounts kept in the coin.
    source, confidence, note
        Where the numbers come from, how sure that is (``"source"``, ``"third-party"``,
        ``"memory"``), and what is known to be left out.
    """

    name: str
    scenarios: tuple[Scenario, ...]
    shock: VolatilityShock
    maintenance: float = 1.0
    initial: float = 1.0
    contingencies: Contingencies = field(default_factory=Contingencies)
    minimum: DeltaMinimum = field(default_factory=DeltaMinimum)
    numeraire: Numeraire = "quote"
    source: str = ""
    confidence: str = "source"
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PortfolioRequirement:
    """What a book must hold, in the rule's numeraire.

    Attributes
    ----------
    initial, maintenance
        The requirements, >= 0.
    equity
        What the book has: collateral, unrealised profit, option worth.
    scenario_loss, contingency, minimum
        What they are made of.
    worst_price_move, worst_volatility
        The scenario that decides; None where none of them does.
    numeraire
        ``"coin"`` or ``"quote"``.
    """

    initial: float
    maintenance: float
    equity: float
    scenario_loss: float
    contingency: float
    minimum: float
    worst_price_move: float | None
    worst_volatility: str | None
    numeraire: Numeraire

    @property
    def headroom(self) -> float:
        """Equity less maintenance margin; below 0 the venue liquidates."""
        return self.equity - self.maintenance


def grid(book: PortfolioBook, rule: ScenarioRule) -> ScenarioGrid:
    """Return the book's profit in each scenario of a rule."""
    return profit_grid(book, rule.scenarios, rule.shock, rule.numeraire)


def requirement(book: PortfolioBook, rule: ScenarioRule) -> PortfolioRequirement:
    """Return what a rule asks of a book.

    Examples
    --------
    >>> from hedgerow.margin.portfolio.book import FuturePosition, Settlement
    >>> long = FuturePosition(size=100_000.0, mark=60_000.0, settlement=Settlement.INVERSE)
    >>> asked = requirement(PortfolioBook(index=60_000.0, coins=2.0, futures=[long]), deribit())
    >>> round(asked.maintenance, 6), asked.worst_price_move, asked.numeraire
    (0.31746, -0.16, 'coin')
    """
    table = grid(book, rule)
    unit = book.index if rule.numeraire == "coin" else 1.0
    contingency = rule.contingencies.charge(book) / unit
    minimum = rule.minimum.charge(book) / unit
    risk = max(table.loss, minimum) + contingency
    move, volatility = table.worst_at
    return PortfolioRequirement(
        initial=rule.initial * risk,
        maintenance=rule.maintenance * risk,
        equity=book.equity(rule.numeraire),
        scenario_loss=table.loss,
        contingency=contingency,
        minimum=minimum,
        worst_price_move=move,
        worst_volatility=volatility,
        numeraire=rule.numeraire,
    )


def deribit(*, price_range: float = 0.16, numeraire: Numeraire = "coin") -> ScenarioRule:
    """Return Deribit's segregated portfolio margin of a coin, as far as it is published.

    Nine prices by three volatilities, and far moves with volatility up. Deribit says that only a
    fraction of the far moves counts and not which; here it is the one that Paradex publishes for
    the same table (see `extended_table`). Contingencies are those of an earlier page.
    """
    return ScenarioRule(
        name="deribit",
        scenarios=price_volatility_grid(price_range, 9)
        + extended_table(price_range, _FAR, numeraire),
        shock=VolatilityShock(up=0.5, down=0.25),
        initial=1.3,
        contingencies=Contingencies(short_option=0.01, offset_futures=0.01),
        numeraire=numeraire,
        source="https://support.deribit.com/hc/en-us/articles/25944756247837-Portfolio-Margin",
        confidence="memory",
        note="ranges are published; the factor 1.3 of initial margin is from memory, the "
        "contingencies from an earlier page, the far moves' fraction from another venue; the "
        "dampener and the volatility floor are not published and left out",
    )


def paradex() -> ScenarioRule:
    """Return Paradex's portfolio margin without its provisions for funding and fees.

    Its 24 scenarios leave volatility down out at both ends; their weights are published.
    """
    inner = [
        scenario
        for scenario in price_volatility_grid(0.16, 9, ("up", "down"))
        if scenario.volatility == "up" or abs(scenario.price_move) < 0.16
    ]
    far = [
        Scenario(move, "up", weight) for move, weight in zip(_FAR, _PARADEX_WEIGHTS, strict=True)
    ]
    return ScenarioRule(
        name="paradex",
        scenarios=(*inner, *far),
        shock=VolatilityShock(up=0.40, down=0.22, least_days=1.0),
        maintenance=0.5,
        minimum=DeltaMinimum(net=0.02, hedged=0.01),
        source="https://docs.paradex.trade/risk/portfolio-margin",
        confidence="source",
        note="without the provisions for funding and fees",
    )


def span(
    price_range: float,
    volatility_range: float,
    *,
    extreme: float = 3.0,
    covered: float = 0.33,
    contingencies: Contingencies | None = None,
) -> ScenarioRule:
    """Return margin in the manner of CME's SPAN: 16 scenarios.

    Where the extreme fall would take the price to nothing or below, it is left out: 15.

    Price by 0, 1/3, 2/3 and 3/3 of its range, each way, with volatility up and down; and extreme
    moves of `extreme` ranges of which a part `covered` counts.

    Parameters
    ----------
    price_range, volatility_range
        Fractions of price and of implied volatility.
    contingencies
        Inter-month charges (`Contingencies.offset_expiries`) and the short option charge.

    References
    ----------
    CME Group, "CME SPAN: Standard Portfolio Analysis of Risk"; clearing advisory 08-303 has an
    extreme move of 3 ranges with a coverage of 0.33.
    """
    steps = [0.0] + [sign * third / 3.0 for third in (1.0, 2.0, 3.0) for sign in (1.0, -1.0)]
    usual = [Scenario(price_range * step, move) for step in steps for move in ("up", "down")]
    far = [
        Scenario(math.copysign(price_range * extreme, sign), "same", covered)
        for sign in (1.0, -1.0)
        if price_range * extreme < 1.0 or sign > 0.0
    ]
    return ScenarioRule(
        name="span",
        scenarios=(*usual, *far),
        shock=VolatilityShock(
            up=volatility_range, down=volatility_range, short_power=0.0, long_power=0.0
        ),
        contingencies=contingencies or Contingencies(),
        source="https://www.cmegroup.com/solutions/risk-management/performance-bonds-margins.html",
        confidence="third-party",
        note="ranges are the caller's",
    )
