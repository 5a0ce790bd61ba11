"""`hedgerow calc margin`: what a position asks for, and how large one may be."""

import math
from typing import TYPE_CHECKING, Annotated

import typer

from hedgerow.cli.calc_account import Asked, position_asked
from hedgerow.cli.calc_checks import at_least_zero
from hedgerow.cli.calc_output import (
    FeeOption,
    InstrumentOption,
    Json,
    JsonOption,
    Line,
    MultiplierOption,
    OnOption,
    QuantityOption,
    RealisedOption,
    ReferenceOption,
    Side,
    SideOption,
    TableOption,
    VenueOption,
    above_zero,
    answer,
    bracket_json,
    measured_in,
    money,
    multiplier_asked,
    position_json,
    rulebook,
    stamps,
)
from hedgerow.cli.ending import told

if TYPE_CHECKING:
    from hedgerow.margin.position import Position
    from hedgerow.margin.terms import MarginTerms


def margin(
    venue: VenueOption,
    instrument: InstrumentOption,
    quantity: QuantityOption,
    price: Annotated[float, typer.Option(help="Price at which it is opened or marked.")],
    side: SideOption = Side.SHORT,
    leverage: Annotated[
        float | None, typer.Option(help="Chosen by you; the highest allowed by default.")
    ] = None,
    deposit: Annotated[
        float | None, typer.Option(help="Settlement currency: how large may a position be?")
    ] = None,
    open_interest: Annotated[
        float | None, typer.Option(help="Of the whole contract, quote, where margin rises with it.")
    ] = None,
    margin_multiplier: MultiplierOption = None,
    realised_volatility: RealisedOption = None,
    reference_volatility: ReferenceOption = None,
    fee: FeeOption = "",
    on: OnOption = "",
    table: TableOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what initial and maintenance margin a position takes, and walk through the brackets."""
    with told("Stopped."):
        from dataclasses import replace

        from hedgerow.margin.initial import initial_margin, largest_size, least_rate

        book = rulebook(venue, on, table)
        at_least_zero("--open-interest", open_interest)
        times = multiplier_asked(margin_multiplier, realised_volatility, reference_volatility)
        asked = Asked(
            instrument=instrument,
            side=side,
            quantity=quantity,
            entry=price,
            mark=None,
            fee=fee,
            entry_option="--price",
        )
        rules, held = position_asked(book, asked)
        if leverage is not None:
            held = replace(held, leverage=above_zero("--leverage", leverage))
        least = times * least_rate(held.terms, held.size, price, open_interest)
        initial = times * initial_margin(held, price, open_interest)
        maintenance = times * held.maintenance()
        largest = None
        if deposit is not None:
            own = math.inf if leverage is None else leverage
            usable = above_zero("--deposit", deposit) / times
            largest = largest_size(held.terms, usable, price, own, open_interest)
            if rules.perpetual.quanto:
                largest /= float(rules.perpetual.multiplier)
    lines, ages = stamps([rules])
    payload: Json = {
        "initial_margin": initial,
        "maintenance_margin": maintenance,
        "initial_rate": initial / held.notional(),
        "maintenance_rate": maintenance / held.notional(),
        "max_leverage": 1.0 / least,
        "margin_multiplier": times,
        "open_interest": open_interest,
        "notional": held.notional(),
        "unit": held.terms.settle,
        "bracket": bracket_json(held.terms, held.bracket()),
        "largest_quantity": largest,
        "brackets": [bracket_json(held.terms, tier) for tier in held.terms.tiers],
        "position": position_json(held),
        "rules": lines,
        "warnings": [*_interest_warnings(held.terms, open_interest), *ages],
    }
    title = f"Margin of {quantity:g} {instrument} on {venue}"
    answer(payload, title, _lines(held, payload), as_json=as_json)


def _interest_warnings(terms: "MarginTerms", open_interest: float | None) -> list[str]:
    """Say what is left out where the initial margin rises with what is open in the contract."""
    lower, upper = terms.rule.open_interest_lower, terms.rule.open_interest_upper
    if lower is None or not upper:
        if open_interest is None:
            return []
        return [f"--open-interest changes nothing: no rule of {terms.symbol} goes by it."]
    if open_interest is not None:
        return []
    said = (
        "The initial margin is that of low open interest: it rises with what is open in "
        f"{terms.symbol} from {float(lower):,.6g} on and is all of the notional from "
        f"{float(upper):,.6g} on; give --open-interest."
    )
    return [said]


def _lines(held: "Position", payload: Json) -> list[Line]:
    terms, unit = held.terms, held.terms.settle
    lines = [
        ("notional", money(held.notional(), unit)),
        ("initial margin", money(_float(payload["initial_margin"]), unit)),
        ("maintenance margin", money(_float(payload["maintenance_margin"]), unit)),
        ("highest leverage", f"{_float(payload['max_leverage']):.4g} x"),
    ]
    if payload["largest_quantity"] is not None:
        lines.append(("largest position", f"{_float(payload['largest_quantity']):,.8g}"))
    here = held.bracket()
    for number, tier in enumerate(terms.tiers, start=1):
        mark = "→ " if tier == here else ""
        cap = f"to {float(tier.cap):,.6g} {measured_in(terms)}"
        lever = f"{float(tier.max_leverage):.4g} x"
        lines.append((f"{mark}bracket {number}", f"{cap}: {float(tier.rate):.2%}, {lever}"))
    return lines


def _float(value: object) -> float:
    return float(value) if isinstance(value, int | float) else math.nan
