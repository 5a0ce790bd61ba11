"""A table written as the TOML that `load_table` reads."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final

from hedgerow.market.instrument import Perpetual
from hedgerow.market.rule_names import FUNDING_NEEDS
from hedgerow.market.venue import FeeTier, FundingRule, MarginRule, MarginTier, SkewTerms

SIZE: Final = ("multiplier", "tick", "lot", "minimum_notional")
TIER: Final = ("floor", "cap", "rate", "amount", "max_leverage")


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractDraft:
    """What a new table shall say about one contract."""

    symbol: str
    size: Perpetual | None = None
    funding: FundingRule | None = None
    margin: MarginRule | None = None
    tiers: tuple[MarginTier, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether it says nothing."""
        return not (self.size or self.funding or self.tiers)


@dataclass(frozen=True, slots=True, kw_only=True)
class TableDraft:
    """A new table of one market of one venue, in force from the day it was fetched."""

    venue: str
    market: str
    day: date
    source: str
    note: str
    fees: tuple[FeeTier, ...] = ()
    contracts: tuple[ContractDraft, ...] = field(default=())

    @property
    def file(self) -> str:
        """Its path below the folder of own tables."""
        return f"{self.venue}/{self.market}.{self.day}.toml"


def table_text(draft: TableDraft) -> str:
    """Return the file of a draft, ready for `load_table`."""
    head = (
        f"venue = {_text(draft.venue)}\nmarket = {_text(draft.market)}\n"
        f"effective = {draft.day}\nchecked = {draft.day}\nsource = {_text(draft.source)}\n"
        f'confidence = "source"\nnote = {_text(draft.note)}\n'
    )
    blocks = [head]
    blocks += [
        f"[[fees]]\nname = {_text(fee.name)}\nmaker = {_number(fee.maker)}\n"
        f"taker = {_number(fee.taker)}\n"
        for fee in draft.fees
    ]
    blocks += [_contract(contract) for contract in draft.contracts if not contract.empty]
    return "\n".join(blocks)


def _contract(draft: ContractDraft) -> str:
    lines = ["[[contract]]", f"symbol = {_text(draft.symbol)}"]
    if draft.size:
        lines.append(f"size = {_table({name: getattr(draft.size, name) for name in SIZE})}")
    if draft.funding:
        lines.append(f"funding = {_table(_funding(draft.funding))}")
    if draft.margin and draft.tiers:
        lines.append(f"margin = {_table(_margin(draft.margin))}")
        lines.append("tiers = [")
        lines += [
            f"  {_table({name: getattr(tier, name) for name in TIER})}," for tier in draft.tiers
        ]
        lines.append("]")
    return "\n".join(lines) + "\n"


def _funding(rule: FundingRule) -> dict[str, object]:
    needs = FUNDING_NEEDS[rule.method]
    found: dict[str, object] = {
        "interval_hours": rule.interval_hours,
        "method": rule.method,
        "price": rule.price,
        "cap": rule.cap,
        "floor": rule.floor,
    }
    found |= {name: getattr(rule, name) for name in needs if getattr(rule, name) is not None}
    if rule.continuous:
        found["continuous"] = True
    if rule.change_limit is not None:
        found["change_limit"] = rule.change_limit
    return found


def _margin(rule: MarginRule) -> dict[str, object]:
    found: dict[str, object] = {"method": rule.method, "closing_fee": rule.closing_fee}
    if rule.cross:
        found["cross"] = rule.cross
    if rule.method == "size_slope":
        found |= {"slope": rule.slope, "initial_slope": rule.initial_slope}
    if rule.open_interest_lower is not None and rule.open_interest_upper is not None:
        found["open_interest_lower"] = rule.open_interest_lower
        found["open_interest_upper"] = rule.open_interest_upper
    return found


def _table(values: Mapping[str, object]) -> str:
    return "{ " + ", ".join(f"{key} = {_value(value)}" for key, value in values.items()) + " }"


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return _number(value)
    if isinstance(value, SkewTerms):
        return _table({name: getattr(value, name) for name in _skew_names()})
    return str(value) if isinstance(value, int) else _text(str(value))


def _skew_names() -> Iterable[str]:
    return tuple(SkewTerms.__slots__)


def _number(value: Decimal) -> str:
    return f'"{value.normalize():f}"' if value else '"0"'


def _text(text: str) -> str:
    return json.dumps(text)  # a JSON string is a TOML basic string
