"""The lake: recorded prices and funding in Parquet files on disk, as a `MarketSource`."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import polars as pl

from hedgerow.adapters import frames, manifest
from hedgerow.adapters.manifest import HeldSeries, Part
from hedgerow.adapters.series_key import FUNDING, SeriesKey, step_text
from hedgerow.errors import MarketDataError, UnknownName
from hedgerow.market.series import Bars, FundingRates, PriceKind
from hedgerow.units import HOUR, Floats


class Lake:
    """A folder that `hedgerow data import` wrote, opened for reading.

    It implements `hedgerow.market.source.MarketSource`. The contents are those of the moment
    of opening; every file is checked against its fingerprint when it is read.

    Parameters
    ----------
    path
        The folder given to ``--to``.

    Raises
    ------
    ConfigError
        If there is no such folder or it is not a lake.
    MarketDataError
        If the lake is damaged.
    """

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path)
        self._manifest = manifest.load(self._path)

    @property
    def name(self) -> str:
        """The folder's own name, without the path that leads to it."""
        return self._path.resolve().name

    @property
    def simulated(self) -> bool:
        """False: a lake holds what was recorded."""
        return False

    def series(self) -> tuple[HeldSeries, ...]:
        """Return all series held, sorted by venue, symbol, kind and step."""
        return tuple(self._manifest.series[key] for key in sorted(self._manifest.series))

    def steps(self, venue: str, symbol: str, kind: PriceKind) -> tuple[int, ...]:
        """Return the bar lengths held, in nanoseconds, shortest first; empty if none."""
        wanted = (venue, symbol, str(kind))
        held = self._manifest.series
        return tuple(sorted(k.step for k in held if (k.venue, k.symbol, k.kind) == wanted))

    def bars(self, venue: str, symbol: str, kind: PriceKind, step: int) -> Bars:
        """Return all bars of one series, unknown values as NaN.

        Raises
        ------
        UnknownName
            If the lake does not hold the series.
        """
        held = self._find(venue, symbol, str(kind), step)
        frame = self.frame(held)
        columns = {name: _floats(frame[name]) for name in frames.BAR_COLUMNS}
        return Bars(time=frame["time"].to_numpy(), step=step, source=_sources(held), **columns)

    def funding(self, venue: str, symbol: str) -> FundingRates:
        """Return all settlements of one perpetual, each with the hours since the last one.

        Raises
        ------
        UnknownName
            If the lake does not hold the series.
        """
        held = self._find(venue, symbol, FUNDING, 0)
        frame = self.frame(held)
        time = frame["time"].to_numpy()
        interval_hours = np.full(time.shape, np.nan)
        interval_hours[1:] = np.diff(time) / HOUR
        return FundingRates(
            time=time,
            rate=_floats(frame["rate"]),
            mark_price=_floats(frame["mark_price"]),
            interval_hours=interval_hours,
            source=_sources(held),
        )

    def frame(self, held: HeldSeries) -> pl.DataFrame:
        """Return the rows of one series, ``time`` ascending, unknown values null."""
        parts = [self._part(held.key, part) for part in held.parts]
        return pl.concat([frames.empty(held.key), *parts]).sort("time")

    def content_hash(self, keys: Iterable[SeriesKey] | None = None) -> str:
        """Return one fingerprint of the rows of `keys`, or of everything held.

        It depends on the rows alone: not on the files they lie in, nor on the order in which
        they were imported.
        """
        wanted = self._manifest.series if keys is None else keys
        found = [self._find(k.venue, k.symbol, k.kind, k.step).content for k in sorted(set(wanted))]
        return hashlib.sha256("\n".join(found).encode()).hexdigest()

    def _find(self, venue: str, symbol: str, kind: str, step: int) -> HeldSeries:
        for key, held in self._manifest.series.items():
            if (key.venue, key.symbol, key.kind, key.step) == (venue, symbol, kind, step):
                return held
        what = "funding series" if kind == FUNDING else "price series"
        length = "" if kind == FUNDING else f" {step_text(step)}"
        raise UnknownName(
            what,
            f"{venue} {symbol} {kind}{length}",
            [str(k) for k in sorted(self._manifest.series) if k.is_funding == (kind == FUNDING)],
            where=f"lake {self.name}",
        )

    def _part(self, key: SeriesKey, part: Part) -> pl.DataFrame:
        place = self._path / part.path
        try:
            content = place.read_bytes()
        except OSError as error:
            raise MarketDataError(
                f"{place}: {error.strerror or error}; the lake's manifest lists this file, so "
                "restore it, or import the original files into a new lake"
            ) from error
        if hashlib.sha256(content).hexdigest() != part.sha256:
            raise MarketDataError(
                f"{place}: the file is not the one that was imported (its sha256 differs); "
                "restore it, or import the original files into a new lake"
            )
        frame = frames.read_parquet(content, str(place))
        if frame.schema != frames.empty(key).schema:
            raise MarketDataError(
                f"{place}: columns {dict(frame.schema)} are not those of a lake; "
                "import the original files into a new lake"
            )
        return frame


def _floats(column: pl.Series) -> Floats:
    """Return a column as float64, null as NaN."""
    values: Floats = column.to_numpy().astype(np.float64, copy=False)
    return values


def _sources(held: HeldSeries) -> str:
    """Return the names of the first imported files, and how many more there are."""
    shown, more = held.sources[:3], len(held.sources) - 3
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")
