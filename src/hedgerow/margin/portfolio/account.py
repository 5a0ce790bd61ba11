"""A book under the rule that judges it, whichever rule that is: the same questions for all."""

from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple, Protocol, Self

from hedgerow.margin.portfolio.book import PortfolioBook
from hedgerow.margin.portfolio.derive import DeriveBook, DeriveRule, derive_grid, derive_margin
from hedgerow.margin.portfolio.grid import ScenarioProfit
from hedgerow.margin.portfolio.option_margin import StandardOption, deribit_option_margin
from hedgerow.margin.portfolio.requirement import (
    PortfolioRequirement,
    ScenarioRule,
    grid,
    requirement,
)


class RuleOrigin(NamedTuple):
    """What a rule is called, where its numbers come from, how sure that is, what is left out."""

    name: str
    source: str
    confidence: str
    note: str


_DERIVE: Final = RuleOrigin(
    "derive",
    "https://github.com/derivexyz/v2-core src/risk-managers/PMRMLib.sol",
    "source",
    "parameters are those of the published tests; what is deployed may have others",
)
_STANDARD: Final = RuleOrigin(
    "deribit-standard",
    "https://doc.tslab.pro/tslab/eng/data-providers/connection-to-broker/"
    "deribit-cryptocurrency-exchange/deribit-margin-requirements-calculation",
    "third-party",
    "each sold option by itself; options bought and sold do not offset, nor count as equity",
)


class PortfolioAccount(Protocol):
    """What every account answers."""

    @property
    def index(self) -> float:
        """Price of the underlying, quote per base."""

    @property
    def origin(self) -> RuleOrigin:
        """Where the rule comes from."""

    def requirement(self) -> PortfolioRequirement:
        """Return what the rule asks of the book."""

    def profits(self) -> tuple[ScenarioProfit, ...]:
        """Return the profit in each scenario; none under a rule without scenarios."""

    def moved(self, factor: float) -> Self:
        """Return the account with all prices `factor` times what they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioAccount:
    """A book under a rule of scenarios.

    Examples
    --------
    >>> from hedgerow.margin.portfolio.requirement import deribit
    >>> account = ScenarioAccount(book=PortfolioBook(index=100.0, coins=1.0), rule=deribit())
    >>> account.requirement().maintenance, account.moved(2.0).index
    (0.0, 200.0)
    """

    book: PortfolioBook
    rule: ScenarioRule

    @property
    def index(self) -> float:
        """Price of the underlying, quote per base."""
        return self.book.index

    @property
    def origin(self) -> RuleOrigin:
        """Where the rule comes from."""
        rule = self.rule
        return RuleOrigin(rule.name, rule.source, rule.confidence, rule.note)

    def requirement(self) -> PortfolioRequirement:
        """Return what the rule asks of the book."""
        return requirement(self.book, self.rule)

    def profits(self) -> tuple[ScenarioProfit, ...]:
        """Return the profit in each scenario."""
        return grid(self.book, self.rule).rows

    def moved(self, factor: float) -> "ScenarioAccount":
        """Return the account with all prices `factor` times what they are."""
        return replace(self, book=self.book.moved(factor))


@dataclass(frozen=True, slots=True, kw_only=True)
class DeriveAccount:
    """A book under Derive's portfolio margin, in stablecoins.

    Examples
    --------
    >>> book = DeriveBook(spot=1500.0, perps=1.0, perp_price=1505.0, cash=300.0)
    >>> asked = DeriveAccount(book=book).requirement()
    >>> round(asked.initial, 3), asked.maintenance, asked.headroom
    (332.475, 255.75, 44.25)
    """

    book: DeriveBook
    rule: DeriveRule = field(default_factory=DeriveRule)

    @property
    def index(self) -> float:
        """Price of the coin."""
        return self.book.spot

    @property
    def origin(self) -> RuleOrigin:
        """Where the rule comes from."""
        return _DERIVE

    def requirement(self) -> PortfolioRequirement:
        """Return what PMRM asks; its static charges are the contingency."""
        asked = derive_margin(self.book, self.rule)
        risk = asked.static - asked.scenario
        return PortfolioRequirement(
            initial=asked.initial_factor * risk - asked.oracle_contingency,
            maintenance=risk,
            equity=asked.equity,
            scenario_loss=0.0 - asked.scenario,
            contingency=asked.static,
            minimum=0.0,
            worst_price_move=asked.worst_price_move,
            worst_volatility=asked.worst_volatility,
            numeraire="quote",
        )

    def profits(self) -> tuple[ScenarioProfit, ...]:
        """Return the profit in each of the 21 scenarios."""
        return derive_grid(self.book, self.rule)

    def moved(self, factor: float) -> "DeriveAccount":
        """Return the account with all prices `factor` times what they are."""
        return replace(self, book=self.book.moved(factor))


@dataclass(frozen=True, slots=True, kw_only=True)
class StandardAccount:
    """Inverse options in a standard account of Deribit: each by itself, in coin.

    Its equity is its coins: what options are worth does not stand in for margin.

    References
    ----------
    Deribit, "Isolated margin availability": long options share no margin without portfolio margin.

    Examples
    --------
    >>> from hedgerow.margin.portfolio.book import OptionPosition
    >>> sold = OptionPosition(
    ...     quantity=-1.0, strike=55_000.0, years=0.0, volatility=0.6, call=True, inverse=True
    ... )
    >>> book = PortfolioBook(index=50_000.0, coins=1.0, options=[sold])
    >>> asked = StandardAccount(book=book).requirement()
    >>> round(asked.initial, 6), asked.maintenance, asked.headroom
    (0.1, 0.075, 0.925)
    """

    book: PortfolioBook

    @property
    def index(self) -> float:
        """Price of the underlying, quote per base."""
        return self.book.index

    @property
    def origin(self) -> RuleOrigin:
        """Where the rule comes from."""
        return _STANDARD

    def requirement(self) -> PortfolioRequirement:
        """Return the sum of what each sold option must be backed with."""
        asked = []
        for option in self.book.options:
            forward = self.book.forward(option)
            mark = option.value(forward, option.volatility) / forward
            single = StandardOption(option.quantity, option.strike, option.call, mark, forward)
            asked.append(deribit_option_margin(single))
        return PortfolioRequirement(
            initial=sum(margin.initial for margin in asked),
            maintenance=sum(margin.maintenance for margin in asked),
            equity=self.book.coins,
            scenario_loss=0.0,
            contingency=0.0,
            minimum=0.0,
            worst_price_move=None,
            worst_volatility=None,
            numeraire="coin",
        )

    def profits(self) -> tuple[ScenarioProfit, ...]:
        """Return nothing: this rule has no scenarios."""
        return ()

    def moved(self, factor: float) -> "StandardAccount":
        """Return the account with all prices `factor` times what they are."""
        return replace(self, book=self.book.moved(factor))
