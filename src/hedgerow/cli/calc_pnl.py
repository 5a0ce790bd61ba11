"""`hedgerow calc pnl`: what a position makes from entry to exit, all costs in."""

import math
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from hedgerow.cli.calc_output import (
    EntryOption,
    FeeOption,
    InstrumentOption,
    Json,
    JsonOption,
    Line,
    OnOption,
    QuantityOption,
    Side,
    SideOption,
    TableOption,
    VenueOption,
    above_zero,
    answer,
    money,
    price_text,
    rulebook,
    signed_size,
    stamps,
)
from hedgerow.cli.ending import told
from hedgerow.errors import ConfigError

if TYPE_CHECKING:
    from hedgerow.margin.outcome import Outcome, Trade
    from hedgerow.market.venue import ContractRules


class Liquidity(StrEnum):
    """How an order is filled."""

    MAKER = "maker"
    TAKER = "taker"


def pnl(
    venue: VenueOption,
    instrument: InstrumentOption,
    quantity: QuantityOption,
    entry: EntryOption,
    exit_price: Annotated[float, typer.Option("--exit", help="Average exit price.")],
    side: SideOption = Side.SHORT,
    entry_as: Annotated[Liquidity, typer.Option(help="Fee of the entry.")] = Liquidity.TAKER,
    exit_as: Annotated[Liquidity, typer.Option(help="Fee of the exit.")] = Liquidity.TAKER,
    funding_rate: Annotated[
        float, typer.Option(help="Average rate of one settlement; > 0 means longs pay.")
    ] = 0.0,
    settlements: Annotated[
        float, typer.Option(help="How many were crossed; of a continuous rule, how many intervals.")
    ] = 0.0,
    funding_price: Annotated[
        float | None, typer.Option(help="Price the funding is paid on; the entry by default.")
    ] = None,
    leverage: Annotated[
        float | None, typer.Option(help="For the return on the initial margin.")
    ] = None,
    deposit: Annotated[
        float | None, typer.Option(help="Instead: what was put up, settlement currency.")
    ] = None,
    fee: FeeOption = "",
    on: OnOption = "",
    table: TableOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what a position makes: price, fees, funding, return and the price to break even."""
    with told("Stopped."):
        from hedgerow.kernels.funding import funding_cash
        from hedgerow.kernels.plain import plain
        from hedgerow.margin.outcome import Trade

        rules = rulebook(venue, on, table).contract(instrument)
        fees = rules.fee(fee) if fee else rules.fees[0]
        trade = Trade(
            size=signed_size(rules, side, quantity),
            entry=above_zero("--entry", entry),
            exit=above_zero("--exit", exit_price),
            inverse=rules.perpetual.inverse,
            entry_fee=float(fees.maker if entry_as is Liquidity.MAKER else fees.taker),
            exit_fee=float(fees.maker if exit_as is Liquidity.MAKER else fees.taker),
        )
        paid_on = entry if funding_price is None else above_zero("--funding-price", funding_price)
        _check_funding(funding_rate, settlements)
        cash = plain(funding_cash)(trade.size, paid_on, funding_rate, trade.inverse)
        funding = settlements * cash
        margin = _margin(rules, trade, leverage, deposit)
    outcome = trade.outcome(funding=funding + 0.0)
    lines, ages = stamps([rules])
    payload: Json = {
        "pnl": outcome.price,
        "fees": outcome.fees,
        "funding": outcome.funding,
        "total": outcome.total,
        "unit": rules.perpetual.settle,
        "total_at_exit": outcome.total * exit_price if trade.inverse else outcome.total,
        "margin": margin,
        "roi": None if margin is None else outcome.on(margin),
        "break_even": trade.break_even(outcome.funding),
        "settlement": rules.perpetual.settlement.value,
        "rules": lines,
        "warnings": ages,
    }
    title = f"{side.value.capitalize()} {quantity:g} {instrument} on {venue}"
    answer(payload, title, _lines(rules, outcome, payload), as_json=as_json)


def _check_funding(rate: float, settlements: float) -> None:
    if not math.isfinite(rate):
        raise ConfigError(f"--funding-rate {rate}: write a fraction, 0.0001 for one basis point")
    if not (math.isfinite(settlements) and settlements >= 0.0):
        raise ConfigError(f"--settlements {settlements}: write how many were crossed, 0 or more")
    if rate and not settlements:
        raise ConfigError("--settlements is missing: say how often --funding-rate was paid")


def _margin(
    rules: "ContractRules", trade: "Trade", leverage: float | None, deposit: float | None
) -> float | None:
    if leverage is not None and deposit is not None:
        raise ConfigError(
            f"--deposit {deposit:g} and --leverage {leverage:g} contradict each other: the one "
            "follows from the other; give one of them"
        )
    if deposit is not None:
        return above_zero("--deposit", deposit)
    if leverage is None:
        return None
    from hedgerow.margin.initial import initial_margin
    from hedgerow.margin.position import Position
    from hedgerow.margin.terms import terms_of

    held = Position(
        terms=terms_of(rules),
        size=trade.size,
        entry=trade.entry,
        leverage=above_zero("--leverage", leverage),
    )
    return initial_margin(held)


def _lines(rules: "ContractRules", outcome: "Outcome", payload: Json) -> list[Line]:
    unit = rules.perpetual.settle
    lines = [
        ("from the price", money(outcome.price, unit)),
        ("fees", money(outcome.fees, unit)),
        ("funding", money(outcome.funding, unit)),
        ("in all", money(outcome.total, unit)),
    ]
    roi, even = payload["roi"], payload["break_even"]
    if isinstance(roi, float):
        lines.append(("return on the margin", f"{roi:.2%}"))
    lines.append(("breaks even at", price_text(even if isinstance(even, float) else None)))
    return lines
