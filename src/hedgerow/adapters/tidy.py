"""Apply a column map to a table: rows of many series become rows of each."""

from collections.abc import Iterator, Mapping

import polars as pl
from polars.exceptions import PanicException, PolarsError

from hedgerow.adapters.column_map import ColumnMap, NameRule, Scalar, SeriesMap
from hedgerow.adapters.files import SourceFile, read_table
from hedgerow.adapters.frames import BAR_COLUMNS, FUNDING_COLUMNS
from hedgerow.adapters.options import ImportOptions
from hedgerow.adapters.pairs import split_pair, unified
from hedgerow.adapters.sanity import Rows, infer_step, numbers
from hedgerow.adapters.series_key import SeriesKey
from hedgerow.adapters.stamps import nanoseconds_of
from hedgerow.errors import ConfigError, MarketDataError, UnknownName
from hedgerow.market.instrument import parse_symbol


def read_tidy(file: SourceFile, column_map: ColumnMap, options: ImportOptions) -> Iterator[Rows]:
    """Yield the series that a map finds in a table.

    Raises
    ------
    ConfigError
        If the map does not fit the table.
    MarketDataError
        If the table holds something other than times and numbers.
    """
    table = read_table(file, separator=column_map.separator, skip=column_map.skip)
    table = table.rename({"row": "row "}) if "row" in table.columns else table
    table = table.with_row_index("row", offset=1)
    found = False
    for number, rule in enumerate(column_map.series, start=1):
        where = f"{file.path} by map {column_map.name}, [[series]] {number}"
        chosen = _chosen(table, rule, where)
        if chosen.is_empty():
            continue
        found = True
        yield from _split(_Reader(file=str(file.path), where=where, venue=options.venue),
                          chosen, rule)  # fmt: skip
    if not found:
        raise MarketDataError(
            f"{file.path}: no row is chosen by map {column_map.name}; check its `where` tables"
        )


class _Reader:
    """Where rows come from, for messages, and the venue that the person gave."""

    def __init__(self, *, file: str, where: str, venue: str) -> None:
        self.file = file
        self.where = where
        self.venue = venue

    def column(self, table: pl.DataFrame, name: str) -> pl.Series:
        """Return a column of the table, refused by name if it is not there."""
        column = "row " if name == "row" else name
        if column not in table.columns or name == "row ":
            raise UnknownName("column", name, _columns(table), where=self.where)
        return table[column]


def _columns(table: pl.DataFrame) -> list[str]:
    return [column.rstrip() for column in table.columns[1:]]


def _chosen(table: pl.DataFrame, rule: SeriesMap, where: str) -> pl.DataFrame:
    keep = pl.lit(value=True)
    for column, values in rule.where.items():
        if column not in table.columns[1:]:
            raise UnknownName("column", column, _columns(table), where=f"{where}, where")
        text = [_as_text(value) for value in values]
        keep = keep & pl.col(column).cast(pl.String, strict=False).is_in(text)
    try:
        return table.filter(keep)
    except (PolarsError, PanicException) as error:
        raise MarketDataError(
            f"{where}: `where` cannot be applied ({str(error)[:120]}); choose columns of texts or "
            "numbers"
        ) from error


def _as_text(value: Scalar) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _split(reader: _Reader, chosen: pl.DataFrame, rule: SeriesMap) -> Iterator[Rows]:
    venues = _venues(reader, chosen, rule)
    symbols = _names(reader, chosen, rule.symbol, "symbol")
    marked = chosen.with_columns(venues.alias("venue "), symbols.alias("symbol "))
    groups = marked.partition_by("venue ", "symbol ", maintain_order=True, as_dict=True)
    for (venue, symbol), rows in groups.items():
        frame = _values(reader, rows, rule)
        what = f"{venue} {symbol} {rule.kind}"
        step = rule.step
        if not step and not rule.is_funding:
            step = infer_step(frame["time"], reader.file, what)
        if rule.stamped_at_close:
            frame = frame.with_columns(pl.col("time") - step)
        try:
            key = SeriesKey(venue=str(venue), symbol=str(symbol), kind=rule.kind, step=step)
        except ConfigError as error:
            raise ConfigError(f"{reader.where}: {error}") from error
        if not rule.is_funding:
            frame = _volume_as_held(reader, frame, rule, key)
        yield Rows(key=key, file=reader.file, frame=frame)


