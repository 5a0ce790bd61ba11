"""`hedgerow price` for liquidity in pools: positions, and options whose premium streams."""

import math
from typing import Annotated, Final

import typer

from hedgerow.cli.calc_output import above_zero
from hedgerow.cli.price_parts import (
    DAYS,
    HOURS,
    JsonOption,
    Priced,
    days_long,
    finite,
    level,
    number,
    perps,
    told_of_numbers,
    written,
    years_of,
)
from hedgerow.errors import ConfigError

ROUNDING: Final = 1e-9

FeeOption = Annotated[float, typer.Option(help="Of the pool, a fraction of each swap.")]


def pool(
    price: Annotated[float, typer.Option(help="Price of the coin, quote per coin.")],
    liquidity: Annotated[
        float | None, typer.Option(help="L of the position; instead of --coins and --cash.")
    ] = None,
    coins: Annotated[float | None, typer.Option(help="Coins that are put in.")] = None,
    cash: Annotated[float | None, typer.Option(help="Money that is put in.")] = None,
    lower: Annotated[float, typer.Option(help="Of the range; none of a pool without.")] = 0.0,
    upper: Annotated[
        float | None, typer.Option(help="Of the range; none of a pool without.")
    ] = None,
    volatility: Annotated[
        float | None, typer.Option(help="A year, for what arbitrage takes.")
    ] = None,
    later: Annotated[
        float | None, typer.Option(help="A later price, for the impermanent loss.")
    ] = None,
    days: Annotated[
        float | None, typer.Option(help="With --volatility: what to expect of that time.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Value liquidity in a pool of a coin and money: holdings, greeks, losses, hedge.

    \b
      hedgerow price pool --price 3000 --coins 1.6 --cash 4800 --lower 2500 --upper 3600 \\
          --volatility 0.8 --later 3300
    """  # noqa: D301 - the control character keeps the lines of the help apart
    with told_of_numbers():
        top = math.inf if upper is None else above_zero("--upper", upper)
        from hedgerow.pricing import pools

        held = _liquidity(price, liquidity, (coins, cash), (lower, top))
        span = {"lower": lower, "upper": top}
        at = 0.0 if volatility is None else volatility
        found = pools.pool(price, held, **span, volatility=at)
        numbers = {
            "value": number(found.value),
            "liquidity": held,
            "coin": number(found.coin),
            "cash": number(found.cash),
            "delta": number(found.delta),
            "gamma": number(found.gamma),
        }
        if volatility is not None:
            numbers["loss_rate"] = number(found.loss_rate)
            numbers["break_even_fee"] = number(found.break_even_fee)
        if later is not None:
            lost = pools.pool_loss(price, later, held, **span)
            numbers["impermanent_loss"] = number(lost.loss)
            numbers["impermanent_fraction"] = number(lost.fraction)
        if days is not None:
            if volatility is None:
                raise ConfigError(
                    f"--days {days:g} says nothing without --volatility: add it, or leave it out"
                )
            to_come = pools.expected_pool(price, held, volatility, years_of("--days", days), **span)
            numbers["expected_loss"] = number(to_come.loss)
            numbers["expected_value"] = number(to_come.value)
        asked = {
            "price": price,
            "liquidity": liquidity,
            "coins": coins,
            "cash": cash,
            "lower": lower,
            "upper": upper,
            "volatility": volatility,
            "later": later,
            "days": days,
        }
        where = (
            "without a range"
            if upper is None and lower == 0.0
            else f"from {level(lower)} to {level(top)}"
        )
        Priced(
            title=f"Liquidity {where}, price {level(price)}",
            asked={name: value for name, value in asked.items() if value is not None},
            found=numbers,
            hedge=perps(1.0, numbers["delta"], price),
            notes=_left_over(numbers, coins, cash),
        ).show(as_json=as_json)


def streaming(
    lower: Annotated[float, typer.Option(help="Of the range.")],
    upper: Annotated[float, typer.Option(help="Of the range.")],
    path: Annotated[str, typer.Option(help="Prices that were passed, such as 3000,3100,3000.")],
    coins: Annotated[
        float, typer.Option(help="Coins that the range holds when the price is below it.")
    ] = 1.0,
    fee: FeeOption = 0.003,
    step_hours: Annotated[float, typer.Option(help="Between two prices of the path.")] = 1.0,
    volatility: Annotated[
        float | None, typer.Option(help="A year, for what a fair option would have streamed.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Say what an option in a pool's range streamed as premium along a path of prices.

    \b
      hedgerow price streaming --lower 2500 --upper 3600 --path 3000,3100,3000 --volatility 0.8
    """  # noqa: D301 - the control character keeps the lines of the help apart
    with told_of_numbers():
        prices = _path(path)
        step = years_of("--step-hours", step_hours, DAYS * HOURS)
        above_zero("--coins", coins)
        from hedgerow.pricing.streaming import LiquidityRange, streamed

        position = LiquidityRange.of_coins(coins, lower=lower, upper=upper)
        found = streamed(prices, [step * place for place in range(len(prices))], position, fee=fee)
        implied = float(found.volatility[-1])
        numbers = {
            "strike": position.strike,
            "liquidity": position.liquidity,
            "premium_coin": float(found.coin[-1]),
            "premium_cash": float(found.cash[-1]),
            "premium": float(found.quote[-1]),
        }
        notes = []
        if math.isfinite(implied):
            numbers["volatility"] = implied
        else:
            notes.append("The path never moved inside the range: no premium streamed.")
        if volatility is not None:
            numbers["fair_premium"] = float(found.fair(volatility)[-1])
        length = step * (len(prices) - 1) * DAYS
        Priced(
            title=(
                f"Streaming option from {level(lower)} to {level(upper)}, "
                f"{len(prices)} prices over {days_long(length)}"
            ),
            asked={
                "lower": lower,
                "upper": upper,
                "path": path,
                "coins": coins,
                "fee": fee,
                "step_hours": step_hours,
                **({} if volatility is None else {"volatility": volatility}),
            },
            found=numbers,
            notes=notes,
        ).show(as_json=as_json)


def _left_over(
    numbers: dict[str, float], coins: float | None, cash: float | None
) -> tuple[str, ...]:
    """Return what the range did not take of what was put in."""
    amounts = ((coins, numbers["coin"], "coins"), (cash, numbers["cash"], "quote"))
    return tuple(
        f"{written(given - taken)} {unit} stay over: the range takes both in one proportion."
        for given, taken, unit in amounts
        if given is not None and given - taken > ROUNDING * given
    )


def _path(text: str) -> list[float]:
    """Return the prices of a path, at least two."""
    try:
        prices = [float(part) for part in text.split(",")]
    except ValueError as error:
        raise ConfigError(f"--path {text!r}: write prices like 3000,3100,3000") from error
    for price in prices:
        above_zero("--path", price)
    if len(prices) < 2:
        raise ConfigError(f"--path {text!r}: write at least two prices, like 3000,3100,3000")
    return prices


def _liquidity(
    price: float,
    liquidity: float | None,
    amounts: tuple[float | None, float | None],
    span: tuple[float, float],
) -> float:
    """Return the liquidity that is given, or that amounts buy."""
    coins, cash = amounts
    bought = coins is not None or cash is not None
    if liquidity is not None and bought:
        raise ConfigError(
            f"--liquidity {liquidity:g} contradicts --coins and --cash: the one follows from the "
            "others; give one or the others"
        )
    if liquidity is not None:
        return liquidity
    if not bought:
        raise ConfigError("--liquidity is missing: give it, or --coins and --cash")
    from hedgerow.pricing.pools import pool_liquidity

    found = pool_liquidity(
        price,
        finite("--coins", coins or 0.0),
        finite("--cash", cash or 0.0),
        lower=span[0],
        upper=span[1],
    )
    if not number(found.liquidity) > 0.0:
        raise ConfigError(
            "--coins and --cash buy no liquidity: below the range only coins count, above it only "
            "money, within it both"
        )
    return number(found.liquidity)
