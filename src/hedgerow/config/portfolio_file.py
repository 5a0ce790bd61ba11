"""A person's file of a book under portfolio margin, TOML or JSON, to domain objects."""

import json
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar, cast

from hedgerow.config.reading import MOST_CONFIG, decode, parse_toml, read_bytes
from hedgerow.errors import ConfigError, UnknownName
from hedgerow.margin.portfolio.book import (
    FuturePosition,
    Numeraire,
    OptionPosition,
    PortfolioBook,
)
from hedgerow.margin.portfolio.requirement import ScenarioRule, deribit, paradex, span
from hedgerow.market.instrument import Settlement

Position = TypeVar("Position", FuturePosition, OptionPosition)
MEND: Final = "name a TOML or JSON file with index, [rule], [[future]] and [[option]]"


class PortfolioFile(NamedTuple):
    """A book, and the rule that it is judged by."""

    book: PortfolioBook
    rule: ScenarioRule


class _Section:
    """One table of the file, which refuses keys it does not know and values of a wrong kind."""

    def __init__(self, raw: object, where: str, known: Sequence[str]) -> None:
        if not isinstance(raw, dict):
            raise ConfigError(f"{where} must be a table of keys and values")
        for key in raw:
            if key not in known:
                raise UnknownName("key", str(key), known, where=where)
        self._raw: dict[str, Any] = raw
        self._where = where

    def number(self, key: str, default: float | None = None) -> float:
        """Return a finite number; without `default` it has to be there."""
        value = self._raw.get(key, default)
        if value is None:
            raise ConfigError(f"{self._where}: {key} is missing; add it")
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ConfigError(f"{self._where} {key} = {value!r}: it must be a number")
        if not math.isfinite(value):
            raise ConfigError(f"{self._where} {key} = {value}: it must be a finite number")
        return float(value)

    def maybe(self, key: str) -> float | None:
        """Return a number, or None where there is none."""
        return self.number(key) if key in self._raw else None

    def text(self, key: str, default: str, allowed: Sequence[str] = ()) -> str:
        """Return a text, one of `allowed` if there are any."""
        value = self._raw.get(key, default)
        if not isinstance(value, str) or (allowed and value not in allowed):
            wanted = f"one of {', '.join(allowed)}" if allowed else "a text in quotes"
            raise ConfigError(f"{self._where} {key} = {value!r}: it must be {wanted}")
        return value


def load_portfolio(path: Path) -> PortfolioFile:
    """Return the book and the rule that the file at `path` describes.

    Raises
    ------
    ConfigError
        If it cannot be read, a key is unknown or missing, or a value makes no sense.
    """
    text = decode(read_bytes(path, most=MOST_CONFIG, mend=MEND), str(path))
    if path.suffix.lower() == ".json":
        try:
            raw = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise ConfigError(f"{path}: not valid JSON: {error}") from error
    else:
        raw = parse_toml(text, str(path))
    return read_portfolio(raw, str(path))


def read_portfolio(raw: object, name: str) -> PortfolioFile:
    """Return the book and the rule of a parsed file called `name`."""
    whole = _Section(raw, name, ("index", "coins", "cash", "rule", "future", "option"))
    table = cast("dict[str, Any]", raw)
    book = PortfolioBook(
        index=whole.number("index"),
        coins=whole.number("coins", 0.0),
        cash=whole.number("cash", 0.0),
        futures=_each(table, name, "future", _future),
        options=_each(table, name, "option", _option),
    )
    return PortfolioFile(book, _rule(table.get("rule", {}), f"{name}: [rule]"))


def _each(
    table: dict[str, Any], name: str, key: str, read: Callable[[object, str], Position]
) -> tuple[Position, ...]:
    rows = table.get(key, [])
    if not isinstance(rows, list):
        raise ConfigError(f"{name}: {key} must be a list; write [[{key}]] above each position")
    found = []
    for number, row in enumerate(rows, start=1):
        where = f"{name}: [[{key}]] {number}"
        try:
            found.append(read(row, where))
        except ConfigError as error:
            text = str(error)
            raise ConfigError(text if where in text else f"{where}: {text}") from error
    return tuple(found)


def _settlement(section: _Section) -> Settlement:
    return Settlement(section.text("settlement", "linear", ("linear", "inverse")))


def _future(raw: object, where: str) -> FuturePosition:
    known = ("size", "mark", "entry", "settlement", "settle_price", "expiry")
    section = _Section(raw, where, known)
    return FuturePosition(
        size=section.number("size"),
        mark=section.number("mark"),
        entry=section.maybe("entry"),
        settlement=_settlement(section),
        settle_price=section.number("settle_price", 1.0),
        expiry=section.text("expiry", ""),
    )


def _option(raw: object, where: str) -> OptionPosition:
    known = ("quantity", "strike", "days", "volatility", "kind", "forward", "settlement", "expiry")
    section = _Section(raw, where, known)
    return OptionPosition(
        quantity=section.number("quantity"),
        strike=section.number("strike"),
        years=section.number("days") / 365.0,
        volatility=section.number("volatility"),
        call=section.text("kind", "", ("call", "put")) == "call",
        forward=section.maybe("forward"),
        inverse=_settlement(section) is Settlement.INVERSE,
        expiry=section.text("expiry", ""),
    )


def _rule(raw: object, where: str) -> ScenarioRule:
    known = ("name", "numeraire", "price_range", "volatility_range")
    section = _Section(raw, where, known)
    name = section.text("name", "deribit", ("deribit", "paradex", "span"))
    if name == "paradex":
        return paradex()
    if name == "span":
        return span(section.number("price_range"), section.number("volatility_range"))
    numeraire = section.text("numeraire", "coin", ("coin", "quote"))
    return deribit(
        price_range=section.number("price_range", 0.16), numeraire=cast("Numeraire", numeraire)
    )
