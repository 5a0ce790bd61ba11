"""The tables of a book's file, each of which is one position or several."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Final, Literal, cast

from hedgerow.config.book_file_symbols import unified
from hedgerow.config.moments import YEARS, read_instant
from hedgerow.config.portfolio_section import Section
from hedgerow.errors import ConfigError
from hedgerow.exposure.book import Holding
from hedgerow.exposure.checks import SETTLEMENT
from hedgerow.exposure.flow import Flow
from hedgerow.exposure.positions import (
    DatedFuture,
    Everlasting,
    FundingSwap,
    Option,
    Perp,
    PoolPosition,
    Position,
    PowerPerp,
    Schedule,
    VolatilityFuture,
)
from hedgerow.units import DAYS_PER_YEAR

BOOK: Final = "book"  # the one rule that all keys of such a file are for
MOST_FLOWS: Final = 10_000

Read = Holding | Position


def keys(*names: str) -> dict[str, Sequence[str]]:
    """Return the keys of a table, as a `Section` wants them."""
    return dict.fromkeys(names, (BOOK,))


class Table(Section):
    """One table of a book's file: refuses keys nobody knows, reads instants and switches too."""

    def __init__(self, raw: object, where: str, known: Mapping[str, Sequence[str]]) -> None:
        super().__init__(raw, where, known, BOOK)

    def has(self, key: str) -> bool:
        """Return whether a key is given."""
        return key in self._raw

    def symbol(self, key: str = "symbol") -> str:
        """Return a contract's unified name."""
        return unified(self.text(key))

    def switch(self, key: str) -> bool:
        """Return whether something is so; not so unless it is said."""
        value = self._raw.get(key, False)
        if not isinstance(value, bool):
            raise ConfigError(f"{self.where} {key} = {value!r}: it must be true or false")
        return value

    def instant(self, key: str, of_day: time | None = None) -> datetime:
        """Return an instant; of a day alone its midnight UTC, or `of_day`."""
        value = self._value(key, None)
        try:
            found = read_instant(value)
            if of_day is not None and _is_day(value):
                found = datetime.combine(found.date(), of_day)
        except (ValueError, TypeError, OverflowError) as error:
            raise ConfigError(
                f"{self.where} {key} = {value!s}: it must be a day or a time of {YEARS}, such as "
                "2026-03-27 or 2026-03-27T08:00Z"
            ) from error
        return found


def _is_day(value: object) -> bool:
    if isinstance(value, str):
        return len(value) == len("2026-03-27")
    return isinstance(value, date) and not isinstance(value, datetime)


def _holding(table: Table) -> Holding:
    of = table.text("of", "") or None
    return Holding(
        table.text("asset"), table.number("amount"), of=of, ratio=table.number("ratio", 1.0)
    )


def _perp(table: Table) -> Perp:
    return Perp(table.symbol(), table.number("size"), entry=table.maybe("entry"))


def _future(table: Table) -> DatedFuture:
    return DatedFuture(table.symbol(), table.number("size"), entry=table.maybe("entry"))


def _option(table: Table) -> Option:
    table.maybe("entry")
    symbol = table.symbol()
    if not symbol.endswith(("-C", "-P")):
        raise ConfigError(
            f"{table.where}: {symbol!r} is no option; write BTC/USD:BTC-260327-70000-C or "
            "BTC-27MAR26-70000-C, with P of a put"
        )
    return Option(symbol, table.number("size"))


def _everlasting(table: Table) -> Everlasting:
    kind = table.text("kind", "call", ("call", "put"))
    return Everlasting(
        table.text("underlying"),
        table.number("size"),
        strike=table.number("strike"),
        kind=cast('Literal["call", "put"]', kind),
        funding_years=_days(table, "funding_days", 1.0),
        entry=table.maybe("entry"),
        paid=table.switch("paid"),
    )


def _power(table: Table) -> PowerPerp:
    return PowerPerp(
        table.text("underlying"),
        table.number("size"),
        power=table.number("power", 2.0),
        funding_years=_days(table, "funding_days", 17.5),
        entry=table.maybe("entry"),
        paid=table.switch("paid"),
    )


def _pool(table: Table) -> PoolPosition:
    upper = table.maybe("upper")
    return PoolPosition(
        table.text("pair"),
        table.number("liquidity"),
        lower=table.number("lower", 0.0),
        upper=float("inf") if upper is None else upper,
        fees=table.number("fees", 0.0),
    )


def _flow(table: Table) -> Schedule:
    flow = Flow(time=table.instant("time"), amount=table.number("amount"))
    return Schedule(table.text("asset"), [flow], expected=table.number("expected", 1.0))


def _schedule(table: Table) -> Schedule:
    first, last = table.instant("first"), table.instant("last")
    every = table.number("every_days")
    if every <= 0.0:
        raise ConfigError(f"{table.where} every_days = {every:g}: it must be above 0")
    if last < first:
        raise ConfigError(f"{table.where} last = {last:%Y-%m-%d}: it must not be before first")
    steps = (last - first) / timedelta(days=1) / every
    if not steps < MOST_FLOWS:
        raise ConfigError(
            f"{table.where} every_days = {every:g}: that is {steps:.3g} flows; at most "
            f"{MOST_FLOWS:,} make sense, so join them"
        )
    amount = table.number("amount")
    flows = [
        Flow(time=first + timedelta(days=every * number if number else 0.0), amount=amount)
        for number in range(int(steps) + 1)
    ]
    return Schedule(table.text("asset"), flows, expected=table.number("expected", 1.0))


def _swap(table: Table) -> FundingSwap:
    return FundingSwap(
        table.symbol(),
        table.number("size"),
        fixed=table.number("fixed"),
        expiry=table.instant("expiry", SETTLEMENT),
    )


def _volatility(table: Table) -> VolatilityFuture:
    return VolatilityFuture(
        table.text("underlying"),
        table.number("size"),
        expiry=table.instant("expiry", SETTLEMENT),
        entry=table.maybe("entry"),
    )


def _days(table: Table, key: str, default: float) -> float:
    days = table.number(key, default)
    if days <= 0.0:
        raise ConfigError(f"{table.where} {key} = {days:g}: it must be above 0")
    return days / DAYS_PER_YEAR


POSITIONS: Final[Mapping[str, tuple[Callable[[Table], Read], dict[str, Sequence[str]]]]] = {
    "holding": (_holding, keys("asset", "amount", "of", "ratio")),
    "perp": (_perp, keys("symbol", "size", "entry")),
    "future": (_future, keys("symbol", "size", "entry")),
    "option": (_option, keys("symbol", "size", "entry")),
    "everlasting": (
        _everlasting,
        keys("underlying", "size", "strike", "kind", "funding_days", "entry", "paid"),
    ),
    "power": (_power, keys("underlying", "size", "power", "funding_days", "entry", "paid")),
    "pool": (_pool, keys("pair", "liquidity", "lower", "upper", "fees")),
    "flow": (_flow, keys("asset", "time", "amount", "expected")),
    "schedule": (_schedule, keys("asset", "amount", "first", "last", "every_days", "expected")),
    "funding_swap": (_swap, keys("symbol", "size", "fixed", "expiry")),
    "volatility_future": (_volatility, keys("underlying", "size", "expiry", "entry")),
}
"""Each kind of table, in the order of the book, with what reads it and its keys."""
