"""The numeric arguments of a vector call: their names, their domains, and how to mend them."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from hedgerow.errors import ConfigError
from hedgerow.pricing.reading import numbers_of, signs_of
from hedgerow.units import Floats

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import numpy.typing as npt
    import polars as pl

Column: TypeAlias = "float | Sequence[float] | npt.NDArray[np.generic] | pl.Series"
"""What a numeric argument may be: one number, an array that broadcasts, a polars column."""

Kind: TypeAlias = (
    "str | float | Sequence[str] | Sequence[float] | npt.NDArray[np.generic] | pl.Series"
)
"""``call`` or ``put``, 1 or -1, or a column of them."""

MOST_PRICE: Final = 1e50  # beyond, products of prices leave the range of doubles
WILD: Final = (-math.inf, math.inf)
PRICES: Final = (1e-30, 1e30)  # among these, and those below, no sensitivity leaves the doubles


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """A numeric argument with the open interval, or one closed below, that it must lie in.

    Where all arguments of a call lie among their `tame` values, no answer overflows.
    """

    name: str
    given: object
    above: float = -math.inf
    closed: bool = False  # whether `above` itself is allowed
    below: float = math.inf
    mend: str = ""
    tame: tuple[float, float] = WILD
    is_sign: bool = False  # 1 or -1 and nothing between

    def reason(self, value: float) -> str:
        """Return what is wrong with `value`, in words; empty if nothing is."""
        if math.isnan(value):
            return f"{self.name} is missing"
        if math.isinf(value):
            return f"{self.name} is infinite"
        if value < self.above or (value == self.above and not self.closed):
            return f"{self.name} {'<' if self.closed else '<='} {self.above:g}"
        return f"{self.name} >= {self.below:g}" if value >= self.below else ""

    def bad(self, values: Floats) -> "npt.NDArray[np.bool_]":
        """Return which values are outside the domain."""
        if self.is_sign:
            others: npt.NDArray[np.bool_] = abs(values) != 1.0
            return others
        low = values >= self.above if self.closed else values > self.above
        return ~(low & (values < self.below))

    def holds(self, least: float, most: float) -> bool:
        """Return whether all values from `least` to `most` are inside the domain."""
        if self.is_sign:
            return least == most and abs(least) == 1.0
        low = least >= self.above if self.closed else least > self.above
        return low and least > -math.inf and most < self.below

    def refusal(self, value: float) -> ConfigError:
        """Return the error that says what one number should have been."""
        shown = "neither call nor put" if self.name == "kind" else f"{value:g}"
        limit = f"{self.below:g}"
        over = self.below <= value < math.inf and limit not in self.mend
        return ConfigError(
            f"{self.name} = {shown}: {f'it must be below {limit}; ' if over else ''}{self.mend}"
        )

    def number(self) -> float:
        """Return what was given if it is one number inside the domain.

        Raises
        ------
        ConfigError
            If it is not.
        """
        found = numbers_of(self.name, self.given)
        if found.ndim:
            raise ConfigError(f"{self.name}: write one number, not {found.shape} of them")
        value = float(found)
        if not self.holds(value, value):
            raise self.refusal(value)
        return value


def positive(name: str, given: object, mend: str = "", below: float = math.inf) -> Argument:
    """Return an argument that must be above 0."""
    mend = mend or f"a {name} is above 0"
    return Argument(name=name, given=given, above=0.0, below=below, mend=mend)


def not_negative(name: str, given: object, mend: str = "") -> Argument:
    """Return an argument that must be at least 0."""
    mend = mend or f"a {name} is 0 or above"
    return Argument(name=name, given=given, above=0.0, closed=True, mend=mend)


def finite(name: str, given: object, mend: str = "") -> Argument:
    """Return an argument that may be any finite number."""
    return Argument(name=name, given=given, mend=mend or "write a finite number")


def between(name: str, given: object, above: float, below: float, mend: str = "") -> Argument:
    """Return an argument that must lie strictly between two numbers."""
    mend = mend or f"{name} lies between {above:g} and {below:g}"
    return Argument(name=name, given=given, above=above, below=below, mend=mend)


def forward(given: object) -> Argument:
    """Return a forward price."""
    return _price("forward", given, "a forward is above 0, in quote per base")


def spot(given: object) -> Argument:
    """Return a spot price."""
    return _price("spot", given, "a spot price is above 0, in quote per base")


def strike(given: object) -> Argument:
    """Return a strike."""
    return _price("strike", given, "a strike is above 0, in quote per base")


def volatility(given: object) -> Argument:
    """Return a yearly volatility."""
    mend = "write 0.6 for 60 % a year; it is never below 0"
    return Argument(
        name="volatility",
        given=given,
        above=0.0,
        closed=True,
        below=1e4,
        mend=mend,
        tame=(1e-6, 1e3),
    )


def years(given: object) -> Argument:
    """Return a time to expiry."""
    mend = "an option that lives has time left; at expiry it is worth its payoff"
    return Argument(name="years", given=given, above=0.0, below=1e4, mend=mend, tame=(1e-9, 100.0))


def rate(name: str, given: object) -> Argument:
    """Return a yearly rate, continuously compounded."""
    mend = "write 0.05 for 5 % a year"
    return Argument(name=name, given=given, above=-100.0, below=100.0, mend=mend, tame=(-3.0, 3.0))


def option_sign(kind: object) -> Argument:
    """Return the sign of an option's kind: 1 for a call, -1 for a put; nothing else is meant."""
    mend = "write call or put, or 1 or -1"
    return Argument(name="kind", given=signs_of(kind), is_sign=True, mend=mend)


def _price(name: str, given: object, mend: str) -> Argument:
    return Argument(name=name, given=given, above=0.0, below=MOST_PRICE, mend=mend, tame=PRICES)
