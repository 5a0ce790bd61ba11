"""What changed between two states of one contract's rules, key by key."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal

from hedgerow.market.known import SECTION_NAMES, KnownRules


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One number or word that is not the same; None where a side does not know it."""

    key: str
    before: str | None
    after: str | None


def differences(before: KnownRules, after: KnownRules) -> tuple[Difference, ...]:
    """Return what differs between two states, in the order of the sections.

    Examples
    --------
    >>> from hedgerow.market.tables import known_rules
    >>> symbol = "BTC/USDT:USDT"
    >>> old = known_rules("binance", symbol, date(2025, 1, 1))
    >>> new = known_rules("binance", symbol, date(2026, 1, 1))
    >>> [str(found.after) for found in differences(old, new) if found.key == "funding.method"]
    ['scaled_clamp']
    """
    old, new = dict(_lines(before)), dict(_lines(after))
    return tuple(
        Difference(key=key, before=old.get(key), after=new.get(key))
        for key in dict.fromkeys((*old, *new))
        if old.get(key) != new.get(key)
    )


def _lines(rules: KnownRules) -> Iterator[tuple[str, str]]:
    for section in SECTION_NAMES:
        found = getattr(rules, section)
        if found is None:
            continue
        parts = found if isinstance(found, tuple) else (found,)
        for number, part in enumerate(parts):
            name = f"{section}[{number}]" if isinstance(found, tuple) else section
            for key, value in asdict(part).items():
                yield from _flat(f"{name}.{key}", value)


def _flat(key: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, part in value.items():
            yield from _flat(f"{key}.{name}", part)
    elif value is not None:
        yield key, _text(value)


def _text(value: object) -> str:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}" if value else "0"
    return value.isoformat() if isinstance(value, date) else str(value)
