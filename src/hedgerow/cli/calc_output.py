"""What the calculators share: how they are asked, which rules they use, how they answer."""

import json
import math
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hedgerow.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hedgerow.margin.position import Position
    from hedgerow.margin.terms import MarginTerms
    from hedgerow.market.table_file import Table
    from hedgerow.market.venue import ContractRules, MarginTier

Json = dict[str, object]
Line = tuple[str, str]


class Side(StrEnum):
    """Which way a position points."""

    LONG = "long"
    SHORT = "short"


VenueOption = Annotated[str, typer.Option(help="Venue, as `hedgerow venues list` prints it.")]
InstrumentOption = Annotated[str, typer.Option(help="Contract, e.g. BTC/USDT:USDT.")]
SideOption = Annotated[Side, typer.Option(help="Side of the position.")]
QuantityOption = Annotated[
    float,
    typer.Option(help="Base coin if linear, quote face if inverse, contracts if quanto; > 0."),
]
EntryOption = Annotated[float, typer.Option(help="Average entry price.")]
MarkOption = Annotated[float | None, typer.Option(help="Mark of now; the entry by default.")]
OnOption = Annotated[str, typer.Option(help="Rules in force on this day, YYYY-MM-DD.")]
TableOption = Annotated[
    list[Path] | None, typer.Option(help="A venue table of your own; may be repeated.")
]
MultiplierOption = Annotated[
    float | None, typer.Option(help="Of every requirement, e.g. 2 for twice the margin.")
]
RealisedOption = Annotated[
    float | None, typer.Option(help="Instead: volatility of late, a year; margin rises with it.")
]
ReferenceOption = Annotated[
    float | None, typer.Option(help="The volatility that the venue's margin was made for.")
]
FeeOption = Annotated[str, typer.Option(help="Fee tier of the venue; the first by default.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rulebook:
    """The tables that a question is answered from."""

    venue: str
    day: date
    own: "tuple[Table, ...]"

    def contract(self, symbol: str) -> "ContractRules":
        """Return the rules of one contract on that day."""
        from hedgerow.market.tables import contract_rules

        return contract_rules(self.venue, symbol, self.day, self.own)


def rulebook(venue: str, on: str, table: list[Path] | None) -> Rulebook:
    """Return the rules of a venue on a day, a person's own tables first."""
    from hedgerow.config.own_tables import own_tables

    return Rulebook(venue=venue, day=day_of(on), own=own_tables(tuple(table or ())))


def day_of(text: str) -> date:
    """Return the day that `--on` names, today if it names none."""
    if not text:
        return datetime.now(UTC).date()
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ConfigError(f"--on {text!r} is not a day; write it like 2024-12-31") from error


def above_zero(option: str, value: float) -> float:
    """Return `value`, or raise `ConfigError` if it is not a number above zero."""
    if not (math.isfinite(value) and value > 0.0):
        raise ConfigError(f"{option} {value:g}: write a number above zero")
    return value


def multiplier_asked(
    multiplier: float | None, realised: float | None, reference: float | None
) -> float:
    """Return what to multiply requirements with, as given or as volatility asks for."""
    if realised is None and reference is None:
        return 1.0 if multiplier is None else above_zero("--margin-multiplier", multiplier)
    if multiplier is not None:
        raise ConfigError(
            f"--margin-multiplier {multiplier:g} contradicts --realised-volatility and "
            "--reference-volatility: the one follows from the others; give one or the others"
        )
    for option, value in (
        ("--realised-volatility", realised),
        ("--reference-volatility", reference),
    ):
        if value is None:
            raise ConfigError(f"{option} is missing: margin rises with the one over the other")
        above_zero(option, value)
    from hedgerow.margin.dynamic import volatility_multiplier

    return volatility_multiplier(realised or 0.0, reference or 0.0)


def signed_size(rules: "ContractRules", side: Side, quantity: float) -> float:
    """Return the size of a position: contracts of a quanto contract times their multiplier."""
    above_zero("--quantity", quantity)
    scale = float(rules.perpetual.multiplier) if rules.perpetual.quanto else 1.0
    return -quantity * scale if side is Side.SHORT else quantity * scale


def stamps(used: "Sequence[ContractRules]") -> tuple[list[str], list[str]]:
    """Return the stamps of all rules used, and a warning for each that is old."""
    from hedgerow.market.tables import age_warning

    today = datetime.now(UTC).date()
    lines = [line for rules in used for line in rules.stamps()]
    ages = [age_warning(origin, today) for rules in used for origin in rules.origins]
    return list(dict.fromkeys(lines)), list(dict.fromkeys(age for age in ages if age))


def bracket_json(terms: "MarginTerms", tier: "MarginTier | None") -> Json | None:
    """Return a bracket as plain numbers; the last cap of a venue without one is null."""
    if tier is None:
        return None
    cap, lever = float(tier.cap), float(tier.max_leverage)
    return {
        "number": terms.tiers.index(tier) + 1,
        "floor": float(tier.floor),
        "cap": cap if math.isfinite(cap) else None,
        "rate": float(tier.rate),
        "amount": float(tier.amount),
        "max_leverage": lever if math.isfinite(lever) else None,
        "measured_in": measured_in(terms),
    }


def measured_in(terms: "MarginTerms") -> str:
    """Return the unit of a bracket's floor and cap."""
    if terms.rule.method == "size_slope":
        return terms.asset
    if terms.rule.method == "size_tiers":
        return "USD face" if terms.inverse else terms.asset
    return terms.settle


def position_json(position: "Position") -> Json:
    """Return what was asked about, as plain values."""
    return {
        "instrument": position.terms.symbol,
        "side": "short" if position.size < 0.0 else "long",
        "size": abs(position.size),
        "entry": position.entry,
        "mark": position.price,
        "settle": position.terms.settle,
    }


def answer(payload: Json, title: str, lines: "Sequence[Line]", *, as_json: bool) -> None:
    """Print the answer: one JSON object, or a table a person reads, with the rules below it."""
    if as_json:
        typer.echo(json.dumps(payload, indent=2, allow_nan=False))
        return
    from rich.console import Console
    from rich.table import Table

    view = Table(title=title, show_header=False, title_justify="left")
    view.add_column(style="bold")
    view.add_column(justify="right")
    for name, value in lines:
        view.add_row(name, value)
    console = Console(emoji=False)
    console.print(view)
    for key, style in (("warnings", "yellow"), ("rules", "dim")):
        found = payload.get(key)
        for line in found if isinstance(found, list) else ():
            console.print(line, style=style, highlight=False, soft_wrap=True)


def money(value: float, unit: str) -> str:
    """Return an amount as a person writes it."""
    from hedgerow.market.instrument import MONEY

    return f"{value:,.2f} {unit}" if unit in MONEY else f"{value:,.8g} {unit}"


def price_text(value: float | None) -> str:
    """Return a price, or that there is none."""
    return "never" if value is None else f"{value:,.8g}"
