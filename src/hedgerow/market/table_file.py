"""One dated table file of venue rules: read, checked and made into values."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType

from hedgerow.errors import ConfigError
from hedgerow.market.instrument import Perpetual, parse_symbol
from hedgerow.market.table_reader import TableReader
from hedgerow.market.venue import FeeTier, FundingRule, LiquidationRule, MarginTier, Origin

SECTIONS = ("size", "funding", "liquidation", "tiers", "fees")
CONFIDENCES = ("source", "third-party", "memory")  # from strong to weak
METHODS = ("step_down", "full")


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractTable:
    """What one table says about one perpetual; None and () where it says nothing."""

    symbol: str
    listed: date | None
    size: Perpetual | None
    funding: FundingRule | None
    liquidation: LiquidationRule | None
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
        venue=reader.text("venue"),
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
                origin = replace(origin, checked=part.day("checked"))
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
    contracts: dict[str, ContractTable] = {}
    for row in reader.children("contract"):
        symbol = row.text("symbol")
        if symbol in contracts:
            row.refuse("symbol", symbol, "name each contract once")
        if parse_symbol(symbol).is_spot:
            row.refuse("symbol", symbol, "a perpetual names its settlement, like BTC/USDT:USDT")
        contracts[symbol] = ContractTable(
            symbol=symbol,
            listed=row.day("listed") if row.has("listed") else None,
            size=_size(symbol, row.child("size")) if row.has("size") else None,
            funding=_funding(row.child("funding")) if row.has("funding") else None,
            liquidation=_liquidation(row.child("liquidation")) if row.has("liquidation") else None,
            tiers=_tiers(row) if row.has("tiers") else (),
        )
        row.close()
    return contracts


def _size(symbol: str, row: TableReader) -> Perpetual:
    numbers = {name: row.number(name) for name in ("multiplier", "tick", "lot", "minimum_notional")}
    for name, number in numbers.items():
        if number <= 0:
            row.refuse(name, number, "write a number above zero")
    row.close()
    settlement = parse_symbol(symbol).settlement
    return Perpetual(symbol=symbol, settlement=settlement, **numbers)


def _funding(row: TableReader) -> FundingRule:
    rule = FundingRule(
        interval_hours=row.hours("interval_hours"),
        cap=row.number("cap"),
        floor=row.number("floor"),
        interest=row.number("interest"),
        clamp=row.number("clamp"),
    )
    row.close()
    if rule.cap <= rule.floor:
        row.refuse("cap", rule.cap, f"the cap must be above the floor of {rule.floor}")
    if rule.clamp < 0:
        row.refuse("clamp", rule.clamp, "write zero or more")
    return rule


def _liquidation(row: TableReader) -> LiquidationRule:
    rule = LiquidationRule(method=row.choice("method", METHODS), fee=row.number("fee"))
    row.close()
    if not 0 <= rule.fee < 1:
        row.refuse("fee", rule.fee, "write a fraction of notional, 0 or more and below 1")
    return rule


def _tiers(contract: TableReader) -> tuple[MarginTier, ...]:
    tiers: list[MarginTier] = []
    for row in contract.children("tiers"):
        tier = MarginTier(
            floor=row.number("floor"),
            cap=row.number("cap"),
            rate=row.number("rate"),
            amount=row.number("amount"),
            max_leverage=row.number("max_leverage"),
        )
        row.close()
        _check_tier(row, tier)
        _check_order(row, tiers[-1] if tiers else None, tier)
        tiers.append(tier)
    return tuple(tiers)


def _check_tier(row: TableReader, tier: MarginTier) -> None:
    if tier.cap <= tier.floor:
        row.refuse("cap", tier.cap, f"the cap must be above the floor of {tier.floor}")
    if tier.max_leverage < 1:
        row.refuse("max_leverage", tier.max_leverage, "write 1 or more")
    if not 0 < tier.rate < 1 / tier.max_leverage:
        most = 1 / tier.max_leverage
        row.refuse("rate", tier.rate, f"write a fraction above 0 and below 1/leverage = {most:.6g}")


def _check_order(row: TableReader, below: MarginTier | None, tier: MarginTier) -> None:
    """Refuse a bracket that does not continue the one below it."""
    floor = below.cap if below else Decimal(0)
    if tier.floor != floor:
        row.refuse("floor", tier.floor, f"brackets must touch, so it should be {floor}")
    if below and tier.rate <= below.rate:
        row.refuse("rate", tier.rate, f"it must be above the {below.rate} of the bracket below")
    if below and tier.max_leverage >= below.max_leverage:
        least = below.max_leverage
        row.refuse("max_leverage", tier.max_leverage, f"it must be below the {least} before it")
    amount = below.amount + tier.floor * (tier.rate - below.rate) if below else Decimal(0)
    if tier.amount != amount:
        row.refuse("amount", tier.amount, f"maintenance would jump there; it should be {amount:f}")
