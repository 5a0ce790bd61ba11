"""Derive's portfolio margin (PMRM): 21 scenarios, a static discount, and contingencies."""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from hedgerow.errors import ConfigError
from hedgerow.kernels.black76 import black76_value
from hedgerow.margin.portfolio.book import VolatilityMove, VolatilityShock
from hedgerow.margin.portfolio.grid import ScenarioProfit

_MOVES: tuple[VolatilityMove, ...] = ("up", "same", "down")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeriveOption:
    """An option on Derive.

    Attributes
    ----------
    expiry
        What tells expiries apart, e.g. seconds to it.
    years
        To expiry, of 365 days.
    strike, amount, volatility, call
        Quote per base; base coin, long > 0; implied; call or put.
    forward, forward_fixed
        The part of the forward that moves with the spot shock, and the part that is settled
        already (in the last half hour) and does not.
    rate
        Interest rate of the expiry; one below 0 counts as 0.
    confidence
        The lowest of those of the feeds of volatility, forward and rate, in [0, 1]; the lowest
        of an expiry holds for all of it.
    """

    expiry: str
    years: float
    strike: float
    amount: float
    volatility: float
    call: bool
    forward: float
    forward_fixed: float = 0.0
    rate: float = 0.0
    confidence: float = 1.0

    def __post_init__(self) -> None:
        if not self.strike > 0.0:
            raise ConfigError(f"option: strike = {self.strike}: it must be above 0")
        for name in ("years", "volatility", "forward", "forward_fixed"):
            if not getattr(self, name) >= 0.0:
                raise ConfigError(f"option: {name} = {getattr(self, name)}: it must be >= 0")
        if not self.forward + self.forward_fixed > 0.0:
            raise ConfigError("option: forward = 0: it must be above 0")
        if not 0.0 <= self.confidence <= 1.0:
            raise ConfigError(f"option: confidence = {self.confidence}: it must be from 0 to 1")

    def value(self, factor: float, volatility: float) -> float:
        """Return what the position is worth when the moving forward is `factor` times itself."""
        at = self.forward * factor + self.forward_fixed
        sign = 1.0 if self.call else -1.0
        return self.amount * black76_value(at, self.strike, volatility, self.years, sign)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeriveBook:
    """An account on one underlying of Derive.

    Attributes
    ----------
    spot, stable
        Price of the coin; price of the stablecoin in which all else is counted.
    cash, base, perps
        Stablecoins; coins as collateral; coins of perpetuals, long > 0.
    perp_price
        Of the perpetual; the spot unless given.
    unrealised
        Profit and funding of the perpetuals not yet settled.
    options
        The positions.
    spot_confidence, perp_confidence
        Of the feeds, in [0, 1].
    """

    spot: float
    stable: float = 1.0
    cash: float = 0.0
    base: float = 0.0
    perps: float = 0.0
    perp_price: float | None = None
    unrealised: float = 0.0
    options: Sequence[DeriveOption] = ()
    spot_confidence: float = 1.0
    perp_confidence: float = 1.0

    def __post_init__(self) -> None:
        for name in ("spot", "stable", "perp_price"):
            price = getattr(self, name)
            if price is not None and not price > 0.0:
                raise ConfigError(f"book: {name} = {price}: it must be above 0")
        for name in ("spot_confidence", "perp_confidence"):
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise ConfigError(f"book: {name} = {getattr(self, name)}: it must be from 0 to 1")

    @property
    def perp(self) -> float:
        """Price of the perpetual."""
        return self.spot if self.perp_price is None else self.perp_price

    def moved(self, factor: float) -> "DeriveBook":
        """Return the book with all prices `factor` times what they are; what is settled stays."""
        options = tuple(replace(option, forward=option.forward * factor) for option in self.options)
        return replace(
            self,
            spot=self.spot * factor,
            perp_price=self.perp * factor,
            unrealised=self.unrealised + self.perps * self.perp * (factor - 1.0),
            options=options,
        )

    def expiries(self) -> dict[str, list[DeriveOption]]:
        """Return the options by expiry."""
        found: dict[str, list[DeriveOption]] = defaultdict(list)
        for option in self.options:
            found[option.expiry].append(option)
        return dict(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeriveRule:
    """The parameters of PMRM; the defaults are those of its published tests.

    Attributes
    ----------
    price_moves, shock
        The scenarios.
    static_discount, rate_factor, rate_added
        A gain of an expiry counts at ``static_discount * exp(-years * (rate * rate_factor +
        rate_added))``.
    basis_move, basis_added, basis_per_year
        The forward contingency: ``(basis_added + basis_per_year * years)`` of what an expiry
        loses when its forward moves by `basis_move`, either way.
    perp_charge, base_charge, option_charge
        Static charges as fractions of spot: on perpetuals, coins, naked short options.
    initial_factor
        What initial margin multiplies the loss by.
    peg_threshold, peg_factor
        How it rises when the stablecoin is below its peg.
    confidence_threshold, confidence_charge
        Below which confidence of a feed positions are charged, and how much of spot.
    """

    price_moves: tuple[float, ...] = (0.15, 0.10, 0.05, 0.0, -0.05, -0.10, -0.15)
    shock: VolatilityShock = field(
        default_factory=lambda: VolatilityShock(up=0.45, down=0.3, least_days=1.0)
    )
    static_discount: float = 0.95
    rate_factor: float = 4.0
    rate_added: float = 0.05
    basis_move: float = 0.05
    basis_added: float = 0.25
    basis_per_year: float = 0.01
    perp_charge: float = 0.02
    base_charge: float = 0.02
    option_charge: float = 0.01
    initial_factor: float = 1.3
    peg_threshold: float = 0.98
    peg_factor: float = 2.0
    confidence_threshold: float = 0.6
    confidence_charge: float = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class DeriveMargin:
    """How much an account has beyond what it must hold, in stablecoins; below 0 is too little.

    Attributes
    ----------
    initial, maintenance
        What is left; positions cannot be opened below 0, and are liquidated below 0.
    scenario
        Profit in the worst scenario, the forward contingency among them, <= 0.
    static
        Charges whatever happens, >= 0.
    forward_contingency, option_contingency, oracle_contingency
        Of expiries whose forward may move alone; of naked short options (part of `static`); of
        feeds that are not sure of themselves (initial margin only). Each <= 0.
    worst_price_move, worst_volatility
        The scenario that decides; None where the forward contingency does.
    equity
        What the account is worth before any margin.
    initial_factor
        What initial margin multiplies the loss by, the peg considered.
    """

    initial: float
    maintenance: float
    scenario: float
    static: float
    forward_contingency: float
    option_contingency: float
    oracle_contingency: float
    worst_price_move: float | None
    worst_volatility: str | None
    equity: float
    initial_factor: float


def derive_margin(book: DeriveBook, rule: DeriveRule | None = None) -> DeriveMargin:
    """Return initial and maintenance margin of an account under PMRM.

    References
    ----------
    derivexyz/v2-core, src/risk-managers/PMRMLib.sol, and its published unit tests.

    Examples
    --------
    >>> margin = derive_margin(DeriveBook(spot=1500.0, perps=1.0, perp_price=1505.0))
    >>> round(margin.initial, 3), round(margin.maintenance, 3)
    (-332.475, -255.75)
    """
    rule = rule or DeriveRule()
    forward = sum(_forward_contingency(options, rule) for options in book.expiries().values())
    worst: tuple[float, float | None, str | None] = (forward, None, None)
    for price_move, move, profit in derive_grid(book, rule):
        if profit < worst[0] or (profit == worst[0] and worst[1] is None):
            worst = (profit, price_move, move)
    naked = _naked(book) * rule.option_charge * book.spot
    static = naked + book.spot * (rule.perp_charge * abs(book.perps) + rule.base_charge * book.base)
    oracle = -rule.confidence_charge * book.spot * _unsure(book, rule)
    mark = sum(option.value(1.0, option.volatility) for option in book.options)
    held = mark + book.base * book.spot / book.stable + book.unrealised + book.cash
    loss = worst[0] - static
    factor = rule.initial_factor + rule.peg_factor * max(rule.peg_threshold - book.stable, 0.0)
    return DeriveMargin(
        initial=factor * loss + oracle + held,
        maintenance=loss + held,
        scenario=worst[0],
        static=static,
        forward_contingency=forward,
        option_contingency=-naked,
        oracle_contingency=oracle,
        worst_price_move=worst[1],
        worst_volatility=worst[2],
        equity=held,
        initial_factor=factor,
    )


def derive_grid(book: DeriveBook, rule: DeriveRule | None = None) -> tuple[ScenarioProfit, ...]:
    """Return the account's profit in each scenario, the forward contingency aside.

    Examples
    --------
    >>> rows = derive_grid(DeriveBook(spot=100.0, perps=1.0))
    >>> len(rows), rows[-1].price_move, rows[-1].profit
    (21, -0.15, -15.0)
    """
    rule = rule or DeriveRule()
    return tuple(
        ScenarioProfit(price_move, move, _profit(book, rule, price_move, move))
        for price_move in rule.price_moves
        for move in _MOVES
    )


def _profit(book: DeriveBook, rule: DeriveRule, price_move: float, move: VolatilityMove) -> float:
    """Return the account's profit in one scenario."""
    profit = book.base * book.spot * price_move / book.stable + book.perps * price_move * book.perp
    for options in book.expiries().values():
        then = sum(
            option.value(
                1.0 + price_move, rule.shock.shocked(option.volatility, option.years, move)
            )
            for option in options
        )
        if then > 0.0:
            first = options[0]
            rate = max(first.rate, 0.0) * rule.rate_factor + rule.rate_added
            then *= rule.static_discount * math.exp(-first.years * rate)
        profit += then - sum(option.value(1.0, option.volatility) for option in options)
    return profit


def _forward_contingency(options: list[DeriveOption], rule: DeriveRule) -> float:
    """Return what an expiry is charged for its forward moving alone, <= 0."""
    now = sum(option.value(1.0, option.volatility) for option in options)
    ways = (1.0 + rule.basis_move, 1.0 - rule.basis_move)
    worst = min(
        sum(option.value(way, option.volatility) for option in options) - now for way in ways
    )
    part = rule.basis_added + rule.basis_per_year * options[0].years
    return part * min(worst, 0.0)


def _naked(book: DeriveBook) -> float:
    """Return the options sold beyond those bought, by expiry and strike, in coins."""
    by_strike: dict[tuple[str, float], float] = defaultdict(float)
    for option in book.options:
        by_strike[option.expiry, option.strike] += option.amount
    return sum(max(-amount, 0.0) for amount in by_strike.values())


def _unsure(book: DeriveBook, rule: DeriveRule) -> float:
    """Return the coins whose feeds are below the threshold, weighted by what they lack."""

    def lack(confidence: float) -> float:
        return 1.0 - confidence if confidence < rule.confidence_threshold else 0.0

    priced = book.spot_confidence
    if book.perps != 0.0:
        priced = min(priced, book.perp_confidence)
    coins = (abs(book.base) + abs(book.perps)) * lack(priced)
    for options in book.expiries().values():
        sure = min(priced, *(option.confidence for option in options))
        coins += sum(abs(option.amount) for option in options) * lack(sure)
    return coins
