"""`hedgerow calc margin`: what a position asks for, and how large one may be."""

import math
from typing import TYPE_CHECKING, Annotated

import typer

from hedgerow.cli.calc_account import Asked, position_asked
from hedgerow.cli.calc_output import (
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
    bracket_json,
    measured_in,
    money,
    position_json,
    rulebook,
    stamps,
)
from hedgerow.cli.ending import told

if TYPE_CHECKING:
    from hedgerow.margin.position import Position


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
        asked = Asked(
            instrument=instrument, side=side, quantity=quantity, entry=price, mark=None, fee=fee
        )
        rules, held = position_asked(book, asked)
        if leverage is not None:
            held = replace(held, leverage=above_zero("--leverage", leverage))
        least = least_rate(held.terms, held.size, price, open_interest)
        initial = initial_margin(held, price, open_interest)
        largest = None
        if deposit is not None:
            own = math.inf if leverage is None else leverage
            largest = largest_size(held.terms, above_zero("--deposit", deposit), price, own)
            if rules.perpetual.quanto:
                largest /= float(rules.perpetual.multiplier)
    lines, ages = stamps([rules])
    payload: Json = {
        "initial_margin": initial,
        "maintenance_margin": held.maintenance(),
        "initial_rate": initial / held.notional(),
        "maintenance_rate": held.maintenance() / held.notional(),
        "max_leverage": 1.0 / least,
        "notional": held.notional(),
        "unit": held.terms.settle,
        "bracket": bracket_json(held.terms, held.bracket()),
        "largest_quantity": largest,
        "brackets": [bracket_json(held.terms, tier) for tier in held.terms.tiers],
        "position": position_json(held),
        "rules": lines,
        "warnings": ages,
    }
    title = f"Margin of {quantity:g} {instrument} on {venue}"
    answer(payload, title, _lines(held, payload), as_json=as_json)


def _lines(held: "Position", payload: Json) -> list[Line]:
    terms, unit = held.terms, held.terms.settle
    lines = [
        ("notional", money(held.notional(), unit)),
        ("initial margin", money(_float(payload["initial_margin"]), unit)),
        ("maintenance margin", money(held.maintenance(), unit)),
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
