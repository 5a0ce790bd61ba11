"""The options that say which position is asked about, and what they come to."""

import math
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from hedgerow.errors import ConfigError

if TYPE_CHECKING:
    from hedgerow.margin.stake import Stake
    from hedgerow.market.venue import ContractRules


class Side(StrEnum):
    """Which way a position points."""

    LONG = "long"
    SHORT = "short"


VenueOption = Annotated[str, typer.Option(help="Venue, as `hedgerow venues list` prints it.")]
InstrumentOption = Annotated[str, typer.Option(help="Contract, e.g. BTC/USDT:USDT.")]
SideOption = Annotated[Side, typer.Option(help="Side of the position.")]
QuantityOption = Annotated[
    float, typer.Option(help="Size: base coin if linear, quote face if inverse.")
]
EntryOption = Annotated[float, typer.Option(help="Average entry price.")]
DepositOption = Annotated[
    float, typer.Option(help="Collateral in the account, in the settlement currency.")
]
MarkOption = Annotated[float | None, typer.Option(help="Price now; the entry by default.")]
OnOption = Annotated[str, typer.Option(help="Rules in force on this day, YYYY-MM-DD.")]
TableOption = Annotated[
    list[Path] | None, typer.Option(help="A table of your own; may be repeated.")
]
JsonFlag = Annotated[bool, typer.Option("--json", help="Print JSON.")]


class RulesInForce(NamedTuple):
    """A contract's rules on the day asked for, and what to know about their age."""

    contract: "ContractRules"
    warnings: list[str]

    def as_json(self) -> list[str]:
        """Return the stamps of all tables used, then the warnings."""
        return [*self.contract.stamps(), *self.warnings]


def rules_in_force(venue: str, instrument: str, on: str, own: list[Path] | None) -> RulesInForce:
    """Return the rules of a contract; a person's `own` tables win over the shipped ones."""
    from hedgerow.market.table_file import load_table
    from hedgerow.market.tables import age_warning, contract_rules

    today = datetime.now(UTC).date()
    tables = tuple(load_table(path) for path in own or ())
    contract = contract_rules(venue, instrument, _day(on, today), tables)
    ages = [age_warning(origin, today) for origin in contract.origins]
    return RulesInForce(contract, list(dict.fromkeys(age for age in ages if age)))


def signed_size(rules: "ContractRules", side: Side, quantity: float) -> float:
    """Return the size that the kernels take: long > 0, a quanto contract's by its multiplier."""
    if not 0.0 < quantity < math.inf:
        raise ConfigError(
            f"--quantity {quantity:g}: write a size above zero; --side says which way"
        )
    size = quantity * (float(rules.perpetual.multiplier) if rules.perpetual.quanto else 1.0)
    return -size if side is Side.SHORT else size


def stake_from(
    rules: "ContractRules", size: float, entry: float, deposit: float, mark: float | None
) -> "Stake":
    """Return the position with its deposit.

    Raises
    ------
    ConfigError
        If there is no deposit, or the position is larger than the venue's last bracket.
    """
    from hedgerow.margin.stake import stake_of

    if not 0.0 < deposit < math.inf:
        raise ConfigError(f"--deposit {deposit:g}: write an amount above zero")
    return stake_of(rules, size, entry, deposit, mark)


def _day(text: str, today: date) -> date:
    if not text:
        return today
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ConfigError(f"--on {text!r} is not a day; write it like 2024-12-31") from error
