"""What the pricers share: how they are asked, and how numbers with their units are answered."""

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Final, NamedTuple, cast

import typer

from hedgerow.cli.calc_output import Json, Line, above_zero, answer
from hedgerow.cli.ending import told
from hedgerow.errors import ConfigError

DAYS: Final = 365.0
HOURS: Final = 24.0
POINT: Final = 100.0  # volatility points, or percent of a rate, in 1.00
HIGH: Final = 10.0  # volatility a year from which on it must have been meant as per cent
WHOLE, CENTS, TINY = 1e6, 1e3, 1e-4  # where numbers are written in another way


MOST_YEARS: Final = 1e4  # as the pricers have it
OPTIONS: Final[Mapping[str, str]] = {
    **{name: f"--{name}" for name in ("forward", "spot", "strike", "volatility", "rate")},
    **{name: f"--{name}" for name in ("price", "dividend", "payments", "power", "norm")},
    **{name: f"--{name}" for name in ("interest", "covariance", "liquidity", "lower", "upper")},
    "fee": "--fee",
    "quote_rate": "--rate",
    "coin_rate": "--coin-rate",
    "premium_intensity": "--intensity",
}
"""Options of `hedgerow price` by the names that the pricers call their arguments."""


class Kind(StrEnum):
    """Which way an option pays."""

    CALL = "call"
    PUT = "put"


