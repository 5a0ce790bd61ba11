"""The column map: a TOML file that says what the columns of somebody's table mean.

A map has one ``[[series]]`` table for each kind of row in the file, and may have a ``[file]``
table. The smallest one for hourly candles of one perpetual::

    [[series]]
    kind = "trade"                    # trade | mark | index | funding
    venue = "binance"
    symbol = "BTC/USDT:USDT"
    time = { column = "time" }
    columns = { open = "open", high = "high", low = "low", close = "close", volume = "vol" }

All keys of ``[[series]]``:

``kind``
    Required.
``venue``
    A name, or ``{ column = "exchange", values = { Binance = "binance" } }``; without ``values``
    the text of the column, lower-case. May be left out where ``--venue`` is given.
``symbol``
    A unified symbol; or ``{ column = "pair", values = { BTCUSDCM = "BTC/USD:BTC" } }``; or
    ``{ column = "pair", market = "linear" }`` with ``spot``, ``linear`` or ``inverse``, which
    splits names such as BTCUSDT or BTC-USDT by the quotes it knows. With both, ``values`` goes
    first.
``time``
    ``{ column = "ts", unit = "auto", zone = "UTC", format = "", stamp = "open" }``. ``unit`` is
    ``auto`` (by magnitude), ``s``, ``ms``, ``us`` or ``ns``; ``zone`` is for texts and dates
    without one; ``format`` is strftime's; ``stamp = "close"`` where bars carry their end.
``columns``
    For bars ``close`` and, all or none, ``open``, ``high``, ``low``; ``volume`` if known. For
    funding ``rate`` and, if known, ``mark_price``. A funding rate is a fraction per interval.
``step``
    Length of a bar, ``"1h"``; left out, the most common distance between rows.
``where``
    Rows to take, by column: ``{ contract = "spot", pair = ["BTCUSDT", "ETHUSDT"] }``.
``holes``
    ``true`` if rows without any value are declared holes and to be passed over. Default false.
``volume_unit``
    ``"base"`` (default), ``"quote"`` or ``"contracts"``; a lake holds base coin, quote for
    inverse contracts. ``"contracts"`` needs ``contract_size``, in the unit a lake holds.
``volume_price``
    ``"close"`` allows a volume in the other currency to be converted at the bar's close, which
    is off by up to the bar's range. Without it such a volume is refused.

Keys of ``[file]``: ``separator`` (``","``) and ``skip``, the number of lines above the header.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Final, TypeVar

from hedgerow.adapters.frames import BAR_COLUMNS, FUNDING_COLUMNS
from hedgerow.adapters.pairs import MARKETS
from hedgerow.adapters.series_key import FUNDING, KINDS, parse_step
from hedgerow.adapters.stamps import TimeColumn
from hedgerow.errors import ConfigError, UnknownName

T = TypeVar("T")
Scalar = str | int | float | bool
_STAMPS: Final = ("open", "close")
_VOLUME_UNITS: Final = ("base", "quote", "contracts")


@dataclass(frozen=True, slots=True, kw_only=True)
class NameRule:
    """How venue or symbol is found: fixed, or from a column by a table and a market."""

    fixed: str = ""
    column: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    market: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeRule:
    """What unit the volume column is in, and what may be done about it."""

    unit: str = "base"
    contract_size: float = 0.0
    at_close: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesMap:
    """One ``[[series]]`` of a column map."""

    kind: str
    venue: NameRule
    symbol: NameRule
    time: TimeColumn
    stamped_at_close: bool
    columns: Mapping[str, str]
    step: int
    where: Mapping[str, tuple[Scalar, ...]]
    holes: bool
    volume: VolumeRule

    @property
    def is_funding(self) -> bool:
        """Whether the rows are settlements."""
        return self.kind == FUNDING


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnMap:
    """A whole column map."""

    name: str
    series: tuple[SeriesMap, ...]
    separator: str = ","
    skip: int = 0


def ready_maps() -> tuple[str, ...]:
    """Return the names of the maps that come with the package."""
    folder = files("hedgerow.adapters") / "maps"
    return tuple(sorted(e.name.removesuffix(".toml") for e in folder.iterdir()
                        if e.name.endswith(".toml")))  # fmt: skip


def load_map(name_or_path: str) -> ColumnMap:
    """Return a ready map by name, or the map in a TOML file.

    Raises
    ------
    ConfigError
        If there is no such map or it is wrong, naming the file, the key and the mend.

    Examples
    --------
    >>> load_map("tidy-funding").series[0].kind
    'funding'
    """
    if name_or_path in ready_maps():
        text = (files("hedgerow.adapters") / "maps" / f"{name_or_path}.toml").read_text("utf-8")
        return parse_map(text, name_or_path)
    path = Path(name_or_path)
    if path.suffix != ".toml" and not path.exists():
        raise UnknownName("column map", name_or_path, ready_maps())
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: is not UTF-8 text; save the column map as TOML") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ConfigError(f"{path}: {reason}; check the path of the column map") from error
    return parse_map(text, str(path))


def parse_map(text: str, name: str) -> ColumnMap:
    """Return the map that TOML `text` describes; `name` is for messages."""
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        raise ConfigError(f"{name}: not valid TOML ({error}); correct the line") from error
    top = _Table(document, name)
    file = top.table("file")
    separator = file.text("separator", ",")
    skip = file.get("skip", int, 0)
    file.done()
    entries = top.get("series", list, [])
    top.done()
    if not entries:
        raise ConfigError(f"{name}: has no [[series]]; write one for each kind of row")
    if len(separator.encode()) != 1 or skip < 0:
        raise ConfigError(f"{name} [file]: separator is one character, skip is 0 or more")
    series = [_series(_Table(entry, f"{name} [[series]] {i + 1}")) for i, entry in
              enumerate(entries)]  # fmt: skip
    return ColumnMap(name=name, series=tuple(series), separator=separator, skip=skip)


def _series(table: "_Table") -> SeriesMap:
    kind = table.choice("kind", KINDS)
    time = table.table("time")
    if not time.present:
        raise ConfigError(f'{table.place}: time is missing; write time = {{ column = "ts" }}')
    stamp = time.choice("stamp", _STAMPS, "open")
    step = table.text("step", "")
    found = SeriesMap(
        kind=kind,
        venue=_name_rule(table, "venue"),
        symbol=_name_rule(table, "symbol"),
        time=_time(time),
        stamped_at_close=stamp == "close",
        columns=_columns(table.table("columns"), kind),
        step=_step(table.place, step),
        where=_where(table.table("where")),
        holes=table.get("holes", bool, False),
        volume=_volume(table),
    )
    if found.is_funding and (step or found.stamped_at_close):
        raise ConfigError(f"{table.place}: funding is stamped by its settlement and has no step")
    if not found.symbol.fixed and not found.symbol.column:
        raise ConfigError(
            f'{table.place}: symbol is missing; write symbol = "BTC/USDT:USDT", or '
            'symbol = { column = "pair", market = "linear" }'
        )
    table.done()
    return found


def _time(time: "_Table") -> TimeColumn:
    column, unit = time.text("column"), time.text("unit", "auto")
    zone, style = time.text("zone", "UTC"), time.text("format", "")
    time.done()
    try:
        return TimeColumn(column=column, unit=unit, zone=zone, format=style)
    except ConfigError as error:
        raise ConfigError(f"{time.place}: {error}") from error


def _columns(table: "_Table", kind: str) -> Mapping[str, str]:
    known = FUNDING_COLUMNS if kind == FUNDING else BAR_COLUMNS
    columns = {name: text for name in known if (text := table.text(name, ""))}
    table.done(known)
    needed = "rate" if kind == FUNDING else "close"
    if needed not in columns:
        raise ConfigError(
            f'{table.place}: {needed} is missing; write columns = {{ {needed} = "..." }}'
        )
    body = {"open", "high", "low"} & set(columns)
    if body and len(body) < 3:
        raise ConfigError(f"{table.place}: give all of open, high and low, or close alone")
    return columns


def _name_rule(table: "_Table", key: str) -> NameRule:
    if not isinstance(table.peek(key), dict):
        return NameRule(fixed=table.text(key, ""))
    rule = table.table(key)
    column = rule.text("column")
    values = {str(k): v for k, v in rule.get("values", dict, {}).items()}
    wrong = [k for k, v in values.items() if not isinstance(v, str)]
    if wrong:
        raise ConfigError(f"{rule.place}.values: {wrong[0]} must be a text")
    market = rule.choice("market", (*MARKETS, ""), "") if key == "symbol" else ""
    rule.done()
    if key == "symbol" and not values and not market:
        raise ConfigError(
            f'{rule.place}: give market = "spot", "linear" or "inverse", or a table of values'
        )
    return NameRule(column=column, values=values, market=market)


def _where(table: "_Table") -> Mapping[str, tuple[Scalar, ...]]:
    rules: dict[str, tuple[Scalar, ...]] = {}
    for column in table.columns():
        value = table.peek(column)
        given = value if isinstance(value, list) else [value]
        values = tuple(item for item in given if isinstance(item, Scalar))
        if not values or len(values) != len(given):
            raise ConfigError(
                f"{table.place}: {column} must be a text or a number, or a list of them"
            )
        rules[column] = values
    return rules


def _volume(table: "_Table") -> VolumeRule:
    unit = table.choice("volume_unit", _VOLUME_UNITS, "base")
    size = float(table.get("contract_size", (int, float), 0.0))
    price = table.choice("volume_price", ("close", ""), "")
    if (unit == "contracts") != (size > 0.0):
        raise ConfigError(
            f'{table.place}: volume_unit = "contracts" and a contract_size above zero go together'
        )
    return VolumeRule(unit=unit, contract_size=size, at_close=bool(price))


class _Table:
    """A TOML table whose keys are taken one by one; what is left over is unknown."""

    def __init__(self, content: object, place: str, *, present: bool = True) -> None:
        if not isinstance(content, dict):
            raise ConfigError(f"{place}: must be a table, not {content!r}")
        self._content: dict[str, object] = content
        self._taken: list[str] = []
        self.place = place
        self.present = present

    def columns(self) -> Sequence[str]:
        """Return the keys in the order of the file."""
        return tuple(self._content)

    def peek(self, key: str) -> object:
        """Return a value without taking it."""
        return self._content.get(key)

    def get(self, key: str, kind: "type[T] | tuple[type[T], ...]", default: T) -> T:
        """Return a value of the wanted type, or the default."""
        self._taken.append(key)
        value = self._content.get(key, default)
        wanted = kind if isinstance(kind, tuple) else (kind,)
        if not isinstance(value, wanted) or (isinstance(value, bool) and bool not in wanted):
            names = " or ".join(one.__name__ for one in wanted)
            raise ConfigError(f"{self.place}: {key} = {value!r} must be of type {names}")
        return value

    def text(self, key: str, default: str | None = None) -> str:
        """Return a text; without a default it must be there."""
        if default is None and key not in self._content:
            raise ConfigError(f'{self.place}: {key} is missing; write {key} = "..."')
        return self.get(key, str, default or "")

    def choice(self, key: str, known: Sequence[str], default: str | None = None) -> str:
        """Return a text that must be one of the known ones."""
        value = self.text(key, default)
        if value not in known:
            raise UnknownName(key, value, [name for name in known if name], where=self.place)
        return value

    def table(self, key: str) -> "_Table":
        """Return the table at a key; an empty one if there is none."""
        self._taken.append(key)
        place = f"{self.place}, {key}"
        return _Table(self._content.get(key, {}), place, present=key in self._content)

    def done(self, known: Sequence[str] = ()) -> None:
        """Refuse keys that nobody took."""
        taken = [*dict.fromkeys([*self._taken, *known])]
        for key in self._content:
            if key not in taken:
                raise UnknownName("key", key, taken, where=self.place)


def _step(place: str, text: str) -> int:
    try:
        return parse_step(text) if text else 0
    except ConfigError as error:
        raise ConfigError(f"{place}: step: {error}") from error
