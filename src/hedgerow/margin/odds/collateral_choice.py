"""Ways to margin one hedge, side by side: what each ties up, what kills it, and how likely."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

from hedgerow.errors import ConfigError
from hedgerow.margin.odds.closed_form import BothSides, odds_on_both_sides, touch_odds
from hedgerow.margin.odds.models import Diffusion, Horizon
from hedgerow.margin.odds.stake import SafeRange, Stake
from hedgerow.margin.portfolio.book import FuturePosition, PortfolioBook
from hedgerow.margin.portfolio.frontier import liquidation_frontier
from hedgerow.margin.portfolio.requirement import ScenarioRule
from hedgerow.margin.position import Position
from hedgerow.margin.terms import MarginTerms

YEAR = 365.0


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldHedge:
    """Coins held, and the short that hedges them.

    Attributes
    ----------
    coins
        The holding, base coin.
    hedged
        How many of them the short covers.
    price
        Now, quote per base; the short is opened here.
    cash
        Quote put into the account from outside, where a way of margining needs cash.
    reserve
        Quote kept off the venue: it stands behind the position only under cross margin.
    """

    coins: float
    hedged: float
    price: float
    cash: float
    reserve: float = 0.0

    def __post_init__(self) -> None:
        for key in ("coins", "hedged", "price"):
            value = getattr(self, key)
            if not 0.0 < value < math.inf:
                raise ConfigError(f"{key} = {value}: it must be a number above zero")
        for key in ("cash", "reserve"):
            value = getattr(self, key)
            if not 0.0 <= value < math.inf:
                raise ConfigError(f"{key} = {value}: it must be a number >= 0")

    @property
    def notional(self) -> float:
        """Of the short, quote."""
        return self.hedged * self.price


@dataclass(frozen=True, slots=True, kw_only=True)
class Loan:
    """Cash lent against the coins.

    Attributes
    ----------
    start
        Loan to value up to which it is given.
    liquidation
        Loan to value, interest added, at which the coins are sold.
    rate
        Interest a year, a fraction.
    """

    start: float
    liquidation: float
    rate: float

    def __post_init__(self) -> None:
        if not 0.0 < self.start < self.liquidation <= 1.0:
            raise ConfigError(
                f"loan: start = {self.start}, liquidation = {self.liquidation}: the coins are sold "
                "at a higher loan to value than the loan starts with, and at 1 at most"
            )
        if not math.isfinite(self.rate):
            raise ConfigError(f"loan: rate = {self.rate} is not a number")


@dataclass(frozen=True, slots=True, kw_only=True)
class Offers:
    """What is there to be had; None where it is not.

    Attributes
    ----------
    linear, inverse
        The contracts.
    haircut
        Of the coin as collateral of the linear contract, a fraction.
    portfolio
        Margin by scenarios, for the linear contract with the coins beside it.
    loan
        Against the coins.
    """

    linear: MarginTerms
    inverse: MarginTerms | None = None
    haircut: float | None = None
    portfolio: ScenarioRule | None = None
    loan: Loan | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """The market until the horizon.

    Attributes
    ----------
    funding
        Expected rate a year; > 0: the short receives.
    cash_rate
        What idle cash would earn a year.
    """

    model: Diffusion
    horizon: Horizon
    funding: float = 0.0
    cash_rate: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CollateralRow:
    """One way to margin the hedge; money in quote.

    Attributes
    ----------
    name
        What it is called.
    capital_tied
        Worth of everything that cannot be used otherwise.
    cash_needed
        Of it, cash from outside.
    coins_pledged
        Coins that lie with a venue or a lender: they move with the price, and with the holder of
        them.
    below, above
        Prices that kill it; None where none does.
    odds_below, odds_above
        Of these prices being touched within the horizon.
    expected_cost
        Interest, funding (received is negative) and what the cash would have earned.
    killer
        What dies there: the short, or the loan.
    feasible
        Whether it can be opened at all.
    """

    name: str
    capital_tied: float
    cash_needed: float
    coins_pledged: float
    below: float | None
    above: float | None
    odds_below: float
    odds_above: float
    expected_cost: float
    killer: str
    feasible: bool


def collateral_choice(
    hedge: HeldHedge, offers: Offers, outlook: Outlook
) -> tuple[CollateralRow, ...]:
    """Return a row for each way that is offered.

    Odds are those of the closed form, each side alone, funding left out of them.

    Examples
    --------
    >>> from hedgerow.margin.terms import flat_terms
    >>> rows = collateral_choice(
    ...     HeldHedge(coins=10.0, hedged=10.0, price=100.0, cash=250.0),
    ...     Offers(
    ...         linear=flat_terms(0.01),
    ...         inverse=flat_terms(0.01, symbol="BTC/USD:BTC"),
    ...         haircut=0.05,
    ...     ),
    ...     Outlook(model=Diffusion(volatility=0.6), horizon=Horizon(days=90.0)),
    ... )
    >>> for row in rows:
    ...     print(row.name, row.above and round(row.above, 2), round(row.odds_above, 4))
    cash, isolated 123.76 0.4243
    coins, cross 1666.67 0.0
    coin-margined None 0.0
    """
    return tuple(_rows(hedge, offers, outlook))


def _rows(hedge: HeldHedge, offers: Offers, outlook: Outlook) -> Iterator[CollateralRow]:
    position = Position(terms=offers.linear, size=-hedge.hedged, entry=hedge.price)
    years = outlook.horizon.years
    carry = 0.0 - hedge.notional * outlook.funding * years
    idle = outlook.cash_rate * years
    if hedge.cash:
        stake = Stake(position=position, deposit=hedge.cash)
        both = odds_on_both_sides(stake, outlook.model, outlook.horizon)
        yield _row(
            "cash, isolated",
            both,
            capital=hedge.cash + hedge.reserve,
            cash=hedge.cash + hedge.reserve,
            cost=carry + idle * (hedge.cash + hedge.reserve),
            feasible=hedge.cash >= stake.least_deposit,
        )
    crossed = replace(position, terms=position.terms.in_cross())
    if hedge.cash and hedge.reserve:
        stake = Stake(position=crossed, deposit=hedge.cash + hedge.reserve)
        both = odds_on_both_sides(stake, outlook.model, outlook.horizon)
        yield _row(
            "cash, cross",
            both,
            capital=stake.deposit,
            cash=stake.deposit,
            cost=carry + idle * stake.deposit,
            feasible=stake.deposit >= stake.least_deposit,
        )
    worth = hedge.coins * hedge.price
    if offers.haircut is not None:
        counted = hedge.coins * (1.0 - offers.haircut)
        stake = Stake(position=crossed, deposit=0.0, coins=counted)
        both = odds_on_both_sides(stake, outlook.model, outlook.horizon)
        yield _row(
            "coins, cross",
            both,
            capital=worth,
            coins=hedge.coins,
            cost=carry,
            feasible=stake.least_deposit == 0.0,
        )
    if offers.inverse is not None:
        face = Position(terms=offers.inverse, size=-hedge.notional, entry=hedge.price)
        stake = Stake(position=face, deposit=hedge.coins)
        both = odds_on_both_sides(stake, outlook.model, outlook.horizon)
        yield _row(
            "coin-margined",
            both,
            capital=worth,
            coins=hedge.coins,
            cost=carry,
            feasible=hedge.coins >= stake.least_deposit,
        )
    if offers.portfolio is not None:
        yield _portfolio_row(hedge, offers.portfolio, outlook, carry)
    if offers.loan is not None and hedge.cash:
        yield _loan_row(hedge, position, offers.loan, outlook, carry)


def _portfolio_row(
    hedge: HeldHedge, rule: ScenarioRule, outlook: Outlook, carry: float
) -> CollateralRow:
    short = FuturePosition(size=-hedge.hedged, mark=hedge.price)
    book = PortfolioBook(index=hedge.price, coins=hedge.coins, futures=(short,))
    frontier = liquidation_frontier(book, rule)
    ends = SafeRange(frontier.below or 0.0, frontier.above or math.inf)
    return _row(
        f"portfolio, {rule.name}",
        _odds(ends, hedge.price, outlook),
        capital=hedge.coins * hedge.price,
        coins=hedge.coins,
        cost=carry,
        feasible=frontier.below != hedge.price,
    )


def _loan_row(
    hedge: HeldHedge, position: Position, loan: Loan, outlook: Outlook, carry: float
) -> CollateralRow:
    """Borrow the cash against the coins: the short dies above, the loan below."""
    years = outlook.horizon.years
    interest = hedge.cash * loan.rate * years
    stake = Stake(position=position, deposit=hedge.cash)
    sold_at = (hedge.cash + max(interest, 0.0)) / (hedge.coins * loan.liquidation)
    both = _odds(
        SafeRange(min(sold_at, hedge.price), stake.safe_range().high), hedge.price, outlook
    )
    return _row(
        "loan on the coins",
        both,
        capital=hedge.coins * hedge.price,
        coins=hedge.coins,
        cost=carry + interest,
        feasible=hedge.cash <= loan.start * hedge.coins * hedge.price
        and hedge.cash >= stake.least_deposit,
        killer="the loan below, the short above",
    )


def _odds(ends: SafeRange, price: float, outlook: Outlook) -> BothSides:
    return BothSides(
        above=touch_odds(ends.high, price, outlook.model, outlook.horizon),
        below=touch_odds(ends.low, price, outlook.model, outlook.horizon),
    )


def _row(
    name: str,
    both: BothSides,
    *,
    capital: float,
    cost: float,
    feasible: bool,
    cash: float = 0.0,
    coins: float = 0.0,
    killer: str = "the short",
) -> CollateralRow:
    above, below = both.above.price, both.below.price
    return CollateralRow(
        name=name,
        capital_tied=capital,
        cash_needed=cash,
        coins_pledged=coins,
        below=None if math.isnan(below) else below,
        above=None if math.isnan(above) else above,
        odds_below=both.below.probability,
        odds_above=both.above.probability,
        expected_cost=cost,
        killer=killer if not (math.isnan(above) and math.isnan(below)) else "nothing",
        feasible=feasible,
    )
