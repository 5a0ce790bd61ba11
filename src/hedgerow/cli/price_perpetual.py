"""`hedgerow price` for contracts without expiry: options, powers and the perpetual itself."""

from enum import StrEnum
from typing import Annotated

import typer

from hedgerow.cli.price_parts import (
    DAYS,
    HOURS,
    CoinRateOption,
    ContractsOption,
    JsonOption,
    Kind,
    KindOption,
    Priced,
    RateOption,
    SpotOption,
    StrikeOption,
    VolatilityOption,
    days_long,
    finite,
    level,
    number,
    perps,
    told_of_numbers,
    years_of,
)
from hedgerow.errors import ConfigError

FundingDaysOption = Annotated[
    float, typer.Option(help="Over how many days price less payoff is paid once as funding.")
]
PaymentsOption = Annotated[
    float | None,
    typer.Option(help="How often it is paid in that time; at every instant by default."),
]


class FundingTime(StrEnum):
    """When the price that funding is paid on is looked up."""

    PREVIOUS = "previous"
    CURRENT = "current"
    CONTINUOUS = "continuous"


class Payoff(StrEnum):
    """What a perpetual is paid in."""

    LINEAR = "linear"
    INVERSE = "inverse"
    QUANTO = "quanto"


def everlasting(
    spot: SpotOption,
    strike: StrikeOption,
    volatility: VolatilityOption,
    kind: KindOption = Kind.CALL,
    funding_days: FundingDaysOption = 1.0,
    payments: PaymentsOption = None,
    rate: RateOption = 0.0,
    coin_rate: CoinRateOption = 0.0,
    paid: Annotated[bool, typer.Option("--paid", help="Its price is paid up front.")] = False,
    contracts: ContractsOption = 1.0,
    as_json: JsonOption = False,
) -> None:
    """Price an option without expiry, whose holder pays price less payoff as funding.

    \b
      hedgerow price everlasting --spot 60000 --strike 60000 --volatility 0.8 --funding-days 7
    """  # noqa: D301 - the control character keeps the lines of the help apart
    with told_of_numbers():
        years = years_of("--funding-days", funding_days)
        _finite_rates(rate, coin_rate)
        from hedgerow.pricing.everlasting import (
            EverlastingGreeks,
            Premium,
            StripGreeks,
            everlasting_strip,
        )
        from hedgerow.pricing.everlasting import everlasting as priced

        state = (spot, strike, volatility, years, kind.value)
        terms = {"quote_rate": rate, "coin_rate": coin_rate}
        premium = Premium.PAID if paid else Premium.MARGINED
        found: EverlastingGreeks[float] | StripGreeks[float]
        if payments is None:
            found = priced(*state, **terms, premium=premium)
        else:
            found = everlasting_strip(*state, payments=payments, **terms, premium=premium)
        numbers = _numbers(found)
        Priced(
            title=(
                f"Everlasting {kind.value} at {level(strike)}, funding over "
                f"{days_long(funding_days)}, spot {level(spot)}"
            ),
            asked={
                "spot": spot,
                "strike": strike,
                "volatility": volatility,
                "kind": kind.value,
                "funding_days": funding_days,
                **({} if payments is None else {"payments": payments}),
                "rate": rate,
                "coin_rate": coin_rate,
                "premium": premium.value,
                "contracts": contracts,
            },
            found=numbers,
            hedge=perps(contracts, numbers["delta"], spot),
        ).show(as_json=as_json)


def power(
    spot: SpotOption,
    volatility: VolatilityOption,
    exponent: Annotated[float, typer.Option("--power", help="Of the price.")] = 2.0,
    funding_days: FundingDaysOption = 17.5,
    payments: PaymentsOption = None,
    rate: RateOption = 0.0,
    coin_rate: CoinRateOption = 0.0,
    contracts: ContractsOption = 1.0,
    as_json: JsonOption = False,
) -> None:
    """Price a perpetual on a power of the price.

    \b
      hedgerow price power --spot 3000 --volatility 0.9 --power 2 --contracts -0.0001
    """  # noqa: D301 - the control character keeps the lines of the help apart
    with told_of_numbers():
        years = years_of("--funding-days", funding_days)
        _finite_rates(rate, coin_rate)
        from hedgerow.pricing.power import power_perpetual

        found = power_perpetual(
            spot,
            exponent,
            volatility,
            years,
            payments=payments,
            quote_rate=rate,
            coin_rate=coin_rate,
        )
        numbers = _numbers(found)
        Priced(
            title=f"Perpetual on the price to the power of {exponent:g}, spot {level(spot)}",
            asked={
                "spot": spot,
                "power": exponent,
                "volatility": volatility,
                "funding_days": funding_days,
                **({} if payments is None else {"payments": payments}),
                "rate": rate,
                "coin_rate": coin_rate,
                "contracts": contracts,
            },
            found=numbers,
            hedge=perps(contracts, numbers["delta"], spot),
        ).show(as_json=as_json)


