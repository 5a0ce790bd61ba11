"""The market that a book's file, a chain and the command line together describe."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final, TypeVar

from hedgerow.config.book_file_positions import Table, keys
from hedgerow.config.book_file_symbols import unified
from hedgerow.config.moments import YEARS, read_instant
from hedgerow.errors import ConfigError
from hedgerow.exposure.checks import settlement
from hedgerow.exposure.view import Expiry, MarketView

if TYPE_CHECKING:
    from hedgerow.exposure.view import Smile
    from hedgerow.market.chain import Chain

MARKET_KEYS: Final = (
    "time",
    "rate",
    "spot",
    "forward",
    "volatility",
    "mark",
    "funding",
    "coin_rate",
)
Numbers = Mapping[str, float]
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What somebody says of the market; nothing of it has to be there.

    Attributes
    ----------
    time, rate
        The moment, and money's yearly rate.
    spot, volatility, coin_rate
        By coin.
    forward
        By coin and day of expiry.
    mark, funding
        By contract; funding is a fraction of the notional a year.
    """

    time: datetime | None = None
    rate: float | None = None
    spot: Numbers = field(default_factory=dict)
    forward: Mapping[str, Mapping[date, float]] = field(default_factory=dict)
    volatility: Numbers = field(default_factory=dict)
    mark: Numbers = field(default_factory=dict)
    funding: Numbers = field(default_factory=dict)
    coin_rate: Numbers = field(default_factory=dict)

    def but(self, other: "Given") -> "Given":
        """Return the same with what `other` says in its place."""
        found: dict[str, Any] = {}
        for one in fields(self):
            mine, new = getattr(self, one.name), getattr(other, one.name)
            if isinstance(mine, Mapping):
                found[one.name] = {**mine, **new}
            else:
                found[one.name] = mine if new is None else new
        return replace(self, **found)


def given_in(raw: object, name: str) -> Given:
    """Return what the table ``[market]`` of a book's file says."""
    where = f"{name}: [market]"
    table = Table(raw, where, keys(*MARKET_KEYS))
    values = raw if isinstance(raw, dict) else {}
    return Given(
        time=table.instant("time") if table.has("time") else None,
        rate=table.maybe("rate"),
        spot=_prices(values, name, "spot"),
        forward=_forwards(values, name),
        volatility=_prices(values, name, "volatility"),
        mark=_prices(values, name, "mark", unified),
        funding=_numbers(values, name, "funding", unified),
        coin_rate=_numbers(values, name, "coin_rate"),
    )


def market_view(
    given: Given,
    *,
    chains: "Sequence[Chain]" = (),
    surfaces: "Mapping[str, Smile] | None" = None,
    now: datetime,
) -> MarketView:
    """Return the market: of the chains, one a coin, but for what is given besides.

    Parameters
    ----------
    surfaces
        Fitted to the chains, by coin; where left out the venue's own volatilities count.
    now
        The moment where neither the chains nor `given` say one.
    """
    views = [MarketView.of_chain(chain, surfaces=_of(chain, surfaces)) for chain in chains]
    forwards: dict[str, dict[Expiry, float]] = {}
    for view in views:
        forwards |= {coin: dict(curve.items()) for coin, curve in view.forwards.items()}
    for coin, curve in given.forward.items():
        forwards.setdefault(coin, {}).update(
            {settlement(day): price for day, price in curve.items()}
        )
    return MarketView(
        time=given.time or max((view.time for view in views), default=now),
        spot=_joined([*(view.spot for view in views), given.spot]),
        forwards=forwards,
        volatility=_joined([*(view.volatility for view in views), given.volatility]),
        marks=given.mark,
        funding=given.funding,
        rate=given.rate,
        coin_rates=given.coin_rate,
    )


def _of(chain: "Chain", surfaces: "Mapping[str, Smile] | None") -> "dict[str, Smile]":
    """Return the surfaces of a chain's coins."""
    return {coin: one for coin, one in (surfaces or {}).items() if coin in chain.underlyings}


def _joined(tables: "Sequence[Mapping[str, Value]]") -> "dict[str, Value]":
    found: dict[str, Value] = {}
    for table in tables:
        found |= table
    return found


def _same(name: str) -> str:
    return name


def _numbers(
    raw: Mapping[str, object], name: str, key: str, named: Callable[[str], str] = _same
) -> dict[str, float]:
    """Return a table of numbers by name."""
    table = raw.get(key, {})
    if not isinstance(table, dict):
        raise ConfigError(
            f"{name}: [market] {key} = {table!r}: it must be a table, such as [market.{key}]"
        )
    section = Table(table, f"{name}: [market.{key}]", keys(*map(str, table)))
    return {named(str(one)): section.number(str(one)) for one in table}


def _prices(
    raw: Mapping[str, object], name: str, key: str, named: Callable[[str], str] = _same
) -> dict[str, float]:
    """Return a table of numbers above 0 by name."""
    found = _numbers(raw, name, key, named)
    for one, value in found.items():
        _above_zero(f"{name}: [market.{key}] {one}", value)
    return found


def _above_zero(where: str, value: float) -> float:
    if not value > 0.0:
        raise ConfigError(f"{where} = {value:g}: it must be above 0")
    return value


def _forwards(raw: Mapping[str, object], name: str) -> dict[str, dict[date, float]]:
    table = raw.get("forward", {})
    if not isinstance(table, dict):
        raise ConfigError(f"{name}: [market] forward must be tables, such as [market.forward.BTC]")
    found: dict[str, dict[date, float]] = {}
    for coin, curve in table.items():
        where = f"{name}: [market.forward.{coin}]"
        if not isinstance(curve, dict):
            raise ConfigError(f"{where} must be a table of days and prices: 2026-03-27 = 61000")
        section = Table(curve, where, keys(*map(str, curve)))
        found[str(coin)] = {
            _day(str(day), where): _above_zero(f"{where} {day}", section.number(str(day)))
            for day in curve
        }
    return found


def _day(text: str, where: str) -> date:
    try:
        return read_instant(text).date()
    except ValueError as error:
        raise ConfigError(
            f"{where} {text!r}: write a day of expiry of {YEARS}, such as 2026-03-27"
        ) from error
