"""The rules of a venue on a date, resolved from the dated tables that ship with the package."""

from dataclasses import replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hedgerow.errors import ConfigError, UnknownName
from hedgerow.market.known import KnownRules, resolve
from hedgerow.market.table_file import CONFIDENCES, Table, load_table
from hedgerow.market.venue import ContractRules, FeeTier, Origin

if TYPE_CHECKING:
    from hedgerow.units import Floats

FOLDER: Final = Path(__file__).parent / "venues"
MAXIMUM_AGE: Final = 90  # days after which a table deserves another look at its source


def venues() -> tuple[str, ...]:
    """Return the names of all venues with tables, sorted.

    >>> "binance" in venues()
    True
    """
    return tuple(sorted(folder.name for folder in FOLDER.iterdir() if any(folder.glob("*.toml"))))


@lru_cache
def tables(venue: str) -> tuple[Table, ...]:
    """Return all tables of `venue` that ship with the package, oldest first.

    Raises
    ------
    UnknownName
        If there is no such venue.
    """
    known = venues()
    if venue not in known:
        raise UnknownName("venue", venue, known)
    found = [load_table(path, f"{venue}/{path.name}") for path in (FOLDER / venue).glob("*.toml")]
    return tuple(sorted(found, key=lambda table: (table.effective, table.name)))


def contracts(venue: str, extra: tuple[Table, ...] = ()) -> tuple[str, ...]:
    """Return the symbols of all perpetuals of which some table of `venue` speaks, sorted.

    >>> "BTC/USD:BTC" in contracts("binance")
    True
    """
    return tuple(
        sorted({symbol for table in tables_of(venue, extra) for symbol in table.contracts})
    )


def contract_rules(
    venue: str, symbol: str, on: date, extra: tuple[Table, ...] = ()
) -> ContractRules:
    """Return everything that is known about one perpetual on one day.

    Each section (size, funding, margin, liquidation, premium, mark, tiers, fees) is that of the
    latest table in force on the day `on`. Where all tables are later, the earliest stands in and
    is stamped. Premium and mark are None where no table gives them; what needs them refuses.

    Parameters
    ----------
    extra
        A person's own tables, read with `load_table`. One that is in force from the same day as
        a shipped table wins over it; its venue need not be among the shipped ones.

    Raises
    ------
    UnknownName
        If the venue, or the contract at the venue, is unknown.
    ConfigError
        If no table gives one of the sections: an unknown rule is refused, never guessed.

    Examples
    --------
    >>> rules = contract_rules("binance", "BTC/USDT:USDT", date(2026, 8, 1))
    >>> rules.funding.interval_hours, rules.tiers[0].rate, rules.stamped
    (8, Decimal('0.004'), False)
    """
    known = known_rules(venue, symbol, on, extra)
    size, funding, liquidation = known.size, known.funding, known.liquidation
    margin, tiers, fees = known.margin, known.tiers, known.fees
    if size is None or funding is None or liquidation is None:
        raise _refusal(f"{venue} {symbol}", known.missing)
    if margin is None or tiers is None or fees is None:
        raise _refusal(f"{venue} {symbol}", known.missing)
    return ContractRules(
        venue=venue,
        perpetual=size,
        tiers=tiers,
        fees=fees,
        funding=funding,
        liquidation=liquidation,
        margin=margin,
        premium=known.premium,
        mark=known.mark,
        listed=known.listed,
        effective=max(origin.effective for origin in known.origins),
        checked=min(origin.checked for origin in known.origins),
        source="; ".join(dict.fromkeys(origin.source for origin in known.origins)),
        confidence=max((origin.confidence for origin in known.origins), key=CONFIDENCES.index),
        stamped=any(origin.stamped for origin in known.origins),
        origins=known.origins,
    )


def known_rules(venue: str, symbol: str, on: date, extra: tuple[Table, ...] = ()) -> KnownRules:
    """Return what is known about one perpetual on one day, even if it is not all of it.

    Raises
    ------
    UnknownName
        If the venue, or the contract at the venue, is unknown.

    Examples
    --------
    >>> known_rules("drift", "BTC/USD:USDC", date(2026, 8, 1)).missing
    ('size', 'liquidation', 'tiers', 'fees')
    """
    every = tables_of(venue, extra)
    if not any(symbol in table.contracts for table in every):
        raise UnknownName("instrument", symbol, contracts(venue, extra), where=venue)
    return resolve(venue, symbol, on, every)


def spot_fee(
    venue: str, on: date, tier: str = "base", extra: tuple[Table, ...] = ()
) -> tuple[FeeTier, Origin]:
    """Return the spot fees of one tier on one day, and where they come from.

    >>> str(spot_fee("binance", date(2026, 8, 1))[0].taker)
    '0.001'
    """
    spot = [table for table in tables_of(venue, extra) if table.fees and table.market == "spot"]
    if not spot:
        raise _refusal(f"{venue} spot", ("fees",))
    in_force = [table for table in spot if table.effective <= on]
    table = in_force[-1] if in_force else spot[0]
    fees, origin = table.fees, replace(table.origins["fees"], stamped=not in_force)
    for fee in fees:
        if fee.name == tier:
            return fee, origin
    raise UnknownName("fee tier", tier, [fee.name for fee in fees], where=f"{venue} spot")


def age_warning(origin: Origin | Table, today: date) -> str | None:
    """Return a sentence if the numbers were checked more than 90 days before `today`, or after it.

    >>> table = tables("binance")[0]
    >>> age_warning(table, table.checked) is None
    True
    """
    age = (today - origin.checked).days
    if 0 <= age <= MAXIMUM_AGE:
        return None
    name = origin.table if isinstance(origin, Origin) else origin.name
    if age < 0:
        key = origin.checked_key if isinstance(origin, Origin) else "checked"
        return (
            f"{name}: {key} = {origin.checked}: checked in the future, for today is {today}; write "
            "the day on which the numbers were last compared with their source"
        )
    return f"{name}: last checked {origin.checked}, {age} days ago; compare it with {origin.source}"


def tier_arrays(rules: ContractRules) -> "tuple[Floats, Floats, Floats, Floats]":
    """Return cap, rate, amount and max_leverage of all brackets as float64, shape ``(tiers,)``.

    The last cap is finite: a position above it is one that the venue does not allow.
    """
    import numpy as np  # noqa: PLC0415  kept out of the start-up of commands that print tables

    columns = ("cap", "rate", "amount", "max_leverage")
    cap, rate, amount, leverage = (
        np.array([float(getattr(tier, name)) for tier in rules.tiers]) for name in columns
    )
    return cap, rate, amount, leverage


def tables_of(venue: str, extra: tuple[Table, ...]) -> tuple[Table, ...]:
    """Return the tables of `venue`, shipped and own, by date; an own one after its equals."""
    own = tuple(table for table in extra if table.venue == venue)
    if own and venue not in venues():
        return tuple(sorted(own, key=lambda table: table.effective))
    return tuple(sorted((*tables(venue), *own), key=lambda table: table.effective))


def _refusal(where: str, sections: tuple[str, ...]) -> ConfigError:
    return ConfigError(
        f"{where}: no table gives its {', '.join(sections)}; write them into a table file of your "
        "own, with their source, because a rule that is not known is never guessed"
    )