def squeeth(
    spot: SpotOption,
    volatility: VolatilityOption,
    norm: Annotated[float, typer.Option(help="Normalisation factor of the contract now.")] = 1.0,
    contracts: Annotated[
        float, typer.Option(help="Tokens that are held, short below 0, for the hedge.")
    ] = 1.0,
    as_json: JsonOption = False,
) -> None:
    """Price one squeeth token: ether squared over 10,000, times its normalisation factor.

    \b
      hedgerow price squeeth --spot 3000 --volatility 0.9 --norm 0.8 --contracts -100
    """  # noqa: D301 - the control character keeps the lines of the help apart
    with told_of_numbers():
        from hedgerow.pricing.squeeth import squeeth as priced

        numbers = _numbers(priced(spot, volatility, norm))
        Priced(
            title=f"Squeeth, norm {norm:g}, ether at {level(spot)}",
            asked={"spot": spot, "volatility": volatility, "norm": norm, "contracts": contracts},
            found=numbers,
            hedge=perps(contracts, numbers["delta"], spot),
            notes=("Funding is taken from the norm: it is no cash flow.",),
        ).show(as_json=as_json)


def perp(
    spot: SpotOption,
    rate: RateOption,
    coin_rate: CoinRateOption = 0.0,
    payoff: Annotated[Payoff, typer.Option(help="What it is paid in.")] = Payoff.LINEAR,
    intensity: Annotated[
        float,
        typer.Option(help="Part of the premium paid per interval; if continuous, per year."),
    ] = 1.0,
    interest: Annotated[
        float, typer.Option(help="Interest part of the funding, per interval or per year.")
    ] = 0.0,
    interval_hours: Annotated[float, typer.Option(help="Between payments.")] = 8.0,
    time: Annotated[
        FundingTime, typer.Option(help="When the price that funding is paid on is looked up.")
    ] = FundingTime.PREVIOUS,
    covariance: Annotated[
        float, typer.Option(help="Of a quanto: coin and settlement currency, a year.")
    ] = 0.0,
    as_json: JsonOption = False,
) -> None:
    """Say what a perpetual future is worth between its funding and the carry of its coin.

    \b
      hedgerow price perp --spot 60000 --rate 0.10 --interest 0.0001
    """  # noqa: D301 - the control character keeps the lines of the help apart
    with told_of_numbers():
        if covariance and payoff is not Payoff.QUANTO:
            raise ConfigError(
                f"--covariance {covariance:g} says nothing of a {payoff.value} contract: leave it "
                "out, or add --payoff quanto"
            )
        continuous = time is FundingTime.CONTINUOUS
        if payoff is Payoff.QUANTO and not continuous:
            raise ConfigError(
                f"--time {time.value}: the price of a quanto contract is known for continuous "
                "funding only; add --time continuous, with --intensity and --interest a year"
            )
        years = years_of("--interval-hours", interval_hours, DAYS * HOURS)
        _finite_rates(rate, coin_rate)
        from hedgerow.pricing import perpetual

        moment = perpetual.FundingTime(time.value)
        terms = perpetual.Terms(
            premium_intensity=intensity,
            interest=interest,
            interval_years=0.0 if continuous else years,
            time=moment,
            quote_rate=rate,
            coin_rate=coin_rate,
            covariance=covariance,
        )
        found = perpetual.perpetual_prices(spot, terms, payoff=payoff.value)
        carry = perpetual.Carry(quote_rate=rate, coin_rate=coin_rate)
        numbers = _numbers(found)
        if payoff is Payoff.LINEAR:
            numbers["interest_at_spot"] = perpetual.anchoring_interest(carry, years, moment)
        pace = "continuous funding" if continuous else f"funding every {interval_hours:g} h"
        Priced(
            title=f"{payoff.value.capitalize()} perpetual, {pace}, spot {level(spot)}",
            asked={
                "spot": spot,
                "rate": rate,
                "coin_rate": coin_rate,
                "payoff": payoff.value,
                "intensity": intensity,
                "interest": interest,
                "interval_hours": interval_hours,
                "time": time.value,
                "covariance": covariance,
            },
            found=numbers,
        ).show(as_json=as_json)


def american(
    spot: SpotOption,
    strike: StrikeOption,
    volatility: VolatilityOption,
    kind: KindOption = Kind.CALL,
    rate: RateOption = 0.0,
    coin_rate: CoinRateOption = 0.0,
    contracts: ContractsOption = 1.0,
    as_json: JsonOption = False,
) -> None:
    """Price an option without expiry that may be exercised at any time.

    \b
      hedgerow price american --spot 60000 --strike 50000 --volatility 0.7 --kind put --rate 0.04
    """  # noqa: D301 - the control character keeps the lines of the help apart
    with told_of_numbers():
        _finite_rates(rate, coin_rate)
        from hedgerow.pricing.american import american_perpetual

        found = american_perpetual(
            spot, strike, volatility, kind.value, quote_rate=rate, coin_rate=coin_rate
        )
        numbers = _numbers(found)
        Priced(
            title=f"Perpetual American {kind.value} at {level(strike)}, spot {level(spot)}",
            asked={
                "spot": spot,
                "strike": strike,
                "volatility": volatility,
                "kind": kind.value,
                "rate": rate,
                "coin_rate": coin_rate,
                "contracts": contracts,
            },
            found=numbers,
            hedge=perps(contracts, numbers["delta"], spot),
        ).show(as_json=as_json)


def _finite_rates(rate: float, coin_rate: float) -> None:
    finite("--rate", rate)
    finite("--coin-rate", coin_rate)


def _numbers(found: object) -> dict[str, float]:
    """Return the numbers of a pricer's answer by name."""
    names = getattr(found, "__dataclass_fields__", {})
    return {name: number(getattr(found, name)) for name in names if name != "rows"}
