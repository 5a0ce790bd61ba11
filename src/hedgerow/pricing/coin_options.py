"""Options that settle in their own coin: worth in coin and quote, and the two hedges of a book."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Generic, cast, overload

import numpy as np

from hedgerow.errors import ConfigError
from hedgerow.kernels.coin_option import QUANTITIES, coin_option_span
from hedgerow.pricing import rows as given
from hedgerow.pricing.rows import Call, Column, Kind, Rows, Values, evaluate
from hedgerow.units import Floats

if TYPE_CHECKING:
    import polars as pl

ALL: Final = QUANTITIES


@dataclass(frozen=True, slots=True, kw_only=True)
class PerpHedge:
    """Faces of an inverse perpetual that make a book of coin options neutral, signed, in quote.

    Attributes
    ----------
    coin_neutral
        Wealth counted in coin does not move with the price.
    dollar_neutral
        Wealth counted in quote does not: the coins in the account are hedged too.
    """

    coin_neutral: float
    dollar_neutral: float


@dataclass(frozen=True, slots=True, eq=False)
class CoinGreeks(Generic[Values]):
    """Worth and sensitivities of coin-settled options on one coin; each a number or a column.

    Names with ``_coin`` are of the worth in coin; with ``_net``, of the net delta; the rest are of
    the worth in quote at the forward.

    Attributes
    ----------
    rows
        Which rows are valid, and what is wrong with the others, whose values are NaN.
    """

    rows: Rows
    _values: Mapping[str, Values] = field(repr=False)
    _forward: Floats = field(repr=False)

    def __repr__(self) -> str:
        """Return the quantities by name, as a notebook shows them."""
        values = ", ".join(f"{name}={value!r}" for name, value in self._values.items())
        return f"{type(self).__name__}({values}, rows={self.rows!r})"

    def __getitem__(self, name: str) -> Values:
        """Return a quantity by its name."""
        if name not in self._values:
            asked = ", ".join(self._values)
            raise ConfigError(f"{name} was not asked for, only {asked}: name it in quantities")
        return self._values[name]

    @property
    def names(self) -> tuple[str, ...]:
        """The quantities that were asked for."""
        return tuple(self._values)

    @property
    def price_coin(self) -> Values:
        """Worth, in coin: what the venue quotes."""
        return self["price_coin"]

    @property
    def price(self) -> Values:
        """Worth at the forward, in quote; a premium paid in coin is worth more or less at spot."""
        return self["price"]

    @property
    def delta(self) -> Values:
        """Black delta: of the worth in quote, in coin."""
        return self["delta"]

    @property
    def delta_net(self) -> Values:
        """Premium-adjusted delta, Black delta less the price in coin."""
        return self["delta_net"]

    @property
    def gamma(self) -> Values:
        """Derivative of the Black delta by the forward."""
        return self["gamma"]

    @property
    def gamma_net(self) -> Values:
        """Derivative of the net delta by the forward."""
        return self["gamma_net"]

    @property
    def gamma_coin(self) -> Values:
        """Second derivative of the price in coin by the forward."""
        return self["gamma_coin"]

    @property
    def vega(self) -> Values:
        """In quote per 1.00 of volatility."""
        return self["vega"]

    @property
    def vega_coin(self) -> Values:
        """In coin per 1.00 of volatility."""
        return self["vega_coin"]

    @property
    def theta(self) -> Values:
        """By calendar time, in quote per year."""
        return self["theta"]

    @property
    def theta_coin(self) -> Values:
        """By calendar time, in coin per year."""
        return self["theta_coin"]

    @property
    def vanna_net(self) -> Values:
        """Derivative of the net delta by the volatility."""
        return self["vanna_net"]

    def perp_hedge(
        self, *, coin_equity: float = 0.0, perp_price: float | None = None, contracts: Column = 1.0
    ) -> PerpHedge:
        r"""Return the faces of an inverse perpetual that hedge the book of these options.

        With the net deltas :math:`\Delta_i`, numbers of coins :math:`n_i`, the perpetual's price
        :math:`X` and the account's whole coin equity :math:`C`, the coin-neutral face is
        :math:`-X \sum n_i \Delta_i` and the dollar-neutral one
        :math:`-X (C + \sum n_i \Delta_i)`.

        Parameters
        ----------
        coin_equity
            Cash, options' worth and unrealised profit together, in coin. Where the premium is not
            kept in coin it is :math:`\sum n_i p_i`, and the dollar-neutral hedge that of the Black
            deltas.
        perp_price
            :math:`X`; where it is left out, the forward, if there is only one.
        contracts
            :math:`n_i`, in coins, short below 0.
        """
        net = np.atleast_1d(np.asarray(self["delta_net"], dtype=np.float64)).ravel()
        count = np.asarray(contracts, dtype=np.float64)
        count = np.broadcast_to(count, self.rows.shape).ravel()
        held = count != 0.0
        bad = [problem for problem in self.rows.problems() if held[problem[0]]]
        if bad:
            row, reason = bad[0]
            raise ConfigError(
                f"row {row} is held and has no delta ({reason}): mend it, or hold 0 of it"
            )
        total = float(np.sum(count[held] * net[held]))
        price = self._the_forward() if perp_price is None else perp_price
        if not 0.0 < price < np.inf:
            raise ConfigError(f"perp_price = {price:g}: a price is above 0, in quote per base")
        return PerpHedge(coin_neutral=-price * total, dollar_neutral=-price * (coin_equity + total))

    def _the_forward(self) -> float:
        if self._forward.size and self._forward.min() == self._forward.max():
            return float(self._forward[0])
        raise ConfigError(
            "perp_price is missing and the options have several forwards: write the perpetual's"
        )


# A float is a Column too, so mypy sees overlaps: the first signature that fits is the true one.
@overload
def coin_option(  # type: ignore[overload-overlap]
    forward: float,
    strike: float,
    volatility: float,
    years: float,
    kind: str | float = "call",
    *,
    quantities: Sequence[str] = ALL,
    workers: int = 1,
) -> CoinGreeks[float]: ...
@overload
def coin_option(  # type: ignore[overload-overlap]
    forward: Column,
    strike: "pl.Series",
    volatility: Column,
    years: Column,
    kind: Kind = "call",
    *,
    quantities: Sequence[str] = ALL,
    workers: int = 1,
) -> "CoinGreeks[pl.Series]": ...
@overload
def coin_option(
    forward: Column,
    strike: Column,
    volatility: Column,
    years: Column,
    kind: Kind = "call",
    *,
    quantities: Sequence[str] = ALL,
    workers: int = 1,
) -> CoinGreeks[Floats]: ...
def coin_option(
    forward: Column,
    strike: Column,
    volatility: Column,
    years: Column,
    kind: Kind = "call",
    *,
    quantities: Sequence[str] = ALL,
    workers: int = 1,
) -> "CoinGreeks[float] | CoinGreeks[Floats] | CoinGreeks[pl.Series]":
    r"""Return worth and sensitivities of options that pay ``max(S - K, 0) / S`` in coin.

    The price in coin is :math:`p = V / F` with the undiscounted Black value on the market's own
    forward, whose carry is the discount too.

    Parameters
    ----------
    forward, strike, volatility, years, kind, quantities, workers
        As in `options.black76`.

    Examples
    --------
    A call at the money, 80 per cent, three months:

    >>> option = coin_option(60_000.0, 60_000.0, 0.8, 0.25, "call")
    >>> round(option.price_coin, 4), round(option.delta, 4), round(option.delta_net, 4)
    (0.1585, 0.5793, 0.4207)
    >>> round(option.perp_hedge(coin_equity=option.price_coin).dollar_neutral)
    -34756
    """
    call = Call(
        given.forward(forward),
        given.strike(strike),
        given.volatility(volatility),
        given.years(years),
        given.option_sign(kind),
        later=True,
    )
    values = evaluate(call, coin_option_span, QUANTITIES, quantities, workers)
    return CoinGreeks(call.rows, cast("Mapping[str, Floats]", values), call.columns[0])