def _venues(reader: _Reader, chosen: pl.DataFrame, rule: SeriesMap) -> pl.Series:
    fixed = reader.venue or rule.venue.fixed
    if rule.venue.column and not reader.venue:
        return _names(reader, chosen, rule.venue, "venue")
    if not fixed:
        raise ConfigError(f"{reader.where}: no venue is named; give --venue, or venue in the map")
    return pl.repeat(fixed, chosen.height, dtype=pl.String, eager=True)


def _names(reader: _Reader, chosen: pl.DataFrame, rule: NameRule, what: str) -> pl.Series:
    if rule.fixed:
        return pl.repeat(rule.fixed, chosen.height, dtype=pl.String, eager=True)
    texts = reader.column(chosen, rule.column)
    if not (texts.dtype in (pl.String, pl.Categorical, pl.Enum) or texts.dtype.is_integer()):
        raise MarketDataError(f"{reader.where}: column {rule.column!r} holds no names for {what}")
    texts = texts.cast(pl.String)
    if texts.null_count():
        row = chosen["row"][int(texts.is_null().arg_true()[0])]
        raise MarketDataError(f"{reader.file}, row {row}: {rule.column} is empty; fill it in")
    distinct = texts.unique(maintain_order=True).to_list()
    known = {text: _name(reader, text, rule, what) for text in distinct}
    return texts.replace_strict(known, return_dtype=pl.String)


def _name(reader: _Reader, text: str, rule: NameRule, what: str) -> str:
    if text in rule.values:
        return rule.values[text]
    if what == "venue" and not rule.values:
        return text.strip().lower()
    if not rule.market:
        raise UnknownName(
            f"{what} in column {rule.column},", text, list(rule.values), where=reader.where
        )
    stripped = text.strip()
    try:
        if "/" in stripped:
            parts = parse_symbol(stripped.upper().partition(":")[0])
            return unified(parts.base, parts.quote, rule.market)
        return unified(*split_pair(stripped, reader.where), rule.market)
    except ConfigError as error:
        raise ConfigError(
            f"{reader.where}: {error}; or give values = {{ {text} = ... }}"
        ) from error


def _values(reader: _Reader, rows: pl.DataFrame, rule: SeriesMap) -> pl.DataFrame:
    names = FUNDING_COLUMNS if rule.is_funding else BAR_COLUMNS
    found: Mapping[str, pl.Series] = {
        name: numbers(reader.column(rows, column), reader.file, rows["row"])
        for name, column in rule.columns.items()
    }
    unknown = pl.repeat(None, rows.height, dtype=pl.Float64, eager=True)
    columns = [found.get(name, unknown).alias(name) for name in names]
    stamps = reader.column(rows, rule.time.column)
    times = nanoseconds_of(stamps, rule.time, reader.file, rows["row"])
    frame = pl.DataFrame([rows["row"], times, *columns])
    if rule.holes:
        return frame.filter(pl.any_horizontal(pl.col(name).is_not_null() for name in names))
    return frame


def _volume_as_held(
    reader: _Reader, frame: pl.DataFrame, rule: SeriesMap, key: SeriesKey
) -> pl.DataFrame:
    """Return the bars with volume in base coin, in quote for an inverse contract."""
    if "volume" not in rule.columns:
        return frame
    if rule.volume.unit == "contracts":
        return frame.with_columns(pl.col("volume") * rule.volume.contract_size)
    wanted = "quote" if key.is_inverse else "base"
    if rule.volume.unit == wanted:
        return frame
    if not rule.volume.at_close:
        raise ConfigError(
            f"{reader.where}: the volume of {key} must be in {wanted}, the map says it is in "
            f'{rule.volume.unit}; leave the volume out, or write volume_price = "close" to have '
            "it converted at the bar's close"
        )
    price = pl.col("close")
    factor = price if wanted == "quote" else 1.0 / price
    return frame.with_columns(pl.col("volume") * factor)
