"""A person's file of a book under portfolio margin, TOML or JSON, to domain objects."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar, cast

from hedgerow.config.portfolio_section import Section
from hedgerow.config.reading import read_file
from hedgerow.errors import ConfigError, UnknownName
from hedgerow.margin.portfolio.account import (
    DeriveAccount,
    PortfolioAccount,
    ScenarioAccount,
    StandardAccount,
)
from hedgerow.margin.portfolio.book import (
    FuturePosition,
    Numeraire,
    OptionPosition,
    PortfolioBook,
)
from hedgerow.margin.portfolio.derive import DeriveBook, DeriveOption
from hedgerow.margin.portfolio.requirement import ScenarioRule, deribit, paradex, span
from hedgerow.market.instrument import Settlement
from hedgerow.units import DAYS_PER_YEAR

Position = TypeVar("Position")
Keys = Mapping[str, Sequence[str]]
MEND: Final = "name a TOML or JSON file with index, [rule], [[future]] and [[option]]"

_SCENARIOS: Final = ("deribit", "paradex", "span")
_DERIVE: Final = ("derive",)
_STANDARD: Final = ("deribit-standard",)
RULES: Final = (*_SCENARIOS, *_DERIVE, *_STANDARD)

# Every key of every table, with the rules that have a use for it.
BOOK_KEYS: Final[Keys] = {
    "index": RULES,
    "coins": RULES,
    "cash": (*_SCENARIOS, *_DERIVE),
    "stable": _DERIVE,
    "spot_confidence": _DERIVE,
    "perp_confidence": _DERIVE,
    "rule": RULES,
    "future": (*_SCENARIOS, *_DERIVE),
    "option": RULES,
}
RULE_KEYS: Final[Keys] = {
    "name": RULES,
    "numeraire": ("deribit",),
    "price_range": ("deribit", "span"),
    "volatility_range": ("span",),
}
FUTURE_KEYS: Final[Keys] = {
    "size": (*_SCENARIOS, *_DERIVE),
    "mark": (*_SCENARIOS, *_DERIVE),
    "entry": (*_SCENARIOS, *_DERIVE),
    "settlement": _SCENARIOS,
    "settle_price": _SCENARIOS,
    "expiry": _SCENARIOS,
    "funding": _DERIVE,
}
OPTION_KEYS: Final[Keys] = {
    "quantity": RULES,
    "strike": RULES,
    "days": RULES,
    "volatility": RULES,
    "kind": RULES,
    "forward": RULES,
    "forward_fixed": _DERIVE,
    "rate": _DERIVE,
    "confidence": _DERIVE,
    "settlement": (*_SCENARIOS, *_STANDARD),
    "expiry": RULES,
}


def load_portfolio(path: Path) -> PortfolioAccount:
    """Return the book that the file at `path` describes, under the rule that it names.

    Raises
    ------
    ConfigError
        If it cannot be read, a key is unknown or missing, a value makes no sense, the book is
        empty, or no rule is named.
    """
    return read_portfolio(read_file(path, mend=MEND), str(path))


def read_portfolio(raw: object, name: str) -> PortfolioAccount:
    """Return the book and the rule of a parsed file called `name`."""
    if not isinstance(raw, dict):
        raise ConfigError(f"{name} must be a table of keys and values")
    for key in raw:
        if key not in BOOK_KEYS:
            raise UnknownName("key", str(key), tuple(BOOK_KEYS), where=name)
    rule = _rule_name(raw, name)
    section = Section(raw["rule"], f"{name}: [rule]", RULE_KEYS, rule)
    file = _File(raw, name, rule, Section(raw, name, BOOK_KEYS, rule))
    if rule in _DERIVE:
        return DeriveAccount(book=_derive_book(file))
    if rule in _STANDARD:
        return StandardAccount(book=_book(file))
    return ScenarioAccount(book=_book(file), rule=_scenario_rule(section, rule))


class _File(NamedTuple):
    """A parsed file: its tables, what it is called, its rule, and its keys above all tables."""

    raw: dict[str, Any]
    name: str
    rule: str
    whole: Section

    def each(
        self, key: str, keys: Keys, read: Callable[[Section, str], Position]
    ) -> tuple[Position, ...]:
        """Return what `read` makes of each table of the list `key`."""
        rows = self.raw.get(key, [])
        if not isinstance(rows, list):
            raise ConfigError(
                f"{self.name}: {key} must be a list; write [[{key}]] above each position"
            )
        found = []
        for number, row in enumerate(rows, start=1):
            where = f"{self.name}: [[{key}]] {number}"
            try:
                found.append(read(Section(row, where, keys, self.rule), self.rule))
            except ConfigError as error:
                text = str(error)
                raise ConfigError(text if where in text else f"{where}: {text}") from error
        return tuple(found)

    def refuse_empty(self, amounts: Sequence[float]) -> None:
        """Refuse a book in which there is nothing to margin."""
        if not any(amounts):
            raise ConfigError(
                f"{self.name}: the book is empty: no coins, no [[future]] and no [[option]]; add "
                "what the account holds"
            )


def _rule_name(raw: dict[str, Any], name: str) -> str:
    """Return the name of the rule, which is never assumed."""
    if "rule" not in raw:
        listed = ", ".join(RULES)
        raise ConfigError(f"{name}: [rule] is missing; add [rule] with a name, one of {listed}")
    table = raw["rule"]
    if not isinstance(table, dict):
        raise ConfigError(f"{name}: rule must be a table of keys and values; write [rule] above it")
    named = {key: value for key, value in table.items() if key == "name"}
    return Section(named, f"{name}: [rule]", {"name": RULES}, RULES[0]).text("name", allowed=RULES)


def _scenario_rule(section: Section, name: str) -> ScenarioRule:
    if name == "paradex":
        return paradex()
    if name == "span":
        return span(section.number("price_range"), section.number("volatility_range"))
    numeraire = section.text("numeraire", "coin", ("coin", "quote"))
    return deribit(
        price_range=section.number("price_range", 0.16), numeraire=cast("Numeraire", numeraire)
    )


def _book(file: _File) -> PortfolioBook:
    book = PortfolioBook(
        index=file.whole.number("index"),
        coins=file.whole.number("coins", 0.0),
        cash=file.whole.number("cash", 0.0),
        futures=file.each("future", FUTURE_KEYS, _future),
        options=file.each("option", OPTION_KEYS, _option),
    )
    sizes = [future.size for future in book.futures]
    file.refuse_empty([book.coins, *sizes, *(option.quantity for option in book.options)])
    return book


def _future(section: Section, _rule: str) -> FuturePosition:
    settlement = section.text("settlement", "linear", ("linear", "inverse"))
    return FuturePosition(
        size=section.number("size"),
        mark=section.number("mark"),
        entry=section.maybe("entry"),
        settlement=Settlement(settlement),
        settle_price=section.number("settle_price", 1.0),
        expiry=section.text("expiry", ""),
    )


def _option(section: Section, rule: str) -> OptionPosition:
    if rule in _STANDARD:  # its formula is one of options that settle in the coin
        settlement = section.text("settlement", allowed=("inverse",))
    else:
        settlement = section.text("settlement", "linear", ("linear", "inverse"))
    return OptionPosition(
        quantity=section.number("quantity"),
        strike=section.number("strike"),
        years=section.at_least(0.0, "days") / DAYS_PER_YEAR,
        volatility=section.number("volatility"),
        call=section.text("kind", allowed=("call", "put")) == "call",
        forward=section.maybe("forward"),
        inverse=settlement == "inverse",
        expiry=section.text("expiry", ""),
    )


class _DeriveFuture(NamedTuple):
    size: float
    mark: float
    unrealised: float


def _derive_book(file: _File) -> DeriveBook:
    whole = file.whole
    index = whole.number("index")
    futures = file.each("future", FUTURE_KEYS, _derive_future)
    marks = {future.mark for future in futures}
    if len(marks) > 1:
        shown = ", ".join(f"{mark:g}" for mark in sorted(marks))
        raise ConfigError(
            f"{file.name}: [[future]] mark = {shown}: there is one perpetual under the rule "
            "'derive'; give all the same mark"
        )

    def read(section: Section, _rule: str) -> DeriveOption:
        return _derive_option(section, index)

    book = DeriveBook(
        spot=index,
        stable=whole.number("stable", 1.0),
        cash=whole.number("cash", 0.0),
        base=whole.at_least(0.0, "coins", 0.0),
        perps=sum(future.size for future in futures),
        perp_price=marks.pop() if marks else None,
        unrealised=sum(future.unrealised for future in futures),
        options=file.each("option", OPTION_KEYS, read),
        spot_confidence=whole.number("spot_confidence", 1.0),
        perp_confidence=whole.number("perp_confidence", 1.0),
    )
    for expiry, options in book.expiries().items():
        if len({(option.years, option.rate) for option in options}) > 1:
            raise ConfigError(
                f"{file.name}: [[option]] expiry = {expiry!r}: its options differ in days or rate; "
                "an expiry has one of each"
            )
    sizes = [future.size for future in futures]
    file.refuse_empty([book.base, *sizes, *(option.amount for option in book.options)])
    return book


def _derive_future(section: Section, _rule: str) -> _DeriveFuture:
    size, mark = section.number("size"), section.number("mark")
    entry = section.number("entry", mark)
    for key, price in (("mark", mark), ("entry", entry)):
        if not price > 0.0:
            raise ConfigError(f"{section.where} {key} = {price:g}: it must be above 0")
    return _DeriveFuture(size, mark, size * (mark - entry) + section.number("funding", 0.0))


def _derive_option(section: Section, index: float) -> DeriveOption:
    days = section.at_least(0.0, "days")
    forward = section.number("forward", index)
    fixed = section.at_least(0.0, "forward_fixed", 0.0)
    if fixed > forward:
        raise ConfigError(
            f"{section.where} forward_fixed = {fixed:g}: it is a part of the forward, {forward:g}"
        )
    return DeriveOption(
        expiry=section.text("expiry", "") or f"{days!r} days",
        years=days / DAYS_PER_YEAR,
        strike=section.number("strike"),
        amount=section.number("quantity"),
        volatility=section.number("volatility"),
        call=section.text("kind", allowed=("call", "put")) == "call",
        forward=forward - fixed,
        forward_fixed=fixed,
        rate=section.number("rate", 0.0),
        confidence=section.number("confidence", 1.0),
    )
