"""History is pulled without holes, resumed where the lake ends, and never taken on trust."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_venue.binance import BinanceServer
from fake_venue.deribit import DeribitServer
from fake_venue.history import HOUR as HOUR_MS
from fake_venue.loopback import LoopbackServer, Seen
from hedgerow.adapters.check import funding_health
from hedgerow.adapters.lake import Lake
from hedgerow.adapters.pull.asking import TRIES, Asker
from hedgerow.adapters.pull.missing import Span, grid, lacking, missing_bars, missing_settlements
from hedgerow.adapters.pull.pulling import SeriesPull, Wanted, pull
from hedgerow.adapters.series_key import SeriesKey
from hedgerow.adapters.venues.connection import Connection, connect
from hedgerow.errors import ConfigError, DataConflict, UnknownName
from hedgerow.execution.port import VenueError
from hedgerow.market.series import PriceKind
from hedgerow.units import DAY, HOUR, MINUTE, Times

BTC = "BTC/USDT:USDT"
START = 1_704_067_200_000 * 1_000_000  # 2024-01-01
KLINES = "GET /fapi/v1/klines"
Story = Callable[[BinanceServer, "Puller"], Awaitable[None]]


class Puller:
    """Pulls from a fake venue into a lake, and remembers how long it was told to wait."""

    def __init__(self, connection: Connection, lake: Path) -> None:
        self.connection, self.lake = connection, lake
        self.pauses: list[float] = []

    async def __call__(self, days: int, *kinds: str, start: int = START) -> tuple[SeriesPull, ...]:
        end = START + days * DAY - 1
        wanted = Wanted(symbols=self.connection.symbols, span=Span(start=start, end=end),
                        kinds=kinds)  # fmt: skip
        asker = Asker(self.connection, self._pause)
        return await pull(self.connection, wanted, self.lake, asker=asker)

    def times(self, kind: str = "trade") -> Times:
        """Return the times of what the lake holds."""
        lake, symbol = Lake(self.lake), self.connection.symbols[0]
        if kind == "funding":
            return lake.funding(self.connection.venue, symbol).time
        return lake.bars(self.connection.venue, symbol, PriceKind(kind), HOUR).time

    async def _pause(self, seconds: float) -> None:
        self.pauses.append(seconds)


async def run_story(venue: LoopbackServer, lake: Path, story: Story, symbol: str = BTC) -> None:
    async with venue:
        connection = connect(
            venue.name,
            symbols=[symbol],
            loopback_url=venue.url,
            timeout=1_000,
            now=lambda: venue.exchange.clock() * 1_000_000,
        )
        connection.exchange.pace = None  # pauses are noted here, and not slept
        try:
            await story(venue, Puller(connection, lake))  # type: ignore[arg-type]
        finally:
            await connection.close()


def told(lake: Path, story: Story, clock: int = 1_730_000_000_000) -> None:
    """Run a story with a venue whose clock stands still in October 2024."""
    asyncio.run(run_story(BinanceServer(clock=lambda: clock), lake / "lake", story))


def asked_from(seen: Seen) -> int:
    return int(seen.values["startTime"]) * 1_000_000


def test_all_that_the_venue_has_is_in_the_lake_to_the_last_digit(tmp_path: Path) -> None:
    async def story(venue: BinanceServer, puller: Puller) -> None:
        venue.history.bar_limit, venue.history.funding_limit = 1_500, 1_000
        done = await puller(60)
        assert [one.key.kind for one in done] == ["trade", "mark", "index", "funding"]
        contract = venue.exchange.markets["BTCUSDT"].contract
        end = START // 1_000_000 + 60 * 86_400_000 - 1
        for kind in ("trade", "mark", "index"):
            expected = list(venue.history.bars(contract, kind, HOUR_MS, START // 1_000_000, end))
            bars = Lake(puller.lake).bars("binance", BTC, PriceKind(kind), HOUR)
            assert bars.time.tolist() == [bar.opens * 1_000_000 for bar in expected]
            assert bars.close.tolist() == [float(bar.close) for bar in expected]
            assert bars.low.tolist() == [float(bar.low) for bar in expected]
            assert np.isnan(bars.volume).all() == (kind != "trade")
        funding = Lake(puller.lake).funding("binance", BTC)
        paid = list(venue.history.settlements(contract, START // 1_000_000, end))
        assert funding.rate.tolist() == [float(row.rate) for row in paid]
        assert funding.mark_price.tolist() == [float(row.mark) for row in paid]

    told(tmp_path, story)


def test_a_second_pull_asks_only_for_what_is_new_and_a_little_before(tmp_path: Path) -> None:
    async def story(venue: BinanceServer, puller: Puller) -> None:
        await puller(10, "trade", "funding")
        venue.requests.clear()
        (bars, funding) = await puller(11, "trade", "funding")
        assert (bars.added, bars.unchanged) == (24, 3)
        assert (funding.added, funding.unchanged) == (3, 3)
        (seen,) = venue.seen(KLINES)
        assert asked_from(seen) == START + 10 * DAY - 3 * HOUR
        venue.requests.clear()
        await puller(11, "trade", "funding")
        assert venue.seen(KLINES) + venue.seen("GET /fapi/v1/fundingRate") == []

    told(tmp_path, story)


def test_days_before_the_first_one_held_are_added(tmp_path: Path) -> None:
    async def story(_: BinanceServer, puller: Puller) -> None:
        await puller(4, "trade", "funding", start=START + 2 * DAY)
        await puller(4, "trade", "funding")
        assert np.diff(puller.times()).tolist() == [HOUR] * 95
        assert np.diff(puller.times("funding")).tolist() == [8 * HOUR] * 11

    told(tmp_path, story)


@pytest.mark.parametrize("kind", ["trade", "funding"])
def test_a_venue_that_rewrites_its_past_is_refused_with_the_row(tmp_path: Path, kind: str) -> None:
    async def story(venue: BinanceServer, puller: Puller) -> None:
        await puller(10, kind)
        before = Lake(puller.lake).content_hash()
        last = START + 10 * DAY - (HOUR if kind == "trade" else 8 * HOUR)
        venue.history.revised.add(last // 1_000_000)
        with pytest.raises(DataConflict, match=r"2024-01-10T(23|16):00:00Z, (open|rate|low)"):
            await puller(11, kind)
        assert Lake(puller.lake).content_hash() == before

    told(tmp_path, story)


def test_a_hole_of_the_venue_is_asked_for_twice_and_stays_a_gap(tmp_path: Path) -> None:
    async def story(venue: BinanceServer, puller: Puller) -> None:
        hole = START // 1_000_000 + 30 * HOUR_MS
        venue.history.missing |= {hole, hole + HOUR_MS}
        (done,) = await puller(5, "trade")
        assert (done.added, done.asked) == (118, 2)
        assert asked_from(venue.seen(KLINES)[1]) == hole * 1_000_000
        venue.history.missing.clear()
        (done,) = await puller(5, "trade")
        assert (done.added, done.unchanged, done.asked) == (2, 6, 1)

    told(tmp_path, story)


def test_a_reply_that_leaves_rows_out_is_mended_by_asking_again(tmp_path: Path) -> None:
    async def story(venue: BinanceServer, puller: Puller) -> None:
        venue.faults.answer(KLINES, "[]", skip=1)  # the second of three windows
        await puller(100, "trade")
        assert np.diff(puller.times()).tolist() == [HOUR] * 2_399

    told(tmp_path, story)


def test_a_settlement_left_out_is_asked_for_again(tmp_path: Path) -> None:
    async def story(venue: BinanceServer, puller: Puller) -> None:
        due = START // 1_000_000 + 64 * HOUR_MS
        venue.history.missing.add(due)
        (done,) = await puller(10, "funding")
        assert (done.added, done.asked) == (29, 2)
        health = funding_health(done.key, puller.times("funding"))
        assert [gap.missing for gap in health.gaps] == [1]
        venue.history.missing.clear()
        (done,) = await puller(10, "funding")
        assert done.added == 1
        assert np.diff(puller.times("funding")).tolist() == [8 * HOUR] * 29

    told(tmp_path, story)


def test_stamps_that_jitter_are_rounded_and_intervals_come_from_the_data(tmp_path: Path) -> None:
    async def story(venue: BinanceServer, puller: Puller) -> None:
        venue.history.jitter = 40
        venue.history.intervals = [(START // 1_000_000 + 5 * 24 * HOUR_MS, 4)]
        (done,) = await puller(10, "funding")
        times = puller.times("funding")
        assert (times % HOUR).any() == False  # noqa: E712 - an array of numpy's own booleans
        hours = [span.hours for span in funding_health(done.key, times).intervals]
        assert hours == [8, 4]
        (again,) = await puller(10, "funding")
        assert (again.added, again.asked) == (0, 0)

    told(tmp_path, story)


def test_a_bar_that_still_runs_is_not_stored(tmp_path: Path) -> None:
    closing = START // 1_000_000 + 7 * HOUR_MS

    async def story(_: BinanceServer, puller: Puller) -> None:
        await puller(1, "trade")
        last = int(puller.times()[-1])
        assert last + HOUR == closing * 1_000_000 - HOUR

    told(tmp_path, story, clock=closing - 1)


def test_what_came_before_the_venue_fell_silent_is_kept(tmp_path: Path) -> None:
    async def story(venue: BinanceServer, puller: Puller) -> None:
        venue.faults.fail(KLINES, 503, skip=2, times=100)
        with pytest.raises(VenueError, match="binance"):
            await puller(200, "trade")
        assert puller.pauses == [1.0, 2.0, 4.0]
        assert len(venue.seen(KLINES)) == 2 + TRIES
        assert puller.times().size == 2_000
        venue.faults.requests.clear()
        await puller(200, "trade")
        assert np.diff(puller.times()).tolist() == [HOUR] * 4_799

    told(tmp_path, story)


def test_a_pull_that_a_person_stops_keeps_what_came(tmp_path: Path) -> None:
    async def story(venue: BinanceServer, puller: Puller) -> None:
        venue.faults.delay(KLINES, 0.8, skip=3)
        task = asyncio.create_task(puller(200, "trade"))
        await venue.until(lambda: len(venue.seen(KLINES)) == 4)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert puller.times().size == 3_000
        await puller(200, "trade")
        assert puller.times().size == 4_800

    told(tmp_path, story)


def test_a_venue_that_asks_for_patience_gets_it(tmp_path: Path) -> None:
    async def story(venue: BinanceServer, puller: Puller) -> None:
        venue.faults.busy(KLINES, 429, retry_after=7)
        await puller(5, "trade")
        assert puller.pauses == [7.0]
        assert puller.times().size == 120

    told(tmp_path, story)


def test_symbols_kinds_and_bars_that_the_venue_lacks_are_named(tmp_path: Path) -> None:
    async def story(venue: BinanceServer, puller: Puller) -> None:
        span = Span(start=START, end=START + DAY)
        with pytest.raises(ConfigError, match="--bar 2m"):
            await pull(puller.connection, Wanted(symbols=(BTC,), span=span, step=2 * MINUTE),
                       tmp_path / "lake")  # fmt: skip
        with pytest.raises(ConfigError, match="no history of premium"):
            await puller(1, "premium")
        venue.exchange.markets["ETHUSDT"].listed = False
        with pytest.raises(UnknownName, match="ETH/USDT:USDT"):
            await pull(puller.connection, Wanted(symbols=("ETH/USDT:USDT",), span=span),
                       tmp_path / "lake")  # fmt: skip
        assert not (tmp_path / "lake").exists()

    told(tmp_path, story)


def test_deribit_pays_by_the_hour_what_its_rate_promises_for_eight(tmp_path: Path) -> None:
    async def story(venue: LoopbackServer, puller: Puller) -> None:
        assert isinstance(venue, DeribitServer)
        done = await puller(40)
        assert [one.key.kind for one in done] == ["trade", "funding"]
        assert np.diff(puller.times("funding")).tolist() == [HOUR] * 959
        contract = venue.exchange.markets["BTC-PERPETUAL"].contract
        first = next(venue.history.settlements(contract, START // 1_000_000, 1 << 60))
        funding = Lake(puller.lake).funding("deribit", "BTC/USD:BTC")
        assert funding.rate[0] == float(first.rate / 8)
        bars = Lake(puller.lake).bars("deribit", "BTC/USD:BTC", PriceKind.TRADE, HOUR)
        assert np.isnan(bars.volume).all()

    server = DeribitServer(clock=lambda: 1_730_000_000_000)
    asyncio.run(run_story(server, tmp_path / "lake", story, "BTC/USD:BTC"))


@given(held=st.sets(st.integers(0, 60)), start=st.integers(0, 30), length=st.integers(0, 40))
def test_asking_for_what_is_missing_leaves_nothing_missing(
    held: set[int], start: int, length: int
) -> None:
    span = Span(start=start * HOUR, end=(start + length) * HOUR)
    before = np.array(sorted(held), dtype=np.int64) * HOUR
    asked = missing_bars(span, HOUR, before)
    came = [grid(one, HOUR) for one in asked]
    after = np.unique(np.concatenate([before, *came]))
    assert lacking(span, HOUR, after) == []
    assert all(span.start <= one.start <= one.end <= span.end for one in asked)
    assert (asked == []) == (lacking(span, HOUR, before) == [])


@given(lost=st.sets(st.integers(4, 40).filter(lambda n: n % 3 == 0), max_size=6))
def test_lost_settlements_lie_inside_what_is_asked_for(lost: set[int]) -> None:
    every = np.arange(0, 45, dtype=np.int64) * 8 * HOUR
    held = np.delete(every, sorted(lost))
    asked = missing_settlements(Span(start=0, end=int(every[-1])), held)
    for place in lost:
        assert any(one.start < every[place] < one.end for one in asked)
    assert bool(asked) == bool(lost)


def test_a_key_of_a_series_says_what_was_pulled() -> None:
    key = SeriesKey(venue="binance", symbol=BTC, kind="funding")
    assert str(key) == "binance BTC/USDT:USDT funding"
