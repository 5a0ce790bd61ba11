"""`hedgerow price` for options with an expiry: in quote, in coin, and their implied volatility."""

from enum import StrEnum
from typing import Annotated

import typer

from hedgerow.cli.calc_output import above_zero
from hedgerow.cli.price_parts import (
    ContractsOption,
    DaysOption,
    ForwardOption,
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
    perps,
    told_of_numbers,
    years_of,
)


class Currency(StrEnum):
    """What a premium is quoted in."""

    QUOTE = "quote"
    COIN = "coin"


def black76(
    forward: ForwardOption,
    strike: StrikeOption,
    volatility: VolatilityOption,
    days: DaysOption,
    kind: KindOption = Kind.CALL,
    rate: RateOption = 0.0,
    contracts: ContractsOption = 1.0,
    as_json: JsonOption = False,
) -> None:
    """Price a European option on a forward that pays in money, by Black's formula.

    \b
      hedgerow price black76 --forward 60000 --strike 66000 --volatility 0.6 --days 30
    """  # noqa: D301 - the control character keeps the lines of the help apart
    with told_of_numbers():
        years = years_of("--days", days)
        from hedgerow.pricing.options import black76 as priced

        found = priced(forward, strike, volatility, years, kind.value, rate=rate)
        Priced(
            title=f"{_named(kind, strike)}, {days_long(days)}, on a forward at {level(forward)}",
            asked={
                "forward": forward,
                "strike": strike,
                "volatility": volatility,
                "days": days,
                "kind": kind.value,
                "rate": rate,
                "contracts": contracts,
            },
            found={name: found[name] for name in found.names},
            hedge=perps(contracts, found.delta, forward),
        ).show(as_json=as_json)


def bsm(
    spot: SpotOption,
    strike: StrikeOption,
    volatility: VolatilityOption,
    days: DaysOption,
    kind: KindOption = Kind.CALL,
    rate: RateOption = 0.0,
    dividend: Annotated[
        float, typer.Option(help="What the coin itself yields, a year, compounded continuously.")
    ] = 0.0,
    contracts: ContractsOption = 1.0,
    as_json: JsonOption = False,
) -> None:
    """Price a European option on a spot price, by Black, Scholes and Merton.

    \b
      hedgerow price bsm --spot 60000 --strike 66000 --volatility 0.6 --days 30 --rate 0.04
    """  # noqa: D301 - the control character keeps the lines of the help apart
    with told_of_numbers():
        years = years_of("--days", days)
        from hedgerow.pricing.options import black_scholes

        found = black_scholes(
            spot, strike, volatility, years, kind.value, rate=rate, dividend=dividend
        )
        Priced(
            title=f"{_named(kind, strike)}, {days_long(days)}, on a spot at {level(spot)}",
            asked={
                "spot": spot,
                "strike": strike,
                "volatility": volatility,
                "days": days,
                "kind": kind.value,
                "rate": rate,
                "dividend": dividend,
                "contracts": contracts,
            },
            found={name: found[name] for name in found.names},
            hedge=perps(contracts, found.delta, spot),
        ).show(as_json=as_json)


def coin(
    forward: ForwardOption,
    strike: StrikeOption,
    volatility: VolatilityOption,
    days: DaysOption,
    kind: KindOption = Kind.CALL,
    contracts: ContractsOption = 1.0,
    coins: Annotated[
        float, typer.Option(help="Coins in the account beside the option's own worth.")
    ] = 0.0,
    perp: Annotated[
        float | None, typer.Option(help="Price of the perpetual; the forward by default.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Price an option that is quoted and settled in its coin, with both of its hedges.

    Wealth counted in dollars moves with every coin in the account, so its hedge takes them in;
    wealth counted in coins does not.

    \b
      hedgerow price coin --forward 60000 --strike 66000 --volatility 0.6 --days 30 --coins 2
    """  # noqa: D301 - the control character keeps the lines of the help apart
    with told_of_numbers():
        years = years_of("--days", days)
        held = finite("--contracts", contracts)
        beside = finite("--coins", coins)
        from hedgerow.pricing.coin_options import coin_option

        if perp is not None:
            above_zero("--perp", perp)
        found = coin_option(forward, strike, volatility, years, kind.value)
        hedge = found.perp_hedge(
            coin_equity=beside + held * found.price_coin, perp_price=perp, contracts=held
        )
        Priced(
            title=(
                f"{_named(kind, strike)}, {days_long(days)}, settled in coin, "
                f"on a forward at {level(forward)}"
            ),
            asked={
                "forward": forward,
                "strike": strike,
                "volatility": volatility,
                "days": days,
                "kind": kind.value,
                "contracts": contracts,
                "coins": coins,
                "perp": forward if perp is None else perp,
            },
            found={name: found[name] for name in found.names},
            hedge={
                "inverse_perp_dollar": hedge.dollar_neutral + 0.0,
                "inverse_perp_coin": hedge.coin_neutral + 0.0,
            },
        ).show(as_json=as_json)


def implied(
    price: Annotated[float, typer.Option(help="What the option costs, undiscounted.")],
    forward: ForwardOption,
    strike: StrikeOption,
    days: DaysOption,
    kind: KindOption = Kind.CALL,
    currency: Annotated[
        Currency, typer.Option("--in", help="What the price is counted in.")
    ] = Currency.QUOTE,
    as_json: JsonOption = False,
) -> None:
    """Find the volatility at which an option is worth its price, in quote or in coin.

    \b
      hedgerow price implied --price 0.0327 --in coin --forward 60000 --strike 66000 --days 30
    """  # noqa: D301 - the control character keeps the lines of the help apart
    with told_of_numbers():
        years = years_of("--days", days)
        from hedgerow.pricing.implied import implied_volatility, implied_volatility_from_coin

        solve = implied_volatility if currency is Currency.QUOTE else implied_volatility_from_coin
        found = solve(price, forward, strike, years, kind.value)
        unit = "quote" if currency is Currency.QUOTE else "coin"
        at_bound = found.volatility == float("inf")
        Priced(
            title=f"{_named(kind, strike)}, {days_long(days)}, at {price:,.8g} {unit}",
            asked={
                "price": price,
                "in": currency.value,
                "forward": forward,
                "strike": strike,
                "days": days,
                "kind": kind.value,
            },
            found={"volatility": found.volatility},
            notes=("The price is at its upper bound: no volatility is enough.",) * at_bound,
        ).show(as_json=as_json)


def _named(kind: Kind, strike: float) -> str:
    return f"{kind.value.capitalize()} at {level(strike)}"
