"""European options on a forward or a spot price: worth and sensitivities, numbers or columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Generic, cast, overload

from hedgerow.errors import ConfigError
from hedgerow.kernels.black76 import QUANTITIES, black76_span
from hedgerow.kernels.black_scholes import QUANTITIES as SPOT_QUANTITIES
from hedgerow.kernels.black_scholes import black_scholes_span
from hedgerow.pricing import rows as given
from hedgerow.pricing.rows import Call, Column, Kind, Rows, Values, evaluate
from hedgerow.units import Floats

if TYPE_CHECKING:
    import polars as pl

ALL: Final = QUANTITIES
ALL_OF_SPOT: Final = SPOT_QUANTITIES


@dataclass(frozen=True, slots=True, eq=False)
class OptionGreeks(Generic[Values]):
    """Worth and sensitivities of options on one unit of base; each a number or a column.

    By the underlying means by the forward for `black76` and by the spot for `black_scholes`.

    Attributes
    ----------
    rows
        Which rows are valid, and what is wrong with the others, whose values are NaN.
    """

    rows: Rows
    _values: Mapping[str, Values] = field(repr=False)

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
    def price(self) -> Values:
        """Worth today, in quote."""
        return self["price"]

    @property
    def delta(self) -> Values:
        """First derivative by the underlying, in base."""
        return self["delta"]

    @property
    def gamma(self) -> Values:
        """Second derivative by the underlying."""
        return self["gamma"]

    @property
    def vega(self) -> Values:
        """Derivative by the volatility, in quote per 1.00 of it."""
        return self["vega"]

    @property
    def theta(self) -> Values:
        """Derivative by calendar time, in quote per year; for a long option mostly below 0."""
        return self["theta"]

    @property
    def rho(self) -> Values:
        """Derivative by the rate, in quote per 1.00 of it."""
        return self["rho"]

    @property
    def vanna(self) -> Values:
        """Derivative of delta by the volatility."""
        return self["vanna"]

    @property
    def volga(self) -> Values:
        """Second derivative by the volatility."""
        return self["volga"]

    @property
    def speed(self) -> Values:
        """Derivative of gamma by the underlying."""
        return self["speed"]

    @property
    def zomma(self) -> Values:
        """Derivative of gamma by the volatility."""
        return self["zomma"]

    @property
    def dual_delta(self) -> Values:
        """Derivative by the strike."""
        return self["dual_delta"]

    @property
    def charm(self) -> Values:
        """Derivative of delta by calendar time, per year."""
        return self["charm"]

    @property
    def color(self) -> Values:
        """Derivative of gamma by calendar time, per year."""
        return self["color"]

    @property
    def dividend_rho(self) -> Values:
        """Derivative by the dividend yield, in quote per 1.00; of `black_scholes` alone."""
        return self["dividend_rho"]


# A float is a Column too, so mypy sees overlaps: the first signature that fits is the true one.
@overload
def black76(  # type: ignore[overload-overlap]
    forward: float,
    strike: float,
    volatility: float,
    years: float,
    kind: str | float = "call",
    *,
    rate: float = 0.0,
    quantities: Sequence[str] = ALL,
    workers: int = 1,
) -> OptionGreeks[float]: ...
@overload
def black76(  # type: ignore[overload-overlap]
    forward: Column,
    strike: "pl.Series",
    volatility: Column,
    years: Column,
    kind: Kind = "call",
    *,
    rate: Column = 0.0,
    quantities: Sequence[str] = ALL,
    workers: int = 1,
) -> "OptionGreeks[pl.Series]": ...
@overload
def black76(
    forward: Column,
    strike: Column,
    volatility: Column,
    years: Column,
    kind: Kind = "call",
    *,
    rate: Column = 0.0,
    quantities: Sequence[str] = ALL,
    workers: int = 1,
) -> OptionGreeks[Floats]: ...
def black76(
    forward: Column,
    strike: Column,
    volatility: Column,
    years: Column,
    kind: Kind = "call",
    *,
    rate: Column = 0.0,
    quantities: Sequence[str] = ALL,
    workers: int = 1,
) -> "OptionGreeks[float] | OptionGreeks[Floats] | OptionGreeks[pl.Series]":
    r"""Return worth and sensitivities of European options on a forward.

    .. math::
        V = e^{-rT} \phi\,[F N(\phi d_1) - K N(\phi d_2)], \qquad
        d_{1,2} = \frac{\ln(F/K)}{\sigma\sqrt T} \pm \tfrac12 \sigma\sqrt T

    Parameters
    ----------
    forward, strike
        :math:`F, K > 0`, quote per base.
    volatility
        :math:`\sigma \ge 0`, yearly, 0.6 for 60 per cent; at 0 the limits, with no gamma or vega.
    years
        :math:`T > 0`, to expiry, in years of 365 days.
    kind
        ``call`` or ``put``, or 1 or -1.
    rate
        :math:`r`, continuously compounded.
    quantities
        What to work out; fewer are faster.
    workers
        Threads; the answer does not depend on it.

    Raises
    ------
    ConfigError
        If an argument that is one number is outside its domain. In columns such rows are NaN and
        named in ``rows``.

    Examples
    --------
    >>> option = black76(60_000.0, 66_000.0, 0.6, 30 / 365, "call")
    >>> round(option.price, 2), round(option.delta, 4)
    (1962.16, 0.3199)
    >>> chain = black76(60_000.0, [50_000.0, -1.0], 0.6, 30 / 365, quantities=("delta",))
    >>> chain.delta.round(4).tolist(), chain.rows.problems()
    ([0.8741, nan], [(1, 'strike <= 0')])

    References
    ----------
    Black, F. (1976). The pricing of commodity contracts. Journal of Financial Economics 3,
    167-179. doi:10.1016/0304-405X(76)90024-6
    """
    call = Call(
        given.forward(forward),
        given.strike(strike),
        given.volatility(volatility),
        given.years(years),
        given.option_sign(kind),
        given.rate("rate", rate),
        later=True,
    )
    values = evaluate(call, black76_span, QUANTITIES, quantities, workers)
    return OptionGreeks(call.rows, cast("Mapping[str, Floats]", values))


@overload
def black_scholes(  # type: ignore[overload-overlap]
    spot: float,
    strike: float,
    volatility: float,
    years: float,
    kind: str | float = "call",
    *,
    rate: float = 0.0,
    dividend: float = 0.0,
    quantities: Sequence[str] = ALL_OF_SPOT,
    workers: int = 1,
) -> OptionGreeks[float]: ...
@overload
def black_scholes(  # type: ignore[overload-overlap]
    spot: Column,
    strike: "pl.Series",
    volatility: Column,
    years: Column,
    kind: Kind = "call",
    *,
    rate: Column = 0.0,
    dividend: Column = 0.0,
    quantities: Sequence[str] = ALL_OF_SPOT,
    workers: int = 1,
) -> "OptionGreeks[pl.Series]": ...
@overload
def black_scholes(
    spot: Column,
    strike: Column,
    volatility: Column,
    years: Column,
    kind: Kind = "call",
    *,
    rate: Column = 0.0,
    dividend: Column = 0.0,
    quantities: Sequence[str] = ALL_OF_SPOT,
    workers: int = 1,
) -> OptionGreeks[Floats]: ...
def black_scholes(
    spot: Column,
    strike: Column,
    volatility: Column,
    years: Column,
    kind: Kind = "call",
    *,
    rate: Column = 0.0,
    dividend: Column = 0.0,
    quantities: Sequence[str] = ALL_OF_SPOT,
    workers: int = 1,
) -> "OptionGreeks[float] | OptionGreeks[Floats] | OptionGreeks[pl.Series]":
    r"""Return worth and sensitivities of European options on a spot price.

    As `black76` on the forward :math:`F = S e^{(r - q) T}`, with derivatives by the spot.

    Parameters
    ----------
    spot
        :math:`S > 0`, quote per base.
    rate, dividend
        :math:`r` and :math:`q`, continuously compounded: of the quote currency, and of the coin
        (staking, lending).

    Examples
    --------
    >>> option = black_scholes(100.0, 100.0, 0.2, 1.0, "call", rate=0.05)
    >>> round(option.price, 4), round(option.dividend_rho, 3)
    (10.4506, -63.683)

    References
    ----------
    Merton, R. C. (1973). Theory of rational option pricing. Bell Journal of Economics and
    Management Science 4, 141-183.
    """
    call = Call(
        given.spot(spot),
        given.strike(strike),
        given.volatility(volatility),
        given.years(years),
        given.option_sign(kind),
        given.rate("rate", rate),
        given.rate("dividend", dividend),
        later=True,
    )
    values = evaluate(call, black_scholes_span, SPOT_QUANTITIES, quantities, workers)
    return OptionGreeks(call.rows, cast("Mapping[str, Floats]", values))
