"""What the tables say about one contract on a day, be it all of the rules or some."""

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final, TypeVar

from hedgerow.market.instrument import Perpetual
from hedgerow.market.table_file import ContractTable, Table
from hedgerow.market.venue import (
    FeeTier,
    FundingRule,
    LiquidationRule,
    MarginRule,
    MarginTier,
    MarkRule,
    Origin,
    PremiumRule,
)

SECTION_NAMES: Final = (
    "size",
    "funding",
    "margin",
    "liquidation",
    "premium",
    "mark",
    "tiers",
    "fees",
)
NEEDED: Final = ("size", "funding", "liquidation", "tiers", "fees")

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownRules:
    """The sections that some table gives; None where none does.

    Attributes
    ----------
    market
        Part of the venue that lists the contract.
    origins
        Where each known section comes from, in the order of the sections.
    """

    venue: str
    symbol: str
    market: str
    listed: date | None = None
    size: Perpetual | None = None
    funding: FundingRule | None = None
    margin: MarginRule | None = None
    liquidation: LiquidationRule | None = None
    premium: PremiumRule | None = None
    mark: MarkRule | None = None
    tiers: tuple[MarginTier, ...] | None = None
    fees: tuple[FeeTier, ...] | None = None
    origins: tuple[Origin, ...] = field(default=())

    @property
    def missing(self) -> tuple[str, ...]:
        """The sections without which no position can be reckoned and that no table gives."""
        return tuple(name for name in NEEDED if getattr(self, name) is None)


def resolve(venue: str, symbol: str, on: date, every: tuple[Table, ...]) -> KnownRules:
    """Return what the tables `every`, oldest first, know about a contract on the day `on`.

    Each section is that of the latest table in force; where all are later the earliest stands
    in, stamped. Brackets mean nothing without what they go by: both come from one table.
    """
    spoken = [(table, table.contracts[symbol]) for table in every if symbol in table.contracts]
    markets = {table.market for table, _ in spoken}
    size = _pick("size", on, [(t, c.size) for t, c in spoken])
    funding = _pick("funding", on, [(t, c.funding) for t, c in spoken])
    tiers = _pick("tiers", on, [(t, _brackets(c)) for t, c in spoken])
    liquidation = _pick("liquidation", on, [(t, c.liquidation) for t, c in spoken])
    premium = _pick("premium", on, [(t, c.premium) for t, c in spoken])
    mark = _pick("mark", on, [(t, c.mark) for t, c in spoken])
    fees = _pick("fees", on, [(t, t.fees or None) for t in every if t.market in markets])
    margin_from = replace(tiers[1], section="margin") if tiers else None
    found = (size, funding, margin_from, liquidation, premium, mark, tiers, fees)
    listed = [contract.listed for _, contract in spoken if contract.listed]
    return KnownRules(
        venue=venue,
        symbol=symbol,
        market=spoken[-1][0].market,
        listed=listed[-1] if listed else None,
        size=size[0] if size else None,
        funding=funding[0] if funding else None,
        margin=tiers[0][0] if tiers else None,
        liquidation=liquidation[0] if liquidation else None,
        premium=premium[0] if premium else None,
        mark=mark[0] if mark else None,
        tiers=tiers[0][1] if tiers else None,
        fees=fees[0] if fees else None,
        origins=tuple(
            part if isinstance(part, Origin) else part[1] for part in found if part is not None
        ),
    )


def _brackets(contract: ContractTable) -> tuple[MarginRule, tuple[MarginTier, ...]] | None:
    if contract.margin is None or not contract.tiers:
        return None
    return contract.margin, contract.tiers


def _pick(
    section: str, on: date, offered: list[tuple[Table, Value | None]]
) -> tuple[Value, Origin] | None:
    """Return the last value in force on the day, else the first, stamped; None if none is."""
    found = [(table, value) for table, value in offered if value is not None]
    if not found:
        return None
    in_force = [pair for pair in found if pair[0].effective <= on]
    table, value = in_force[-1] if in_force else found[0]
    return value, replace(table.origins[section], stamped=not in_force)