ForwardOption = Annotated[float, typer.Option(help="Price of the forward, quote per coin.")]
SpotOption = Annotated[float, typer.Option(help="Spot price, quote per coin.")]
StrikeOption = Annotated[float, typer.Option(help="Strike, quote per coin.")]
VolatilityOption = Annotated[float, typer.Option(help="A year: 0.6 is 60 %.")]
DaysOption = Annotated[float, typer.Option(help="Days to expiry, of which 365 are a year.")]
KindOption = Annotated[Kind, typer.Option(help="Which way it pays.")]
ContractsOption = Annotated[
    float, typer.Option(help="Coins of it that are held, short below 0, for the hedge.")
]
RateOption = Annotated[float, typer.Option(help="Of money, a year, continuously compounded.")]
CoinRateOption = Annotated[float, typer.Option(help="Of the coin, a year: staking, lending.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


class Unit(NamedTuple):
    """How a number is shown to a person.

    Attributes
    ----------
    label
        What it is called.
    raw
        Its unit in the JSON.
    shown
        Its unit in the table.
    divisor
        What the number of the JSON is divided by for the table.
    """

    label: str
    raw: str
    shown: str = ""
    divisor: float = 1.0


UNITS: Final[Mapping[str, Unit]] = {
    "price": Unit("price", "quote"),
    "price_coin": Unit("price in coin", "coin"),
    "value": Unit("worth", "quote"),
    "intrinsic": Unit("  payoff now", "quote"),
    "time_value": Unit("  time value", "quote"),
    "basis": Unit("over spot", "fraction", "%", 1.0 / POINT),
    "boundary": Unit("exercise at", "quote per coin"),
    "volatility": Unit("implied volatility", "a year", "% a year", 1.0 / POINT),
    "delta": Unit("delta", "coin"),
    "delta_net": Unit("delta, net of premium", "coin"),
    "gamma": Unit("gamma", "coin per quote of price"),
    "gamma_net": Unit("gamma, net of premium", "coin per quote of price"),
    "gamma_coin": Unit("gamma of the coin price", "coin per quote of price squared"),
    "vega": Unit("vega", "quote per 1.00 of volatility", "quote a point", POINT),
    "vega_coin": Unit("vega in coin", "coin per 1.00 of volatility", "coin a point", POINT),
    "theta": Unit("theta", "quote a year", "quote a day", DAYS),
    "theta_coin": Unit("theta in coin", "coin a year", "coin a day", DAYS),
    "rho": Unit("rho", "quote per 1.00 of the rate", "quote a percent", POINT),
    "dividend_rho": Unit(
        "rho of the coin's rate", "quote per 1.00 of it", "quote a percent", POINT
    ),
    "vanna": Unit("vanna", "coin per 1.00 of volatility", "coin a point", POINT),
    "vanna_net": Unit(
        "vanna, net of premium", "coin per 1.00 of volatility", "coin a point", POINT
    ),
    "volga": Unit(
        "volga", "quote per 1.00 of volatility squared", "quote a point squared", POINT * POINT
    ),
    "speed": Unit("speed", "gamma per quote of price"),
    "zomma": Unit("zomma", "gamma per 1.00 of volatility", "gamma a point", POINT),
    "dual_delta": Unit("dual delta", "quote per quote of strike"),
    "charm": Unit("charm", "coin a year", "coin a day", DAYS),
    "color": Unit("color", "gamma a year", "gamma a day", DAYS),
    "funding_flow": Unit("a holder pays", "quote a year", "quote a day", DAYS),
    "liquidity": Unit("liquidity", "root of coin times quote"),
    "coin": Unit("coins held", "coin"),
    "cash": Unit("money held", "quote"),
    "loss_rate": Unit("arbitrage takes (LVR)", "quote a year", "quote a day", DAYS),
    "break_even_fee": Unit("fees that make up for it", "of the worth a year", "% a year", 0.01),
    "impermanent_loss": Unit("against holding still", "quote"),
    "impermanent_fraction": Unit("  of what was held", "fraction", "%", 0.01),
    "expected_loss": Unit("expected loss to arbitrage", "quote"),
    "expected_value": Unit("expected worth", "quote"),
    "premium_coin": Unit("fees in coin", "coin"),
    "premium_cash": Unit("fees in money", "quote"),
    "premium": Unit("premium streamed", "quote"),
    "fair_premium": Unit("fair premium", "quote"),
    "strike": Unit("strike", "quote per coin"),
    "interest_at_spot": Unit("trades at spot with interest of", "per interval, or a year"),
    "linear_perp": Unit("linear perp", "coin"),
    "inverse_perp": Unit("inverse perp", "quote face"),
    "inverse_perp_dollar": Unit("inverse perp, dollar wealth", "quote face"),
    "inverse_perp_coin": Unit("inverse perp, coin wealth", "quote face"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced:
    """The answer of one pricer.

    Attributes
    ----------
    title
        What a person reads above it.
    asked
        What was given, by name.
    found
        Price and sensitivities, by the names of `UNITS`.
    hedge
        The perpetual's trade that takes the delta away, by the names of `UNITS`.
    notes
        What must be known to read it.
    """

    title: str
    asked: Mapping[str, float | str]
    found: Mapping[str, float]
    hedge: Mapping[str, float] = field(default_factory=dict)
    notes: Sequence[str] = ()

    def show(self, *, as_json: bool) -> None:
        """Print it: one JSON object, or a table with the hedge below."""
        numbers = {**self.found, **self.hedge}
        notes = [*self.notes, *_meant_as_percent(self.asked.get("volatility"))]
        payload: Json = {
            "asked": dict(self.asked),
            **{name: _plain(value) for name, value in self.found.items()},
            "hedge": {name: _plain(value) for name, value in self.hedge.items()},
            "units": {name: UNITS[name].raw for name in numbers},
            "warnings": notes,
        }
        lines = [_line(name, value) for name, value in self.found.items()]
        if self.hedge:
            lines.append(("hedge with", ""))
            lines += [
                _line(name, value, indent="  ", sign="+") for name, value in self.hedge.items()
            ]
        answer(payload, self.title, lines, as_json=as_json)


@contextmanager
def told_of_numbers() -> Iterator[None]:
    """Turn an error into one paragraph that names options, a number beyond all doubles too."""
    with told("Stopped."):
        try:
            yield
        except ConfigError as error:
            raise ConfigError(_by_option(str(error))) from error
        except (OverflowError, ZeroDivisionError) as error:
            raise ConfigError(
                "the answer is beyond what a double can hold: a number is far too large or too "
                "small; check the units"
            ) from error


def years_of(option: str, given: float, a_year: float = DAYS) -> float:
    """Return a length of time, of which `a_year` are a year, in years; refused by its option."""
    most = MOST_YEARS * a_year
    if above_zero(option, given) >= most:
        raise ConfigError(f"{option} {given:g}: write a number below {most:,.0f}")
    return given / a_year


def days_long(days: float) -> str:
    """Return a number of days in words.

    >>> days_long(1.0), days_long(0.5)
    ('1 day', '0.5 days')
    """
    return "1 day" if days == 1.0 else f"{days:g} days"


def _by_option(said: str) -> str:
    """Return what is wrong with an argument as what is wrong with its option.

    >>> _by_option("quote_rate = -1: write another"), _by_option("nothing is there")
    ('--rate -1: write another', 'nothing is there')
    """
    name, equals, rest = said.partition(" = ")
    if not equals or name not in OPTIONS:
        return said
    return f"{OPTIONS[name]} {rest}"


def finite(option: str, value: float) -> float:
    """Return a finite number, refused by the option's name."""
    if not math.isfinite(value):
        raise ConfigError(f"{option} {value:g}: write a finite number")
    return value


def number(found: object) -> float:
    """Return the one number that a pricer answers one question with."""
    return float(cast("float", found))


def perps(contracts: float, delta: float, price: float) -> dict[str, float]:
    """Return the trades in a linear and in an inverse perpetual that take a delta away."""
    coins = -finite("--contracts", contracts) * delta
    return {"linear_perp": coins + 0.0, "inverse_perp": coins * price + 0.0}


def written(value: float, *, sign: str = "-") -> str:
    """Return a number with six digits that say something, thousands apart.

    >>> written(1962.156302), written(3.46e-05), written(-19191.94, sign="+"), written(float("inf"))
    ('1,962.16', '3.46e-05', '-19,191.94', 'infinite')
    """
    if math.isinf(value):
        return "infinite" if value > 0.0 else "-infinite"
    size = abs(value)
    if size >= WHOLE:
        return f"{value:{sign},.0f}"
    if size >= CENTS:
        return f"{value:{sign},.2f}"
    if 0.0 < size < TINY:
        return f"{value:{sign}.6g}"
    return f"{value:{sign},.6g}"


def level(price: float) -> str:
    """Return a price as a title says it.

    >>> level(66_000.0), level(9_094.3)
    ('66,000', '9,094.3')
    """
    return f"{price:,.10g}"


def _line(name: str, value: float, *, indent: str = "", sign: str = "-") -> Line:
    unit = UNITS[name]
    shown = unit.shown or unit.raw
    return indent + unit.label, f"{written(value / unit.divisor, sign=sign)} {shown}"


def _meant_as_percent(volatility: object) -> list[str]:
    if not isinstance(volatility, float) or volatility <= HIGH:
        return []
    return [f"A volatility of {volatility:g} is {volatility:,.0%} a year; 60 % is written 0.6."]


def _plain(value: float) -> float | None:
    return value if math.isfinite(value) else None
