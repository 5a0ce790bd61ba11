"""One dated table file of venue rules: read, checked and made into values."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from types import MappingProxyType

from hedgerow.errors import ConfigError
from hedgerow.market.instrument import Perpetual, Symbol, parse_contract, parse_symbol
from hedgerow.market.table_reader import TableReader
from hedgerow.market.table_sections import (
    read_funding,
    read_liquidation,
    read_margin,
    read_mark,
    read_premium,
)
from hedgerow.market.table_tiers import read_tiers
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

SECTIONS = ("size", "funding", "margin", "liquidation", "premium", "mark", "tiers", "fees")
CONFIDENCES = ("source", "third-party", "memory")  # from strong to weak
VENUE = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")  # a lake names folders by it


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractTable:
    """What one table says about one perpetual; None and () where it says nothing."""

    symbol: str
    listed: date | None
    size: Perpetual | None
    funding: FundingRule | None
    margin: MarginRule | None
    liquidation: LiquidationRule | None
    premium: PremiumRule | None
    mark: MarkRule | None
    tiers: tuple[MarginTier, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table file: rules of one market of one venue, in force from a date.

    Attributes
    ----------
    name
        What to call the file in a message: its path below the venues, or as it was given.
    market
        Part of the venue to which `fees` apply, as the venue calls it; ``"spot"`` is spot.
    origins
        By section; sections without an override share the origin of the whole table.
    """

    name: str
    venue: str
    market: str
    effective: date
    checked: date
    source: str
    confidence: str
    note: str
    fees: tuple[FeeTier, ...]
    contracts: Mapping[str, ContractTable]
    origins: Mapping[str, Origin]


def load_table(path: Path, name: str = "") -> Table:
    """Return the checked table in the file at `path`, to be called `name` in messages.

    Raises
    ------
    ConfigError
        If the file cannot be read, is not TOML, or holds a key or a value that is refused.
    """
    name = name or str(path)
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{name}: cannot read the table ({error.strerror})") from error
    except ValueError as error:  # not UTF-8, or not TOML
        raise ConfigError(f"{name}: not a TOML file ({error})") from error
    return read_table(TableReader(name, data), name)


def read_table(reader: TableReader, name: str) -> Table:
    """Return the checked table behind `reader`."""
    whole = Origin(
        section="",
        table=name,
        effective=reader.day("effective"),
        checked=reader.day("checked"),
        source=reader.text("source"),
        confidence=reader.choice("confidence", CONFIDENCES),
        note=reader.text("note") if reader.has("note") else "",
    )
    table = Table(
        name=name,
        venue=_venue(reader),
        market=reader.text("market"),
        effective=whole.effective,
        checked=whole.checked,
        source=whole.source,
        confidence=whole.confidence,
        note=whole.note,
        fees=_fees(reader) if reader.has("fees") else (),
        contracts=MappingProxyType(_contracts(reader) if reader.has("contract") else {}),
        origins=MappingProxyType(_origins(reader, whole)),
    )
    reader.close()
    if not table.fees and not table.contracts:
        raise ConfigError(f"{name}: the table is empty; give it [[fees]] or a [[contract]]")
    return table


def _venue(reader: TableReader) -> str:
    venue = reader.text("venue")
    if VENUE.fullmatch(venue) is None:
        mend = "use up to 40 lower-case letters, digits, '-', '_' or '.', such as binance"
        reader.refuse("venue", venue, mend)
    return venue


def _origins(reader: TableReader, whole: Origin) -> dict[str, Origin]:
    overrides = reader.child("origin") if reader.has("origin") else None
    origins = {}
    for section in SECTIONS:
        origin = replace(whole, section=section)
        if overrides is not None and overrides.has(section):
            part = overrides.child(section)
            if part.has("source"):
                origin = replace(origin, source=part.text("source"))
            if part.has("checked"):
                key = f"origin.{section}.checked"
                origin = replace(origin, checked=part.day("checked"), checked_key=key)
            if part.has("confidence"):
                origin = replace(origin, confidence=part.choice("confidence", CONFIDENCES))
            if part.has("note"):
                origin = replace(origin, note=part.text("note"))
            part.close()
        origins[section] = origin
    if overrides is not None:
        overrides.close()
    return origins


def _fees(reader: TableReader) -> tuple[FeeTier, ...]:
    tiers: list[FeeTier] = []
    for row in reader.children("fees"):
        tier = FeeTier(name=row.text("name"), maker=row.number("maker"), taker=row.number("taker"))
        row.close()
        if not -tier.taker <= tier.maker <= tier.taker < 1:
            mend = "as fractions of notional, -taker <= maker <= taker < 1"
            row.refuse("maker", tier.maker, f"write maker and taker {mend}")
        if any(tier.name == other.name for other in tiers):
            row.refuse("name", tier.name, "give each fee tier its own name")
        tiers.append(tier)
    return tuple(tiers)


def _contracts(reader: TableReader) -> dict[str, ContractTable]:
    defaults = reader.child("defaults") if reader.has("defaults") else None
    contracts: dict[str, ContractTable] = {}
    for row in reader.children("contract"):
        symbol = row.text("symbol")
        if symbol in contracts:
            row.refuse("symbol", symbol, "name each contract once")
        try:
            parts = parse_contract(symbol)
        except ConfigError as error:
            row.refuse("symbol", symbol, str(error))
        if not isinstance(parts, Symbol) or parts.is_spot:
            row.refuse("symbol", symbol, "a perpetual names its settlement, like BTC/USDT:USDT")
        contracts[symbol] = _contract(symbol, row, defaults)
        row.close()
    if defaults is not None:
        defaults.close()
    return contracts


def _contract(symbol: str, row: TableReader, defaults: TableReader | None) -> ContractTable:
    funding = _section(row, defaults, "funding")
    margin = _section(row, defaults, "margin")
    liquidation = _section(row, defaults, "liquidation")
    premium = _section(row, defaults, "premium")
    mark = _section(row, defaults, "mark")
    size = _section(row, defaults, "size")
    rule = read_margin(margin) if margin else None
    if row.has("tiers") and rule is None:
        row.child("margin")  # brackets mean nothing without what they go by: refused as missing
    return ContractTable(
        symbol=symbol,
        listed=row.day("listed") if row.has("listed") else None,
        size=_size(symbol, size) if size else None,
        funding=read_funding(funding) if funding else None,
        margin=rule,
        liquidation=read_liquidation(liquidation) if liquidation else None,
        premium=read_premium(premium) if premium else None,
        mark=read_mark(mark) if mark else None,
        tiers=read_tiers(row, rule.method) if rule and row.has("tiers") else (),
    )


def _section(row: TableReader, defaults: TableReader | None, name: str) -> TableReader | None:
    """Return the contract's section with the file's defaults below it, None where neither is."""
    below = defaults.child(name) if defaults is not None and defaults.has(name) else None
    if not row.has(name):
        return below
    own = row.child(name)
    return own.over(below) if below else own


def _size(symbol: str, row: TableReader) -> Perpetual:
    numbers = {name: row.number(name) for name in ("multiplier", "tick", "lot", "minimum_notional")}
    for name, number in numbers.items():
        if number <= 0 and name != "minimum_notional":
            row.refuse(name, number, "write a number above zero")
    if numbers["minimum_notional"] < 0:
        row.refuse("minimum_notional", numbers["minimum_notional"], "write 0 where a lot will do")
    row.close()
    settlement = parse_symbol(symbol).settlement
    return Perpetual(symbol=symbol, settlement=settlement, **numbers)
