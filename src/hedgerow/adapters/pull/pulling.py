"""History pulled from a venue: only what the lake lacks, and what came is kept whatever happens."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

from hedgerow.adapters.importing import Progress
from hedgerow.adapters.merge import Piece
from hedgerow.adapters.pull.asking import Asker
from hedgerow.adapters.pull.missing import (
    Span,
    holes,
    lacking,
    missing_bars,
    missing_settlements,
    windows,
)
from hedgerow.adapters.pull.storing import held_times, store
from hedgerow.adapters.pull.wire_rows import bars_piece, funding_piece
from hedgerow.adapters.series_key import FUNDING, SeriesKey
from hedgerow.adapters.venues.connection import Connection
from hedgerow.errors import ConfigError
from hedgerow.market.instrument import parse_symbol
from hedgerow.units import DAY, HOUR, SECOND, Times

BATCH: Final = 20  # replies that are written together
SETTLED: Final = 10 * SECOND  # how long after its close a bar is taken for finished
PERPETUAL: Final = ("trade", "mark", "index", FUNDING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What to pull.

    Attributes
    ----------
    symbols
        Unified ones.
    span
        From and to, UTC nanoseconds, both included.
    step
        Length of a bar, nanoseconds.
    kinds
        Of series; empty for all that the venue has.
    """

    symbols: tuple[str, ...]
    span: Span
    step: int = HOUR
    kinds: tuple[str, ...] = ()


@dataclass(slots=True, kw_only=True)
class SeriesPull:
    """What a pull did to one series: rows added and met again, rows now, questions asked."""

    key: SeriesKey
    added: int = 0
    unchanged: int = 0
    rows: int = 0
    asked: int = 0
    pieces: list[Piece] = field(default_factory=list)


async def pull(
    connection: Connection,
    wanted: Wanted,
    lake: Path,
    *,
    asker: Asker | None = None,
    progress: Progress | None = None,
) -> tuple[SeriesPull, ...]:
    """Fetch what `lake` lacks of `wanted`, oldest first, and return what was done.

    A pull that is stopped, by a person or by the venue, keeps what came; the next one goes on
    from there. Rows at both edges of what is held are fetched again and must agree.

    Raises
    ------
    DataConflict
        If the venue says something else than the lake holds; the row is named.
    VenueError
        If the venue does not answer after several tries.
    ConfigError
        If symbols, bars or kinds are none of the venue's, or the lake cannot be written.
    """
    tell = progress or _silent
    own = asker or Asker(connection)
    keys = await series_to_pull(connection, own, wanted)
    now = await own.now()
    done = []
    for number, key in enumerate(keys):
        tell(str(key), number, len(keys))
        task = SeriesPull(key=key)
        try:
            if key.is_funding:
                await _pull_funding(own, task, wanted, lake, now)
            else:
                await _pull_bars(own, task, wanted, lake, now, tell)
        finally:
            _keep(task, lake)
        task.rows = held_times(lake, key).size
        done.append(task)
    tell("done", len(keys), len(keys))
    return tuple(done)


async def series_to_pull(
    connection: Connection, asker: Asker, wanted: Wanted
) -> tuple[SeriesKey, ...]:
    """Return the series, funding last.

    Raises
    ------
    ConfigError
        If the venue lists no such symbol or tells no such history.
    """
    if DAY % wanted.step:
        raise ConfigError("--bar: only bars that divide a day are pulled, such as 1m, 1h or 1d")
    asker.check_step(wanted.step)
    keys = []
    for symbol in wanted.symbols:
        await connection.contract(symbol)
        possible = ("trade",) if parse_symbol(symbol).is_spot else PERPETUAL
        offered = [kind for kind in possible if asker.can(kind)]
        for kind in wanted.kinds or offered:
            if kind not in offered:
                raise ConfigError(
                    f"{connection.venue} tells no history of {kind} for {symbol}; it has "
                    f"{', '.join(offered)}"
                )
            step = 0 if kind == FUNDING else wanted.step
            keys.append(SeriesKey(venue=connection.venue, symbol=symbol, kind=kind, step=step))
    return tuple(sorted(dict.fromkeys(keys), key=lambda key: key.is_funding))


async def _pull_bars(
    asker: Asker, task: SeriesPull, wanted: Wanted, lake: Path, now: int, tell: Progress
) -> None:
    key = task.key
    end = min(wanted.span.end, now - SETTLED - key.step)
    span = Span(start=wanted.span.start, end=end)
    spans = missing_bars(span, key.step, held_times(lake, key)) if end >= span.start else []
    parts = [part for one in spans for part in windows(one, asker.reach.bars * key.step)]
    seen_any = False
    for number, part in enumerate(parts):
        tell(str(key), number, len(parts))
        piece = await _bars(asker, task, part)
        seen_any = seen_any or piece.frame.height > 0
        if seen_any:
            # What a reply leaves out is asked for once more: a hole may be the reply's own.
            for hole in lacking(part, key.step, piece.frame["time"].to_numpy()):
                await _bars(asker, task, hole)
        if (number + 1) % BATCH == 0:
            _keep(task, lake)


async def _bars(asker: Asker, task: SeriesPull, span: Span) -> Piece:
    rows = await asker.bars(task.key, span)
    task.asked += 1
    piece = bars_piece(task.key, rows, span)
    task.pieces.append(piece)
    return piece


async def _pull_funding(
    asker: Asker, task: SeriesPull, wanted: Wanted, lake: Path, now: int
) -> None:
    key = task.key
    span = Span(start=wanted.span.start, end=min(wanted.span.end, now))
    for one in missing_settlements(span, held_times(lake, key)):
        parts = windows(one, asker.reach.settlements * HOUR)
        came = [await _settlements(asker, task, part) for part in parts]
        # A settlement that breaks the rhythm is asked for once more.
        times = np.unique(np.concatenate(came))
        for place in holes(times):
            again = Span(start=int(times[place]), end=int(times[place + 1]))
            await _settlements(asker, task, again)


async def _settlements(asker: Asker, task: SeriesPull, span: Span) -> Times:
    rows = await asker.settlements(task.key, _widened(span))
    task.asked += 1
    piece = funding_piece(task.key, rows, span, asker.reach.rate)
    task.pieces.append(piece)
    times: Times = piece.frame["time"].to_numpy()
    return times


def _widened(span: Span) -> Span:
    """Return a span that holds stamps which rounding brings into the given one."""
    return Span(start=span.start - SECOND, end=span.end + SECOND)


def _keep(task: SeriesPull, lake: Path) -> None:
    pieces, task.pieces = task.pieces, []
    merged = store(lake, task.key, pieces)
    if merged is not None:
        task.added += merged.added
        task.unchanged += merged.unchanged


def _silent(_what: str, _done: int, _total: int) -> None:
    """Tell nobody."""


__all__: Sequence[str] = ("SeriesPull", "Wanted", "pull", "series_to_pull")
