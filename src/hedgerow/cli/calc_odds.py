"""`hedgerow calc odds`: how likely the position is to be liquidated, when, and what would do."""

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hedgerow.cli.calc_account import Asked, Backing, account_asked
from hedgerow.cli.calc_checks import MOST_PATHS, alone, at_least_zero, fraction, number
from hedgerow.cli.calc_output import (
    EntryOption,
    InstrumentOption,
    JsonOption,
    MarkOption,
    OnOption,
    QuantityOption,
    Side,
    SideOption,
    TableOption,
    VenueOption,
    answer,
    rulebook,
)
from hedgerow.cli.ending import told
from hedgerow.cli.odds_market import (
    GivenNumbers,
    ModelKind,
    funding_from,
    model_of,
    monitor_hours,
    recorded,
)
from hedgerow.errors import ConfigError

if TYPE_CHECKING:
    from hedgerow.cli.odds_view import OddsAnswer
    from hedgerow.margin.odds.models import Reserve
    from hedgerow.margin.odds.question import OddsQuestion
    from hedgerow.margin.position import Position

PATHS = 100_000
MOST_SEED = 2**63 - 1
WORKERS = 8  # at most; the answer does not depend on it


def odds(
    venue: VenueOption,
    instrument: InstrumentOption,
    quantity: QuantityOption,
    entry: EntryOption,
    side: SideOption = Side.SHORT,
    deposit: Annotated[
        float | None, typer.Option(help="Collateral in the account, in settlement currency.")
    ] = None,
    leverage: Annotated[
        float | None, typer.Option(help="Instead of a deposit: notional at the entry over it.")
    ] = None,
    mark: MarkOption = None,
    days: Annotated[float, typer.Option(help="Horizon.")] = 90.0,
    volatility: Annotated[
        float | None, typer.Option(help="A year, as a fraction: 0.6 is 60 %.")
    ] = None,
    drift: Annotated[float, typer.Option(help="Expected return a year, a fraction.")] = 0.0,
    data: Annotated[
        Path | None, typer.Option(metavar="LAKE", help="Take the numbers from recorded prices.")
    ] = None,
    series: Annotated[
        str, typer.Option(metavar="VENUE:SYMBOL", help="Other recorded prices to take them from.")
    ] = "",
    model: Annotated[ModelKind, typer.Option(help="How the price moves.")] = ModelKind.GBM,
    monitor: Annotated[
        str, typer.Option(help="How often the venue looks: continuous, or like 1h, 8h.")
    ] = "continuous",
    coins: Annotated[
        float, typer.Option(help="Coins beside the deposit, as collateral of a linear contract.")
    ] = 0.0,
    haircut: Annotated[float, typer.Option(help="Part of the coins that does not count.")] = 0.0,
    reserve: Annotated[float, typer.Option(help="Cash off the venue, for top-ups.")] = 0.0,
    transfer_hours: Annotated[float, typer.Option(help="How long a transfer takes.")] = 1.0,
    top_up_below: Annotated[
        float, typer.Option(help="Headroom, as a fraction of notional, that calls for cash.")
    ] = 0.05,
    top_up_to: Annotated[float, typer.Option(help="Headroom that a call restores.")] = 0.10,
    funding: Annotated[
        str, typer.Option(metavar="RATE|data", help="Average rate of one interval, or the lake's.")
    ] = "",
    jumps_per_year: Annotated[float | None, typer.Option(help="Of --model jumps.")] = None,
    jump_mean: Annotated[float | None, typer.Option(help="Log return of a jump.")] = None,
    jump_deviation: Annotated[float | None, typer.Option(help="Of a jump's log return.")] = None,
    long_run: Annotated[
        float | None, typer.Option(help="Volatility that --model heston returns to.")
    ] = None,
    reversion: Annotated[float | None, typer.Option(help="How fast, a year.")] = None,
    wobble: Annotated[float | None, typer.Option(help="Volatility of the variance.")] = None,
    correlation: Annotated[float | None, typer.Option(help="Of variance and price.")] = None,
    at_most: Annotated[
        float | None, typer.Option(help="Find the least deposit for these odds, e.g. 0.01.")
    ] = None,
    paths: Annotated[
        int | None,
        typer.Option(min=1, max=MOST_PATHS, help="Simulate even where a formula answers."),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, max=MOST_SEED, help="Of the simulation.")] = 1,
    on: OnOption = "",
    table: TableOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say how likely the position is to be liquidated within the horizon, and when.

    \b
    Examples:
      hedgerow calc odds --venue binance --instrument BTC/USDT:USDT --side short \\
        --quantity 120 --entry 50000 --deposit 2000000 --volatility 0.6 --at-most 0.01
      ... --data lake --model history --reserve 1000000 --transfer-hours 2

    A formula answers where the price is a plain diffusion and no cash moves; everything else is
    simulated, and the same seed gives the same answer.
    """  # noqa: D301 - the control character keeps the lines of the help apart
    with told("Stopped."):
        for option, value in (
            ("--days", days),
            ("--volatility", volatility),
            ("--coins", coins),
            ("--reserve", reserve),
            ("--transfer-hours", transfer_hours),
            ("--top-up-below", top_up_below),
            ("--top-up-to", top_up_to),
            ("--jumps-per-year", jumps_per_year),
            ("--jump-deviation", jump_deviation),
            ("--long-run", long_run),
            ("--reversion", reversion),
            ("--wobble", wobble),
        ):
            at_least_zero(option, value)
        for option, value in (("--drift", drift), ("--jump-mean", jump_mean)):
            number(option, value)
        fraction("--haircut", haircut)
        alone("--haircut", haircut, "--coins", coins)
        alone("--series", series, "--data", data)
        if correlation is not None and not -1.0 <= correlation <= 1.0:
            raise ConfigError(f"--correlation {correlation:g}: it lies between -1 and 1")
        if at_most is not None and not 0.0 < at_most < 1.0:
            raise ConfigError(f"--at-most {at_most:g}: odds lie between 0 and 1, neither of them")
        book = rulebook(venue, on, table)
        contract = book.contract(instrument)
        hours = monitor_hours(monitor)
        memory = None if data is None else recorded(data, contract, series, hours)
        given = GivenNumbers(
            volatility=volatility,
            drift=drift,
            per_year=jumps_per_year,
            mean=jump_mean,
            deviation=jump_deviation,
            long_run=long_run,
            reversion=reversion,
            wobble=wobble,
            correlation=correlation,
        )
        chosen = model_of(model, given, memory)
        if model is ModelKind.HISTORY and memory is not None:
            hours = memory.returns.step_hours
        from hedgerow.margin.odds.models import Horizon
        from hedgerow.margin.odds.question import OddsQuestion
        from hedgerow.margin.odds.stake import Stake

        asked = Asked(instrument=instrument, side=side, quantity=quantity, entry=entry, mark=mark)
        _, account, held = account_asked(book, asked, Backing(deposit=deposit, leverage=leverage))
        question = OddsQuestion(
            stake=Stake(
                position=_in_account(account.positions[0], coins),
                deposit=held,
                coins=coins * (1.0 - haircut),
            ),
            model=chosen,
            horizon=Horizon(days=days, monitor_hours=hours),
            reserve=_reserve(reserve, transfer_hours, top_up_below, top_up_to),
            funding=funding_from(funding, contract, memory),
        )
        found = _answered(question, at_most, paths, seed, quiet=as_json)
    from hedgerow.cli.odds_view import odds_json, odds_lines

    title = f"Odds of liquidation: {instrument} on {venue}"
    payload = odds_json(found, contract, memory)
    answer(payload, title, odds_lines(found, contract, memory), as_json=as_json)


def _in_account(position: "Position", coins: float) -> "Position":
    """Return the position as its account asks for it: coins beside cash make it a cross one."""
    return replace(position, terms=position.terms.in_cross()) if coins else position


def _reserve(amount: float, hours: float, below: float, upto: float) -> "Reserve | None":
    from hedgerow.margin.odds.models import Reserve

    if not amount:
        return None
    if upto <= below:
        raise ConfigError(
            f"--top-up-to {upto:g} is not above --top-up-below {below:g}: a top-up could never end "
            "the call; raise --top-up-to"
        )
    return Reserve(amount=amount, top_up_below=below, top_up_to=upto, transfer_hours=hours)


def _answered(
    question: "OddsQuestion", at_most: float | None, paths: int | None, seed: int, *, quiet: bool
) -> "OddsAnswer":
    """Return formula and simulation, whichever apply, and the least deposit."""
    from hedgerow.cli.odds_view import OddsAnswer
    from hedgerow.margin.odds.closed_form import odds_of_liquidation
    from hedgerow.margin.odds.hedge_under_liquidation import best_hedge
    from hedgerow.margin.odds.models import Diffusion
    from hedgerow.margin.odds.smallest_deposit import backed, smallest_deposit

    closed = simulated = enough = hedge = None
    if isinstance(question.model, Diffusion) and question.is_closed:
        closed = odds_of_liquidation(question.stake, question.model, question.horizon)
        hedge = best_hedge(question.stake, question.model, question.horizon)
        if at_most is not None:
            enough = smallest_deposit(question.stake, question.model, question.horizon, at_most)
    if closed is None or paths is not None:
        from hedgerow.cli.running import progress
        from hedgerow.margin.odds.paths import simulate_odds, simulated_deposit

        count, workers = paths or PATHS, min(os.cpu_count() or 1, WORKERS)
        with progress(quiet=quiet) as tell:
            simulated = simulate_odds(question, paths=count, seed=seed, workers=workers, tell=tell)
            if at_most is not None and closed is None:
                deposit = simulated_deposit(
                    question, at_most, paths=count, seed=seed, workers=workers, tell=tell
                )
                enough = backed(question.stake, deposit)
    return OddsAnswer(
        question=question,
        closed=closed,
        simulated=simulated,
        enough=enough,
        hedge=hedge,
        at_most=at_most,
    )
