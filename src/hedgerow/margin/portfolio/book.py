"""A book on one underlying, and what it is worth when the market moves."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from hedgerow.errors import ConfigError
from hedgerow.kernels.black76 import black76_value
from hedgerow.kernels.contract import position_pnl
from hedgerow.market.instrument import Settlement

Numeraire = Literal["coin", "quote"]
VolatilityMove = Literal["up", "same", "down"]


@dataclass(frozen=True, slots=True, kw_only=True)
class VolatilityShock:
    r"""How far implied volatility moves, by time to expiry.

    .. math::
        \sigma_\uparrow = \sigma\,(1 + u\,(30/d)^p), \qquad
        \sigma_\downarrow = \sigma\,(1 - v\,(30/d)^p)

    with `d` days to expiry, at least `least_days`.

    Attributes
    ----------
    up, down
        :math:`u, v`, at 30 days.
    short_power, long_power
        :math:`p` for at most 30 days, and for more.
    least_days
        Floor of `d`.
    """

    up: float
    down: float
    short_power: float = 0.3
    long_power: float = 0.13
    least_days: float = 0.0

    def shocked(self, volatility: float, years: float, move: VolatilityMove) -> float:
        """Return the volatility after a move, never below 0."""
        days = max(365.0 * years, self.least_days)
        if move == "same" or days <= 0.0:
            return volatility
        power = self.short_power if days <= 30.0 else self.long_power
        reach = math.pow(30.0 / days, power)
        change = self.up * reach if move == "up" else -self.down * reach
        return max(volatility * (1.0 + change), 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class FuturePosition:
    """A perpetual, or a dated future.

    Attributes
    ----------
    size
        Long > 0; base coin if linear, quote face if inverse, contracts times multiplier (settle
        currency per quote unit) if it settles in a third currency.
    mark, entry
        Quote per base; `entry` is the mark unless given.
    settlement
        Linear or inverse.
    settle_price
        Worth of the settlement currency in quote where it is a third one; scenarios leave it.
    expiry
        A name that tells expiries apart; "" for a perpetual.
    """

    size: float
    mark: float
    entry: float | None = None
    settlement: Settlement = Settlement.LINEAR
    settle_price: float = 1.0
    expiry: str = ""

    def __post_init__(self) -> None:
        for name in ("mark", "settle_price"):
            if not getattr(self, name) > 0.0:
                raise ConfigError(f"future: {name} = {getattr(self, name)}: it must be above 0")
        if self.entry is not None and not self.entry > 0.0:
            raise ConfigError(f"future: entry = {self.entry}: it must be above 0")

    @property
    def inverse(self) -> bool:
        """Whether profit is paid in the base coin."""
        return self.settlement is Settlement.INVERSE

    def coins(self) -> float:
        """Return the position in base coin at its mark."""
        return self.size / self.mark if self.inverse else self.size * self.settle_price

    def worth(self, index: float, factor: float) -> float:
        """Return the unrealised profit, in quote, when its mark is `factor` times what it is."""
        entry = self.mark if self.entry is None else self.entry
        profit = position_pnl(self.size, entry, self.mark * factor, self.inverse)
        return profit * (index if self.inverse else self.settle_price)


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionPosition:
    """A European option.

    Attributes
    ----------
    quantity
        Base coin, long > 0.
    strike
        Quote per base.
    years
        To expiry.
    volatility
        Implied, annualised.
    call
        Or a put.
    forward
        Of its expiry; the index unless given.
    inverse
        Whether it is quoted and settled in the base coin: worth value / forward coins.
    expiry
        A name that tells expiries apart; the years unless given.
    """

    quantity: float
    strike: float
    years: float
    volatility: float
    call: bool
    forward: float | None = None
    inverse: bool = False
    expiry: str = ""

    def __post_init__(self) -> None:
        if not self.strike > 0.0:
            raise ConfigError(f"option: strike = {self.strike}: it must be above 0")
        if self.forward is not None and not self.forward > 0.0:
            raise ConfigError(f"option: forward = {self.forward}: it must be above 0")
        for name in ("years", "volatility"):
            if not getattr(self, name) >= 0.0:
                raise ConfigError(f"option: {name} = {getattr(self, name)}: it must be >= 0")

    @property
    def series(self) -> str:
        """What tells its expiry from others."""
        return self.expiry or f"{self.years!r}"

    def value(self, forward: float, volatility: float) -> float:
        """Return what one option is worth at `forward`, in quote."""
        return black76_value(
            forward, self.strike, volatility, self.years, 1.0 if self.call else -1.0
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PortfolioBook:
    """Everything on one underlying that one margin account holds.

    Attributes
    ----------
    index
        Price of the underlying, quote per base.
    coins, cash
        Collateral in base coin and in quote, before unrealised profit and option worth.
    futures, options
        The positions.
    """

    index: float
    coins: float = 0.0
    cash: float = 0.0
    futures: Sequence[FuturePosition] = ()
    options: Sequence[OptionPosition] = ()

    def __post_init__(self) -> None:
        if not self.index > 0.0:
            raise ConfigError(f"book: index = {self.index}: it must be above 0")

    def forward(self, option: OptionPosition) -> float:
        """Return the forward of an option's expiry."""
        return self.index if option.forward is None else option.forward

    def moved(self, factor: float) -> "PortfolioBook":
        """Return the book with all prices `factor` times what they are; volatilities stay.

        Entries stay what they were, so profit is unrealised.
        """
        futures = tuple(
            replace(
                future,
                mark=future.mark * factor,
                entry=future.mark if future.entry is None else future.entry,
            )
            for future in self.futures
        )
        options = tuple(
            replace(option, forward=self.forward(option) * factor) for option in self.options
        )
        return replace(self, index=self.index * factor, futures=futures, options=options)

    def equity(self, numeraire: Numeraire = "quote") -> float:
        """Return collateral, unrealised profit and option worth, in quote or in base coin."""
        worth = self.coins * self.index + self.cash + self.position_worth()
        return worth / self.index if numeraire == "coin" else worth

    def position_worth(
        self, factor: float = 1.0, move: VolatilityMove = "same", by: VolatilityShock | None = None
    ) -> float:
        """Return profit of futures and worth of options, in quote at the shocked price."""
        index = self.index * factor
        total = 0.0
        for future in self.futures:
            total += future.worth(index, factor)
        for option in self.options:
            forward = self.forward(option)
            volatility = option.volatility
            if by is not None:
                volatility = by.shocked(volatility, option.years, move)
            value = option.quantity * option.value(forward * factor, volatility)
            total += value * (index / (forward * factor) if option.inverse else 1.0)
        return total
